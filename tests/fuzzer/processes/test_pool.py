"""The worker pool, with real processes that crash, hang, raise and are killed.

Waiting is always for an event (a pipe that closes, a process that ends), never for a time to pass.
"""

from __future__ import annotations

import ctypes
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from fuzzer.processes.pool import Crashed, Ending, Finished, Raised, Task, TimedOut, Workers, run_alone, value_of
from fuzzer.processes.worker import Answer, mark
from grammar.errors import UserError

ROOMY = 60.0
started: list[Path] = []


def note_folder(folder: Path) -> None:
    started.append(folder)


def fail_to_start(folder: Path) -> None:
    raise FileNotFoundError(f"no compiler for {folder.name}")


def double(number: int) -> int:
    return 2 * number


def process(_: object) -> int:
    return os.getpid()


def folders(_: object) -> list[Path]:
    return started


def print_to_standard_output(text: str) -> int:
    sys.stdout.write(text)
    return os.write(1, text.encode())


def crash(last_words: str) -> None:
    os.write(2, last_words.encode())
    mark("a longer mark before")
    mark("kernel_7")
    os.kill(os.getpid(), signal.SIGSEGV)


def leave(exit_code: int) -> None:
    os._exit(exit_code)


def hang_natively(_: object) -> None:
    """Wait for ever in C without giving the interpreter back, as an endless loop in a kernel does."""
    mark("kernel_3")
    while True:
        ctypes.PyDLL(None).pause()


def announce_and_hang(path: str) -> None:
    """Write this process's number into the named pipe, then hang."""
    Path(path).write_text(f"{os.getpid()}\n")
    hang_natively(None)


def refuse(sentence: str) -> None:
    raise UserError(sentence)


def divide_by_zero(number: int) -> float:
    return number / 0


def exit_softly(_: object) -> None:
    sys.exit("enough")


def give_a_function(_: object) -> Any:
    return lambda: 1


@pytest.fixture
def workers() -> Iterator[Workers]:
    with Workers(2, note_folder) as two:
        yield two


def the_ending(workers: Workers, function: Any, argument: Any = None, time_limit: float = ROOMY) -> Ending:
    workers.submit(Task(function, argument, time_limit))
    (ending,) = workers.endings()
    return ending


def assert_works(workers: Workers) -> None:
    for number in range(4):
        workers.submit(Task(double, number, ROOMY))
    assert sorted(ending.value for ending in workers.endings() if isinstance(ending, Finished)) == [0, 2, 4, 6]


def await_end(process: int) -> None:
    try:
        descriptor = os.pidfd_open(process)
    except ProcessLookupError:
        return
    ended, _, _ = select.select([descriptor], [], [], ROOMY)
    os.close(descriptor)
    assert ended, f"process {process} still lives"


def test_every_task_ends_and_keeps_its_argument(workers: Workers) -> None:
    for number in range(20):
        workers.submit(Task(double, number, ROOMY))
    assert workers.pending == 20
    pairs = sorted((e.task.argument, e.value) for e in workers.endings() if isinstance(e, Finished))
    assert pairs == [(n, n + n) for n in range(20)]
    assert workers.pending == 0


def test_tasks_may_be_submitted_while_endings_are_read(workers: Workers) -> None:
    workers.submit(Task(double, 1, ROOMY))
    seen = []
    for ending in workers.endings():
        assert isinstance(ending, Finished)
        seen.append(ending.value)
        if ending.value < 16:
            workers.submit(Task(double, ending.value, ROOMY))
    assert seen == [2, 4, 8, 16]


def test_no_ending_is_awaited_past_the_deadline(workers: Workers) -> None:
    workers.submit(Task(hang_natively, None, ROOMY))
    assert list(workers.endings(deadline=time.monotonic() + 0.01)) == []
    assert workers.pending == 1


def test_a_crash_keeps_signal_last_words_and_mark(workers: Workers) -> None:
    ending = the_ending(workers, crash, "error: no such register\n")
    assert isinstance(ending, Crashed)
    assert (ending.exit_code, ending.stderr, ending.mark) == (-11, "error: no such register\n", "kernel_7")
    assert_works(workers)


def test_only_the_tail_of_long_last_words_is_kept(workers: Workers) -> None:
    ending = the_ending(workers, crash, "x" * 50_000 + "the end")
    assert isinstance(ending, Crashed)
    assert len(ending.stderr) == 4000
    assert ending.stderr.endswith("xthe end")


def test_an_exit_is_a_crash(workers: Workers) -> None:
    ending = the_ending(workers, leave, 3)
    assert isinstance(ending, Crashed)
    assert (ending.exit_code, ending.mark) == (3, "")
    assert_works(workers)


def test_a_native_hang_is_killed_at_its_limit(workers: Workers) -> None:
    ending = the_ending(workers, hang_natively, time_limit=1.0)
    assert isinstance(ending, TimedOut)
    assert ending.mark == "kernel_3"
    assert_works(workers)


