"""The folder of a bucket: ``repro.py``, ``report.md`` and ``case.json``, for a person without this project.

``repro.py`` needs Warp and NumPy only: it holds the kernels as plain code, the inputs and the expected values as
literals that are exact to the bit, and lays arrays out as the engine did. It is written here and never run here.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress
from dataclasses import asdict, replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from grammar import module_names, rename
from grammar.errors import UserError
from grammar.nodes import ImportStmt, Module, StructDef
from grammar.types import Type
from oracle.engines import facts_of
from oracle.engines.nvrtc import ARCHITECTURE
from oracle.records import (
    Buffer,
    BufferRef,
    Finding,
    Launch,
    Mismatch,
    NumpyArray,
    Options,
    Signature,
    TestCase,
    TextDifference,
    TextExcerpt,
    in_order,
)
from reports import files, values
from reports.findings import CASE, finding_document
from reports.python_literals import array_literal, comment_lines, quoted, value_literal

PATIENCE = 60  # seconds until a launch counts as hanging: compiling a reduced module takes less than ten
ATTEMPTS = 20  # runs until something that differs from run to run is taken for gone
SHOWN = 10  # mismatches that a report lists

#: Names that the code around the kernels in ``repro.py`` uses: a kernel module that binds one of them is renamed there.
MODULES = ("Path", "np", "subprocess", "sys", "tempfile", "traceback")
CONSTANTS = ("ACTUAL", "DEVICE", "EXPECTED", "INPUTS", "OFFENDING", "RADIUS")
FUNCTIONS = (
    "ReproBuffer",
    "repro_bits",
    "repro_columns",
    "repro_differences",
    "repro_elements",
    "repro_field",
    "repro_launch",
    "repro_main",
    "repro_struct",
    "repro_text",
    "repro_wrong",
)
TAKEN = frozenset((*MODULES, *CONSTANTS, *FUNCTIONS))

UNQUOTED = str.maketrans({"\\": "/", '"': "'"})  # what a docstring may hold without ending

FORMS = {"compile_error": "compile", "ill_typed_text": "compile", "crash": "process", "hang": "process"}
PROMISES = {
    "compile_error": "the module builds",
    "ill_typed_text": "the types in the text fit together",
    "uninitialised_read": "no variable is read before it has a value",
    "overflow": "no integer leaves its type",
}
"""What is expected where a finding has no values to show."""

WITHOUT_VALUES = frozenset({*FORMS, "out_of_bounds", "target_mismatch"})
"""The kinds of findings that show without a buffer: the last ones in bytes around buffers, and in the text."""


def write_finding(folder: Path, finding: Finding, versions: Mapping[str, str]) -> None:
    """Write the three files of a bucket into its folder, which is made; files of the same names are replaced.

    Raises:
        UserError: The folder cannot be written, is a link to elsewhere, or the disk is full.
        ValueError: Nothing in the finding says what to expect.
    """
    _demand_own(folder)
    files.write_json(folder / CASE, finding_document(finding))
    files.write_text(folder / "report.md", report_text(finding, versions))
    files.write_text(folder / "repro.py", reproducer_text(finding))


def remove_finding(folder: Path) -> None:
    """Remove the three files of a bucket, and its folder where nothing else is in it.

    Raises:
        UserError: The folder is a link to elsewhere.
    """
    _demand_own(folder)
    for name in ("case.json", "report.md", "repro.py"):
        (folder / name).unlink(missing_ok=True)
    with suppress(OSError):
        folder.rmdir()


def _demand_own(folder: Path) -> None:
    if folder.is_symlink():
        raise UserError(f"{folder} is a link, and a campaign writes into its own folder only; remove it")


def reproducer_text(finding: Finding) -> str:
    """Return the text of ``repro.py``.

    Raises:
        ValueError: Nothing in the finding says what to expect.
    """
    if finding.difference is not None:
        return _of_difference(finding, finding.difference)
    if finding.excerpt is not None:
        return _of_excerpt(finding, finding.excerpt)
    signature, case = finding.signature, _clear_of(finding.case, TAKEN)
    if not is_reproducible(signature.kind, finding.expected):
        raise ValueError(f"a finding of kind {signature.kind} without expected values cannot be reproduced")
    return _rendered(
        "repro.py.jinja",
        **_definitions(finding, case),
        form=FORMS.get(signature.kind, "values"),
        device=facts_of(finding.engine).runs_on,
        compile_only=facts_of(finding.engine).architecture,
        structs=_has_structs(case.module),
        buffers=[_input(buffer) for buffer in in_order(case.buffers)],
        expected=[_expectation(finding, name) for name in finding.expected],
        launches=[_launch(case, launch) for launch in case.launches],
        block_dim=case.options.block_dim,
        attempts=ATTEMPTS if signature.kind == "nondeterministic" else 1,
        patience=PATIENCE,
    )


def is_reproducible(kind: str, expected: Collection[str]) -> bool:
    """Say whether a script can show a finding of a kind: where it compares values, there must be some."""
    return bool(expected) or kind in WITHOUT_VALUES


def _of_excerpt(finding: Finding, excerpt: TextExcerpt) -> str:
    return _rendered(
        "repro_excerpt.py.jinja",
        **_definitions(finding, _clear_of(finding.case, TAKEN)),
        target="cpu",
        bodies=list(map(quoted, excerpt.bodies)),
        expected=quoted("; ".join(expected_lines(finding))),
        actual=quoted("; ".join(actual_lines(finding) if finding.mismatches else [finding.message])),
    )


def _of_difference(finding: Finding, difference: TextDifference) -> str:
    return _rendered(
        "repro_difference.py.jinja",
        **_definitions(finding, _clear_of(finding.case, TAKEN)),
        target=difference.target,
        difference=difference,
        expected=quoted(difference.expected),
        actual=quoted(difference.actual),
        architecture=ARCHITECTURE,
    )


def _definitions(finding: Finding, case: TestCase) -> dict[str, Any]:
    """What every reproducer begins with."""
    return {
        "title": values.plain(title(finding.signature, unfinished=finding.unfinished)).translate(UNQUOTED),
        "module": case.source.strip("\n"),
        "imports_warp": _imports_warp(case.module),
        "options": {name: value_literal(value) for name, value in _options(case.options).items()},
        "rule": comment_lines(finding.rule),
    }


def report_text(finding: Finding, versions: Mapping[str, str]) -> str:
    """Return the text of ``report.md``: minimal kernel, steps, expected and why, actual, versions."""
    case = finding.case
    bounds = (f"Allowed deviation: {allowed(m)}." for m in finding.mismatches[:SHOWN])
    return _rendered(
        "report.md.jinja",
        title=values.plain(title(finding.signature, unfinished=finding.unfinished)),
        unfinished=finding.unfinished,
        evidence=values.plain(finding.evidence),
        module=fenced(case.source, "python"),
        options=", ".join(f"{name}={value!r}" for name, value in _options(case.options).items()),
        calls=fenced("\n".join(_call(case, launch) for launch in case.launches)),
        inputs=fenced("\n".join(_described(buffer) for buffer in case.buffers)),
        expected=fenced("\n".join(expected_lines(finding))),
        rule=values.plain(finding.rule),
        bound="\n".join(dict.fromkeys(bounds)),
        actual=fenced("\n".join(actual_lines(finding))),
        message=fenced(finding.message) if finding.message else "",
        around=fenced(finding.excerpt.around, "cpp") if finding.excerpt and finding.excerpt.around else "",
        versions=versions,
        engine=finding.engine,
        layer=finding.signature.layer,
    )


def title(signature: Signature, *, unfinished: bool = False) -> str:
    """Return the headline of a bucket, which says so where it is unfinished."""
    name = f"{signature.kind} in {signature.layer}: {signature.construct} ({signature.dtype})"
    return f"{name}, unfinished" if unfinished else name


def where(mismatch: Mismatch) -> str:
    """Name the element of a mismatch: ``out[3]``."""
    return f"{mismatch.buffer}{list(mismatch.index)}"


def with_bits(value: np.generic) -> str:
    """Return a value with its bits: ``1.0 (0x3f800000)``."""
    return f"{values.readable(value)} (0x{values.bits(value)})"


def apart(mismatch: Mismatch) -> str:
    """Say how many ULP lie between expected and actual, where there is such a number."""
    distance = values.ulp_distance(mismatch.expected, mismatch.actual)
    return "" if distance is None else f", {distance:,} ULP from the expected value"


def allowed(mismatch: Mismatch) -> str:
    """Say how far the value of a mismatch may lie from the expected one."""
    return values.bound_in_words(mismatch.radius, mismatch.expected)


def expected_lines(finding: Finding) -> list[str]:
    """Say what was expected: of each element that lies outside its bound, or in words."""
    listed = finding.mismatches[:SHOWN]
    return [f"{where(m)} = {with_bits(m.expected)}" for m in listed] or [expected_instead(finding)]


def actual_lines(finding: Finding) -> list[str]:
    """Say what came out instead of what :func:`expected_lines` gives."""
    listed = [f"{where(m)} = {with_bits(m.actual)}{apart(m)}" for m in finding.mismatches[:SHOWN]]
    more = len(finding.mismatches) - len(listed)
    return [*listed, *([f"and {more} more"] if more else [])] or [actual_instead(finding)]


def expected_instead(finding: Finding) -> str:
    """Say what was expected where there are no values to show."""
    if finding.difference is not None:
        return f"in the text for {finding.difference.target}: {finding.difference.expected or 'nothing'}"
    return PROMISES.get(finding.signature.kind, "the launches end, and reach only into arrays")


def actual_instead(finding: Finding) -> str:
    """Say what was seen where there are no values to show."""
    return finding.difference.actual or "nothing" if finding.difference else finding.signature.kind


def fenced(text: str, language: str = "") -> str:
    """Put a text into a Markdown fence that nothing in it can close."""
    fence = "```"
    while fence in text:
        fence += "`"
    return f"{fence}{language}\n{values.plain(text).rstrip()}\n{fence}"


def _rendered(template: str, **names: Any) -> str:
    return str(_templates().get_template(template).render(names))


@cache
def _templates() -> Any:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined  # 40 ms that showing a campaign does not need

    return Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


def _clear_of(case: TestCase, taken: frozenset[str]) -> TestCase:
    names = {name: f"{name}_of_module" for name in module_names(case.module) if name in taken}
    if not names:
        return case
    launches = tuple(replace(launch, kernel=names.get(launch.kernel, launch.kernel)) for launch in case.launches)
    renamed = replace(case, module=rename(case.module, names), launches=launches)
    structs, elements = renamed.typed().structs, {b: names.get(b.element.name, b.element.name) for b in case.buffers}
    buffers = (replace(buffer, element=structs.get(name, buffer.element)) for buffer, name in elements.items())
    return replace(renamed, buffers=tuple(buffers))


def _imports_warp(module: Module) -> bool:
    return any(isinstance(d, ImportStmt) and (d.module, d.alias) == ("warp", "wp") for d in module.definitions)


def _options(options: Options) -> dict[str, Any]:
    return {name: value for name, value in asdict(options).items() if value is not None}


def _input(buffer: Buffer) -> dict[str, str]:
    handles = zip(buffer.element.handles, buffer.handles, strict=True)
    arrays = (f", {handle.suffix[1:].replace('.', '__')}=[{_references(column)}]" for handle, column in handles)
    return {
        "key": quoted(buffer.name),
        "data": _content(buffer),
        "dtype": buffer.element.expression,
        "strides": repr(_strides(buffer)),
        "arrays": "".join(arrays),
        "layout": buffer.layout,
    }


def _content(buffer: Buffer) -> str:
    """Write the content of a buffer; of structs field by field."""
    if not buffer.element.fields:
        return array_literal(buffer.data)
    leaves = zip(buffer.element.leaves, buffer.columns, strict=True)
    columns = ", ".join(f"{quoted(leaf.suffix[1:])}: {array_literal(column)}" for leaf, column in leaves)
    return f"repro_elements({buffer.element.expression}, {buffer.shape}, {{{columns}}})"


def _references(column: NumpyArray) -> str:
    return ", ".join("None" if ref is None else f"buffers[{quoted(ref.name)}]" for ref in column.flat)


def _strides(buffer: Buffer) -> tuple[int, ...]:
    """Return the bytes from one element to the next along each array axis, as ``Buffer.layout`` says."""
    axes = list(range(len(buffer.shape)))
    step = buffer.element.footprint[0] * (2 if buffer.layout == "strided" else 1)
    steps = dict.fromkeys(axes, 0)
    for axis in axes if buffer.layout == "transposed" else reversed(axes):
        steps[axis] = step
        step *= buffer.shape[axis]
    if buffer.layout == "reversed":
        steps[0] = -steps[0]
    return tuple(steps.values())


def _expectation(finding: Finding, name: str) -> dict[str, str]:
    radius = finding.radii.get(name, np.zeros(()))
    return {
        "key": quoted(name),
        "data": array_literal(finding.expected[name]),
        "radius": array_literal(radius) if radius.any() else "0.0",
    }


def _has_structs(module: Module) -> bool:
    return any(isinstance(definition, StructDef) for definition in module.definitions)


def _typed_arguments(case: TestCase, launch: Launch) -> Iterator[tuple[Type | None, Any]]:
    """The arguments of a launch, with their types where these matter; a module without structs may be ill typed."""
    nothing = (None,) * len(launch.arguments)
    types = case.typed().kernels[launch.kernel].types if _has_structs(case.module) else nothing
    return zip(types, launch.arguments, strict=True)


def _launch(case: TestCase, launch: Launch) -> dict[str, Any]:
    arguments = _typed_arguments(case, launch)
    written = [_argument(type_, x, "repro_struct({}, {})", "buffers[{}].array") for type_, x in arguments]
    return {"kernel": launch.kernel, "dims": repr(launch.dims), "arguments": written}


def _call(case: TestCase, launch: Launch) -> str:
    arguments = _typed_arguments(case, launch)
    written = ", ".join(_argument(type_, x, "{}({})", "{}").replace('"', "") for type_, x in arguments)
    return f"wp.launch({launch.kernel}, dim={launch.dims}, inputs=[{written}])"


def _argument(type_: Type | None, given: Any, struct: str, array: str) -> str:
    """Write an argument of a launch, or a field of one, with forms for structs and for arrays."""
    if isinstance(given, BufferRef):
        return array.format(quoted(given.name))
    if type_ is None or not type_.fields:
        return value_literal(given)
    fields = zip(type_.fields, given, strict=True)
    written = ", ".join(f"{name}={_argument(inner, x, struct, array)}" for (name, inner), x in fields)
    return struct.format(type_.written, written)


def _described(buffer: Buffer) -> str:
    """Say what is in a buffer, in a line for each column."""
    element = f"{buffer.element.expression}, {buffer.layout}"
    columns = (f"{name}: {element}, {array_literal(column)}" for name, column in buffer.named.items())
    handles = zip(buffer.element.handles, buffer.handles, strict=True)
    names = ([None if ref is None else ref.name for ref in column.flat] for _, column in handles)
    arrays = zip(buffer.element.handles, names, strict=True)
    return "\n".join([*columns, *(f"{buffer.name}{handle.suffix}: {given}" for handle, given in arrays)])
