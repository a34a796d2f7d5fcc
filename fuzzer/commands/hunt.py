"""``warpsmith``: hunts where no command is given."""

from __future__ import annotations

from typing import Any

import click
from click.core import ParameterSource

from fuzzer import __version__
from fuzzer.campaigns.settings import DEVICES, Settings
from fuzzer.commands.flags import FILE, FOLDER, NEW_FOLDER, finite, one_of, or_cores, or_drawn, split
from grammar.errors import UserError, unknown_name


class Commands(click.Group):
    """The group of all commands, which knows the nearest name to one that it does not have."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command, or raise UserError."""
        if args[0] not in self.commands:
            raise unknown_name("command", args[0], self.commands)
        return super().resolve_command(ctx, args)


@click.group(cls=Commands, invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--seconds",
    type=click.FloatRange(min=0, min_open=True),
    callback=finite,
    metavar="N",
    default=60,
    show_default=True,
    help="How long to hunt.",
)
@click.option(
    "--seed",
    type=click.IntRange(min=0),
    callback=or_drawn,
    metavar="N",
    help="What all random choices follow from; drawn if left out.",
)
@click.option(
    "--workers",
    type=click.IntRange(min=1),
    callback=or_cores,
    metavar="N",
    help="How many processes run Warp; one per core if left out.",
)
@click.option("--device", **one_of("device", DEVICES), default="both", show_default=True, help="Whose code is judged.")
@click.option(
    "--engines",
    callback=split,
    metavar="LIST",
    default="",
    help="The engines to use (see doctor); all that work if left out.",
)
@click.option(
    "--only",
    callback=split,
    metavar="NAMES",
    default="",
    help="Stay with these categories, productions and operation groups.",
)
@click.option("--weights", type=FILE, metavar="FILE", help="A TOML file with weights of productions and operations.")
@click.option(
    "--grammar", type=FILE, metavar="FILE", help="A copy of the grammar, with productions removed, to use instead."
)
@click.option(
    "--out",
    type=NEW_FOLDER,
    metavar="DIR",
    help="The campaign's folder, new or empty; campaigns/DATE-SEED if left out.",
)
@click.option(
    "--resume", type=FOLDER, metavar="DIR", help="Continue the campaign in this folder, with its seed and settings."
)
@click.option("--json", is_flag=True, help="Print the summary as one JSON document.")
@click.version_option(__version__)
@click.pass_context
def program(context: click.Context, /, **flags: Any) -> int:
    """Find wrong code in NVIDIA Warp: generate kernels, run them, judge them against an independent reference.

    Without a command this hunts, and ends at most 15 seconds after its time. Exit codes of a hunt: 0 clean, 1 new
    findings (or discrepancies that there was no time to look into, or batches that crashed or hung), 2 our own failure,
    wrong usage, or nothing was compared, 130 interrupted, with everything so far kept.
    """
    given = [name for name in flags if context.get_parameter_source(name) is ParameterSource.COMMANDLINE]
    if context.invoked_subcommand:
        if given:
            raise UserError(
                f"--{given[0]} stands before {context.invoked_subcommand!r}, so it is one of the hunt's flags."
            )
        return 0
    if fixed := set(given) - {"resume", "seconds", "workers", "json"} if flags["resume"] else ():
        raise UserError(f"--resume keeps the settings of the stored campaign: leave out --{min(fixed)}.")
    from fuzzer.campaigns.campaign import hunt

    return hunt(Settings(**flags))
