"""The typing rules of generation: one function per group of productions that take the same parts.

Importing this package registers them with the driver.
"""

from fuzzer.generation.rules import assignments, bodies, control_flow, expressions

__all__ = ["assignments", "bodies", "control_flow", "expressions"]
