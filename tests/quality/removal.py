"""The row ``grammar``: a form removed from a copy of ``kernel.lark`` is in no kernel that a hunt with that copy makes.

Removing is what a person does: the line of the alternative goes. A rule that loses its last alternative goes with all
alternatives that need it, so that the rest is a grammar. Where no module can do without a form, the hunt says so in one
sentence instead of generating anything.
"""

from __future__ import annotations

import math
import re
import tempfile
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from fuzzer.campaigns.hunting import generate_batch
from fuzzer.campaigns.reach import covered_by
from fuzzer.campaigns.schedule import BATCH
from fuzzer.campaigns.settings import Settings as HuntSettings
from fuzzer.generation.repair import Defined
from grammar import language
from grammar.check import TypeRefused
from grammar.errors import UserError
from grammar.language import OWN_TEXT
from tests.quality import rows
from tests.quality.rows import Claim, Conclusion, Facts, Listing, Measurement, Settings

Alternatives = dict[str, list[str]]
"""The rules of a grammar, by what stands before the colon: the text of each alternative."""


def without(text: str, form: str) -> str:
    """Remove a production (``if_stmt``) or an operator (``sum +``) from the text of a grammar.

    Raises:
        KeyError: The grammar has no such form.
    """
    rules = _rules(text)
    _drop(rules, *_place(rules, form))
    kept = [f"{head}: " + "\n    | ".join(alternatives) for head, alternatives in rules.items()]
    return "\n".join([*kept, *_terminals(text)]) + "\n"


def _lines(text: str) -> list[str]:
    return [line for line in text.splitlines() if line.strip() and not line.startswith("//")]


def _terminals(text: str) -> list[str]:
    """The lines of terminals and directives, which are no forms."""
    return [line for line in _lines(text) if re.match(r"[A-Z%]|_[A-Z]", line)]


def _rules(text: str) -> Alternatives:
    rules: Alternatives = {}
    for line in _lines(text):
        head = re.match(r"([?!]?_?[a-z]\w*):(.*)", line)
        if head is not None:
            rules[head[1]] = [head[2].strip()]
        elif line.startswith("    |"):
            rules[list(rules)[-1]].append(line.removeprefix("    |").strip())
    return rules


def _place(rules: Alternatives, form: str) -> tuple[str, int]:
    """Find the alternative of a form: by its label, by its operator, or as the only one of the rule of its name."""
    name, _, symbol = form.partition(" ")
    for head, alternatives in rules.items():
        for position, alternative in enumerate(alternatives):
            if symbol and head == f"!_{name}" and alternative == f'"{symbol}"':
                return head, position
            if not symbol and re.search(rf"->\s*{name}$", alternative):
                return head, position
    if name in rules and not symbol:
        return name, 0
    raise KeyError(form)


def _drop(rules: Alternatives, head: str, position: int) -> None:
    """Drop an alternative, and where it was the last one its rule with all alternatives that need it."""
    del rules[head][position]
    if rules[head]:
        return
    del rules[head]
    gone = re.compile(rf"\b{head.lstrip('?!')}\b")
    for other in list(rules):
        while other in rules:
            used = [p for p, alternative in enumerate(rules[other]) if gone.search(_body(alternative))]
            if not used:
                break
            _drop(rules, other, used[0])


def _body(alternative: str) -> str:
    """What an alternative consists of, without its label."""
    return re.sub(r"->\s*\w+$", "", alternative).strip()


def pieces(settings: Settings) -> list[Settings]:
    """Make a piece of each form."""
    return [{**settings, "form": form} for form in language().forms]


def measure(piece: Settings) -> Facts:
    """Generate batches of a hunt, deep and sweep, without one form, and count the kernels that have it."""
    facts: Facts = {"form": piece["form"], "kernels": 0, "having": 0, "sentence": "", "ill typed": []}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "copy.lark"
        path.write_text(without(OWN_TEXT, piece["form"]), encoding="utf-8")
        settings = HuntSettings(seconds=1, seed=piece["seed"], workers=1, grammar=path)
        for batch in range(math.ceil(piece["kernels"] / BATCH)):
            try:
                for item in generate_batch(settings, batch):
                    if not isinstance(item, str):
                        facts["kernels"] += 1
                        facts["having"] += piece["form"] in forms_of(item.defined)
            except TypeRefused as refusal:
                facts["ill typed"].append(f"batch {batch}: {refusal}")
            except UserError as sentence:
                return facts | {"sentence": str(sentence)}
    return facts


def forms_of(defined: Defined) -> set[str]:
    """Return the productions and operators of a test case."""
    forms: Counter[str] = Counter()
    covered_by(defined, Counter(), forms)
    return set(forms)


def is_removed(facts: Facts) -> bool:
    """Say whether no kernel has the form, and there were kernels, or a sentence that says why there are none."""
    return not facts["having"] and not facts["ill typed"] and bool(facts["kernels"] or facts["sentence"])


def conclude(settings: Settings, facts: Sequence[Facts]) -> Conclusion:
    """A form is removed where no kernel has it, and kernels or a sentence were had."""
    needed = [x for x in facts if x["sentence"]]
    claims = (
        rows.all_of(
            "forms that are in no kernel once they are removed", sum(map(is_removed, facts)), len(language().forms)
        ),
        Claim("of these, forms that no module can do without", f"{len(needed)}"),
        Claim("kernels looked at", f"{sum(x['kernels'] for x in facts):,}"),
    )
    wrong = tuple((x["form"], _wrong(x)) for x in facts if not is_removed(x))
    sentences = tuple((x["form"], x["sentence"]) for x in needed)
    return Conclusion(
        claims,
        (
            Listing("forms that cannot be removed", ("form", "what happens"), wrong),
            Listing("forms that no module can do without", ("form", "sentence"), sentences),
        ),
    )


def _wrong(facts: Facts) -> str:
    if facts["ill typed"]:
        return f"{len(facts['ill typed'])} batches are ill typed, {facts['ill typed'][0]}"
    return f"{facts['having']} of {facts['kernels']} kernels have it"


MEASUREMENT = Measurement(
    name="grammar",
    counts={"kernels": 2_000},
    fixed={"seed": 0},
    pieces=pieces,
    measure=measure,
    conclude=conclude,
)
