"""What identifies a record: hashes of what it is made of, and of what made it."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict

from grammar.language import OWN_TEXT
from oracle.records import Options, TestCase

HASH = 16  # hexadecimal digits of the grammar's hash: enough to tell versions apart


def kernel_id(source: str, options: str) -> str:
    """Identify a kernel, whatever it is compiled for: SHA-256 of its source and its options (a JSON text)."""
    return _digest(source, options)


def record_id(source: str, options: str, device: str) -> str:
    """Identify a kernel for one device."""
    return _digest(source, options, device)


def identity_of(case: TestCase) -> str:
    """Identify the kernel of a test case."""
    return kernel_id(case.source, options_text(case.options))


def options_text(options: Options) -> str:
    """Return options as a record has them."""
    return json.dumps(asdict(options))


def grammar_hash() -> str:
    """Identify the grammar: the beginning of the SHA-256 of its text."""
    return hashlib.sha256(OWN_TEXT.encode()).hexdigest()[:HASH]


def _digest(*parts: str) -> str:
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()
