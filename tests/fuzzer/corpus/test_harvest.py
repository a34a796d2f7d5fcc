"""Kernels that people wrote, as records: what of a tree becomes one, what is in it, and what is left out and why."""

from __future__ import annotations

import importlib.util
import json
import sys
from importlib import metadata
from pathlib import Path

import pytest

from fuzzer.corpus import harvest
from fuzzer.corpus.harvest import Harvest, harvested
from fuzzer.corpus.importing import LeftOut
from fuzzer.corpus.origins import combined, distribution_licence, file_licence, located
from grammar.errors import UserError
from oracle.warp import warp_version
from reports.corpus.corpus_records import CorpusRecord

FILES = {
    "first.py": """
# SPDX-License-Identifier: MIT
import math as m
from typing import Any

import warp
import warp as wp
from warp import vec3 as Point

LIMIT = wp.constant(2.5)
ORIGIN = wp.vec3(1.0, 2.0, 3.0)
five = wp.types.vector(length=5, dtype=wp.float64)

print("said while it is imported")


@wp.struct
class Ball:
    centre: Point
    radius: float


@wp.func
def inside(ball: Ball, point: Point):
    return wp.length(point - ball.centre + ORIGIN) < ball.radius * LIMIT


def make(power: int):
    @wp.kernel
    def raise_to(a: wp.array[float]):
        a[0] = wp.pow(a[0], float(power))

    return raise_to


@warp.kernel(enable_backward=False)
def count_inside(ball: Ball, points: wp.array[Point], counts: wp.array[int]):
    i = wp.tid()
    if inside(ball, points[i]):
        wp.atomic_add(counts, 0, 1)  # all of them in one


@wp.kernel
def double(a: wp.array[Any]):
    i = wp.tid()
    a[i] = a[i] + a[i]


@wp.kernel
def never_used(a: wp.array[Any]):
    pass


@wp.kernel
def norm(v: wp.array[five], out: wp.array[wp.float64]):
    out[0] = wp.dot(v[0], v[0]) * wp.float64(m.pi)


square, cube = make(2), make(3)
wp.overload(double, [wp.array(dtype=wp.vec2)])
""",
    "exits.py": "import sys\nkernel = sys.exit()\n",
    "ends.py": "import os\nkernel = os._exit(3)\n",
    "needs.py": "import absent_module\nkernel = 1\n",
    "names.py": """
import warp as wp


@wp.kernel
def path(a: wp.array[float]):
    a[0] = 1.0  # see {folder}/notes.txt
""",
    "refused.py": "import warp as wp\n\n@wp.kernel\ndef wrong(a: wp.array[float]):\n    a[0] = wp.vec3(1.0)\n",
    "no_such_word.py": "raise RuntimeError('it is not even imported')\n",
    "pack/__init__.py": "",
    "pack/parts.py": """
import warp as wp

SCALE = 2.0


@wp.func
def scaled(x: float):
    return SCALE * x


@wp.kernel
def scale(a: wp.array[float]):
    a[0] = scaled(a[0])
""",
    "pack/user.py": """
import warp as wp
from .parts import scale, scaled

SCALE = 3.0


@wp.kernel
def other_scale(a: wp.array[float]):
    a[0] = scaled(a[0]) * SCALE


@wp.kernel
def same_scale(a: wp.array[float]):
    a[0] = scaled(a[0])
""",
}

