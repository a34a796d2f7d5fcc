"""Extraction: code of basic, odd and generated kernels, cut out exactly; files; a sentence for what is not there."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import warp as wp

import oracle
from examples.basic_kernels import k_add, k_atomic, k_branch, k_saxpy, k_trig, k_vec_ops
from fuzzer.corpus.specs import generate_kernel
from grammar.errors import UserError
from oracle.records import Options
from oracle.warp import internals
from oracle.warp.modules import WarpFailed, defined

pytestmark = pytest.mark.warp

BASIC = (k_add, k_saxpy, k_trig, k_branch, k_vec_ops, k_atomic)
SPOKEN_OF = {
    "k_add": {"add"},
    "k_saxpy": {"mul", "add"},
    "k_trig": {"sin", "cos", "sqrt", "abs", "mul", "add"},
    "k_branch": {"copy"},
    "k_vec_ops": {"dot", "length", "add"},
    "k_atomic": {"atomic_add"},
}

ADD_FORWARD = """\
template <bool wp_linear_contiguous>
static void k_add_cpu_kernel_forward(
    wp::launch_bounds_t<1> dim,
    size_t task_index,
    wp_args_k_add *_wp_args)
{
    static constexpr bool wp_linear_tid = wp_linear_contiguous;
    wp_args_k_add wp_contiguous_args;
    if constexpr (wp_linear_contiguous)
    {
        wp_contiguous_args = *_wp_args;
        wp_contiguous_args.a.strides[0] = sizeof(wp::float32);
        wp_contiguous_args.b.strides[0] = sizeof(wp::float32);
        wp_contiguous_args.out.strides[0] = sizeof(wp::float32);
        _wp_args = &wp_contiguous_args;
    }
    //---------
    // argument vars
    wp::array_t<wp::float32> var_a = _wp_args->a;
    wp::array_t<wp::float32> var_b = _wp_args->b;
    wp::array_t<wp::float32> var_out = _wp_args->out;
    //---------
    // primal vars
    wp::int32 var_0;
    wp::float32* var_1;
    wp::float32* var_2;
    wp::float32 var_3;
    wp::float32 var_4;
    wp::float32 var_5;
    //---------
    // forward
    // def k_add(a: wp.array[float], b: wp.array[float], out: wp.array[float]) -> None: <L 2>
    // i = wp.tid() <L 4>
    var_0 = builtin_tid1d();
    // out[i] = a[i] + b[i] <L 5>
    var_1 = wp::address(var_a, var_0);
    var_2 = wp::address(var_b, var_0);
    var_4 = wp::load(var_1);
    var_5 = wp::load(var_2);
    var_3 = wp::add(var_4, var_5);
    wp::array_store(var_out, var_0, var_3);
}"""

ATOMIC_BACKWARD_DECLARED = """\
extern "C" __global__ void k_atomic_cuda_kernel_backward(
    wp::launch_bounds_t<1> dim,
    wp::array_t<wp::float32> var_x,
    wp::array_t<wp::float32> var_total,
    wp::array_t<wp::float32> adj_x,
    wp::array_t<wp::float32> adj_total)
{
"""

ATOMIC_REVERSE = """
        wp::adj_atomic_add(var_total, var_1, var_4, adj_total, adj_1, adj_2, adj_3);
        wp::adj_address(var_x, var_0, adj_x, adj_0, adj_2);
        // adj: wp.atomic_add(total, 0, x[i]) <L 5>
        // adj: i = wp.tid() <L 4>
        // adj: def k_atomic(x: wp.array[float], total: wp.array[float]) -> None: <L 2>
        continue;
    }
}"""

ODD = """
import warp as wp

@wp.struct
class Pair:
    x: float
    y: float

@wp.func
def half(x: float): return 0.5 * x

@wp.func
def half(x: int):
    return x // 2

def made(factor: float):
    @wp.func
    def half(x: float):
        return factor * x

    @wp.kernel
    def inner(p: Pair, half_0: float, out: wp.array[float]):
        # half_0( is the name of an argument
        wp.printf("} { %f\\n", half(half_0))
        out[0] = half(p.x) + p.y

    return inner

@wp.kernel
def one_line(x: wp.array[float]): x[0] = half(x[0]) + float(half(3))

@wp.kernel
def shortest(x: wp.array[float]): x[0] = 1.0

