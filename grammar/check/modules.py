"""Typing of modules: constants, aliases, structs, functions, factories and kernels, in the order of the source."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any

from grammar import nodes as n
from grammar.check.annotations import MOST_SCALARS, alias_type, named_type
from grammar.check.constants import number_of
from grammar.check.expressions import ExpressionChecker
from grammar.check.overloading import overloading_names
from grammar.check.record import (
    MAX_UNROLL,
    Follows,
    Kernel,
    Survey,
    TypedParameters,
    TypeRefused,
    Typing,
    unsupported,
)
from grammar.check.statements import BodyChecker, annotated, typed_function
from grammar.trees import callee_name, module_names, walk
from grammar.types import ANY, Array, Element, Scalar, Struct, Type, Vector

MEANT = frozenset({"wp", "int", "float", "bool"})
"""Names that annotations and decorators are written with: where a module binds them, they mean something else."""


def check(module: n.Module, max_unroll: int = MAX_UNROLL, *, backward: bool = True) -> Typing:
    """Type a module as it is compiled with options, which decide what is refused.

    A variable may be a literal only where a loop is unrolled (``max_unroll``), and float components of array elements
    take every operator only where no ``backward`` kernels are made (documented: ``*=`` and ``/=`` have no adjoints).

    Raises:
        TypeRefused: It breaks a rule; the message says which, and carries the node.
    """
    typing = Typing(module, max_unroll, backward)
    _type(typing)
    return typing


def refusals(
    module: n.Module, max_unroll: int = MAX_UNROLL, *, backward: bool = True, unknown: Collection[str] = ()
) -> list[TypeRefused]:
    """Find everything in a module that breaks a rule, but for what follows from something else that does.

    ``unknown`` are names that may stand anywhere: nothing is said of them, nor of what depends on them.
    """
    survey = Survey(module, max_unroll, backward, set(unknown))
    _type(survey)
    return survey.refused


def _type(typing: Typing) -> None:
    names = module_names(typing.module)
    twice = [name for name in names if names.count(name) > 1]
    if twice:
        typing.refuse(TypeRefused(f"two definitions have the name {twice[0]}", typing.module))
    for name in filter(MEANT.__contains__, names):
        typing.refuse(TypeRefused(f"{name!r} means something in every module and cannot be defined", typing.module))
    definitions = typing.module.definitions
    factories = {definition.name for definition in definitions if isinstance(definition, n.FactoryDef)}
    for definition in definitions:
        if _is_constant(definition, factories):
            _enter(typing, definition, _RULES[type(definition)])
    for definition in definitions:
        if isinstance(definition, n.FuncDef):
            _enter(typing, definition, _declared)
    for definition in definitions:
        if not _is_constant(definition, factories):
            _enter(typing, definition, _RULES[type(definition)])


def _enter(typing: Typing, definition: n.Definition, rule: Callable[[Typing, Any], None]) -> None:
    try:
        rule(typing, definition)
    except TypeRefused as refusal:
        typing.refuse(refusal)
        typing.unknown.update(module_names(n.Module((definition,))))


def _is_constant(definition: n.Definition, factories: Collection[str]) -> bool:
    """Whether a definition is what all of a module may name, wherever it stands: an import, a constant or a type."""
    if isinstance(definition, n.Binding) and isinstance(definition.value, n.Call):
        return callee_name(definition.value.function) not in factories
    return isinstance(definition, n.ImportStmt | n.ImportFrom | n.StructDef | n.Binding)


def _import(typing: Typing, definition: n.ImportStmt) -> None:
    if (definition.module, definition.alias) != ("warp", "wp"):
        raise TypeRefused("a module imports warp as wp, and nothing else", definition)


def _import_from(typing: Typing, definition: n.ImportFrom) -> None:
    if (definition.module, definition.imported) != ("typing", "Any"):
        raise TypeRefused("a module imports Any from typing, and no other name", definition)
    typing.aliases["Any"] = ANY


def _binding(typing: Typing, binding: n.Binding) -> None:
    factory = typing.factories.get(callee_name(binding.value.function)) if isinstance(binding.value, n.Call) else None
    alias = alias_type(binding.value, typing.aliases)
    if factory is not None:
        _instance(typing, binding, factory)
    elif alias is not None:
        typing.aliases[binding.name] = alias
    else:
        typing.constants[binding.name] = binding
        typing.constant_types[binding.name] = _constant_type(typing, binding.value)


def _constant_type(typing: Typing, value: n.Expr) -> Type:
    match value:
        case n.Call(function, (n.Expr() as inner,)) if callee_name(function) == "wp.constant":
            value = inner
    if not _is_written_value(typing, value):
        raise TypeRefused("a constant is a number, a bool, another constant, or a type called with such", value)
    return ExpressionChecker(typing, {}, in_kernel=False).type(value)


def _is_written_value(typing: Typing, value: n.Node) -> bool:
    """Whether Python, which evaluates constants, and Warp mean the same: both take it as it is written."""
    match value:
        case n.TrueLiteral() | n.FalseLiteral() | n.Name():
            return True
        case n.Call(function, arguments) if (type_ := named_type(callee_name(function), typing.aliases)) is not None:
            return not type_.fields and all(_is_written_value(typing, argument) for argument in arguments)
    return number_of(value, typing.written_constants) is not None


def _struct(typing: Typing, definition: n.StructDef) -> None:
    names = [field.name for field in definition.fields]
    if len(set(names)) < len(names):
        raise TypeRefused("two fields have one name", definition)
    made = Struct(definition.name, tuple((field.name, _field_type(typing, field)) for field in definition.fields))
    if made.size > MOST_SCALARS:
        raise unsupported(f"types of more than {MOST_SCALARS} scalars", definition)
    typing.structs[definition.name] = typing.aliases[definition.name] = made


def _field_type(typing: Typing, field: n.Field) -> Type:
    type_ = annotated(typing, field.annotation)
    if not isinstance(type_, Element | Array):
        raise TypeRefused(f"the field {field.name!r} needs the type of an element or of an array", field)
    return type_


def _func(typing: Typing, definition: n.FuncDef) -> None:
    parameters = typing.parameters.get(definition.name)
    if parameters is None:
        raise Follows(definition)
    if ANY not in parameters.types:
        typing.functions[definition.name] = typed_function(typing, definition, parameters)
    elif definition.name in overloading_names().values():
        raise unsupported("generic functions that overload an operator", definition)
    else:
        typing.generics[definition.name] = definition


def _declared(typing: Typing, definition: n.FuncDef) -> None:
    typing.parameters[definition.name] = _parameters(typing, definition.parameters)


def _parameters(typing: Typing, parameters: n.Parameters) -> TypedParameters:
    types: dict[str, Type] = {}
    defaults: dict[str, n.Expr] = {}
    unknown: set[str] = set()
    _distinct(typing, parameters)
    for item in parameters.items:
        try:
            types[item.name] = _parameter(typing, item, defaults)
        except TypeRefused as refusal:
            typing.refuse(refusal)
            unknown.add(item.name)
    return TypedParameters(tuple(types), tuple(types.values()), defaults, frozenset(unknown))


def _parameter(
    typing: Typing, item: n.FreeParameter | n.Parameter | n.DefaultParameter, defaults: dict[str, n.Expr]
) -> Type:
    """Type one parameter, and enter its default if it has one."""
    if isinstance(item, n.FreeParameter):
        raise TypeRefused(f"the parameter {item.name!r} needs an annotation", item)
    type_ = annotated(typing, item.annotation)
    if isinstance(item, n.DefaultParameter):
        defaults[item.name] = item.default
        if _constant_type(typing, item.default) != type_:
            raise TypeRefused(f"the default of {item.name!r} has another type", item)
    elif defaults:
        raise TypeRefused(f"the parameter {item.name!r} needs a default, as the one before it has one", item)
    return type_


def _distinct(typing: Typing, parameters: n.Parameters) -> None:
    names = [item.name for item in parameters.items]
    if len(set(names)) < len(names):
        raise TypeRefused("two parameters have one name", parameters)
    taken = typing.module_level & set(names)
    if taken:
        raise TypeRefused(f"the parameter {min(taken)!r} has the name of something in the module", parameters)


def _kernel(typing: Typing, definition: n.KernelDef) -> None:
    typing.kernels[definition.name] = _typed_kernel(typing, definition, {}, {})


def _typed_kernel(
    typing: Typing, definition: n.KernelDef, captured: dict[str, n.Expr], free: dict[str, Type]
) -> Kernel:
    parameters = _parameters(typing, definition.parameters)
    names, types = parameters.names, parameters.types
    if parameters.defaults:
        raise TypeRefused("Warp ignores defaults of kernel parameters", definition)
    if ANY in types:
        raise unsupported("generic kernels", definition)
    if free.keys() & set(names):
        raise TypeRefused("a parameter of the kernel hides one of its factory", definition)
    given = [(name, free[name], value) for name, value in captured.items()]
    body = BodyChecker(typing, dict(zip(names, types, strict=True)), given, in_kernel=True)
    body.unknown |= parameters.unknown
    body.block(definition.body)
    if body.is_refused or parameters.unknown:
        raise Follows(definition)
    return Kernel(definition, names, types, captured, free)


def _factory(typing: Typing, factory: n.FactoryDef) -> None:
    if not isinstance(factory.definition, n.KernelDef) or callee_name(factory.returned) != factory.definition.name:
        raise TypeRefused(f"the factory {factory.name} must define a kernel and return it", factory)
    if not all(isinstance(item, n.FreeParameter) for item in factory.parameters.items):
        raise TypeRefused("parameters of a factory have no annotation", factory)
    _distinct(typing, factory.parameters)
    kernel = factory.definition
    taken = typing.module_level | {item.name for item in factory.parameters.items}
    if kernel.name in taken and any(isinstance(x, n.Name) and x.id == kernel.name for x in walk(kernel.body)):
        raise TypeRefused(f"the kernel {kernel.name!r} hides what its body means by this name", factory)
    typing.factories[factory.name] = factory


def _instance(typing: Typing, binding: n.Binding, factory: n.FactoryDef) -> None:
    assert isinstance(binding.value, n.Call)
    assert isinstance(factory.definition, n.KernelDef)
    names = [item.name for item in factory.parameters.items]
    arguments = [a for a in binding.value.arguments if isinstance(a, n.Expr)]
    if len(arguments) != len(names) or len(arguments) != len(binding.value.arguments):
        raise TypeRefused(f"{factory.name} does not take these arguments", binding)
    free = {name: _constant_type(typing, value) for name, value in zip(names, arguments, strict=True)}
    if not all(isinstance(type_, Scalar | Vector) for type_ in free.values()):
        raise TypeRefused("a factory captures scalars and vectors", binding)
    captured = dict(zip(names, arguments, strict=True))
    definition = _instance_of(typing, factory.definition, captured, free)
    typing.kernels[binding.name] = _typed_kernel(typing, definition, captured, free)


def _instance_of(
    typing: Typing, definition: n.KernelDef, captured: dict[str, n.Expr], free: dict[str, Type]
) -> n.KernelDef:
    """Find the tree of a kernel with what it captures: one that is typed so already, or else a tree of its own."""
    made = [kernel for kernel in typing.kernels.values() if typing.original(kernel.definition) is definition]
    for kernel in made:
        if (free, _untyped(typing, captured)) == (kernel.captured_types, _untyped(typing, kernel.captured)):
            return kernel.definition
    return typing.instance_of(definition) if made else definition


def _untyped(typing: Typing, captured: Mapping[str, n.Expr]) -> set[str]:
    """Name what is captured as a number of Python's, which keeps its precision in casts."""
    return {name for name, value in captured.items() if number_of(value, typing.written_constants) is not None}


_RULES: dict[type[n.Node], Callable[[Typing, Any], None]] = {
    n.ImportStmt: _import,
    n.ImportFrom: _import_from,
    n.Binding: _binding,
    n.StructDef: _struct,
    n.FuncDef: _func,
    n.KernelDef: _kernel,
    n.FactoryDef: _factory,
}
