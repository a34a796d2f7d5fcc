from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from grammar import parse
from grammar.errors import UserError
from grammar.types import ELEMENTS, SCALARS, scalar_of, shape_of
from oracle.records import LAYOUTS, Buffer, BufferRef, Launch, Options, Provenance, TestCase
from reports.cases import case_document, case_of, packed, read_case, unpacked, write_case
from tests.reports import samples

MODULE = parse("import warp as wp\n\n\n@wp.kernel\ndef k():\n    pass\n")


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


@st.composite
def buffers(draw: st.DrawFn, name: str) -> Buffer:
    element = draw(st.sampled_from(ELEMENTS))
    shape = draw(st.lists(st.integers(0, 3), min_size=1, max_size=4).map(tuple))
    data = draw(filled(scalar_of(element).dtype, shape + shape_of(element)))
    return Buffer(name, element, data, draw(st.sampled_from(LAYOUTS)))


@st.composite
def arguments(draw: st.DrawFn) -> Any:
    scalar = draw(st.sampled_from([scalar for scalar in SCALARS if scalar.is_float]))
    floats = filled(scalar.dtype, (2,)).map(tuple)
    scalars = st.booleans() | st.integers(-(2**63), 2**64 - 1) | floats.map(lambda pair: pair[0])
    return draw(scalars | floats | st.tuples(floats, floats) | st.just(BufferRef("a")))


@st.composite
def cases(draw: st.DrawFn) -> TestCase:
    dims = draw(st.lists(st.integers(1, 16), min_size=1, max_size=4).map(tuple))
    options = Options(
        enable_backward=draw(st.booleans()),
        optimization_level=draw(st.none() | st.integers(0, 3)),
        cpu_compiler_flags=draw(st.none() | st.text()),
    )
    launch = Launch("k", dims, tuple(draw(st.lists(arguments(), max_size=4))))
    provenance = draw(st.none() | st.builds(Provenance, st.integers(), st.integers(), st.text(), st.text()))
    return TestCase(MODULE, (draw(buffers("a")), draw(buffers("b"))), (launch,), options, provenance)


@given(cases())
def test_reading_gives_the_same_case_bit_by_bit(case: TestCase) -> None:
    text = json.dumps(case_document(case), allow_nan=False)
    read = case_of(json.loads(text), "it")
    assert read.module == case.module
    assert (read.options, read.provenance) == (case.options, case.provenance)
    for ours, theirs in zip(case.buffers, read.buffers, strict=True):
        assert (ours.name, ours.element, ours.layout) == (theirs.name, theirs.element, theirs.layout)
        assert (ours.data.dtype, ours.data.shape) == (theirs.data.dtype, theirs.data.shape)
        assert ours.data.tobytes() == theirs.data.tobytes()
    for launch, other in zip(case.launches, read.launches, strict=True):
        assert (launch.kernel, launch.dims) == (other.kernel, other.dims)
        assert list(map(bits_of, launch.arguments)) == list(map(bits_of, other.arguments))


def test_a_case_in_a_file_is_the_same_case(tmp_path: Path) -> None:
    write_case(tmp_path / "case.json", samples.case())
    assert case_document(read_case(tmp_path / "case.json")) == case_document(samples.case())


def test_a_document_can_be_read_by_a_person() -> None:
    document = case_document(samples.case())
    assert document["buffers"][0]["data"] == "0000c03fbc0ac07f000000800000807f"
    assert document["buffers"][0]["preview"] == "1.5, nan, -0.0, inf"
    assert document["launches"][0] == {
        "kernel": "scaled",
        "dims": [4],
        "arguments": [{"buffer": "a"}, {"float32": "3f000000", "text": "0.5"}, {"buffer": "out"}],
    }


def test_a_packed_document_is_unpacked() -> None:
    assert unpacked(packed({"a": [1, 2]}), "it") == {"a": [1, 2]}


@pytest.mark.parametrize("content", [b"", b"abc", packed({})[:-3], None, "text"])
def test_damaged_content_is_one_sentence(content: object) -> None:
    with pytest.raises(UserError, match=r"^kernel 5 is damaged: "):
        unpacked(content, "kernel 5")


@pytest.mark.parametrize(
    ("path", "value", "sentence"),
    [
        (["format"], "other 3", "its format is 'other 3', this version reads 'warpsmith case 1'"),
        (["format"], None, "'format' is 'None', which is not of kind str"),
        (["module"], "import os\nos.abort()\n", "its module does not parse"),
        (["buffers", 0, "element"], "quat", "buffer 'a' has no known element type"),
        (["buffers", 0, "element"], "vec3", "buffer 'a' does not hold elements of type vec3"),
        (["buffers", 0, "layout"], "spiral", "buffer 'a' has no known layout"),
        (["buffers", 0, "dtype"], "object", "there is no scalar type 'object'"),
        (["buffers", 0, "shape"], [5], r"the bytes of an array do not fill \[5\] of float32"),
        (["buffers", 0, "shape"], [-4], r"\[-4\] is no shape"),
        (["buffers", 0, "shape"], [0, 2**62, 2**62], "the bytes of an array do not fill"),
        (["buffers", 0, "shape"], [2, 2**15 + 1], r"an array of shape \[2, 32769\] has more than 65536 scalars"),
        (["buffers", 0, "data"], "xy", "the bytes of an array do not fill"),
        (["buffers", 4, "data"], "00020001", "a bool is neither 0 nor 1"),
        (["buffers", 1, "name"], "a", "two buffers have one name"),
        (["buffers", 0], 7, "'7' stands where an object belongs"),
        (["launches", 0, "kernel"], "os", "the module has no kernel 'os'"),
        (["launches", 0, "dims"], [], r"\[\] are no launch dimensions"),
        (["launches", 0, "dims"], [True], r"\[True\] are no launch dimensions"),
        (["launches", 0, "dims"], [10**9], "its launches have more than 65536 threads; make their 'dims' smaller"),
        (["launches", 1, "dims"], [2**16 - 3], "its launches have more than 65536 threads"),
        (["launches"], [], "'launches' is empty, so that nothing would run; add a launch of a kernel"),
        (["module"], "x = " + "-" * 3000 + "1", "its module does not parse: a text nested more than 100 deep"),
        (["launches", 0, "arguments", 0, "buffer"], "z", "there is no buffer 'z'"),
        (["launches", 0, "arguments", 1], {"float32": "3f"}, "'3f' is no float32"),
        (["options"], {}, "options needs exactly"),
        (["options", "mode"], 5, "'mode' of options is '5'"),
        (["options", "max_unroll"], True, "'max_unroll' of options is 'True'"),
        (["provenance", "seed"], "7", "'seed' of provenance is '7'"),
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


@pytest.mark.parametrize("text", ["", "{", "\x00", "[" * 100_000])
def test_a_file_that_is_not_json_is_one_sentence(tmp_path: Path, text: str) -> None:
    (tmp_path / "case.json").write_text(text)
    with pytest.raises(UserError, match=r"case\.json is not JSON"):
        read_case(tmp_path / "case.json")


def test_a_missing_file_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"case\.json cannot be read: No such file"):
        read_case(tmp_path / "case.json")
