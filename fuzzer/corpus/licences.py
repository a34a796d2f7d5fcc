"""The licence of a source file as an SPDX expression: from what is written for machines, never from a guess.

First its own line ``SPDX-License-Identifier``; else what the distribution that it belongs to declares: the expression
of PEP 639, or a classifier that names one licence and no family of them. Else ``NOASSERTION``, SPDX's word for it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from importlib.metadata import Distribution
from pathlib import Path

UNKNOWN = "NOASSERTION"

HEAD = 8192
"""Bytes of a file in which its licence is looked for."""

CLASSIFIERS = {
    "Apache Software License": "Apache-2.0",
    "Boost Software License 1.0 (BSL-1.0)": "BSL-1.0",
    "GNU Affero General Public License v3 or later (AGPLv3+)": "AGPL-3.0-or-later",
    "GNU General Public License v2 or later (GPLv2+)": "GPL-2.0-or-later",
    "GNU General Public License v3 or later (GPLv3+)": "GPL-3.0-or-later",
    "GNU Lesser General Public License v2 or later (LGPLv2+)": "LGPL-2.0-or-later",
    "GNU Lesser General Public License v3 or later (LGPLv3+)": "LGPL-3.0-or-later",
    "ISC License (ISCL)": "ISC",
    "MIT License": "MIT",
    "MIT No Attribution License (MIT-0)": "MIT-0",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "The Unlicense (Unlicense)": "Unlicense",
    "zlib/libpng License": "Zlib",
}
"""Classifiers ``License :: OSI Approved :: ...`` that stand for one licence. ``BSD License``, say, is several."""

_LINE = re.compile(r"SPDX-License-Identifier:[ \t]*([A-Za-z0-9.+() -]*[A-Za-z0-9.+)])")


def file_licence(path: Path) -> str:
    """Return the SPDX expression that a file states in its first HEAD bytes; "" where it states none."""
    try:
        with path.open("rb") as file:
            head = file.read(HEAD).decode(errors="replace")
    except OSError:
        return ""
    found = _LINE.search(head)
    return found[1] if found else ""


def distribution_licence(distribution: Distribution) -> str:
    """Return the SPDX expression that a distribution declares for its files; NOASSERTION where it is not sure."""
    for expression in distribution.metadata.get_all("License-Expression") or ():
        return str(expression)
    names = [text.rpartition(" :: ")[2] for text in distribution.metadata.get_all("Classifier") or () if _is_one(text)]
    licences = {CLASSIFIERS.get(name, UNKNOWN) for name in names}
    return licences.pop() if len(licences) == 1 else UNKNOWN


def _is_one(classifier: str) -> bool:
    return classifier.startswith("License :: ") and classifier != "License :: OSI Approved"


def combined(licences: Iterable[str]) -> str:
    """Return the expression for a text that was put together from files with these licences."""
    distinct = sorted(set(licences))
    if len(distinct) == 1:
        return distinct[0]
    if UNKNOWN in distinct:
        return UNKNOWN
    return " AND ".join(f"({licence})" if " " in licence else licence for licence in distinct)
