"""How large a kernel is and what it calls: the same from its text, whoever wrote it, and from the tree of a generated
one."""

from __future__ import annotations

from fuzzer.corpus.measures import Measures, measured

GENERATED = """\
import warp as wp

C0 = wp.constant(wp.float32(1.5))


@wp.func
def f0(p0: wp.float32, p1: float = 2.5) -> wp.float32:
    if p0 > p1 and p0 > 0.0:
        return wp.max(p0, 1.0)
    elif not p0 < 1.0:
        return -p0
    else:
        return p0 * p1


def make0(s0):
    @wp.kernel
    def k0(a0: wp.array[wp.float32], o0: wp.array[wp.float32]):
        i = wp.tid()
        v0 = 0.0
        for i0 in range(3):
            while v0 < s0 < 9.0:
                v0 += f0(p0=a0[i] if i > 2 else wp.max(C0, v0))
        o0[i] = v0

    return k0


k1 = make0(4.5)
"""


def test_a_text_is_measured_without_what_computes_nothing() -> None:
    text = '''
import warp as wp

C = wp.constant(1.0 + 2.0)

@wp.kernel(enable_backward=not True)
def k(a: wp.array[float], n: int):
    """A docstring."""
    x: float = -a[0]
    if n < 1 and n > 2 or n == 3:
        pass
    elif n:
        for i in range(n):
            a[i] += wp.min(x, wp.min(x, 1.0))
    else:
        x = 1.0 if n else 2.0
'''
    assert measured(text) == Measures(
        description="1 kernel, 6 statements, 1 loop, 3 conditions; min",
        builtins=("min",),
        statements=6,
        expressions=13,
        depth=2,
    )


def test_a_generated_kernel_is_measured() -> None:
    found = measured(GENERATED)
    assert found == Measures(
        description="1 kernel, 1 function, 11 statements, 2 loops, 3 conditions; max, tid",
        builtins=("max", "tid"),
        statements=11,
        expressions=18,
        depth=2,
    )
