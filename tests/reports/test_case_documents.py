from __future__ import annotations

import copy
import json
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from grammar import emit, parse
from grammar.check import type_definitions, written
from grammar.errors import UserError
from grammar.types import BOOL, FLOAT32, FLOAT64, INT8, Array, Matrix, Scalar, Struct, Type, Vector
from oracle.records import LAYOUTS, TRUSTED_OPTIONS, Buffer, BufferRef, Launch, Options, Provenance, TestCase
from reports.case_documents import case_document, case_of, packed, read_case, unpacked, write_case
from tests.elements import ELEMENTS
from tests.oracle.struct_kernels import everything
from tests.reports import samples


def bits_of(value: Any) -> Any:
    """What tells two values apart bit by bit, with their types."""
    if isinstance(value, tuple):
        return tuple(map(bits_of, value))
    return (value.dtype, value.tobytes()) if isinstance(value, np.generic) else (type(value), value)


@st.composite
def filled(draw: st.DrawFn, dtype: np.dtype[Any], shape: tuple[int, ...]) -> np.ndarray[Any, Any]:
    size = int(np.prod(shape)) * dtype.itemsize
    content = np.frombuffer(draw(st.binary(min_size=size, max_size=size)), np.uint8)
    return (content & 1 if dtype == np.bool_ else content).view(dtype).reshape(shape)


PAIR = Struct("Pair", (("a", INT8), ("b", Vector(3, FLOAT32))))
OUTER = Struct("Outer", (("inner", PAIR), ("flag", BOOL), ("m", Matrix(2, 2, FLOAT64))))


@st.composite
def buffers(draw: st.DrawFn, name: str) -> Buffer:
    element = draw(st.sampled_from([*ELEMENTS, PAIR, OUTER]))
    shape = draw(st.lists(st.integers(0, 3), min_size=1, max_size=4).map(tuple))
    columns = [draw(filled(leaf.scalar.dtype, shape + leaf.extents)) for leaf in element.leaves]
    return Buffer(name, element, tuple(columns), draw(st.sampled_from(LAYOUTS)))


def values_of(type_: Type) -> st.SearchStrategy[Any]:
    match type_:
        case Scalar(kind="bool"):
            return st.booleans()
        case Scalar(kind="float"):
            return filled(type_.dtype, (1,)).map(lambda array: array[0])
        case Scalar():
            return st.integers(type_.low, type_.high)
    return st.tuples(*map(values_of, type_.parts))


OPTIONS = st.builds(Options, **{name: st.sampled_from(list(allowed)) for name, allowed in TRUSTED_OPTIONS.items()})


@st.composite
def cases(draw: st.DrawFn) -> TestCase:
    arrays = [draw(buffers("a")), draw(buffers("b"))]
    elements = draw(st.lists(st.sampled_from([*(e for e in ELEMENTS if e.is_predefined), PAIR, OUTER]), max_size=4))
    types = [written(Array(buffer.element, len(buffer.shape))) for buffer in arrays] + [written(e) for e in elements]
    aliases = dict.fromkeys(map(emit, type_definitions([*(buffer.element for buffer in arrays), *elements])))
    parameters = ", ".join(f"p{number}: {emit(type_)}" for number, type_ in enumerate(types))
    lines = ["import warp as wp", *aliases, "@wp.kernel", f"def k({parameters}):", "    pass", ""]
    dims = draw(st.lists(st.integers(1, 16), min_size=1, max_size=4).map(tuple))
    second = draw(st.none() | st.just(BufferRef("b")))
    launch = Launch("k", dims, (BufferRef("a"), second, *(draw(values_of(element)) for element in elements)))
    counts, words = st.integers(0, 2**63 - 1), st.sampled_from(["", "math", "sweep", "form sum +", "add[float32]"])
    provenance = draw(st.none() | st.builds(Provenance, counts, counts, words, words))
    return TestCase(parse("\n".join(lines)), tuple(arrays), (launch,), draw(OPTIONS), provenance)


