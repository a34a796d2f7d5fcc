"""``warpsmith coverage``: what of Warp's language is covered."""

from __future__ import annotations

from pathlib import Path

import click

from fuzzer.commands.flags import ANYTHING, print_document


@click.command()
@click.argument("path", metavar="[PATH]", type=ANYTHING, required=False)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def coverage(path: Path | None, as_json: bool) -> None:
    """Show what of Warp's language is covered, or which kernels of a source tree are in it.

    Builtins, constructs of Python, productions, and operations by type. With PATH, a file or a folder, instead: which
    of the kernels in it are in the language, and why the others are not (--json has both). Nothing in it is executed,
    so this does not say yet which of them agree with the reference. Folders whose names begin with a dot are left out.
    """
    from rich.console import Console

    from fuzzer.campaigns.progress import tracked
    from fuzzer.commands.coverage_document import coverage_document
    from fuzzer.commands.coverage_tables import render_coverage

    document = coverage_document(path, lambda files: tracked(files, "reading"))
    if as_json:
        print_document(document)
    else:
        render_coverage(document, Console())
