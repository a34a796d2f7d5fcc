"""What an export is asked for: which kernels, in which form, and where to."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

import fuzzer
from fuzzer.corpus.identities import grammar_hash
from fuzzer.corpus.orders import Form, devices_of
from fuzzer.corpus.recording import Scope
from fuzzer.settings import FORMATS
from grammar.errors import UserError
from oracle.warp import warp_version
from reports.corpus.records import Device

PARTS = "parts"
"""How the folder of the parts is called, in that of the dataset or beside the file."""


@dataclass(frozen=True)
class Target:
    """A file for the records of one device; it ends at the first record above so many megabytes (2^20 bytes)."""

    path: Path
    megabytes: float


@dataclass(frozen=True)
class Request:
    """An export.

    Attributes:
        seed: What fresh kernels are drawn from.
        count: How many kernels are made; None to go on until the files are full.
        campaign: The folder of the campaign whose accepted kernels are taken; None for others.
        harvest: The source tree or package whose kernels are taken; None for others.
        form: The devices that code is generated for, and how much of it a record has.
        schema: The name of the schema.
        suffix: Of the shards: it names their format.
        out: The folder of the dataset; None for none.
        targets: The files for single devices.
        stats_out: A file for the statistics; None for none.
        workers: How many processes make records.
    """

    seed: int
    count: int | None
    campaign: Path | None
    harvest: str | None
    form: Form
    schema: str
    suffix: str
    out: Path | None
    targets: Mapping[Device, Target]
    stats_out: Path | None
    workers: int

    @property
    def settings(self) -> dict[str, Any]:
        """What the manifest says of it: all that the records depend on, and no place on this machine."""
        return {
            "kernels": "campaign" if self.campaign else "harvest" if self.harvest else "fresh",
            "seed": self.seed,
            "count": self.count,
            "devices": list(self.form.devices),
            "code_scope": self.form.scope,
            "target_mb": {device: target.megabytes for device, target in self.targets.items()},
        }

    @property
    def versions(self) -> dict[str, str]:
        """Of what the records depend on."""
        return {"warpsmith": fuzzer.__version__, "warp": warp_version(), "grammar": grammar_hash()}

    @property
    def dependencies(self) -> dict[str, Any]:
        """What the parts depend on, to be compared with those that are there."""
        settings = {name: self.settings[name] for name in ("kernels", "seed", "devices", "code_scope")}
        return settings | self.versions | {"campaign": str(self.campaign.resolve()) if self.campaign else ""}

    @property
    def parts(self) -> Path:
        """The folder in which the parts are kept until the export is finished."""
        if self.out is not None:
            return self.out / f".{PARTS}"
        path = next(iter(self.targets.values())).path
        return path.with_name(f".{path.name}.{PARTS}")


def requested(
    *,
    campaign: Path | None,
    harvest: str | None,
    count: int | None,
    seed: int,
    device: str,
    code_scope: Scope,
    schema: str,
    suffix: str,
    out: Path | None,
    stats_out: Path | None,
    workers: int,
    **files: Any,
) -> Request:
    """Make the request that flags say; ``files`` has ``out_DEVICE`` and ``target_mb_DEVICE`` for each device.

    Raises:
        UserError: They contradict each other, or say too little.
    """
    if campaign is not None and harvest is not None:
        raise UserError("an export is of a campaign or of what --harvest names: leave one of them out.")
    devices = devices_of(device)
    targets = {name: target for name in get_args(Device) if (target := _target(name, devices, **files))}
    if out is None and not targets:
        raise UserError("name what to write: a folder with --out, or a file with --out-cpu or --out-cuda.")
    fresh = campaign is None and harvest is None
    endless = out is not None or any(target.megabytes == math.inf for target in targets.values())
    if fresh and count is None and endless:
        raise UserError(
            "say with --count how many kernels are made, or give each file its --target-mb-cpu or --target-mb-cuda."
        )
    form, ending = Form(devices, code_scope), FORMATS[suffix]
    return Request(
        seed if fresh else 0, count, campaign, harvest, form, schema, ending, out, targets, stats_out, workers
    )


def _target(device: Device, devices: Sequence[Device], **files: Any) -> Target | None:
    path, megabytes = files[f"out_{device}"], files[f"target_mb_{device}"]
    if path is None and megabytes is not None:
        raise UserError(f"--target-mb-{device} needs a file: name one with --out-{device}.")
    if path is not None and device not in devices:
        raise UserError(f"--out-{device} needs --device both or {device}.")
    return None if path is None else Target(path, math.inf if megabytes is None else megabytes)
