"""The kernel language: its syntax, its types, its operations and what they mean.

*tree*: a kernel module as nodes. *production*: a labelled alternative of ``kernel.lark``. *Op*: one builtin or
operator. *overload*: an Op at concrete types. Nothing here knows Warp, and nothing is random.
"""

from grammar.errors import UserError
from grammar.nodes import Module
from grammar.syntax import emit, language, parse
from grammar.trees import module_names, rename

__all__ = ["Module", "UserError", "emit", "language", "module_names", "parse", "rename"]
