"""The primitives that only the text language has: what statements of kernels are lowered to, beside operations.

Each is one entry of :data:`PRIMITIVES`: a function that writes its Python line.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from grammar.types import BOOL, INT32, Element, Scalar
from oracle.text.meanings import meaning_of, overload_of
from oracle.text.spelling import RANGE, SLICE, Handle, Pointer, Record, TextType
from oracle.text.statements import Call, Refer, StorePart, UpdatePart
from oracle.text.writer import Writer

Primitive = Callable[[Writer, Call], None]


def _load(writer: Writer, call: Call) -> None:
    (pointer,) = call.arguments
    _expect(writer, call.target, writer.type_of(pointer), Pointer)
    writer.assign(f"{pointer}[0][{pointer}[1]]", call.target)


def _address(writer: Writer, call: Call) -> None:
    array, *indices = call.arguments
    _expect(writer, call.target, writer.type_of(array), Handle)
    writer.whole_numbers(indices)
    writer.assign(f"{array}.address({', '.join(indices)})", call.target)


def _expect(writer: Writer, target: str, owner: TextType, kind: type[Handle | Pointer]) -> None:
    """Demand that a target can take an element, or the pointer to an element, of an array or pointer."""
    wanted = writer.type_of(target)
    element = wanted.element if isinstance(wanted, Pointer) else wanted
    if not isinstance(owner, kind) or owner.element != element:
        writer.ill_typed(f"{wanted} of {owner}")


def _copy(writer: Writer, call: Call) -> None:
    (source,) = call.arguments
    writer.same(call.target, source)
    writer.assign(source, call.target)


def _assign(writer: Writer, call: Call) -> None:
    target, source = call.arguments
    writer.same(target, source)
    writer.assign(source, target)


def _where(writer: Writer, call: Call) -> None:
    condition, chosen, otherwise = call.arguments
    writer.same(call.target, chosen)
    writer.same(call.target, otherwise)
    if not isinstance(writer.type_of(condition), Scalar | Handle):
        raise writer.unread(f"wp::where on {writer.type_of(condition)}")
    writer.assign(f"{chosen} if {condition} else {otherwise}", call.target)


def _not(writer: Writer, call: Call) -> None:
    (operand,) = call.arguments
    if not isinstance(writer.type_of(operand), Scalar | Handle) or writer.type_of(call.target) != BOOL:
        raise writer.unread(f"wp::unot of {writer.type_of(operand)}")
    writer.assign(f"not {operand}", call.target)


def _extract(writer: Writer, call: Call) -> None:
    owner, *path = call.arguments
    _expect_part(writer, owner, path, writer.type_of(call.target))
    writer.assign(f"part({', '.join(call.arguments)})", call.target)


def _assign_part(writer: Writer, call: Call) -> None:
    owner, *path, value = call.arguments
    _expect_part(writer, owner, path, writer.type_of(value))
    writer.assign(f"with_part({owner}, {value}, {', '.join(path)})", owner)


def _update_part(writer: Writer, call: Call) -> None:
    owner, *path, value = call.arguments
    type_ = writer.type_of(value)
    _expect_part(writer, owner, path, type_)
    meaning, at = combining(writer, call.callee, type_), ", ".join(path)
    writer.assign(f"with_part({owner}, {meaning}(part({owner}, {at}), {value}), {at})", owner)


def combining(writer: Writer, primitive: str, type_: TextType) -> str:
    """Bind what an update of a place computes of the value before and a new one; gives the name of it."""
    operation = UPDATES.get(primitive, "")
    plain = operation.removeprefix("atomic_")  # an element of a type that no atomic names, such as a quaternion
    overload = overload_of(operation, (type_, type_), type_) or overload_of(plain, (type_, type_), type_)
    if overload is None:
        raise writer.unread(f"wp::{primitive} of {type_}")
    return writer.bound(operation, meaning_of(overload))


def _refer_part(writer: Writer, call: Call) -> None:
    pointer, *path = call.arguments
    owner, target = writer.type_of(pointer), writer.type_of(call.target)
    writer.whole_numbers(path)
    if not isinstance(owner, Pointer) or not path:
        raise writer.unread(f"wp::indexref of {owner}")
    if not isinstance(target, Pointer) or _part_type(owner.element, len(path)) != target.element:
        writer.ill_typed(f"{target} to a part of {owner.element}")
    writer.assign(f"indexref({', '.join(call.arguments)})", call.target)


def _store_there(writer: Writer, call: Call) -> None:
    pointer, value = call.arguments
    owner, type_ = writer.type_of(pointer), writer.type_of(value)
    if not isinstance(owner, Pointer):
        raise writer.unread(f"wp::store to {owner}")
    if owner.element != type_:
        writer.ill_typed(f"{type_} where {owner.element} is")
    writer.line(f"stored({pointer}, {value})")


def _expect_part(writer: Writer, owner: str, path: Sequence[str], found: TextType) -> None:
    type_ = writer.type_of(owner)
    writer.whole_numbers(path)
    if not path or _part_type(type_, len(path)) != found:
        writer.ill_typed(f"{found} as a part of {type_}")


def expect_place(writer: Writer, place: Refer | StorePart | UpdatePart, found: TextType) -> tuple[str, ...]:
    """Demand that an element of an array, or the part of one that a path leads to, has a type, or a pointer to it.

    Returns:
        The path as :func:`expect_part` has it.
    """
    _, array = array_of(writer, place.array)
    writer.whole_numbers(place.indices)
    if isinstance(array, Handle):
        return expect_part(writer, array.element, place.path, found, f"an element of {array}")
    writer.ill_typed(f"{found} in an element of {array}")
    return ()


def array_of(writer: Writer, written: str) -> tuple[str, TextType]:
    """Write an array, which is a variable or what a pointer leads to: ``*(p)``; gives its type too."""
    if not written.startswith("*"):
        return written, writer.type_of(written)
    pointer = written[2:-1]
    type_ = writer.type_of(pointer)
    if not isinstance(type_, Pointer):
        raise writer.unread(f"what {type_} leads to")
    return f"{pointer}[0][{pointer}[1]]", type_.element


def expect_part(
    writer: Writer, owner: TextType, path: Sequence[str], found: TextType, whole: str = ""
) -> tuple[str, ...]:
    """Demand that a path leads from a value to a part of some type, or of that which a pointer of the type leads to.

    Returns:
        The path as positions: of fields as numbers, of components as the variables that hold them.
    """
    wanted = found.element if isinstance(found, Pointer) else found
    type_, positions = owner, []
    for field in (step for step in path if step.startswith(".")):
        at, type_ = field_of(writer, type_, field)
        positions.append(str(at))
    indices = [step for step in path if not step.startswith(".")]
    writer.whole_numbers(indices)
    if _part_type(type_, len(indices)) != wanted:
        writer.ill_typed(f"{found} in {whole or owner}")
    return (*positions, *indices)


def field_of(writer: Writer, owner: TextType, field: str) -> tuple[int, TextType]:
    """Find a field of a struct, given as ``.name``: its position, and its type."""
    at = owner.position(field[1:]) if isinstance(owner, Record) else None
    if at is None or not isinstance(owner, Record):
        raise writer.unread(f"the field {field} of {owner}")
    return at, owner.fields[at][1]


def element_of(writer: Writer, owner: TextType) -> TextType:
    """Find the type of the elements of an array."""
    if not isinstance(owner, Handle):
        raise writer.unread(f"an element of {owner}")
    return owner.element


def _part_type(type_: TextType, depth: int) -> TextType | None:
    """Find the type of what a number of indices leads to."""
    if depth and isinstance(type_, Element):
        return type_.indexed(depth)
    return None if depth else type_


def _range(writer: Writer, call: Call) -> None:
    if len(call.arguments) not in (1, 2, 3):
        raise writer.unread(f"wp::range of {len(call.arguments)} arguments")
    if writer.type_of(call.target) != RANGE or any(writer.type_of(name) != INT32 for name in call.arguments):
        writer.ill_typed(f"wp::range of {[str(writer.type_of(name)) for name in call.arguments]}")
    writer.assign(f"Range({', '.join(call.arguments)})", call.target)


def _next(writer: Writer, call: Call) -> None:
    (rounds,) = call.arguments
    if writer.type_of(call.target) != INT32 or writer.type_of(rounds) != RANGE:
        writer.ill_typed(f"{writer.type_of(call.target)} as the counter of a range")
    writer.assign(f"{rounds}.next()", call.target)


def _slice(writer: Writer, call: Call) -> None:
    start, stop, step = call.arguments
    writer.whole_numbers(call.arguments)
    if writer.type_of(call.target) != SLICE:
        writer.ill_typed(f"{writer.type_of(call.target)} as a slice")
    writer.assign(f"sliced({start}, {stop}, {step})", call.target)


def _view(writer: Writer, call: Call) -> None:
    array, *indices = call.arguments
    writer.same(call.target, array)
    writer.whole_numbers(name for name in indices if writer.type_of(name) != SLICE)
    writer.assign(f"{array}.view({', '.join(indices)})", call.target)


def _store(writer: Writer, call: Call) -> None:
    array, *indices, value = call.arguments
    _expect_element(writer, array, indices, value)
    writer.line(f"{array}.store({', '.join((value, *indices))})")


def _atomic(writer: Writer, call: Call) -> None:
    array, *indices, value = call.arguments
    _expect_element(writer, array, indices, value)
    meaning = combining(writer, call.callee, writer.type_of(value))
    writer.assign(f"{array}.update({', '.join((meaning, value, *indices))})", *filter(None, [call.target]))


def _expect_element(writer: Writer, array: str, indices: Sequence[str], value: str) -> None:
    owner = writer.type_of(array)
    writer.whole_numbers(indices)
    if not isinstance(owner, Handle) or owner.element != writer.type_of(value):
        writer.ill_typed(f"{writer.type_of(value)} as an element of {owner}")


_IN_PLACE = {f"{name}_inplace": name for name in ("add", "sub", "bit_and", "bit_or", "bit_xor")}
_ATOMICS = {f"atomic_{name}": f"atomic_{name}" for name in ("add", "sub", "min", "max")} | {
    f"atomic_{name}": f"bit_{name}" for name in ("and", "or", "xor")
}

UPDATES: dict[str, str] = _IN_PLACE | _ATOMICS
"""The operation of the table that each primitive combines the value of a place and a new one by."""

PRIMITIVES: dict[str, Primitive] = {
    "load": _load,
    "address": _address,
    "copy": _copy,
    "assign": _assign,
    "where": _where,
    "unot": _not,
    "extract": _extract,
    "assign_inplace": _assign_part,
    "range": _range,
    "iter_next": _next,
    "slice_t": _slice,
    "view": _view,
    "array_store": _store,
    "indexref": _refer_part,
    "store": _store_there,
    **dict.fromkeys(_IN_PLACE, _update_part),
    **dict.fromkeys(_ATOMICS, _atomic),
}
"""The primitives by their name in the text."""