@wp.kernel(enable_backward=False)
def ahead(x: wp.array[float]):
    x[0] = 1.0

@wp.kernel(enable_backward=True)
def both_ways(x: wp.array[float]):
    x[0] = 1.0

@wp.kernel
def generic(x: wp.array[wp.Float]):
    x[0] = x[0] + x[0]

first, second = made(2.0), made(3.0)
overload = wp.overload(generic, [wp.array(dtype=wp.float64)])
"""


@contextmanager
def kernels_of(text: str, name: str = "odd") -> Iterator[dict[str, Any]]:
    with defined([text], Options(), name) as module:
        yield module.namespaces[0]


@pytest.fixture(scope="module")
def odd(warp: None) -> Iterator[dict[str, Any]]:
    with kernels_of(ODD) as kernels:
        yield kernels


def squeezed(code: str) -> str:
    """Comments are padded up to the number of the line."""
    return re.sub(r" +<L", " <L", code)


def titles(code: str) -> list[str]:
    return re.findall(r"//---------\n +// (.*)\n", code)


def check_cut(code: oracle.KernelIR) -> None:
    """Check what holds for every kernel: both functions stand in the code, whole, and nothing else is in them."""
    device, name = code.metadata["device"], code.metadata["kernel_name"]
    arguments = ["argument vars"] if device == "cpu" else []
    for function, direction in ((code.forward_code, "forward"), (code.backward_code, "backward")):
        assert code.cpp_code.count(function) == 1
        assert f"{name}_{device}_kernel_{direction}(" in function.partition("{")[0]
        assert function.startswith(
            "template <bool wp_linear_contiguous>\n" if device == "cpu" else 'extern "C" __global'
        )
        assert function.endswith("\n}")
        assert function.count("\n}") == function.count("\n{") == 1
    assert titles(code.forward_code) == [*arguments, "primal vars", "forward"]
    assert titles(code.backward_code) == [*arguments, "primal vars", "dual vars", "forward", "reverse"]


def test_the_oracle_is_imported_without_warp() -> None:
    script = "import sys, oracle; oracle.__all__; sys.exit('warp' in sys.modules)"
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[3])}
    assert subprocess.run([sys.executable, "-c", script], env=environment, check=False).returncode == 0
    with pytest.raises(AttributeError, match="has no attribute 'extract'"):
        oracle.extract  # noqa: B018  # looking it up is the test


def test_a_forward_function_is_cut_out_exactly() -> None:
    assert squeezed(oracle.extract_ir(k_add).forward_code) == ADD_FORWARD


def test_a_backward_function_is_cut_out_exactly() -> None:
    code = squeezed(oracle.extract_ir(k_atomic, "cuda").backward_code)
    assert code.startswith(ATOMIC_BACKWARD_DECLARED)
    assert code.partition("// reverse")[2] == ATOMIC_REVERSE


@pytest.mark.parametrize("device", ["cpu", "cuda"])
@pytest.mark.parametrize("kernel", BASIC, ids=lambda kernel: kernel.key)
def test_a_basic_kernel_gives_its_own_code_in_both_directions(kernel: wp.Kernel, device: str) -> None:
    code = oracle.extract_ir(kernel, device)
    check_cut(code)
    assert code.python_source.startswith(f"@wp.kernel\ndef {kernel.key}(")
    called = set(re.findall(r"= wp::(\w+)\(", code.forward_code)) - {"address", "load"}
    assert called == SPOKEN_OF[kernel.key]
    assert {f"adj_{name}" for name in called} <= set(re.findall(r" wp::(\w+)\(", code.backward_code))
    assert not [other.key for other in BASIC if other is not kernel and other.key in code.cpp_code]


def test_metadata_says_what_the_code_is() -> None:
    metadata = oracle.extract_ir(k_vec_ops, "cuda").metadata
    assert re.fullmatch(r"k_vec_ops_[0-9a-f]{8}", metadata["mangled_name"])
    assert {name: metadata[name] for name in ("kernel_name", "module", "device", "kind", "warp_version")} == {
        "kernel_name": "k_vec_ops",
        "module": "examples.basic_kernels",
        "device": "cuda",
        "kind": "cu",
        "warp_version": wp.config.version,
    }
    assert metadata["arg_types"] == {
        "a": "array(ndim=1, dtype=vec3f)",
        "b": "array(ndim=1, dtype=vec3f)",
        "dots": "array(ndim=1, dtype=float32)",
        "lengths": "array(ndim=1, dtype=float32)",
    }


def test_a_pair_is_the_source_and_all_of_the_code() -> None:
    code = oracle.extract_ir(k_branch, "cuda")
    assert oracle.extract_python_ir_pair(k_branch, "cuda") == (code.python_source, code.cpp_code)


@pytest.mark.parametrize("category", ["arithmetic", "vector", "matrix", "control_flow", "loops", "math", "atomic"])
def test_generated_kernels_give_their_code_for_both_devices(category: str) -> None:
    spec = generate_kernel(category, 3)
    with kernels_of(spec.python_source, "generated") as namespace:
        found = [kernel for kernel in namespace.values() if isinstance(kernel, wp.Kernel)]
        assert spec.name in [kernel.key for kernel in found]
        for kernel in found:
            for device in ("cpu", "cuda"):
                check_cut(oracle.extract_ir(kernel, device))


NEIGHBOURS = """
import warp as wp

