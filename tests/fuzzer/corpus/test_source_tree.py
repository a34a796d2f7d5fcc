"""Finding kernels in the files of other people, and cutting them out with what they need."""

from __future__ import annotations

from pathlib import Path

import pytest

from fuzzer.corpus.written_kernels import SourceKernel, kernels_of, python_files


def kernels(folder: Path, text: str) -> list[SourceKernel]:
    path = folder / "own.py"
    path.write_text(text, encoding="utf-8")
    return kernels_of(path)


def test_every_form_of_the_decorator_is_found_at_any_depth(tmp_path: Path) -> None:
    found = kernels(
        tmp_path,
        """
import warp, warp as wp

@wp.kernel
def plain(): pass

@wp.kernel(enable_backward=False)
def with_arguments(): pass

@warp.kernel
def other_name(): pass

class Solver:
    def make(self):
        if self.deep:
            @wp.kernel(module="unique")
            def nested(): pass

@ti.kernel
def of_another_language(): pass

@wp.func
def no_kernel(): pass
""",
    )
    assert [(kernel.name, kernel.line) for kernel in found] == [
        ("plain", 5),
        ("with_arguments", 8),
        ("other_name", 11),
        ("nested", 17),
    ]


def test_a_function_that_is_handed_to_the_decorator_is_a_kernel(tmp_path: Path) -> None:
    found = kernels(
        tmp_path,
        """
import warp as wp

def plain(): pass

def no_kernel(): pass

def make():
    def inner(): pass
    return wp.kernel(enable_backward=False)(inner)

first = wp.kernel(plain)
second = wp.kernel(plain, module="unique")
""",
    )
    assert [(kernel.name, kernel.line) for kernel in found] == [("plain", 4), ("inner", 9)]
    assert found[0].text == "import warp as wp\n\n@wp.kernel\ndef plain(): pass\n"


@pytest.mark.parametrize(
    ("parameters", "calls", "constant"),
    [
        ("n", "k3 = make(COUNT + 1)", "COUNT = 2\n\nn = COUNT + 1\n\n"),
        ("m, n=5", "def later(x):\n    return make(1, n=x), make(2)", "n = 5\n\n"),
        ("n: int", "", "n = 1\n\n"),
        ("n: float = COUNT", "make(*list)", "COUNT = 2\n\nn = COUNT\n\n"),
        ("n", "", ""),
    ],
)
def test_what_a_factory_captures_becomes_a_constant(parameters: str, calls: str, constant: str, tmp_path: Path) -> None:
    kernel = "    @wp.kernel\n    def k(a: wp.array[float]):\n        a[0] = float(n)\n    return k"
    text = f"import warp as wp\nn = 'of the module'\nCOUNT = 2\ndef make({parameters}):\n{kernel}\n{calls}\n"
    (found,) = kernels(tmp_path, text)
    assert found.text == (
        f"import warp as wp\n\n{constant}@wp.kernel\ndef k(a: wp.array[float]):\n    a[0] = float(n)\n"
    )


def test_what_overloads_the_operators_of_a_kernel_comes_with_it(tmp_path: Path) -> None:
    text = """
import warp as wp

@wp.struct
class Pair:
    first: float

@wp.func
def add(a: Pair, b: Pair):
    return a

@wp.func
def sub(a: float, b: float):
    return a * b

def mul(a, b): return a

@wp.func
def div(a: float, b: float):
    return a

@entered("in a table")
@wp.kernel
def k(a: wp.array[float]):
    a[0] = a[0] - 1.0 + a[1]

def entered(where): return lambda kernel: kernel
"""
    (kernel,) = kernels(tmp_path, text)
    assert kernel.text == (
        "import warp as wp\n\n@wp.func\ndef sub(a: float, b: float):\n    return a * b\n\n"
        "@wp.kernel\ndef k(a: wp.array[float]):\n    a[0] = a[0] - 1.0 + a[1]\n"
    )


def test_a_kernel_comes_with_what_it_needs_and_nothing_else(tmp_path: Path) -> None:
    (kernel,) = kernels(
        tmp_path,
        '''
import warp as wp
from elsewhere import imported

SCALE = wp.constant(0.5)
UNUSED = 7

@wp.kernel(enable_backward=False)
def k(a: wp.array[float]):
    """Says what it does."""
    SHADOWED = 1  # a local name
    a[0] = twice(a[0]) + imported(a[0])

SHADOWED = 3

@wp.func
def half(x: float):
    return x * SCALE

@wp.func
def twice(x: float):
    return half(x) * 4.0
''',
    )
    assert (
        kernel.text
        == """\
import warp as wp

SCALE = wp.constant(0.5)

@wp.func
def half(x: float):
    return x * SCALE

@wp.func
def twice(x: float):
    return half(x) * 4.0

@wp.kernel
def k(a: wp.array[float]):
    SHADOWED = 1  # a local name
    a[0] = twice(a[0]) + imported(a[0])
"""
    )