def work_forever(_: object) -> None:
    """Take processor time without end, with little allowed until the next mark."""
    mark("kernel_5", 0.01)
    while True:
        pass


def test_what_takes_more_processor_time_than_its_mark_allows_has_hung(workers: Workers) -> None:
    ending = the_ending(workers, work_forever)
    assert isinstance(ending, TimedOut)
    assert ending.mark == "kernel_5"
    assert_works(workers)


def processor_time_left(marks: list[float]) -> float:
    """Make marks that allow so many seconds each, and tell how many are left."""
    for seconds in marks:
        mark("kernel_6", seconds)
    return signal.getitimer(signal.ITIMER_PROF)[0]


@pytest.mark.parametrize(("marks", "limited"), [([9.0], True), ([9.0, 0.0], False), ([], False)])
def test_the_limit_of_a_mark_ends_with_the_next_one_or_with_the_task(
    marks: list[float], limited: bool, workers: Workers
) -> None:
    assert isinstance(the_ending(workers, processor_time_left, [9.0]), Finished)
    ending = the_ending(workers, processor_time_left, marks)
    assert isinstance(ending, Finished)
    assert (ending.value > 0) == limited


def blocked_signals(_: object) -> bool:
    return signal.SIGINT in signal.pthread_sigmask(signal.SIG_BLOCK, ())


def test_an_interrupt_never_reaches_a_worker(workers: Workers) -> None:
    ending = the_ending(workers, blocked_signals)
    assert isinstance(ending, Finished)
    assert ending.value is True
    assert not blocked_signals(None)


@pytest.mark.parametrize(
    ("function", "last_line"),
    [
        (divide_by_zero, "ZeroDivisionError: division by zero"),
        (exit_softly, "SystemExit: enough"),
        (give_a_function, "Can't pickle local object"),
    ],
)
def test_an_exception_comes_back_as_its_traceback(workers: Workers, function: Any, last_line: str) -> None:
    ending = the_ending(workers, function, 1)
    assert isinstance(ending, Raised)
    assert last_line in ending.traceback.splitlines()[-1]
    assert_works(workers)


def test_a_user_error_comes_back_with_its_sentence(workers: Workers) -> None:
    ending = the_ending(workers, refuse, "the disk is full")
    assert isinstance(ending, Raised)
    with pytest.raises(UserError) as raised:
        value_of(ending)
    assert str(raised.value) == "the disk is full"
    assert_works(workers)


def test_a_worker_killed_while_idle_is_replaced(workers: Workers) -> None:
    ending = the_ending(workers, process)
    assert isinstance(ending, Finished)
    os.kill(ending.value, signal.SIGKILL)
    assert_works(workers)


def test_a_worker_killed_while_busy_costs_its_task_only(workers: Workers, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "numbers")
    workers.submit(Task(announce_and_hang, str(tmp_path / "numbers"), ROOMY))
    os.kill(int((tmp_path / "numbers").read_text()), signal.SIGKILL)
    (ending,) = workers.endings()
    assert isinstance(ending, Crashed)
    assert ending.exit_code == -9
    assert_works(workers)


def test_a_worker_keeps_its_state_until_it_holds_too_much_memory() -> None:
    with Workers(1, note_folder) as roomy:
        same = [the_ending(roomy, process).value for _ in range(3)]  # type: ignore[union-attr]  # a Finished has one
    with Workers(1, note_folder, memory_limit=1) as tight:
        fresh = [the_ending(tight, process).value for _ in range(3)]  # type: ignore[union-attr]  # a Finished has one
    assert len(set(same)) == 1
    assert len(set(fresh)) == 3


def test_each_worker_starts_with_an_empty_folder_that_is_gone_at_the_end() -> None:
    with Workers(1, note_folder, memory_limit=1) as workers:
        first = the_ending(workers, folders)
        second = the_ending(workers, folders)
        assert isinstance(first, Finished)
        assert isinstance(second, Finished)
        (folder,) = first.value
        assert second.value == [folder]
        assert list(folder.iterdir()) == []
        assert sorted(path.name for path in folder.parents[1].iterdir()) == ["worker-0"]
    assert not folder.parents[1].exists()


def test_folders_of_dead_parents_are_removed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    (tmp_path / "warpsmith-workers-stale").mkdir()
    (tmp_path / "warpsmith-of-somebody").mkdir()
    with Workers(1, note_folder), Workers(1, note_folder):
        names = sorted(path.name for path in tmp_path.iterdir())
        assert len(names) == 3
        assert "warpsmith-workers-stale" not in names
    assert [path.name for path in tmp_path.iterdir()] == ["warpsmith-of-somebody"]


