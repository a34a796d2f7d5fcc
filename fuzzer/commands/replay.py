"""``warpsmith replay``: a stored test case, run again."""

from __future__ import annotations

import click


@click.command()
@click.argument("finding", metavar="FINDING|CASE")
def replay(finding: str) -> int:
    """Run a stored test case again.

    Says whether it still departs from the reference: exit code 1 if it does, 0 if not. FINDING is a finding's folder,
    the folder of a campaign with one finding, or the unique beginning of a finding's name: in the campaign in this
    folder, else in the newest one under campaigns; as DIR/BEGINNING in that of DIR. CASE is a case.json.

    What is stored is parsed with the grammar, typed, and checked field by field; anything else is refused. The kernel
    that it stands for is then COMPILED AND EXECUTED, in a process of its own.
    """
    from rich.console import Console

    from fuzzer.commands.replaying import replay

    return replay(finding, Console())
