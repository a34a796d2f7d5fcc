"""All threads of a launch side by side: the same meaning as one after the other, at a fraction of the time.

*lane*: one thread. A value is *uniform* where all lanes have the same one; it is kept once, as
:mod:`grammar.ops.record` says. Otherwise it *varies*: each scalar in it is an array with an item for each lane that is
active, of floats in their dtype, of ``bool``, or of Python ints (dtype ``object``). Radii likewise, as float64.

What lanes compute is bit by bit what the threads compute one by one. Whatever depends on the order of the threads, or
has no defined meaning, is :class:`Unsuited`: then the threads run one by one, and say what is wrong and where.
"""

from oracle.reference.lanes.values import Unsuited
from oracle.reference.lanes.walk import run_in_lanes

__all__ = ["Unsuited", "run_in_lanes"]