COUNT_INSIDE = """import warp as wp
from warp import vec3f as Point
import warp


@wp.struct
class Ball:
    centre: Point
    radius: float


LIMIT = 2.5


ORIGIN = wp.vec3f(1.0, 2.0, 3.0)


@wp.func
def inside(ball: Ball, point: Point):
    return wp.length(point - ball.centre + ORIGIN) < ball.radius * LIMIT


@warp.kernel(enable_backward=False)
def count_inside(ball: Ball, points: wp.array[Point], counts: wp.array[int]):
    i = wp.tid()
    if inside(ball, points[i]):
        wp.atomic_add(counts, 0, 1)  # all of them in one
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("own")
    for name, text in FILES.items():
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text.replace("{folder}", str(folder)), encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def both(folder: Path) -> tuple[Harvest, list[CorpusRecord]]:
    harvest = harvested(str(folder), ("cpu", "cuda"))
    return harvest, list(harvest)


def of(records: list[CorpusRecord], name: str) -> CorpusRecord:
    return next(record for record in records if record.kernel_name == name)


@pytest.mark.warp
def test_records_come_by_file_line_and_device(both: tuple[Harvest, list[CorpusRecord]]) -> None:
    assert [(record.origin, record.device) for record in both[1]] == [
        (origin, device)
        for origin in (
            "first.py:make__locals__raise_to",
            "first.py:make__locals__raise_to",
            "first.py:count_inside",
            "first.py:double",
            "first.py:norm",
            "pack/parts.py:scale",
            "pack/user.py:same_scale",
        )
        for device in ("cpu", "cuda")
    ]


@pytest.mark.warp
def test_what_has_no_record_is_named_with_the_reason(both: tuple[Harvest, list[CorpusRecord]]) -> None:
    harvest = both[0]
    refused = [left for left in harvest.left_out if left.place == "refused.py:wrong"]
    assert [left.reason for left in refused] == [
        "Warp generates no code of it for cpu",
        "Warp generates no code of it for cuda",
    ]
    assert [left for left in harvest.left_out if left not in refused] == [
        LeftOut("ends.py", "its import ends the process", "exit code 3"),
        LeftOut("exits.py", "its import raises an exception", "SystemExit"),
        LeftOut("first.py:never_used", "it is generic, and there is no overload of it yet"),
        LeftOut("names.py:path", "its text names a folder of this machine"),
        LeftOut("names.py:path", "its text names a folder of this machine"),
        LeftOut("needs.py", "its import needs a module that is not installed", "absent_module"),
        LeftOut(
            "pack/user.py:other_scale",
            "no module of its own can be written of it",
            "the name SCALE means different things in the functions that it is made of",
        ),
    ]
    assert harvest.reasons["its text names a folder of this machine"] == 2


@pytest.mark.warp
def test_a_record_says_what_is_known_of_the_kernel(both: tuple[Harvest, list[CorpusRecord]]) -> None:
    record = of(both[1], "count_inside")
    assert record.python_source == COUNT_INSIDE
    assert record.signature == "count_inside(ball: Ball, points: wp.array[Point], counts: wp.array[int])"
    assert record.arg_types == ("ball: Ball", "points: wp.array[Point]", "counts: wp.array[int]")
    assert record.description == "1 kernel, 1 function, 4 statements, 1 condition; atomic_add, length, tid"
    assert (record.builtins, record.statements, record.expressions, record.depth) == (
        ("atomic_add", "length", "tid"),
        4,
        9,
        1,
    )
    assert (record.status, record.category, record.seed, record.index) == ("unverified", "", 0, -1)
    assert (record.launch, record.inputs, record.outputs, record.verified_by) == ("[]", "[]", "", ())
    assert (record.licence, record.warp_version) == ("MIT", warp_version())
    assert json.loads(record.options)["enable_backward"] is False
    assert record.cpp_forward.splitlines()[1] == "static void count_inside_cpu_kernel_forward("
    assert record.cpp_forward in record.generated_code
    assert (record.cpp_backward, record.cuda_forward) == ("", "")
    assert {"struct_def", "expr_stmt", "if_stmt"} <= set(record.features)
    assert of(both[1], "scale").licence == "NOASSERTION"


@pytest.mark.warp
def test_what_the_grammar_takes_has_features(both: tuple[Harvest, list[CorpusRecord]]) -> None:
    features = of(both[1], "same_scale").features
    assert {"kernel_def", "func_def", "return_value", "product"} <= set(features)
    assert "if_stmt" not in features


@pytest.mark.warp
def test_an_overload_and_a_captured_value_stand_in_the_source(both: tuple[Harvest, list[CorpusRecord]]) -> None:
    double = of(both[1], "double")
    assert double.python_source.endswith("\ndouble = wp.overload(double, {'a': wp.array(dtype=wp.vec2f, ndim=1)})\n")
    assert double.arg_types == ("a: array(ndim=1, dtype=vec2f)",)
    powers = [r.python_source for r in both[1] if r.kernel_name.endswith("raise_to") and r.device == "cpu"]
    assert sorted(source.splitlines()[3] for source in powers) == ["power = 2", "power = 3"]
    assert "five = wp.types.vector(length=5, dtype=wp.float64)" in of(both[1], "norm").python_source
    assert len({record.id for record in both[1]}) == 14


@pytest.mark.warp
def test_the_source_alone_gives_the_same_code(
    both: tuple[Harvest, list[CorpusRecord]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from oracle.warp.extraction import extract_ir

    for number, record in enumerate(both[1]):
        file = tmp_path / f"again{number}.py"
        file.write_text(record.python_source, encoding="utf-8")
        specification = importlib.util.spec_from_file_location(file.stem, file)
        assert specification is not None
        assert specification.loader is not None
        module = importlib.util.module_from_spec(specification)
        monkeypatch.setitem(sys.modules, file.stem, module)
        specification.loader.exec_module(module)
        name = record.kernel_name.rpartition("__")[2]
        again = extract_ir(getattr(module, name), record.device).cpp_code
        assert again.replace(name, "k") == record.generated_code.replace(record.kernel_name, "k").replace(name, "k")


@pytest.mark.warp
def test_the_number_of_workers_does_not_show(folder: Path, both: tuple[Harvest, list[CorpusRecord]]) -> None:
    again = harvested(str(folder), ("cpu", "cuda"), workers=2)
    assert list(again) == both[1]
    assert again.left_out == both[0].left_out


@pytest.mark.warp
def test_nothing_that_a_module_prints_is_shown_and_nothing_is_there_to_be_read(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "asks.py").write_text("print('a kernel?')\ninput()\n", encoding="utf-8")
    asking = harvested(str(tmp_path / "asks.py"), ("cpu",))
    assert list(asking) == []
    assert asking.left_out == [LeftOut("asks.py", "its import raises an exception", "EOFError")]
    assert capfd.readouterr().out == ""


@pytest.mark.warp
def test_an_import_that_does_not_end_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(harvest, "SECONDS", 1.0)
    (tmp_path / "loops.py").write_text("kernel = 0\nwhile True:\n    pass\n", encoding="utf-8")
    endless = harvested(str(tmp_path), ("cpu",))
    assert list(endless) == []
    assert endless.left_out == [LeftOut("loops.py", "its import does not end", "1 s")]


@pytest.mark.warp
def test_a_module_of_an_installed_package_is_named_by_its_distribution() -> None:
    records = list(harvested("warp.examples.core.example_wave", ("cpu",)))
    origins = [record.origin for record in records]
    assert origins[0] == f"warp-lang {warp_version()} warp/examples/core/example_wave.py:wave_displace"
    assert {record.licence for record in records} == {"Apache-2.0"}


def test_what_is_harvested_has_a_name_without_its_place_on_this_machine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "project" / "own").mkdir(parents=True)
    (tmp_path / "project" / "own" / "kernels.py").touch()
    monkeypatch.chdir(tmp_path / "project")
    assert located("own/kernels.py").name == "own/kernels.py"
    assert located(str(tmp_path / "project" / "own")).name == "own"
    assert located(".").name == located("../../" + str(tmp_path.name) + "/project").name == "project"
    assert located("warp.fem").name == f"warp-lang {warp_version()} warp/fem"


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("absent_package", "there is nothing to harvest in absent_package: no such folder, file or installed package."),
        ("./absent", "there is nothing to harvest in ./absent: no such folder, file or installed package."),
        ("warp.absent", "the installed package warp has no absent to harvest."),
    ],
)
def test_what_is_not_there_is_one_sentence(name: str, sentence: str) -> None:
    with pytest.raises(UserError) as raised:
        harvested(name, ("cpu",))
    assert str(raised.value) == sentence


@pytest.mark.parametrize(
    ("lines", "licence"),
    [
        ("License-Expression: MIT OR Apache-2.0\n", "MIT OR Apache-2.0"),
        ("Classifier: License :: OSI Approved\nClassifier: License :: OSI Approved :: MIT License\n", "MIT"),
        ("Classifier: License :: OSI Approved :: BSD License\n", "NOASSERTION"),
        (
            "Classifier: License :: OSI Approved :: MIT License\nClassifier: License :: Free For Home Use\n",
            "NOASSERTION",
        ),
        ("License: MIT\n", "NOASSERTION"),
    ],
)
def test_a_distribution_has_the_licence_that_it_declares_for_machines(tmp_path: Path, lines: str, licence: str) -> None:
    (tmp_path / "METADATA").write_text(f"Metadata-Version: 2.4\nName: own\nVersion: 1\n{lines}", encoding="utf-8")
    assert distribution_licence(metadata.Distribution.at(tmp_path)) == licence


@pytest.mark.parametrize(
    ("text", "licence"),
    [
        ("# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception\nx = 1\n", "Apache-2.0 WITH LLVM-exception"),
        ('"""SPDX-License-Identifier: (MIT OR ISC) """', "(MIT OR ISC)"),
        ("# MIT License\n", ""),
    ],
)
def test_a_file_has_the_licence_that_it_states(tmp_path: Path, text: str, licence: str) -> None:
    path = tmp_path / "own.py"
    path.write_text(text, encoding="utf-8")
    assert file_licence(path) == licence


def test_licences_of_several_files_are_all_kept() -> None:
    assert combined(["MIT", "Apache-2.0", "MIT"]) == "Apache-2.0 AND MIT"
    assert combined(["MIT OR ISC", "MIT"]) == "MIT AND (MIT OR ISC)"
    assert combined(["MIT", "NOASSERTION"]) == "NOASSERTION"
