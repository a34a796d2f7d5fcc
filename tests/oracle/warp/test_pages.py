"""The pages about Warp say what the installed Warp does: names, order, files and every line of code are compared.

A block of code is compared as a whole, or in pieces where a line of three dots stands for what is left out.
"""

from __future__ import annotations

import importlib
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import warp as wp

import oracle
from oracle.records import Options
from oracle.warp.modules import defined

pytestmark = pytest.mark.warp

ROOT = Path(__file__).parents[3]
COMPILATION = ROOT / "docs" / "how-warp-compiles.md"
CODE = ROOT / "docs" / "generated-code.md"

# Runs the Python on the page and notes the functions of Warp in the order of their first calls.
FOLLOWED = """
import json, sys
from pathlib import Path
import oracle, warp
warp.init()
calls = {}
def note(frame, event, argument):
    code = frame.f_code
    if event == "call" and Path(code.co_filename).parent.name == "_src":
        calls.setdefault(f"{Path(code.co_filename).stem}.{code.co_qualname}")
sys.setprofile(note)
import page
sys.setprofile(None)
Path("calls.json").write_text(json.dumps(list(calls)))
"""


def blocks(page: Path, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", page.read_text(), re.MULTILINE | re.DOTALL)


def rows(page: Path, heading: str) -> list[list[str]]:
    """Return the cells of the table under a heading, without its own heading."""
    section = page.read_text().partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    table = [line.strip("| ").split(" | ") for line in section.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in row] for row in table[2:]]


def squeezed(code: str) -> str:
    """Comments are padded up to the number of the line."""
    return re.sub(r" +<L", " <L", code)


