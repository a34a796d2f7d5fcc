"""What CONTRIBUTING shows of the code, and which commands it names."""

from __future__ import annotations

import re
from pathlib import Path

from reports.summary import WORDS

ROOT = Path(__file__).parents[1]
README, CONTRIBUTING = ((ROOT / name).read_text(encoding="utf-8") for name in ("README.md", "CONTRIBUTING.md"))


def test_the_builtin_that_is_shown_stands_so_in_its_file() -> None:
    [listing] = re.findall(r"^```python\n(.*?)^```$", CONTRIBUTING, re.MULTILINE | re.DOTALL)
    assert f"\n{listing}\n" in (ROOT / "grammar/ops/utility.py").read_text(encoding="utf-8")


def test_every_command_of_make_is_there_and_everything_that_tests_is_told_of() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    named = set(re.findall(r"`make ([a-z-]+)`", README + CONTRIBUTING))
    assert named <= targets
    assert named >= {"test", "slow", "check-oldest", "bench", "prove"}


def test_the_readme_names_every_verdict_of_a_report() -> None:
    paragraph = README.partition("Every kernel gets one of six **verdicts**.")[2].partition("\n\n")[0]
    named = set(re.findall(r"\*([A-Z][a-z]+)\*: ", paragraph))
    assert named == {word.capitalize() for word in WORDS.values()}
