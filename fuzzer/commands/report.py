"""``warpsmith report``: how campaigns went."""

from __future__ import annotations

from pathlib import Path

import click

from fuzzer.campaigns.settings import CAMPAIGNS
from fuzzer.commands.flags import FOLDER, print_document


@click.command()
@click.argument("folder", metavar="[DIR]", type=FOLDER, required=False)
@click.argument("other", metavar="[DIR2]", type=FOLDER, required=False)
@click.option("--verbose", is_flag=True, help="Show the findings in full and all tables too, before the rest.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def report(folder: Path | None, other: Path | None, verbose: bool, as_json: bool) -> None:
    """Show what a campaign found, or how two differ.

    DIR is a campaign's folder, the newest one if left out. The verdict, and what to do next, come last. With two: what
    differs in how they were started, and what is new, gone and still there of that which both could have found.
    """
    from rich.console import Console

    from reports import campaign_comparison, summary, terminal

    folder = folder or summary.newest_campaign(CAMPAIGNS)
    if as_json:
        document = campaign_comparison.comparison_document(folder, other) if other else summary.report_document(folder)
        print_document(document)
    elif other:
        campaign_comparison.render_comparison(folder, other, Console())
    else:
        terminal.render_report(folder, Console(), verbose=verbose)
