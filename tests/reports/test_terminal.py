from __future__ import annotations

import io
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console

from oracle.records import Signature
from reports.reproducer import bucket_folder
from reports.store import Store
from reports.terminal import render_comparison, render_report
from tests.reports import samples

ROOT = Path(__file__).parents[2]


def shown(folder: Path, **options: bool) -> str:
    console = Console(file=io.StringIO(), width=80, **options)  # type: ignore[arg-type]  # all given are booleans
    render_report(folder, console)
    return str(console.file.getvalue())  # type: ignore[attr-defined]  # it is the StringIO above


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return samples.campaign(tmp_path / "campaign")


def test_the_first_lines_say_what_is_new_and_how_sure_it_is(folder: Path) -> None:
    lines = shown(folder).splitlines()
    assert lines[0] == f"Campaign {folder}, seed 7, 40 seconds"
    assert lines[1] == "1 new finding, 1 known divergence met, 1 kernel agreed"
    assert lines[2].startswith("50 output elements compared, 80% of them bit by bit. 1 kernel ran without a")


def test_a_bucket_shows_what_a_maintainer_needs(folder: Path) -> None:
    text = shown(folder)
    name = samples.finding().signature.name
    for part in (
        "wrong_value in front_end: floordiv (int32)",
        "        out[i] = a[i] * s * scale\n",
        "a[4] reversed, out[4] contiguous, v[4, 2] transposed",
        "out[0]  expected 1.5 (0x3fc00000)",
        "actual   1.5000001 (0x3fc00001), 1 ULP from the expected value",
        "bound    none: every bit has to be as expected",
        "'Divide two scalars using floor division.'",
        "seen again alone in a fresh process",
        "enable_backward=False",
        "seen      2 times, first at 12.5 s, last at 25.0 s",
        f"folder    {folder}/findings/{name}\n",
        f"run       python {folder}/findings/{name}/repro.py\n",
    ):
        assert part in text


def test_the_campaign_is_summed_up(folder: Path) -> None:
    lines = [" ".join(line.split()) for line in shown(folder).splitlines()]
    for line in (
        "generated 6",
        "agreed 1",
        "warp-cpu 4 80.0%",
        "tan32 1",
        "unsupported by warp-cpu: no bool arrays 1",
        "discarded 1",
        "repairs 5",
        f"operators executed 57.0% {'█' * 17}",
        f"operations 50.0% {'█' * 15}",
        f"idle 50.0% {'█' * 15}",
        "warp_text 0.0%",
        "0.1 kernels per second",
    ):
        assert line in lines


def test_a_pipe_gets_plain_text_of_80_columns_where_nothing_must_stay_whole(folder: Path) -> None:
    text = shown(folder)
    assert "\x1b" not in text
    whole = ("Campaign /", "launch ", "folder ", "run ", "    v: wp.array2d", "def ", "    def ", "    @wp")
    assert [line for line in text.splitlines() if len(line) > 80 and not line.startswith(whole)] == []


def test_a_terminal_gets_colours(folder: Path) -> None:
    assert "\x1b[1;31m1 new finding, 1 known divergence met, 1 kernel agreed\x1b[0m" in shown(
        folder, force_terminal=True
    )


def test_nothing_from_a_store_acts_on_the_terminal(tmp_path: Path) -> None:
    signature = Signature("crash", "native", "[bold]x[/bold]", "\x1b[2J")
    finding = replace(samples.finding(), signature=signature, message="\x1b]0;title\x07 [red]", mismatches=())
    with Store.create(tmp_path, 7, {}, {}, {}) as store:
        store.record_finding(finding, bucket_folder(signature), 1.0)
    text = shown(tmp_path)
    assert "crash in native: [bold]x[/bold] (�[2J)" in text
    assert "message   �]0;title� [red]" in text
    assert "\x1b" not in text
    assert "\x07" not in text


def test_a_decided_finding_is_not_new(tmp_path: Path) -> None:
    with Store.create(tmp_path, 7, {}, {}, {}) as store:
        store.record_finding(samples.finding(), "findings/x", 1.0, status="reported")
    assert (
        shown(tmp_path).splitlines()[1].startswith("0 new findings, 1 finding decided before, 0 known divergences met")
    )


def test_a_clean_campaign_has_a_report(tmp_path: Path) -> None:
    with Store.create(tmp_path, 7, {}, {}, {}) as store:
        store.record_batch(replace(samples.batch(0), kernels=()))
    lines = shown(tmp_path).splitlines()
    assert lines[0].endswith("seed 7, 10 seconds, not ended")
    assert lines[1:3] == ["0 new findings, 0 known divergences met, 0 kernels agreed", "Nothing was compared yet."]


def test_what_there_was_no_time_for_is_said_at_once(tmp_path: Path) -> None:
    with Store.create(tmp_path, 7, {}, {}, {}) as store:
        store.finish(0, 60.0, {}, {"discrepancies": 2, "batches": 1})
    assert (
        "Nothing was compared yet. Time was over before all was looked into"
        " (discrepancies: 2, batches that crashed or hung: 1). Hunt for longer with the same seed."
    ) in " ".join(shown(tmp_path).split())


def test_a_warp_that_is_newer_than_what_is_known_of_it_is_said(tmp_path: Path) -> None:
    Store.create(tmp_path, 7, {"warp": "99.0.0"}, {}, {}).close()
    assert "what Warp 99.0.0 mended of them is not known" in " ".join(shown(tmp_path).split())


def test_a_warp_that_is_known_needs_no_reservation(folder: Path) -> None:
    assert "is not known" not in shown(folder)


def test_two_campaigns_are_compared(tmp_path: Path, folder: Path) -> None:
    Store.create(tmp_path / "clean", 8, {}, {}, {}).close()
    console = Console(file=io.StringIO(), width=80)
    render_comparison(tmp_path / "clean", folder, console)
    lines = str(console.file.getvalue()).splitlines()  # type: ignore[attr-defined]  # it is the StringIO above
    assert lines == [
        "1 new, 0 gone, 0 still there",
        f"before: {tmp_path / 'clean'}",
        f"after:  {folder}",
        f"new          {samples.finding().signature.name}  (seen 2 times)",
    ]


def test_showing_a_campaign_needs_neither_warp_nor_templates(folder: Path) -> None:
    script = (
        "import sys\nfrom pathlib import Path\nfrom rich.console import Console\n"
        "from reports.terminal import render_report\n"
        "render_report(Path(sys.argv[1]), Console(quiet=True))\n"
        "print(sorted({'warp', 'jinja2', 'hypothesis'} & set(sys.modules)))"
    )
    command = [sys.executable, "-c", script, str(folder)]
    assert subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout == "[]\n"