@given(cases())
def test_reading_gives_the_same_case_bit_by_bit(case: TestCase) -> None:
    text = json.dumps(case_document(case), allow_nan=False)
    read = case_of(json.loads(text), "it")
    assert read.source == case.source
    assert (read.options, read.provenance) == (case.options, case.provenance)
    for ours, theirs in zip(case.buffers, read.buffers, strict=True):
        assert (ours.name, ours.element, ours.layout) == (theirs.name, theirs.element, theirs.layout)
        for column, same in zip(ours.columns, theirs.columns, strict=True):
            assert (column.dtype, column.shape) == (same.dtype, same.shape)
            assert column.tobytes() == same.tobytes()
    for launch, other in zip(case.launches, read.launches, strict=True):
        assert (launch.kernel, launch.dims) == (other.kernel, other.dims)
        assert list(map(bits_of, launch.arguments)) == list(map(bits_of, other.arguments))


def test_arrays_in_structs_are_kept_by_the_names_of_buffers() -> None:
    case = everything()
    document = json.loads(json.dumps(case_document(case)))
    assert document["buffers"][0]["arrays"] == {"c.a": {"shape": [2], "buffers": ["x", "y"]}}
    assert document["launches"][0]["arguments"][0][2] == {"buffer": "x"}
    read = case_of(document, "it")
    assert case_document(read) == document
    assert [ref.name for ref in read.buffers[0].handles[0]] == ["x", "y"]
    assert read.launches[0].arguments == case.launches[0].arguments


@pytest.mark.parametrize(
    ("path", "value", "sentence"),
    [
        (["buffers", 0, "arrays", "c.a", "buffers"], ["x", "z"], "no buffer 'z' can be c.a"),
        (["buffers", 0, "arrays", "c.a", "buffers"], ["x", "c"], "no buffer 'c' can be c.a"),
        (["buffers", 0, "arrays", "c.a", "buffers"], ["x"], r"the names of buffers do not fill \[2\]"),
        (["buffers", 0, "arrays", "c.a", "shape"], [1, 2], "buffer 'c' does not hold elements of type S"),
        (["buffers", 0, "columns", "c.k", "shape"], [2, 1], "buffer 'c' does not hold elements of type S"),
        (["buffers", 0, "element"], "T", "there is no type 'T' of elements"),
        (["launches", 0, "arguments", 0], [1, 2], "the launch of k0 does not fit the kernel"),
        (["launches", 0, "arguments", 0, 2], {"buffer": "c"}, "the launch of k0 does not fit the kernel"),
        (["launches", 0, "arguments", 0, 0], 128, "the launch of k0 does not fit the kernel"),
    ],
)
def test_a_malformed_document_of_structs_is_one_sentence(path: list[Any], value: Any, sentence: str) -> None:
    document = json.loads(json.dumps(case_document(everything())))
    place = document
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    with pytest.raises(UserError, match=f"^case.json holds no test case: {sentence}"):
        case_of(document, "case.json")


def test_a_case_in_a_file_is_the_same_case(tmp_path: Path) -> None:
    write_case(tmp_path / "case.json", samples.case())
    assert case_document(read_case(tmp_path / "case.json")) == case_document(samples.case())


def test_a_document_can_be_read_by_a_person() -> None:
    document = case_document(samples.case())
    assert document["buffers"][0]["columns"]["a"]["data"] == "0000c03fbc0ac07f000000800000807f"
    assert document["buffers"][0]["columns"]["a"]["preview"] == "1.5, nan, -0.0, inf"
    assert document["launches"][0] == {
        "kernel": "scaled",
        "dims": [4],
        "arguments": [{"buffer": "a"}, {"float32": "3f000000", "text": "0.5"}, {"buffer": "out"}],
    }


def test_a_packed_document_is_unpacked() -> None:
    assert unpacked(packed({"a": [1, 2]}), "it") == {"a": [1, 2]}


BOMB = zlib.compress(b"[" + b"[]," * 10_000_000 + b"0]")  # 30 MB become 30 KB


@pytest.mark.parametrize(
    "content", [b"", b"abc", packed({})[:-3], packed({}) + b"x", None, "text", BOMB, zlib.compress(b"[" * 100_000)]
)
def test_damaged_content_is_one_sentence(content: object) -> None:
    with pytest.raises(UserError, match=r"^kernel 5 is damaged: "):
        unpacked(content, "kernel 5")


