"""The command line: all commands together, and how every ending becomes an exit code.

Without a command it hunts. Each command imports what it needs when it runs, so that ``--help`` and the reports never
wait for Warp. A wrong use, or a :class:`UserError` from anywhere, is one sentence on standard error and exit code 2; a
defect of ours is a traceback and exit code 2; an interrupt is 130.
"""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Sequence

import click

from fuzzer.campaigns.settings import INTERRUPTED
from fuzzer.commands.coverage import coverage
from fuzzer.commands.doctor import doctor
from fuzzer.commands.export import export
from fuzzer.commands.generate import generate
from fuzzer.commands.hunt import program
from fuzzer.commands.replay import replay
from fuzzer.commands.report import report
from grammar.errors import UserError

DEFECT = 2

for command in (report, replay, generate, export, coverage, doctor):
    program.add_command(command)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line (``sys.argv`` by default) and give its exit code."""
    try:
        code = _run(sys.argv[1:] if arguments is None else arguments)
        sys.stdout.flush()
        return code
    except click.ClickException as wrong:
        return _complain(wrong.format_message())
    except UserError as wrong:
        return _complain(str(wrong))
    except KeyboardInterrupt as interrupt:
        sys.stderr.write(f"warpsmith: {': '.join(('interrupted', *interrupt.args))}\n")
        return INTERRUPTED
    except BrokenPipeError:  # the reader has seen enough; leave nothing that the interpreter would flush at its end
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception:
        traceback.print_exc()
        return DEFECT


def _run(arguments: Sequence[str]) -> int:
    try:
        with program.make_context("warpsmith", list(arguments)) as context:
            return program.invoke(context) or 0
    except click.exceptions.Exit as exit_:
        return exit_.exit_code


def _complain(sentence: str) -> int:
    from reports.values import plain

    sys.stderr.write(f"warpsmith: {plain(sentence)}\n")
    return DEFECT