@pytest.fixture(scope="module")
def followed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Run the Python on the page about compilation in a process and a kernel cache of its own."""
    folder = tmp_path_factory.mktemp("page")
    (folder / "page.py").write_text("\n".join(blocks(COMPILATION, "python")))
    (folder / "follow.py").write_text(FOLLOWED)
    environment = os.environ | {"PYTHONPATH": str(ROOT), "WARP_CACHE_PATH": str(folder / "cache")}
    subprocess.run([sys.executable, "follow.py"], cwd=folder, env=environment, check=True)
    return folder


@pytest.fixture(scope="module")
def codes(warp: None) -> Iterator[dict[str, oracle.KernelIR]]:
    """The code of the kernel on the page, by the language in which it is quoted."""
    [source] = blocks(CODE, "python")
    with defined([source], Options(), "page") as module:
        [kernel] = [kernel for kernel in module.namespaces[0].values() if isinstance(kernel, wp.Kernel)]
        yield {"cpp": oracle.extract_ir(kernel, "cpu"), "cuda": oracle.extract_ir(kernel, "cuda")}


@pytest.mark.parametrize("page", [COMPILATION, CODE], ids=lambda page: page.name)
def test_a_page_is_about_the_installed_version(page: Path) -> None:
    assert re.findall(r"Warp (\d+\.\d+)", page.read_text()) == [".".join(wp.config.version.split(".")[:2])]


def test_the_steps_of_a_launch_are_taken_in_their_order(followed: Path) -> None:
    steps = re.findall(r"^\d+\. `(.*?)`", COMPILATION.read_text(), re.MULTILINE)
    calls = json.loads((followed / "calls.json").read_text())
    assert len(steps) == 28
    assert [step for step in calls if step in steps] == steps


def test_each_key_file_holds_what_the_page_says() -> None:
    package = Path(wp.__file__).parent.parent
    for file, content in rows(COMPILATION, "Key files"):
        path = package / file.strip("`")
        text = path.read_text()
        module = importlib.import_module(file.strip("`")[:-3].replace("/", ".")) if path.suffix == ".py" else None
        for name in re.findall(r"`(.+?)`", content):
            if module:
                assert hasattr(module, name), f"{file} has no {name}"
            else:
                assert f'#include "{Path(name).name}"' in text
                assert (package / name).exists()


def test_the_kernel_cache_holds_the_files_on_the_page(followed: Path) -> None:
    [listing] = blocks(COMPILATION, "text")
    files = [path.relative_to(followed / "cache") for path in (followed / "cache").rglob("*") if path.is_file()]
    names = [re.sub(r"wp_page_[0-9a-f]{7}", "wp_<module>_<hash>", str(file)) for file in files]
    assert sorted(re.sub(r"\.cpu[0-9a-f]{8}\.", ".cpu<target>.", name) for name in names) == sorted(listing.split())


def test_cpu_and_cuda_have_folders_of_their_own_because_of_the_block_size(followed: Path) -> None:
    sources = {path.suffix: path for path in (followed / "cache").rglob("*.c*") if path.suffix in (".cpp", ".cu")}
    assert sources[".cpp"].parent != sources[".cu"].parent
    assert "#define WP_TILE_BLOCK_DIM 1\n" in sources[".cpp"].read_text()
    assert "#define WP_TILE_BLOCK_DIM 256\n" in sources[".cu"].read_text()


def test_the_file_of_metadata_is_what_the_page_shows(followed: Path) -> None:
    [shown] = blocks(COMPILATION, "json")
    for file in (followed / "cache").rglob("*.meta"):
        assert re.sub(r"k_scale_[0-9a-f]{8}_", "k_scale_<hash>_", file.read_text()) == shown.strip()


@pytest.mark.parametrize("language", ["cpp", "cuda"])
def test_every_line_of_code_on_the_page_is_generated(codes: dict[str, oracle.KernelIR], language: str) -> None:
    code = squeezed(codes[language].cpp_code)
    quoted = blocks(CODE, language)
    assert len(quoted) == {"cpp": 5, "cuda": 1}[language]
    for block in quoted:
        at = 0
        for piece in block.split("...\n"):
            found = code.find(piece, at)
            assert found >= 0, f"not in the code, or not at this place: {piece}"
            at = found + len(piece)


def test_the_whole_forward_function_is_on_the_page(codes: dict[str, oracle.KernelIR]) -> None:
    assert f"{squeezed(codes['cpp'].forward_code)}\n" in blocks(CODE, "cpp")


def test_each_function_has_the_sections_of_the_table(codes: dict[str, oracle.KernelIR]) -> None:
    functions = [
        code for language in ("cpp", "cuda") for code in (codes[language].forward_code, codes[language].backward_code)
    ]
    for place, function in enumerate(functions, start=1):
        titled = re.findall(r"//---------\n +// (.*)\n", function)
        assert titled == [row[0].strip("`") for row in rows(CODE, "Sections") if row[place] == "yes"]
        assert {row[place] for row in rows(CODE, "Sections")} <= {"yes", "no"}


def test_the_differences_are_those_of_the_table(codes: dict[str, oracle.KernelIR]) -> None:
    cpp, cuda = (codes[language].cpp_code for language in ("cpp", "cuda"))
    differences = [[cell.strip("`") for cell in row] for row in rows(CODE, "Differences between cpu and cuda")]
    assert len(differences) == 6
    for on_cpu, on_cuda in differences:
        assert f"{on_cpu}\n" in cpp
        assert f"{on_cuda}\n" in cuda
        assert f"{on_cpu}\n" not in cuda
        assert f"{on_cuda}\n" not in cpp


def test_the_statements_are_the_same_on_both_devices(codes: dict[str, oracle.KernelIR]) -> None:
    def statements(code: str) -> list[str]:
        lines = code.partition("// forward\n")[2].splitlines()
        return [line.strip().replace("continue;", "return;") for line in lines if line.strip(" }")]

    assert statements(codes["cpp"].forward_code) == statements(codes["cuda"].forward_code)
    assert statements(codes["cpp"].backward_code) == statements(codes["cuda"].backward_code)


LABELLED = """
import warp as wp

@wp.kernel
def k(n: int, out: wp.array[int]):
    i = int(0)
    while i < n:
        for j in range(16):
            out[i] = j
        i += 1
    for j in range(17):
        out[j] = n
"""


def test_loops_have_the_labels_that_the_page_names(warp: None) -> None:
    with defined([LABELLED], Options(), "labelled") as module:
        code = oracle.extract_ir(module.namespaces[0]["k"]).forward_code
    named = re.findall(r"`((?:start|end)_\w+)`", CODE.read_text())
    assert sorted({re.sub(r"\d", "1", label) for label in re.findall(r"^ +(\w+):;", code, re.MULTILINE)}) == sorted(
        named
    )
    assert code.count("wp::array_store(") == 17
