"""A real hunt on the cpu, by the command line: Warp has a planted fault, and nothing of ours is a stand-in.

The fault is in Warp's front end, where ``~x`` becomes ``-x``. All processes of a hunt have it, by a ``sitecustomize``
that Python imports when it starts. The hunt is interrupted when it has found it, for how long that takes depends on the
machine, and goes on afterwards.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from reports.store import Store

pytestmark = pytest.mark.warp

ROOT = Path(__file__).parents[1]
FAULT = 'import ast\nimport warp._src.codegen as front_end\nfront_end.builtin_operators[ast.Invert] = "neg"\n'
FLAGS = "--seconds 600 --seed 4 --workers 2 --device cpu --out campaign"


@dataclass(frozen=True)
class Campaign:
    """A folder that has a hunt's campaign, and what the hunt ended with."""

    folder: Path
    code: int
    said: str
    summary: Any

    @property
    def finding(self) -> dict[str, Any]:
        """The finding that was met most often of those that were reduced to the end."""
        reduced: list[dict[str, Any]] = [one for one in self.summary["findings"] if not one["unfinished"]]
        return max(reduced, key=lambda one: int(one["count"]))

    def python(self, *arguments: str, fault: bool = True) -> subprocess.CompletedProcess[str]:
        """Run Python in the folder to its end."""
        with start(self.folder, *arguments, fault=fault) as process:
            said, errors = process.communicate()
        return subprocess.CompletedProcess(arguments, process.returncode, said, errors)


def start(folder: Path, *arguments: str, fault: bool) -> subprocess.Popen[str]:
    """Start Python in a folder, with the fault in Warp or without, each with a kernel cache of its own."""
    (folder / "faulty").mkdir(exist_ok=True)
    (folder / "faulty" / "sitecustomize.py").write_text(FAULT)
    path = [str(folder / "faulty")] * fault + [str(ROOT)]
    cache = folder / ("faulty-cache" if fault else "cache")
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(path), "WARP_CACHE_PATH": str(cache)}
    return subprocess.Popen(
        [sys.executable, *arguments],
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.fixture(scope="module")
def campaign(tmp_path_factory: pytest.TempPathFactory) -> Campaign:
    folder = tmp_path_factory.mktemp("hunt")
    with start(folder, "-m", "fuzzer", *FLAGS.split(), fault=True) as hunt:
        while hunt.poll() is None and not list(folder.glob("campaign/findings/*/repro.py")):
            time.sleep(0.1)
        hunt.send_signal(signal.SIGINT)
        said, errors = hunt.communicate()
    summary = json.loads((folder / "campaign" / "summary.json").read_text(encoding="utf-8"))
    return Campaign(folder, hunt.returncode, said + errors, summary)


def test_a_hunt_judges_kernels_in_both_engines_and_finds_the_fault(campaign: Campaign) -> None:
    kernels = campaign.summary["kernels"]
    assert kernels["executed"] >= 30
    assert kernels["agreed"] > kernels["discrepant"] > 0
    assert kernels["invalid"] == 0
    assert set(campaign.summary["engines"]) == {"warp-text", "warp-cpu"}
    assert (campaign.finding["kind"], campaign.finding["layer"]) == ("wrong_value", "front_end")


def test_a_hunt_that_is_interrupted_says_what_it_found(campaign: Campaign) -> None:
    assert campaign.code == campaign.summary["exit_code"] == 130, campaign.said
    told = campaign.python("-m", "fuzzer", "report", "campaign")
    assert told.returncode == 0, told.stderr
    for text in (campaign.said, told.stdout):
        assert campaign.finding["folder"] in text.replace("\n", "")


def test_a_finding_comes_with_a_script_that_shows_the_fault(campaign: Campaign) -> None:
    folder = campaign.folder / "campaign" / campaign.finding["folder"]
    assert sorted(path.name for path in folder.iterdir()) == ["case.json", "report.md", "repro.py"]
    ended = campaign.python(str(folder / "repro.py"))
    assert ended.returncode == 1, ended.stdout + ended.stderr
    assert "expected" in ended.stdout
    assert "actual" in ended.stdout


@pytest.mark.parametrize(("fault", "code", "said"), [(True, 1, "still there"), (False, 0, "gone")])
def test_a_finding_is_replayed_with_the_fault_and_without(
    fault: bool, code: int, said: str, campaign: Campaign
) -> None:
    ended = campaign.python("-m", "fuzzer", "replay", f"campaign/{campaign.finding['folder']}", fault=fault)
    assert ended.returncode == code, ended.stdout + ended.stderr
    assert said in ended.stdout


def test_a_hunt_goes_on_where_it_was_and_ends_by_itself(campaign: Campaign) -> None:
    with Store.open(campaign.folder / "campaign") as store:
        before = store.completed_batches()
    ended = campaign.python("-m", "fuzzer", "--resume", "campaign", "--seconds", "5", "--workers", "2", "--json")
    assert ended.returncode == 1, ended.stdout + ended.stderr
    summary = json.loads(ended.stdout)
    with Store.open(campaign.folder / "campaign") as store:
        assert store.completed_batches() >= before
    assert (summary["seed"], summary["exit_code"]) == (4, 1)
    assert summary["seconds"] > campaign.summary["seconds"]
    assert campaign.finding["signature"] in {found["signature"] for found in summary["findings"]}