@pytest.mark.parametrize(
    ("path", "value", "sentence"),
    [
        (["format"], "other 3", "its format is 'other 3', this version reads 'warpsmith case 2'"),
        (["format"], None, "'format' is 'None', which is not of kind str"),
        (["module"], "import os\nos.abort()\n", "its module does not parse"),
        (["buffers", 0, "element"], "vec", "there is no type 'vec' of elements"),
        (["buffers", 0, "element"], "vec3", "buffer 'a' does not hold elements of type vec3"),
        (["buffers", 0, "layout"], "spiral", "'layout' is 'spiral', which is none that there is"),
        (["buffers", 0, "columns", "a", "dtype"], "object", "there is no scalar type 'object'"),
        (["buffers", 0, "columns", "a", "shape"], [5], r"the bytes of an array do not fill \[5\] of float32"),
        (["buffers", 0, "columns", "a", "shape"], [-4], r"'\[-4\]' is no shape"),
        (["buffers", 0, "columns", "a", "shape"], [0, 2**62, 2**62], "the bytes of an array do not fill"),
        (
            ["buffers", 0, "columns", "a", "shape"],
            [2, 2**15 + 1],
            r"an array of shape '\[2, 32769\]' has more than 65536 scalars",
        ),
        (["buffers", 0, "columns", "a", "data"], "xy", "the bytes of an array do not fill"),
        (["buffers", 4, "columns", "b", "data"], "00020001", "a bool is neither 0 nor 1"),
        (["buffers", 1], case_document(samples.case())["buffers"][0], "two buffers have one name"),
        (["buffers", 1, "name"], "a", "'columns' of buffer 'a' has not the names of what a float32 is made of"),
        (["buffers", 1, "arrays"], {"out.a": {}}, "'arrays' of buffer 'out' has not the names of the arrays"),
        (["buffers", 0], 7, "'7' stands where an object belongs"),
        (["launches", 0, "kernel"], "os", "'kernel' is 'os', which is none that there is"),
        (["launches", 0, "dims"], [], r"'\[\]' are no launch dimensions"),
        (["launches", 0, "dims"], [True], r"'\[True\]' are no launch dimensions"),
        (["launches", 0, "dims"], [10**9], "its launches have more than 65536 threads; make their 'dims' smaller"),
        (["launches", 1, "dims"], [2**16 - 3], "its launches have more than 65536 threads"),
        (["launches"], [], "'launches' is empty, so that nothing would run; add a launch of a kernel"),
        (["module"], "x = " + "-" * 3000 + "1", "its module does not parse: a text nested more than 100 deep"),
        (["launches", 0, "arguments", 0, "buffer"], "z", "'buffer' is 'z', which is none that there is"),
        (["launches", 0, "arguments", 1], {"float32": "3f"}, "'3f' is no float32"),
        (["options"], {}, "'options' needs exactly"),
        (["options", "mode"], 5, "the option 'mode' is '5', and a stored thing is not trusted with that"),
        (["options", "max_unroll"], True, "the option 'max_unroll' is 'True', and a stored"),
        (
            ["options", "cpu_compiler_flags"],
            "-dependency-file x",
            "the option 'cpu_compiler_flags' is '-dependency-file x'",
        ),
        (["options", "optimization_level"], 99, "the option 'optimization_level' is '99'"),
        (["options", "optimization_level"], -1, "the option 'optimization_level' is '-1'"),
        (["options", "optimization_level"], False, "the option 'optimization_level' is 'False'"),
        (["options", "mode"], 'debug"; x', "the option 'mode' is 'debug\"; x'"),
        (["options", "mode"], [], r"the option 'mode' is '\[\]'"),
        (["options", "max_unroll"], 257, "the option 'max_unroll' is '257'"),
        (["options", "block_dim"], 0, "the option 'block_dim' is '0'"),
        (["options", "block_dim"], 10**400, "the option 'block_dim' is '1000"),
        (["options", "fuse_fp"], 1, "the option 'fuse_fp' is '1'"),
        (["options", "output"], "x", "'options' needs exactly block_dim, cpu_compiler_flags"),
        (["buffers", 0, "name"], "a.b", "'name' is 'a.b', which is no name"),
        (["buffers", 0, "name"], "a" * 300, "'name' is 'aaaa"),
        (["buffers", 0, "name"], "\x1b[2J", r"'name' is '\\x1b\[2J', which is no line of text"),
        (["buffers", 0, "element"], ["float32"], "'element' is .*, which is not of kind str"),
        (["buffers", 0, "columns", "a", "shape"], [10**4000], "an array of shape '.1000"),
        (["launches", 0, "dims"], [10**4000], "its launches have more than 65536 threads"),
        (["launches", 0, "arguments", 1], 10**400, "the launch of scaled does not fit the kernel"),
        (["launches", 0, "arguments", 1], {"buffer": "out"}, "the launch of scaled does not fit the kernel"),
        (["launches", 0, "arguments"], [], "the launch of scaled does not fit the kernel"),
        (["module"], "import os as wp\n", "its module is ill typed: a module imports warp as wp"),
        (["module"], "x = __import__(1)\n", "its module is ill typed"),
        (["provenance", "seed"], -1, "'seed' is '-1', which is out of range"),
        (["provenance", "seed"], 2**256, "'seed' is '1157920"),
        (["provenance", "index"], 2**63, "'index' is '9223372036854775808', which is out of range"),
        (["provenance", "index"], True, "'index' is 'True', which is not of kind int"),
        (["provenance", "category"], "a\nb", r"'category' is 'a\\nb', which is no line of text"),
        (["provenance", "origin"], "\u202e", r"'origin' is '\\u202e', which is no line of text"),
        (["provenance"], [], r"'\[\]' stands where an object belongs"),
        (["provenance", "seed"], "7", "'seed' is '7', which is not of kind int"),
    ],
)
def test_a_malformed_document_is_one_sentence(path: list[Any], value: Any, sentence: str) -> None:
    document = copy.deepcopy(case_document(samples.case()))
    place = document
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    with pytest.raises(UserError, match=f"^case.json holds no test case: {sentence}") as caught:
        case_of(document, "case.json")
    assert "\n" not in str(caught.value)


