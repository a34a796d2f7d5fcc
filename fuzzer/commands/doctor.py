"""``warpsmith doctor``: what works on this machine."""

from __future__ import annotations

import click

from fuzzer.commands.flags import print_document


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def doctor(as_json: bool) -> None:
    """Say what works here: engines, versions, caches."""
    from rich.console import Console

    from fuzzer.commands.examination import examine, render_examination

    document = examine()
    if as_json:
        print_document(document)
    else:
        render_examination(document, Console())
