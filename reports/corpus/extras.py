"""Libraries that only some exports need: imported when they are, and one sentence where they are not installed."""

from __future__ import annotations

from importlib import import_module
from types import ModuleType

from grammar.errors import UserError


def imported(module: str, extra: str, purpose: str) -> ModuleType:
    """Import a module of a library that stands in an extra; raises UserError, which names the extra, if it is missing.

    Args:
        module: The module to import, such as ``pyarrow.parquet``.
        extra: The extra of warpsmith that brings it.
        purpose: What cannot be done without it, as the beginning of a sentence.
    """
    library = module.partition(".")[0]
    try:
        import_module(library)
    except ModuleNotFoundError as error:
        if error.name != library:
            raise
        raise UserError(f"{purpose} needs {library}: install it with pip install 'warpsmith[{extra}]'") from error
    return import_module(module)
