"""Generated text without compilers, and PTX without a GPU."""

from __future__ import annotations

import pytest
import warp as wp

from grammar import parse
from oracle.engines import engines_available
from oracle.records import Compiled, Failed, TestCase
from oracle.warp import warp_version
from oracle.warp.cuda import Cuda
from oracle.warp.nvrtc import Nvrtc
from oracle.warp.text import accepts, generate, generated_text, generated_texts

from .cases import counting, factory, plant_bad_constant, scaled, smoke

pytestmark = pytest.mark.warp


def test_the_cpu_text_holds_both_directions() -> None:
    text = generated_text(smoke(), "cpu")
    assert "_cpu_kernel_forward(" in text
    assert "_cpu_kernel_backward(" in text
    assert "__global__" not in text


def test_the_cuda_text_comes_without_a_gpu() -> None:
    text = generated_text(smoke(), "cuda")
    assert 'extern "C" __global__ void k_' in text
    assert "_cuda_kernel_backward(" in text


def test_the_text_does_not_depend_on_what_was_generated_before() -> None:
    text = generated_text(smoke(), "cpu")
    generated_text(factory(), "cpu")
    assert generated_text(smoke(), "cpu") == text


@wp.func  # type: ignore[untyped-decorator]
def twice(x: float):  # type: ignore[no-untyped-def]
    return x * 2.0


def test_the_text_does_not_depend_on_functions_of_the_same_name_elsewhere() -> None:
    function = "@wp.func\ndef twice(x: float):\n    return x + x\n\n\n"
    kernel = "@wp.kernel\ndef k(a: wp.array[float]):\n    a[0] = twice(a[0])\n"
    case = TestCase(parse(f"import warp as wp\n\n\n{function}{kernel}"), (), ())
    assert "twice_0(" in generated_text(case, "cpu")
    assert twice.key == "twice"


def test_the_texts_of_a_test_case_are_made_once() -> None:
    case = smoke()
    assert generated_texts(case, "cpu", "cuda") is generated_texts(case, "cpu", "cuda")


def test_equal_test_cases_have_texts_of_their_own() -> None:
    one, other = (generated_texts(case, "cpu") for case in (smoke(), smoke()))
    assert one is not other
    assert one == other


def test_both_texts_at_once_are_the_same_as_one_by_one() -> None:
    texts = generate(factory())
    assert texts.cpp == generated_text(factory(), "cpu")
    assert texts.cuda == generated_text(factory(), "cuda")


def test_symbols_tell_the_kernels_of_a_factory_apart() -> None:
    texts = generate(factory())
    assert sorted(texts.symbols) == ["first", "second"]
    assert texts.symbols["first"] != texts.symbols["second"]
    for symbol in texts.symbols.values():
        assert f"{symbol}_cpu_kernel_forward(" in texts.cpp
        assert f"{symbol}_cuda_kernel_backward(" in texts.cuda


def test_a_refusal_is_one_line_without_names_of_files() -> None:
    accepted, refusal = accepts([scaled("2.0"), scaled("2")], "cuda")
    assert accepted is None
    assert refusal == (
        "Error while parsing function \"k\": out[i] = a[i] * 2 ;Input types must be the same, got ['float32', 'int32']"
    )


def test_nvrtc_compiles_the_smoke_case() -> None:
    assert Nvrtc.available()[0]
    assert Nvrtc().run([smoke()]) == [Compiled()]


def test_ptx_has_an_entry_for_each_direction_of_a_kernel() -> None:
    ptx = Nvrtc(architecture=86).ptx(smoke())
    symbol = generate(smoke()).symbols["k"]
    assert ".target sm_86" in ptx
    assert f".visible .entry {symbol}_cuda_kernel_forward(" in ptx
    assert f".visible .entry {symbol}_cuda_kernel_backward(" in ptx
    assert "\0" not in ptx


@pytest.mark.usefixtures("capfd")
def test_text_that_nvrtc_refuses_is_pinned_to_its_case(monkeypatch: pytest.MonkeyPatch) -> None:
    plant_bad_constant(monkeypatch)
    marks: list[int | None] = []
    first, pinned, last = Nvrtc(marks.append).run([scaled("2.0"), scaled("77.0"), scaled("3.0")])
    assert marks == [None, None, 0, 2, None]
    assert (first, last) == (Compiled(), Compiled())
    assert pinned == Failed("compile_error", 'identifier "planted_fault" is undefined')


def test_the_version_is_known_without_importing_warp() -> None:
    assert warp_version() == wp.config.version


def test_every_engine_says_whether_it_works_here_and_why() -> None:
    engines = engines_available()
    assert list(engines) == ["warp-text", "warp-cpu", "nvrtc", "cuda"]
    assert all(reason for _, reason in engines.values())


@pytest.mark.skipif(wp.is_cuda_available(), reason="there is a GPU")
def test_the_cuda_engine_says_that_there_is_no_gpu() -> None:
    assert Cuda.available() == (False, "Warp finds no NVIDIA driver, or no GPU behind it")


@pytest.mark.parametrize(
    ("statement", "judged"),
    [
        ("wp.atomic_add(out, 0, 1)", True),
        ("out[wp.tid()] = wp.tid()", True),
        ("out[1] = wp.atomic_add(out, 0, 1)", False),
        ("wp.atomic_add(out, wp.atomic_max(out, 0, 1), 1)", False),
    ],
)
def test_on_a_gpu_the_value_of_an_atomic_cannot_be_judged(statement: str, judged: bool) -> None:
    assert (Cuda().unsupported(counting(statement)) is None) is judged
