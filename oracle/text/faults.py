"""What can be wrong with a text: it is not known here, or executing it does what no well defined kernel may do."""

from __future__ import annotations


class Unread(Exception):
    """The text has something that is not known here; ``line`` is its number in the text (0 where there is none)."""

    def __init__(self, what: str, line: int = 0) -> None:
        super().__init__(what)
        self.what = what
        self.line = line


class Fault(Exception):
    """Executing the text did something undefined; ``kind`` is one of ``oracle.records.KINDS``."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind
        self.message = message