@wp.struct
class Pair:
    z: int

@wp.func
def half(x: float):
    return x

@wp.kernel
def neighbour(p: Pair, x: wp.array[float]):
    x[0] = half(float(p.z))
"""

PLAIN = """
@wp.func
def half(x: float):
    return 0.5 * x


@wp.kernel
def k(x: wp.array[float]):
    x[0] = half(x[0])
"""


@pytest.mark.parametrize("device", ["cpu", "cuda"])
def test_neighbours_do_not_show_in_the_code_of_a_kernel(device: str) -> None:
    with kernels_of("import warp as wp\n" + PLAIN, "alone") as kernels:
        alone = oracle.extract_ir(kernels["k"], device)
    with kernels_of(NEIGHBOURS + PLAIN, "neighbours") as kernels:
        among = oracle.extract_ir(kernels["k"], device)
    assert among.cpp_code == alone.cpp_code
    assert "half_0(" in among.cpp_code
    assert not re.search(r"_[0-9a-f]{8}\b|neighbour|Pair", among.cpp_code)


def test_a_kernel_is_as_before_when_its_code_was_extracted(odd: dict[str, Any]) -> None:
    kernel = odd["one_line"]
    x = wp.array([5.0], dtype=float, device="cpu")
    before = oracle.extract_ir(kernel)
    assert "// def one_line(x" in before.forward_code
    assert before.cpp_code.count("// def half(x: float): return 0.5 * x") == 2
    wp.launch(kernel, 1, inputs=[x], device="cpu")
    assert x.numpy().tolist() == [3.5]
    assert kernel.get_mangled_name() == before.metadata["mangled_name"]
    assert oracle.extract_ir(kernel) == before


def test_names_with_hashes_and_numbers_become_plain(odd: dict[str, Any]) -> None:
    code = oracle.extract_ir(odd["first"])
    name = code.metadata["kernel_name"]
    assert name == "made__locals__inner"
    assert code.metadata["mangled_name"].startswith(f"{name}_")
    assert f"struct wp_args_{name} {{\n    Pair p;\n    wp::float32 half_0;" in code.cpp_code
    assert "var_half_0 = _wp_args->half_0;" in code.forward_code
    assert "= made__locals__half_0(var_half_0);" in code.forward_code
    assert code.cpp_code.count("static wp::float32 made__locals__half_0(") == 1


def test_functions_of_one_name_are_counted(odd: dict[str, Any]) -> None:
    code = oracle.extract_ir(odd["one_line"])
    assert "wp::float32 half_0(" in code.cpp_code
    assert "wp::int32 half_1(" in code.cpp_code
    assert "adj_half_1(" in code.backward_code


def test_a_kernel_of_one_line_has_its_comment_however_often_it_was_built(odd: dict[str, Any]) -> None:
    for _ in range(2):
        assert "// def shortest(x: wp.array[float]): x[0] = 1.0 " in oracle.extract_ir(odd["shortest"]).forward_code


def test_closures_over_different_values_give_different_code(odd: dict[str, Any]) -> None:
    first, second = (oracle.extract_ir(odd[name], "cuda").cpp_code for name in ("first", "second"))
    assert first.replace("= 2.0;", "= 3.0;") == second
    assert first != second


def test_braces_in_a_string_do_not_end_a_function(odd: dict[str, Any]) -> None:
    code = oracle.extract_ir(odd["second"]).forward_code
    assert 'const wp::str var_0 = "} { %f\\n";' in code
    assert code.endswith("    wp::array_store(var_out, var_8, var_6);\n}")


def test_lines_are_counted_from_the_first_of_the_function(odd: dict[str, Any]) -> None:
    code = oracle.extract_ir(odd["first"])
    assert code.python_source.splitlines()[0] == "@wp.kernel"
    numbered = dict(re.findall(r"// (\S.*?) +<L (\d+)>", code.forward_code))
    assert numbered["out[0] = half(p.x) + p.y"] == "5"


def test_no_file_is_named_in_the_code(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(k_saxpy.module.options, "lineinfo", True)
    for device in ("cpu", "cuda"):
        assert "basic_kernels" not in oracle.extract_ir(k_saxpy, device).cpp_code


@pytest.mark.parametrize(
    ("name", "wanted", "has"),
    [("first", True, True), ("first", False, False), ("ahead", True, False), ("both_ways", False, False)],
)
def test_backward_code_is_there_if_asked_for_and_enabled(
    odd: dict[str, Any], name: str, wanted: bool, has: bool
) -> None:
    for device in ("cpu", "cuda"):
        code = oracle.extract_ir(odd[name], device, include_backward=wanted)
        assert (code.backward_code != "") is has
        assert ("kernel_backward(" in code.cpp_code) is has
        assert "kernel_forward(" in code.forward_code


def test_an_overload_of_a_generic_kernel_has_code(odd: dict[str, Any]) -> None:
    code = oracle.extract_ir(odd["overload"])
    check_cut(code)
    assert "wp::array_t<wp::float64> var_x = _wp_args->x;" in code.forward_code


def test_ptx_holds_the_entries_of_one_kernel() -> None:
    code = oracle.extract_ir(k_saxpy, "cuda", prefer=("ptx", "cu"))
    assert code.metadata["kind"] == "ptx"
    assert ".target sm_90" in code.cpp_code
    assert re.findall(r"\.entry (\w+)", code.cpp_code) == [
        "k_saxpy_cuda_kernel_forward",
        "k_saxpy_cuda_kernel_backward",
    ]
    for function, direction in ((code.forward_code, "forward"), (code.backward_code, "backward")):
        assert function.startswith(f".visible .entry k_saxpy_cuda_kernel_{direction}(\n\t.param")
        assert function.endswith("\tret;\n\n}")


@pytest.mark.parametrize(
    ("device", "kind", "suffix", "holds"),
    [
        ("cpu", "cpp", ".cpp", b"_cpu_kernel_backward("),
        ("cpu", "meta", ".meta", b"kernel_forward_smem_bytes"),
        ("cuda", "cu", ".cu", b"_cuda_kernel_backward("),
        ("cuda", "ptx", ".sm90.ptx", b".visible .entry k_atomic_"),
        ("cuda", "cubin", ".sm90.cubin", b"\x7fELF"),
        ("cuda", "meta", ".meta", b"kernel_forward_smem_bytes"),
    ],
)
def test_each_kind_of_file_is_made(device: str, kind: str, suffix: str, holds: bytes) -> None:
    artifact = oracle.extract_ir_artifact(k_atomic, device, prefer=(kind,))
    assert (artifact.kind, artifact.device) == (kind, device)
    assert re.fullmatch(r"wp_examples.basic_kernels_[0-9a-f]{7}", artifact.module_id)
    assert artifact.path == artifact.module_dir / f"{artifact.module_id}{suffix}"
    assert artifact.module_dir == Path(wp.config.kernel_cache_dir) / artifact.module_id
    assert holds in artifact.path.read_bytes()


def test_the_source_of_a_module_on_cuda_is_cuda() -> None:
    assert oracle.extract_ir_artifact(k_atomic, "cuda").kind == "cu"
    assert oracle.extract_ir_artifact(k_atomic, "cuda", prefer=("cpp", "ptx")).kind == "cu"
    assert oracle.extract_ir_artifact(k_atomic, "cpu", prefer=("ptx", "meta")).kind == "meta"


def test_the_file_that_a_launch_left_is_found(odd: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    with kernels_of(NEIGHBOURS + PLAIN, "launched") as kernels:
        wp.launch(kernels["k"], 1, inputs=[wp.array(np.ones(1, np.float32), device="cpu")], device="cpu")
        monkeypatch.setattr(internals, "compile_for_cpu", None)
        text = oracle.extract_ir_artifact(kernels["k"], "cpu").path.read_text()
        for name in ("k", "neighbour"):
            assert f"{kernels[name].get_mangled_name()}_cpu_kernel_forward(" in text


SENTENCES: dict[str, tuple[Callable[[dict[str, Any]], Any], str]] = {
    "device": (lambda odd: oracle.extract_ir(k_add, "gpu"), "there is no device 'gpu': choose from cpu, cuda."),
    "kind": (
        lambda odd: oracle.extract_ir_artifact(k_add, "cpu", ("cpp", "ptxx")),
        "there is no kind of code 'ptxx': did you mean 'ptx'?",
    ),
    "code": (
        lambda odd: oracle.extract_ir(k_add, "cuda", prefer=("cubin", "meta")),
        "prefer=('cubin', 'meta') names nothing that there is for cuda: choose from cu, ptx.",
    ),
    "file": (
        lambda odd: oracle.extract_ir_artifact(k_add, "cpu", prefer=["cu"]),
        "prefer=('cu',) names nothing that there is for cpu: choose from cpp, meta.",
    ),
    "generic": (
        lambda odd: oracle.extract_ir(odd["generic"]),
        "the kernel generic is generic and has no code: give what wp.overload(generic, [...]) returns.",
    ),
    "no kernel": (
        lambda odd: oracle.extract_ir_artifact(3.0, "cpu"),
        "3.0 is no kernel: give a function that is decorated with @wp.kernel.",
    ),
}


@pytest.mark.parametrize("mistake", SENTENCES)
def test_a_mistake_is_one_sentence(odd: dict[str, Any], mistake: str) -> None:
    attempt, sentence = SENTENCES[mistake]
    with pytest.raises(UserError, match=f"^{re.escape(sentence)}$"):
        attempt(odd)


def test_a_missing_compiler_is_one_sentence(
    odd: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wp.config, "kernel_cache_dir", str(tmp_path))
    monkeypatch.setattr(wp, "get_cuda_supported_archs", list)
    assert oracle.extract_ir(odd["first"], "cuda").metadata["kind"] == "cu"
    with pytest.raises(UserError, match=r"^no ptx can be made here: this build of Warp has no NVRTC\.$"):
        oracle.extract_ir(odd["first"], "cuda", prefer=("ptx",))
    monkeypatch.setattr(wp, "is_cpu_available", bool)
    with pytest.raises(UserError, match=r"^no meta can be made here: this build of Warp has no LLVM, .*\.$"):
        oracle.extract_ir_artifact(k_trig, "cpu", prefer=("meta",))


def test_a_cache_that_cannot_be_used_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setattr(wp.config, "kernel_cache_dir", str(tmp_path / "file"))
    with pytest.raises(
        UserError, match=r"^Warp's kernel cache .*file cannot be used: Not a directory; make room .*\.$"
    ):
        oracle.extract_ir_artifact(k_trig, "cuda")


def test_a_file_that_was_removed_is_one_sentence(odd: dict[str, Any]) -> None:
    with kernels_of("import warp as wp\n" + PLAIN, "damaged") as kernels:
        artifact = oracle.extract_ir_artifact(kernels["k"], "cuda")
        artifact.path.unlink()
        with pytest.raises(UserError, match=r"^the cu file in .* is lost: remove the folder, .*\.$"):
            oracle.extract_ir_artifact(kernels["k"], "cuda")


def test_only_a_kernel_that_warp_refuses_has_no_text_and_no_module_with_it_a_file() -> None:
    refused = "\n\n@wp.kernel\ndef refused(x: wp.array[float]):\n    x[0] = 1\n"
    with kernels_of("import warp as wp\n" + PLAIN + refused, "refusing") as kernels:
        check_cut(oracle.extract_ir(kernels["k"]))
        for attempt in (
            lambda: oracle.extract_ir(kernels["refused"]),
            lambda: oracle.extract_ir_artifact(kernels["k"], "cuda"),
        ):
            with pytest.raises(
                WarpFailed, match=r'^Error while parsing function "refused": x\[0\] = 1 ;array_store\(\)'
            ):
                attempt()
