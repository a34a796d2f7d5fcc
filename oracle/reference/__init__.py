"""The reference: a NumPy interpreter of the kernel language, independent of Warp.

*expectation*: what it computes, with radii. *regime*: what an engine may do to floats. *undefined*: why a test case has
no defined meaning, and at which node.
"""

from oracle.reference.bounding import FUSED, STRICT, WEAK, Regime
from oracle.reference.interpreter import Expectation, interpret
from oracle.reference.stopwatch import INTERPRETING
from oracle.reference.undefined import Undefined

__all__ = ["FUSED", "INTERPRETING", "STRICT", "WEAK", "Expectation", "Regime", "Undefined", "interpret"]