def test_the_innermost_definition_of_a_name_counts_and_comes_to_the_margin(tmp_path: Path) -> None:
    (kernel,) = kernels(
        tmp_path,
        """
SIZE = 1

def make():
    SIZE = 2

    @wp.kernel
    def k(a: wp.array[int]):
# a comment at the margin
        a[0] = SIZE

    return k
""",
    )
    assert (
        kernel.text
        == """\
import warp as wp

SIZE = 2

@wp.kernel
def k(a: wp.array[int]):
# a comment at the margin
    a[0] = SIZE
"""
    )


def test_every_target_of_an_assignment_is_a_definition_and_the_variable_of_a_comprehension_is_none(
    tmp_path: Path,
) -> None:
    (kernel,) = kernels(
        tmp_path,
        """
LOW, (MIDDLE, *HIGH) = 1, (2, 3)
STEP: int = 4
UNSET: int
SIZES = [n for n in range(3)]

@wp.kernel
def k(a: wp.array[int]):
    a[0] = MIDDLE + STEP + UNSET + n
""",
    )
    assert "LOW, (MIDDLE, *HIGH) = 1, (2, 3)\n" in kernel.text
    assert "STEP: int = 4\n" in kernel.text
    assert "UNSET: int" not in kernel.text
    assert "SIZES" not in kernel.text


def test_what_is_no_part_of_the_language_is_cut_out_as_it_stands(tmp_path: Path) -> None:
    (kernel,) = kernels(
        tmp_path,
        """
@wp.struct
class Particle:
    x: float

@wp.func_native("return x;")
def native(x: float) -> float: ...

@wp.kernel
def k(p: Particle):
    native(p.x)
""",
    )
    assert "@wp.struct\nclass Particle:\n    x: float\n" in kernel.text
    assert "@wp.func_native('return x;')\ndef native(x: float) -> float: ...\n" in kernel.text


def test_a_docstring_alone_becomes_a_pass(tmp_path: Path) -> None:
    (kernel,) = kernels(tmp_path, '@wp.kernel\ndef k():\n    """Nothing.\n\n    At all.\n    """\n')
    assert kernel.text == "import warp as wp\n\n@wp.kernel\ndef k():\n    pass\n"


def test_functions_that_call_each_other_are_cut_out_once(tmp_path: Path) -> None:
    text = "@wp.func\ndef f(): g()\n@wp.func\ndef g(): f()\n@wp.kernel\ndef k(): f()\n"
    (kernel,) = kernels(tmp_path, text)
    assert kernel.text.count("def f()") == kernel.text.count("def g()") == 1


def test_nothing_in_a_file_is_executed(tmp_path: Path) -> None:
    path = tmp_path / "written"
    (kernel,) = kernels(tmp_path, f"open({str(path)!r}, 'w')\n@wp.kernel\ndef k(): pass\nraise SystemExit\n")
    assert kernel.name == "k"
    assert not path.exists()


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"def k(:\n", "invalid syntax"),
        (b"\xff\xfe", "encoding"),
        (b"# coding: klingon\n", "klingon"),
        (b"x = 1\0\n", "null"),
        (b"x = " + b"(" * 9000 + b")" * 9000, "paren"),
        (b"x = " + b"-" * 20_000 + b"1\n", "^it is nested too deeply$"),
        (
            b"v0 = 1\n" + b"".join(b"v%d = v%d\n" % (i + 1, i) for i in range(5000)) + b"@wp.kernel\ndef k(): v5000\n",
            "nest",
        ),
        (b"#" * (2**21 + 1), "^it is larger than 2 MiB$"),
    ],
)
def test_a_file_that_is_no_python_says_why(content: bytes, reason: str, tmp_path: Path) -> None:
    (tmp_path / "own.py").write_bytes(content)
    with pytest.raises(ValueError, match=reason):
        kernels_of(tmp_path / "own.py")


def test_the_encoding_of_a_file_is_respected(tmp_path: Path) -> None:
    (tmp_path / "own.py").write_bytes("# coding: latin-1\nÄ = 2\n@wp.kernel\ndef k(): Ä\n".encode("latin-1"))
    assert "Ä = 2" in kernels_of(tmp_path / "own.py")[0].text


def test_files_come_in_order_and_hidden_folders_are_left_out(tmp_path: Path) -> None:
    for name in ("b.py", "a/c.py", ".venv/d.py", "a/.git/e.py", "f.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True, parents=True)
        (tmp_path / name).touch()
    assert python_files(tmp_path) == [tmp_path / "a/c.py", tmp_path / "b.py"]
    assert python_files(tmp_path / ".venv") == [tmp_path / ".venv/d.py"]
    assert python_files(tmp_path / "f.txt") == [tmp_path / "f.txt"]