def test_a_case_of_as_many_threads_as_are_taken_is_read() -> None:
    document = case_document(samples.case())
    document["launches"][1]["dims"] = [2**16 - 4]
    assert case_of(document, "case.json").launches[1].dims == (65532,)


@pytest.mark.parametrize("name", ["format", "module", "buffers", "launches", "options"])
def test_what_is_missing_from_a_document_is_named(name: str) -> None:
    document = case_document(samples.case())
    del document[name]
    with pytest.raises(UserError, match=f"^case.json holds no test case: .*{name}"):
        case_of(document, "case.json")


def test_a_file_that_is_too_large_is_one_sentence(tmp_path: Path) -> None:
    with (tmp_path / "case.json").open("wb") as file:
        file.truncate(200_000_000)
    with pytest.raises(UserError, match=r"case\.json is larger than 16 MiB, so it is none of ours; name another file$"):
        read_case(tmp_path / "case.json")


@pytest.mark.parametrize(
    "text", ["", "{", "\x00", "[" * 100_000, "[NaN]", "[-Infinity]", "[1e999]", '["\\ud800"]', "[" + "9" * 5000 + "]"]
)
def test_a_file_that_is_not_json_is_one_sentence(tmp_path: Path, text: str) -> None:
    (tmp_path / "case.json").write_text(text)
    with pytest.raises(UserError, match=r"case\.json is not JSON"):
        read_case(tmp_path / "case.json")


def test_a_missing_file_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"case\.json cannot be read: No such file"):
        read_case(tmp_path / "case.json")


@pytest.mark.parametrize(
    ("type_", "value", "fits"),
    [
        ("bool", True, True),
        ("bool", 1, False),
        ("wp.uint8", 255, True),
        ("wp.uint8", 256, False),
        ("wp.uint8", True, False),
        ("wp.float16", np.float16(1), True),
        ("wp.float16", np.float32(1), False),
        ("wp.vec2", (np.float32(1), np.float32(2)), True),
        ("wp.vec2", (np.float32(1),), False),
        ("wp.mat22", ((np.float32(1),) * 2,) * 2, True),
        ("wp.mat22", (np.float32(1),) * 4, False),
        ("wp.array[float]", np.float32(1), False),
    ],
)
def test_an_argument_has_the_type_of_its_parameter(type_: str, value: Any, fits: bool) -> None:
    module = parse(f"import warp as wp\n@wp.kernel\ndef k(a: {type_}):\n    pass\n")
    document = case_document(TestCase(module, (), (Launch("k", (1,), (value,)),)))
    if fits:
        assert case_of(document, "it").launches[0].arguments == (value,)
    else:
        with pytest.raises(UserError, match="the launch of k does not fit the kernel"):
            case_of(document, "it")
