from __future__ import annotations

import io
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console

from oracle.records import Signature, Verdict
from reports import commands, tables
from reports.standing import Ended
from reports.store import Store
from reports.terminal import render_report
from tests.reports import samples

ROOT = Path(__file__).parents[2]


def shown(folder: Path, verbose: bool = False, **options: bool) -> str:
    console = Console(file=io.StringIO(), width=80, **options)  # type: ignore[arg-type]  # all given are booleans
    render_report(folder, console, verbose=verbose)
    return str(console.file.getvalue())  # type: ignore[attr-defined]  # it is the StringIO above


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return samples.campaign(tmp_path / "campaign")


NAME = samples.finding().signature.name


def test_the_first_page_ends_with_the_findings_the_verdict_and_the_next_command(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(commands, "python", lambda: "python")
    assert shown(folder).splitlines() == [
        f"Campaign {folder}: seed 7, 40 seconds",
        "50 output elements of 4 kernels compared with the reference, 80% of them bit by ",
        "bit. 1 kernel ran without a comparison. 1 kernel met a known divergence of Warp.",
        f"All tables: python -m fuzzer report {folder} --verbose",
        "",
        "1. wrong value in Warp's front end: floordiv (int32); seen 2 times, first after ",
        "12 s",
        "out[0]: expected 1.5, actual 1.5000001",
        f"{folder}/findings/{NAME}",
        "",
        "1 new finding.",
        "Next, see the first finding for yourself:",
        f"  python {folder}/findings/{NAME}/repro.py",
    ]


def test_a_share_that_is_not_all_is_not_rounded_to_all(tmp_path: Path) -> None:
    kernel = samples.kernel(0, Verdict.AGREE)
    verdict = replace(kernel.verdicts[0], elements=1000, exact=999)
    with Store.create(tmp_path, 7, {}, {}, {}) as store:
        store.record_batch(replace(samples.batch(0), kernels=(replace(kernel, verdicts=(verdict,)),)))
    assert "compared with the reference, 99% of them bit by bit" in " ".join(shown(tmp_path).split())


def test_a_failure_without_values_says_what_was_promised_and_the_first_line_of_its_message(tmp_path: Path) -> None:
    signature = Signature("compile_error", "native", "add eq", "float16", "no matching function")
    message = "no matching function for call to 'add': " + 50 * "candidate " + "\nand more"
    finding = replace(samples.finding(), signature=signature, message=message, mismatches=())
    with Store.create(tmp_path, 7, {}, {}, {}) as store:
        store.record_finding(finding, 1.0)
    lines = shown(tmp_path).splitlines()
    place = lines.index("1. compile error in Warp's native library: add, eq (float16); seen once, first ")
    assert lines[place + 2].startswith("expected: the module builds; actual: compile_error: no matching function for ")
    assert len(lines[place + 2]) <= 80
    assert lines[place + 3] == f"{tmp_path}/findings/{signature.name}"


def test_a_bucket_shows_what_a_maintainer_needs(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "python", lambda: "python")
    text = shown(folder, verbose=True)
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
        f"folder    {folder}/findings/{NAME}\n",
        f"run       python {folder}/findings/{NAME}/repro.py\n",
    ):
        assert part in text


def test_the_campaign_is_summed_up(folder: Path) -> None:
    lines = [" ".join(line.split()) for line in shown(folder, verbose=True).splitlines()]
    for line in (
        "generated 6",
        "agreed 1",
        "warp-cpu 4 80.0%",
        "tan32 1",
        "unsupported by warp-cpu: no bool arrays 1",
        "discarded 1",
        "repairs 5",
        f"operators executed 57.0% {'█' * 17}",
        f"operations, each for each of its types 50.0% {'█' * 15}",
        f"idle 50.0% {'█' * 15}",
        "warp_text 0.0%",
        "0.1 kernels executed per second",
    ):
        assert line in lines


@pytest.mark.parametrize("verbose", [False, True])
def test_a_pipe_gets_plain_text_of_80_columns_where_nothing_must_stay_whole(folder: Path, verbose: bool) -> None:
    text = shown(folder, verbose)
    assert "\x1b" not in text
    whole = ("Campaign /", "All tables", f"{folder}", "  ", "launch ", "folder ", "run ", "def ", "@wp")
    assert [line for line in text.splitlines() if len(line) > 80 and not line.startswith(whole)] == []


def test_a_terminal_gets_colours(folder: Path) -> None:
    assert "\x1b[1;31m1 new finding.\x1b[0m" in shown(folder, force_terminal=True)


def test_nothing_from_a_store_acts_on_the_terminal(tmp_path: Path) -> None:
    signature = Signature("crash", "native", "[bold]x[/bold]", "[red]y")
    finding = replace(samples.finding(), signature=signature, message="\x1b]0;title\x07 [red]", mismatches=())
    with Store.create(tmp_path, 7, {}, {}, {}) as store:
        store.record_finding(finding, 1.0)
    text = shown(tmp_path, verbose=True)
    assert "crash in native: [bold]x[/bold] ([red]y)" in text
    assert "1. crash in Warp's native library: [bold]x[/bold] ([red]y)" in text
    assert "message   �]0;title� [red]" in text
    assert "\x1b" not in text
    assert "\x07" not in text


def test_a_decided_finding_is_not_new(tmp_path: Path) -> None:
    with Store.create(tmp_path, 7, {}, {}, {}) as store:
        store.record_batch(samples.batch(0))
        store.record_finding(samples.finding(), 1.0, status="reported")
        store.finish(Ended.TIME, 40.0, {}, 0)
    said = " ".join(shown(tmp_path).split())
    assert "seen once, first after 1 s, reported" in said
    assert "Clean: 1 kernel agreed with the reference. Next, go on for an hour:" in said


def test_a_campaign_that_was_killed_has_a_report(tmp_path: Path) -> None:
    Store.create(tmp_path, 7, {}, {}, {}).close()
    said = " ".join(shown(tmp_path).split())
    assert "This campaign has not ended: it still runs, or its process was killed. So far: 0 new findings." in said
    assert said.endswith(f"Next, go on where it stopped: {commands.program()} --resume {tmp_path}")


def test_what_there_was_no_time_for_is_said_with_what_finishes_it(tmp_path: Path) -> None:
    with Store.create(tmp_path, 7, {}, {}, {}) as store:
        store.record_batch(replace(samples.batch(0), discrepancies=(samples.discrepancy(0), samples.discrepancy(1))))
        store.finish(Ended.TIME, 60.0, {}, 1)
    said = " ".join(shown(tmp_path).split())
    assert "2 discrepancies not looked into, 1 batch that crashed or hung, it is not known why." in said
    assert said.endswith(f"--resume {tmp_path}")


def test_a_warp_that_is_newer_than_what_is_known_of_it_is_said(tmp_path: Path) -> None:
    Store.create(tmp_path, 7, {"warp": "99.0.0"}, {}, {}).close()
    assert "what Warp 99.0.0 mended of them is not known" in " ".join(shown(tmp_path).split())


def test_a_warp_that_is_known_needs_no_reservation(folder: Path) -> None:
    assert "is not known" not in shown(folder)


def test_showing_a_campaign_needs_neither_warp_nor_templates(folder: Path) -> None:
    script = (
        "import sys\nfrom pathlib import Path\nfrom rich.console import Console\n"
        "from reports.terminal import render_report\n"
        "render_report(Path(sys.argv[1]), Console(quiet=True))\n"
        "print(sorted({'warp', 'jinja2', 'hypothesis'} & set(sys.modules)))"
    )
    command = [sys.executable, "-c", script, str(folder)]
    assert subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout == "[]\n"
