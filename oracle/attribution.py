"""Discrepancies that nothing but their place tells of: attributed to a limitation by running an equivalent form.

A limitation without a stated alternative and without a failure of its own explains a discrepancy only if that is gone
once every place of the limitation is written in another way that means the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from grammar.check import Typing, check
from oracle.judge import judge
from oracle.limitations import Limitation, limitations_for, suspects, worked_around
from oracle.records import Engine, Judgement, TestCase, Verdict
from oracle.reference import interpret

SHOWN_AS = {"wrong_value": frozenset({"wrong_value", "uninitialised_read", "overflow", "out_of_bounds"})}
"""The kinds that a limitation of a kind may show as: what is wrong may be no value at all, or an index.

Crashes and hangs are left out, since what may end the process is not tried again in another form.
"""


def attributed(case: TestCase, judgement: Judgement, engine: Engine) -> Judgement:
    """Attribute a discrepancy to limitations that nothing else tells of, if it is gone in their equivalent form.

    Each limitation is tried alone before all are tried together, so that those are named that make the difference.
    """
    if judgement.verdict is not Verdict.DISCREPANCY:
        return judgement
    typing = check(case.module, case.options.max_unroll)
    alike = [item for item in limitations_for(typing) if judgement.kind in SHOWN_AS.get(item.kind, (item.kind,))]
    for together in suspects([item for item in alike if item.alternative is None and not item.failure]):
        again = _worked_around(case, typing, together, engine)
        if again is not None and again.verdict in (Verdict.AGREE, Verdict.KNOWN):
            names = [item.identifier for item in together] + [again.limitation] * bool(again.limitation)
            return replace(judgement, verdict=Verdict.KNOWN, limitation=" + ".join(names))
    return judgement


def _worked_around(case: TestCase, typing: Typing, watched: Sequence[Limitation], engine: Engine) -> Judgement | None:
    """Run and judge a case in the equivalent form of some limitations; None where it cannot be written so."""
    module = case.module
    while (found := worked_around(module, typing, watched)) is not None:
        module, typing = found
    if module is case.module:
        return None
    rewritten = replace(case, module=module)
    return judge(rewritten, engine.name, engine.run([rewritten])[0], interpret(rewritten, typing=typing))
