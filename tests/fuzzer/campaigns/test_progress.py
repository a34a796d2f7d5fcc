"""What a hunt says of itself on standard error while it runs."""

from __future__ import annotations

import io

from rich.console import Console

from fuzzer.campaigns.progress import Pace, Progress, counting, line


def pace(elapsed: float, waiting: int = 0) -> Pace:
    return Pace(elapsed, kernels=1200, covered=0.5, findings=1, waiting=waiting)


def test_the_line_says_how_far_a_hunt_is() -> None:
    assert line(pace(40.0), 60.0) == "40 of 60 s: 1,200 kernels (30.0/s), 50% of the language, 1 finding"
    assert line(pace(40.0, 2), 60.0).endswith("1 finding, looking into 2 more")


def test_no_hunt_has_had_more_seconds_than_it_has() -> None:
    assert line(pace(64.0, 1), 60.0).startswith("time is over, finishing: 1,200 kernels")


def test_without_a_terminal_there_is_a_line_every_half_minute_and_for_each_event() -> None:
    console = Console(file=io.StringIO(), width=40)
    with Progress(90.0, console) as progress:
        for elapsed in (1.0, 29.0, 31.0, 59.0, 61.5):
            progress.show(pace(elapsed))
        progress.say("found after 62 s, [bold] \x1b[2J")
    assert isinstance(console.file, io.StringIO)
    lines = console.file.getvalue().splitlines()
    assert [text.split(":")[0] for text in lines] == ["31 of 90 s", "62 of 90 s", "found after 62 s, [bold] �[2J"]


def test_counts_say_how_many_there_are_in_all() -> None:
    console = Console(file=io.StringIO(), width=100, force_terminal=True)
    with counting(console) as step:
        for _ in range(3):
            step("kernels made", 1, 40)
        step("records checked", 2, 7)
    assert isinstance(console.file, io.StringIO)
    shown = console.file.getvalue()
    assert "3/40" in shown
    assert "2/7" in shown


def test_counts_are_not_shown_without_a_terminal() -> None:
    console = Console(file=io.StringIO())
    with counting(console) as step:
        step("kernels made", 1, 40)
    assert isinstance(console.file, io.StringIO)
    assert not console.file.getvalue()
