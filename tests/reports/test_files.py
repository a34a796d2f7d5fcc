"""What a person names to be written is new, and nothing that is there is lost."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from grammar.errors import UserError
from reports.files import demand_empty, locked, new_path, part_of


def write(path: Path, text: str = "new") -> None:
    with new_path(path) as part:
        part.write_text(text)


def test_a_new_file_has_its_name_once_it_is_whole(tmp_path: Path) -> None:
    with new_path(tmp_path / "folder" / "own.txt") as part:
        part.write_text("new")
        assert [path.name for path in part.parent.iterdir()] == [".own.txt.part"]
    assert {path.name: path.read_text() for path in part.parent.iterdir()} == {"own.txt": "new"}


@pytest.mark.parametrize(
    "make",
    [
        lambda path: path.write_text("older"),
        lambda path: path.touch(),
        lambda path: path.mkdir(),
        lambda path: path.symlink_to("/dev/null"),
        lambda path: path.symlink_to("nowhere"),
    ],
    ids=["file", "empty file", "folder", "link", "link to nothing"],
)
def test_a_name_that_is_taken_is_refused(make: Callable[[Path], object], tmp_path: Path) -> None:
    path = tmp_path / "own.txt"
    make(path)
    before = path.lstat()
    with pytest.raises(UserError, match=r"own\.txt exists already, and nothing is replaced: remove it or choose"):
        write(path)
    assert path.lstat() == before
    assert list(tmp_path.iterdir()) == [path]


def test_a_name_that_is_taken_meanwhile_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "own.txt"

    def meanwhile() -> None:
        with new_path(path) as part:
            part.write_text("new")
            path.write_text("of another")

    with pytest.raises(UserError, match="exists already"):
        meanwhile()
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {"own.txt": "of another"}


def test_what_an_interrupted_process_has_left_is_taken_over(tmp_path: Path) -> None:
    part_of(tmp_path / "own.txt").write_text("a longer text, cut")
    write(tmp_path / "own.txt")
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {"own.txt": "new"}


def test_an_interrupt_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt), new_path(tmp_path / "own.txt"):
        raise KeyboardInterrupt
    assert list(tmp_path.iterdir()) == []


def test_one_process_writes_a_file(tmp_path: Path) -> None:
    path = tmp_path / "own.txt"
    with new_path(path) as part:
        part.write_text("first")
        with pytest.raises(UserError, match=r"own\.txt\.part is being written by another process; wait until"):
            write(path, "second")
    assert path.read_text() == "first"


def test_a_lock_ends_with_its_block(tmp_path: Path) -> None:
    for _ in range(2):
        with locked(tmp_path):
            pass


def test_an_empty_or_new_folder_may_be_written(tmp_path: Path) -> None:
    demand_empty(tmp_path)
    demand_empty(tmp_path / "new")
    (tmp_path / ".parts").mkdir()
    demand_empty(tmp_path, {".parts"})


@pytest.mark.parametrize("name", ["README.md", ".hidden", "data"])
def test_a_folder_that_has_something_in_it_is_refused(name: str, tmp_path: Path) -> None:
    (tmp_path / name).touch()
    said = rf"has something in it already \({name}\), and nothing there is touched: choose an empty or new folder"
    with pytest.raises(UserError, match=said):
        demand_empty(tmp_path, {".parts"})


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is closed to root")
def test_a_folder_that_cannot_be_read_is_one_sentence(tmp_path: Path) -> None:
    tmp_path.chmod(0o300)
    try:
        with pytest.raises(UserError, match="cannot be read: Permission denied; choose another folder"):
            demand_empty(tmp_path)
    finally:
        tmp_path.chmod(0o700)
