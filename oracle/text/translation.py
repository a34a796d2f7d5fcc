"""Functions of an emitted text as Python functions: one Python line per statement, the same names, Python's own locals.

A loop's labels become ``while True``: a jump to its start is ``continue``, one to its end ``break``. Results that a
function gives in references become what it returns. Every line written remembers which line of the text it stands for.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

from grammar.ops.record import TABLE
from grammar.types import BOOL, FAMILIES, INT32, INT64, Composite, Scalar
from oracle.limitations.conversions import common_type, converted
from oracle.text import statements as s
from oracle.text.faults import Unread
from oracle.text.lowering import PRIMITIVES, array_of, combining, element_of, expect_part, expect_place, field_of
from oracle.text.meanings import comparison, construction, is_known, meaning_of, overload_of
from oracle.text.spelling import RANGE, Handle, Pointer, Record, TextType
from oracle.text.writer import Writer, Written, results_of


def write(writer: Writer, name: str, parameters: Sequence[str]) -> Written:
    """Write a function under a Python name, with these parameters.

    Raises:
        Unread: Something in it is not known.
        Conflict: It is ill typed.
    """
    writer.written.lines.append(f"def {name}({', '.join(parameters)}):")
    writer.written.origins.append(0)
    function = writer.function
    if "forward" not in function.sections:
        raise Unread(f"{function.name} without a forward section", function.line)
    statements = list(s.statements(function.section("forward").lines()))
    writer.boxed = frozenset(found.root for found in statements if isinstance(found, s.ReferPart))
    writer.declare()
    for statement in statements:
        writer.at = statement.line
        _WRITE[type(statement)](writer, statement)
    if writer.blocks != ["{"]:
        raise writer.unread("a loop or block that does not end")
    _end(writer)
    if writer.conflict is not None:
        raise writer.conflict
    return writer.written


def _end(writer: Writer) -> None:
    """Return what a function without a last ``return`` has: its references as they are, or no value at all."""
    results = [p.name for p in writer.function.parameters if p.is_result] or ["UNSET"]
    writer.line(f"return {', '.join(results)}")


def _call(writer: Writer, call: s.Call) -> None:
    if call.template and call.callee not in _TEMPLATES:
        raise writer.unread(f"{call.callee}<{call.template}>")
    if call.namespace and call.callee in PRIMITIVES:
        try:
            PRIMITIVES[call.callee](writer, call)
        except ValueError:  # of unpacking
            raise writer.unread(f"wp::{call.callee} of {len(call.arguments)} arguments") from None
    elif not call.namespace and call.callee.startswith("builtin_tid"):
        targets = (call.target,) if call.target else call.arguments
        writer.whole_numbers(targets)
        writer.assign(f"indices_of(tid, {len(targets)}){'[0]' * (len(targets) == 1)}", *targets)
    elif not call.namespace and call.callee in writer.records:
        _struct(writer, call, writer.records[call.callee])
    elif not call.namespace and call.callee != "bool":
        _user_call(writer, call)
    else:
        _operation(writer, call)


#: Template arguments that say which type a function gives, by its name.
_TEMPLATES: dict[str, Callable[[Any], str]] = {
    **{family.template: lambda type_: type_.spelled for family in FAMILIES},
    "quat_identity": lambda quaternion: f"wp::{quaternion.scalar}",
    "identity": lambda matrix: f"{matrix.rows}, wp::{matrix.scalar}",
    "matrix_from_rows": lambda matrix: _of_vectors(matrix),
    "matrix_from_cols": lambda matrix: _of_vectors(matrix),
}


def _of_vectors(matrix: Any) -> str:
    """The scalar type; behind the shape, unless the template is specialised for it."""
    shape = "" if 2 <= matrix.rows == matrix.columns <= 4 else f"{matrix.rows}, {matrix.columns}, "
    return f"{shape}wp::{matrix.scalar}"


def _operation(writer: Writer, call: s.Call) -> None:
    if not call.target:
        raise writer.unread(f"wp::{call.callee} without a target")
    types = tuple(writer.type_of(name) for name in call.arguments)
    result = writer.type_of(call.target)
    makes = isinstance(result, Composite) and call.callee == result.template
    overload = construction(result, types) if makes else overload_of(call.callee, types, result)
    if overload is None:
        if not makes and not is_known(call.callee):
            raise writer.unread(f"wp::{call.callee} of {result}")
        writer.ill_typed(f"{result} = {call.callee}({', '.join(map(str, types))})")
        return
    if call.template and call.template != _TEMPLATES[call.callee](result):
        writer.ill_typed(f"{result} = {call.callee}<{call.template}>")
    meaning = writer.bound(overload.op.name, meaning_of(overload))
    writer.assign(f"{meaning}({', '.join(call.arguments)})", call.target)


def _struct(writer: Writer, call: s.Call, record: Record) -> None:
    """Make a struct: of all its fields, or of zeros."""
    types = [writer.type_of(name) for name in call.arguments]
    if writer.type_of(call.target) != record or (types and types != [type_ for _, type_ in record.fields]):
        writer.ill_typed(f"{writer.type_of(call.target)} = {record.name}({', '.join(map(str, types))})")
    value = _tuple(call.arguments) if types else writer.bound(record.name, record.default)
    writer.assign(value, call.target)


def _user_call(writer: Writer, call: s.Call) -> None:
    types = tuple(writer.type_of(name) for name in call.arguments)
    callee = writer.callees.get((call.callee, types))
    if callee is None and all(name != call.callee for name, _ in writer.callees):
        raise writer.unread(f"the function {call.callee}")
    if callee is None or (call.target and writer.type_of(call.target) != callee.returned):
        result = f"{writer.type_of(call.target)} = " if call.target else ""
        writer.ill_typed(f"{result}{call.callee}({', '.join(map(str, types))})")
        return
    targets = call.arguments[callee.taken :] or tuple(filter(None, [call.target]))
    given = f"{callee.name}({', '.join(call.arguments[: callee.taken])})"
    writer.assign(given, *targets)


def _boolean(writer: Writer, target: str) -> None:
    if writer.type_of(target) != BOOL:
        writer.ill_typed(f"{target} is {writer.type_of(target)}, not bool")


def _compare(writer: Writer, compare: s.Compare) -> None:
    _boolean(writer, compare.target)
    links = [_link(writer, *link) for link in compare.links]
    writer.assign(" and ".join(links), compare.target)


def _link(writer: Writer, left: str, symbol: str, right: str) -> str:
    types = writer.type_of(left), writer.type_of(right)
    overload = comparison(symbol, types, BOOL)
    if overload is None:
        writer.ill_typed(f"{types[0]} {symbol} {types[1]}")
        return "False"
    meaning = overload.value
    if types[0] != types[1] and isinstance(types[0], Scalar) and isinstance(types[1], Scalar):
        meaning = _converted(overload.op.name, types[0], types[1])
    return f"{writer.bound(overload.op.name, meaning)}({left}, {right})"


def _connect(writer: Writer, connect: s.Connect) -> None:
    _boolean(writer, connect.target)
    writer.condition(connect.left)
    writer.condition(connect.right)
    word = {"&&": "and", "||": "or"}[connect.operator]
    writer.assign(f"True if {connect.left} {word} {connect.right} else False", connect.target)


def _copy(writer: Writer, copy: s.Copy) -> None:
    if copy.source in writer.types and _is_truth(writer, copy):
        writer.assign(f"{copy.source} is not None", copy.target)
    elif copy.source in writer.types:
        writer.same(copy.target, copy.source)
        writer.assign(copy.source, copy.target)
    else:
        writer.assign(writer.literal(copy.source, writer.type_of(copy.target)), copy.target)


def _is_truth(writer: Writer, copy: s.Copy) -> bool:
    """Whether an array is converted to bool, as C++ does: it is true where there is one."""
    return writer.type_of(copy.target) == BOOL and isinstance(writer.type_of(copy.source), Handle)


def _refer(writer: Writer, refer: s.Refer) -> None:
    path = expect_place(writer, refer, writer.type_of(refer.target))
    indices = ", ".join(refer.indices)
    place = f"part_address(({indices},), {_tuple(path)})" if path else f"address({indices})"
    writer.assign(f"{array_of(writer, refer.array)[0]}.{place}", refer.target)


def _refer_part(writer: Writer, refer: s.ReferPart) -> None:
    items = [at for at, step in enumerate(refer.path) if isinstance(step, s.Item)]
    fields = [step for step in refer.path[items[-1] if items else 0 :] if isinstance(step, str)]
    if not items:
        path = expect_part(writer, writer.type_of(refer.root), fields, writer.type_of(refer.target))
        writer.bare_line(f"{refer.target} = Whole({refer.root}, 0), {_tuple(path)}")
        return
    array, element = _array_at(writer, refer.root, refer.path[: items[-1]])
    path = expect_part(writer, element, fields, writer.type_of(refer.target))
    writer.assign(f"{array}.part_address({_tuple(refer.path[items[-1]][0])}, {_tuple(path)})", refer.target)


def _refer_on(writer: Writer, refer: s.ReferOn) -> None:
    owner = writer.type_of(refer.pointer)
    if not isinstance(owner, Pointer):
        raise writer.unread(f"the field of {owner}")
    path = expect_part(writer, owner.element, refer.path, writer.type_of(refer.target))
    writer.assign(f"indexref({', '.join((refer.pointer, *path))})", refer.target)


def _array_at(writer: Writer, root: str, path: Sequence[s.PathStep]) -> tuple[str, TextType]:
    """Write the array that a path leads to from a variable; gives the type of its elements too."""
    place, type_ = root, writer.type_of(root)
    for step in path:
        if isinstance(step, str):
            position, type_ = field_of(writer, type_, step)
            place = f"part({place}, {position})"
        elif isinstance(step, s.View):
            place = f"{place}.view({', '.join(step.indices)})"
        else:
            place, type_ = f"{place}.element({', '.join(step.indices)})", element_of(writer, type_)
    return place, element_of(writer, type_)


def _set_part(writer: Writer, setting: s.SetPart) -> None:
    path = expect_part(writer, writer.type_of(setting.root), setting.path, writer.type_of(setting.value))
    writer.assign(f"with_part({setting.root}, {setting.value}, {', '.join(path)})", setting.root)


def _store_part(writer: Writer, store: s.StorePart) -> None:
    path = expect_place(writer, store, writer.type_of(store.value))
    array, _ = array_of(writer, store.array)
    writer.line(f"{array}.store_part({store.value}, {_tuple(store.indices)}, {_tuple(path)})")


def _update_part(writer: Writer, update: s.UpdatePart) -> None:
    type_ = writer.type_of(update.value)
    path = expect_place(writer, update, type_)
    meaning = combining(writer, update.operation, type_)
    where = f"{_tuple(update.indices)}, {_tuple(path)}"
    array, _ = array_of(writer, update.array)
    writer.line(f"{array}.update_part({meaning}, {update.value}, {where})")


# Control flow.


def _open(writer: Writer, branch: s.Open) -> None:
    writer.condition(branch.condition)
    writer.line(f"if {'not ' * branch.negated}{branch.condition}:")
    writer.blocks.append("if")
    writer.line("pass")


def _close(writer: Writer, close: s.Close) -> None:
    if writer.blocks.pop() != "if":
        raise writer.unread("a block that ends within a loop")


def _label(writer: Writer, label: s.Label) -> None:
    if label.name.startswith("start_"):
        writer.line("while True:")
        writer.blocks.append(label.name.removeprefix("start_"))
        writer.line("count_round()")
        return
    writer.line("break")  # what does not jump back to the start goes on behind the loop
    if label.name != f"end_{writer.blocks.pop()}":
        raise writer.unread(f"the label {label.name}")


def _goto(writer: Writer, goto: s.Goto) -> None:
    writer.line(_jump(writer, goto.name))


def _jump(writer: Writer, label: str) -> str:
    loop = next((block for block in reversed(writer.blocks) if block not in ("if", "{")), "")
    word = {f"start_{loop}": "continue", f"end_{loop}": "break"}.get(label)
    if word is None:
        raise writer.unread(f"the jump to {label}")
    return word


def _exhausted(writer: Writer, end: s.Exhausted) -> None:
    if writer.type_of(end.range) != RANGE:
        writer.ill_typed(f"{writer.type_of(end.range)} as a range")
    writer.line(f"if not {end.range}.left: {_jump(writer, end.label)}")


def _unless(writer: Writer, end: s.Unless) -> None:
    writer.condition(end.condition)
    writer.line(f"if not {end.condition}: {_jump(writer, end.label)}")


def _beyond(writer: Writer, end: s.Beyond) -> None:
    _counter(writer, end.counter)
    bound = writer.literal(end.bound, INT64)  # the type that both are compared in, or one that is as good
    writer.line(f"if {end.counter} {end.operator} {bound}: {_jump(writer, end.label)}")


def _step(writer: Writer, step: s.Step) -> None:
    _counter(writer, step.counter)
    overload = overload_of("add", (INT32, INT32), INT32)
    assert overload is not None
    amount = writer.literal(step.amount, INT32)
    writer.assign(f"{writer.bound('add', meaning_of(overload))}({step.counter}, {amount})", step.counter)


def _counter(writer: Writer, name: str) -> None:
    if writer.type_of(name) != INT32:
        raise writer.unread(f"a counter of type {writer.type_of(name)}")


def _return(writer: Writer, end: s.Return) -> None:
    results = [p.name for p in writer.function.parameters if p.is_result] or list(filter(None, [end.value]))
    types = tuple(map(writer.type_of, results))
    if types != results_of(writer.function, writer.records):
        writer.ill_typed(f"return of {', '.join(map(str, types))}")
    writer.line(f"return {', '.join(results)}")


def _continue(writer: Writer, _: s.Continue) -> None:
    writer.ill_typed("continue outside of a loop")  # what is executed is C++, where loops are made of jumps
    writer.line("return")


def _tuple(names: Sequence[str]) -> str:
    return f"({', '.join(names)},)"


@cache
def _converted(name: str, left: Scalar, right: Scalar) -> Any:
    return converted(TABLE[name].value, common_type(left, right))


_WRITE: dict[type[s.Statement], Callable[[Writer, Any], None]] = {
    s.Call: _call,
    s.Compare: _compare,
    s.Connect: _connect,
    s.Copy: _copy,
    s.Refer: _refer,
    s.ReferPart: _refer_part,
    s.ReferOn: _refer_on,
    s.SetPart: _set_part,
    s.StorePart: _store_part,
    s.UpdatePart: _update_part,
    s.Open: _open,
    s.Close: _close,
    s.Label: _label,
    s.Goto: _goto,
    s.Exhausted: _exhausted,
    s.Unless: _unless,
    s.Beyond: _beyond,
    s.Step: _step,
    s.Return: _return,
    s.Continue: _continue,
}
