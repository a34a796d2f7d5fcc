"""Flags that commands share, and the checks of what a flag is given: what is wrong is a UserError."""

from __future__ import annotations

import math
import os
import random
import sys
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any

import click

from fuzzer.campaigns.settings import DEVICES, SCOPES
from grammar.errors import UserError, unknown_name

Command = Callable[..., Any]

FILE = click.Path(path_type=Path, exists=True, dir_okay=False)
FOLDER = click.Path(path_type=Path, exists=True, file_okay=False)
NEW_FILE = click.Path(path_type=Path, dir_okay=False)
NEW_FOLDER = click.Path(path_type=Path, file_okay=False)
ANYTHING = click.Path(path_type=Path, exists=True)


def one_of(kind: str, names: Collection[str]) -> dict[str, Any]:
    """Return the properties of a flag that takes one of several names; another name is a UserError."""

    def check(context: click.Context, parameter: click.Parameter, value: str | None) -> str | None:
        if value is not None and value not in names:
            raise unknown_name(kind, value, names)
        return value

    return {"callback": check, "metavar": "|".join(names)}


def split(context: click.Context, parameter: click.Parameter, value: str) -> tuple[str, ...]:
    """Split names with commas between them; whoever uses them knows which are valid."""
    return tuple(name.strip() for name in value.split(",") if name.strip())


def flag_of(parameter: click.Parameter) -> str:
    """Return the name of a flag as it is written."""
    return parameter.opts[0]


def not_empty(context: click.Context, parameter: click.Parameter, value: str | None) -> str | None:
    """Return a text as it is; raises UserError where it is given and empty."""
    if value == "":
        raise UserError(f"{flag_of(parameter)} needs the name of a folder, file or installed package.")
    return value


def finite_or_none(context: click.Context, parameter: click.Parameter, value: float | None) -> float | None:
    """Return a number, or that there is none, as it is; raises UserError as :func:`finite` does."""
    return None if value is None else finite(context, parameter, value)


def finite(context: click.Context, parameter: click.Parameter, value: float) -> float:
    """Return a number as it is; raises UserError where it is none, or infinite."""
    if not math.isfinite(value):
        raise UserError(f"{flag_of(parameter)} needs a finite number, not {value}.")
    return value


def or_drawn(context: click.Context, parameter: click.Parameter, value: int | None) -> int:
    """Draw a seed where none is given."""
    return random.SystemRandom().getrandbits(32) if value is None else value


def or_cores(context: click.Context, parameter: click.Parameter, value: int | None) -> int:
    """Count the cores that this process may use, where no number of processes is given."""
    return value or len(os.sched_getaffinity(0))


def print_document(document: dict[str, Any]) -> None:
    """Print what ``--json`` asks for."""
    from reports.files import json_text

    sys.stdout.write(json_text(document))


MEGABYTES: dict[str, Any] = {"type": click.FloatRange(min=0, min_open=True), "callback": finite_or_none, "metavar": "N"}

RECORD_FLAGS = (
    click.option(
        "--seed",
        type=click.IntRange(min=0, max=2**63 - 1),
        metavar="N",
        default=0,
        show_default=True,
        help="What all random choices follow from.",
    ),
    click.option(
        "--workers",
        type=click.IntRange(min=1),
        callback=or_cores,
        metavar="N",
        help="How many processes; one per core if left out.",
    ),
    click.option(
        "--device", **one_of("device", DEVICES), default="both", show_default=True, help="Whose code is generated."
    ),
    click.option("--schema", metavar="full|pair|codegen", default="full", show_default=True, help="What a record has."),
    click.option(
        "--code-scope",
        **one_of("scope", SCOPES),
        default="full",
        show_default=True,
        help="Whether a record has the whole generated text, or the kernel's two functions.",
    ),
)


def record_flags(command: Command) -> Command:
    """Return a command the flags of all that makes records."""
    for flag in reversed(RECORD_FLAGS):
        command = flag(command)
    return command