def test_what_a_task_prints_stays_in_its_log(workers: Workers, capfd: pytest.CaptureFixture[str]) -> None:
    assert isinstance(the_ending(workers, print_to_standard_output, "Module loaded\n"), Finished)
    assert capfd.readouterr() == ("", "")


def test_workers_that_cannot_start_say_why() -> None:
    with Workers(1, fail_to_start) as workers:
        workers.submit(Task(double, 1, ROOMY))
        with pytest.raises(RuntimeError, match=r"(?s)no worker can be started.*no compiler for cache"):
            list(workers.endings())


@dataclass
class Stumbling:
    """Plays the place of a worker that cannot be started as often as told before each task that it finishes."""

    failures: list[int]
    last_words: str = "no compiler"

    def take(self) -> tuple[Any, Answer | None]:
        if self.failures[0]:
            self.failures[0] -= 1
            return SimpleNamespace(), None
        del self.failures[0]
        return SimpleNamespace(ending=lambda answer: "finished"), Answer(b"", "", 0)

    def renew(self) -> None:
        pass


@pytest.mark.parametrize(("failures", "gives_up"), [([0, 3], True), ([2, 2, 2, 2], False)])
def test_starts_that_fail_are_counted_anew_after_one_that_does_not(failures: list[int], gives_up: bool) -> None:
    with Workers(1, note_folder) as workers:
        endings = (workers._collect(Stumbling(failures)) for _ in range(sum(failures) + len(failures)))  # type: ignore[arg-type]  # plays one
        if gives_up:
            with pytest.raises(RuntimeError, match="no worker can be started; the last one wrote:\nno compiler"):
                list(endings)
        else:
            assert list(endings).count("finished") == 4  # type: ignore[arg-type]  # plays one
        workers._waiting.clear()


def test_running_alone_has_the_same_endings() -> None:
    finished = run_alone(Task(double, 21, ROOMY), note_folder)
    crashed = run_alone(Task(crash, "", ROOMY), note_folder)
    assert isinstance(finished, Finished)
    assert finished.value == 42
    assert isinstance(crashed, Crashed)
    assert crashed.mark == "kernel_7"


def test_closing_kills_what_still_runs(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "numbers")
    with Workers(1, note_folder) as workers:
        workers.submit(Task(announce_and_hang, str(tmp_path / "numbers"), ROOMY))
        number = int((tmp_path / "numbers").read_text())
    await_end(number)


PARENT = """
import signal, sys
from fuzzer.processes.pool import Task, Workers
from tests.fuzzer.processes.test_pool import announce_and_hang, note_folder

signal.signal(signal.SIGINT, signal.default_int_handler)  # tests that run in the background inherit that it is ignored
with Workers(1, note_folder) as workers:
    workers.submit(Task(announce_and_hang, sys.argv[1], 60.0))
    try:
        list(workers.endings())
    except KeyboardInterrupt:
        print("interrupted")
"""


@pytest.fixture
def parent(tmp_path: Path) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """A process that has a hanging worker, and that worker's number."""
    os.mkfifo(tmp_path / "numbers")
    with subprocess.Popen(
        [sys.executable, "-c", PARENT, str(tmp_path / "numbers")],
        cwd=Path(__file__).parents[3],
        env=os.environ | {"TMPDIR": str(tmp_path)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        yield process, int((tmp_path / "numbers").read_text())


def test_workers_die_with_their_parent(parent: tuple[subprocess.Popen[str], int]) -> None:
    process, worker = parent
    process.kill()
    await_end(worker)


def test_an_interrupt_reaches_the_parent_only_and_leaves_no_worker(parent: tuple[subprocess.Popen[str], int]) -> None:
    process, worker = parent
    os.killpg(process.pid, signal.SIGINT)
    assert process.communicate(timeout=ROOMY) == ("interrupted\n", "")
    assert process.returncode == 0
    await_end(worker)


PROGRAM = """
from fuzzer.processes.pool import Task, Workers
from tests.fuzzer.processes.test_pool import double, note_folder

print("begins")
with Workers(2, note_folder) as workers:
    for number in range(4):
        workers.submit(Task(double, number, 60.0))
    print(sorted(ending.value for ending in workers.endings()))
import __main__
print(__main__.Task is Task)
"""


@pytest.mark.parametrize("place", ["program.py", "-"])
def test_the_program_that_uses_workers_is_not_run_again_in_them(place: str, tmp_path: Path) -> None:
    (tmp_path / "program.py").write_text(PROGRAM)
    ended = subprocess.run(
        [sys.executable, place],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[3])},
        input=PROGRAM,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ended.stdout, ended.stderr) == ("begins\n[0, 2, 4, 6]\nTrue\n", "")


def test_a_mark_outside_a_worker_limits_nothing() -> None:
    mark("kernel_0", 0.01)
    assert signal.getitimer(signal.ITIMER_PROF) == (0.0, 0.0)
