"""Six small kernels, one for each basic shape: element by element, with a scalar, builtins, branches, vectors, a sum.

Each is launched with one thread per element of its arrays.
"""

from __future__ import annotations

import warp as wp


@wp.kernel
def k_add(a: wp.array[float], b: wp.array[float], out: wp.array[float]) -> None:
    """Add two arrays element by element."""
    i = wp.tid()
    out[i] = a[i] + b[i]


@wp.kernel
def k_saxpy(alpha: float, x: wp.array[float], y: wp.array[float], out: wp.array[float]) -> None:
    """Scale one array and add another: ``alpha * x + y``."""
    i = wp.tid()
    out[i] = alpha * x[i] + y[i]


@wp.kernel
def k_trig(x: wp.array[float], out: wp.array[float]) -> None:
    """Combine builtins: ``sin(x) * cos(x) + sqrt(|x|)``, x in radians."""
    i = wp.tid()
    out[i] = wp.sin(x[i]) * wp.cos(x[i]) + wp.sqrt(wp.abs(x[i]))


@wp.kernel
def k_branch(x: wp.array[float], limit: float, out: wp.array[float]) -> None:
    """Take different ways by the value: negative numbers become 0, and none is larger than ``limit``."""
    i = wp.tid()
    if x[i] < 0.0:
        out[i] = 0.0
    elif x[i] > limit:
        out[i] = limit
    else:
        out[i] = x[i]


@wp.kernel
def k_vec_ops(a: wp.array[wp.vec3], b: wp.array[wp.vec3], dots: wp.array[float], lengths: wp.array[float]) -> None:
    """Give the dot products of vectors, and the lengths of their sums."""
    i = wp.tid()
    dots[i] = wp.dot(a[i], b[i])
    lengths[i] = wp.length(a[i] + b[i])


@wp.kernel
def k_atomic(x: wp.array[float], total: wp.array[float]) -> None:
    """Add all elements to ``total[0]``, in an order that differs between launches on a GPU."""
    i = wp.tid()
    wp.atomic_add(total, 0, x[i])
