"""What an export is asked for: which kernels, in which form, and where to."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, permutations
from pathlib import Path
from typing import Any, Literal, TypeVar, get_args

import fuzzer
from fuzzer.campaigns.settings import CATEGORIES, FORMATS
from fuzzer.corpus.orders import Form, Native, devices_of
from fuzzer.corpus.origins import SourceTree, located
from fuzzer.corpus.recording import Scope, grammar_hash
from grammar.errors import UserError, unknown_name
from oracle.warp import warp_version
from reports.corpus.clusters import SWEEP
from reports.corpus.corpus_records import SPLITS, Device, Split
from reports.store import Store

Source = Literal["fresh", "campaign", "harvest"]
"""Where the kernels of an export are from."""

Name = TypeVar("Name", bound=str)

OF_GENERATED = tuple(split for split in SPLITS if split != SWEEP)
"""The splits that kernels without a campaign can be in."""

CAMPAIGN = ("only", "device", "engines", "weights", "grammar")
"""The settings of a campaign that its accepted kernels depend on, besides the seed."""

PARTS = "parts"
"""How the folder of the parts is called, in that of the dataset or beside the file."""


@dataclass(frozen=True)
class Target:
    """A file for the records of one device; it ends at the first record above so many megabytes (2^20 bytes)."""

    path: Path
    megabytes: float

    @property
    def ends(self) -> bool:
        """Whether the file has a size at which it ends."""
        return self.megabytes < math.inf


@dataclass(frozen=True)
class Request:
    """An export.

    Attributes:
        origin: Where the kernels are from, for the manifest: by what they can be made again.
        seed: What fresh kernels are drawn from; 0 for others.
        count: How many kernels are made; None to go on until the files are full.
        campaign: The folder of the campaign whose accepted kernels are taken; None for others.
        harvest: The source tree whose kernels are taken; None for others.
        form: The devices that code is generated for, and how much of it a record has.
        schema: The name of the schema.
        suffix: Of the shards: it names their format.
        out: The folder of the dataset; None for none.
        targets: The files for single devices.
        stats_out: A file for the statistics; None for none.
        only: The categories that kernels are of; none for all that there are.
        splits: Those that are written.
        workers: How many processes make records.
    """

    origin: Mapping[str, Any]
    seed: int
    count: int | None
    campaign: Path | None
    harvest: SourceTree | None
    form: Form
    schema: str
    suffix: str
    out: Path | None
    targets: Mapping[Device, Target]
    stats_out: Path | None
    workers: int
    only: tuple[str, ...] = ()
    splits: tuple[Split, ...] = SPLITS

    @property
    def categories(self) -> tuple[str, ...]:
        """The categories that take turns in what is generated."""
        return self.only or CATEGORIES

    @property
    def source(self) -> Source:
        """Where the kernels are from."""
        return "campaign" if self.campaign else "harvest" if self.harvest else "fresh"

    @property
    def settings(self) -> dict[str, Any]:
        """What the manifest says of it: all that the records depend on, and no place on this machine."""
        return {
            "kernels": self.source,
            **self.origin,
            "count": self.count,
            "devices": list(self.form.devices),
            "code_scope": self.form.scope,
            "native": self.form.native,
            "only": list(self.only),
            "splits": list(self.splits),
            "target_mb": {device: target.megabytes for device, target in self.targets.items() if target.ends},
        }

    @property
    def versions(self) -> dict[str, str]:
        """Of what the records depend on."""
        return {"warpsmith": fuzzer.__version__, "warp": warp_version(), "grammar": grammar_hash()}

    @property
    def files(self) -> tuple[Path, ...]:
        """All files, beside the folder of the dataset."""
        named = tuple(target.path for target in self.targets.values())
        return named if self.stats_out is None else (*named, self.stats_out)

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
    seed: int | None,
    device: str,
    code_scope: Scope,
    native: Native,
    only: Sequence[str],
    splits: Sequence[str],
    schema: str,
    suffix: str,
    out: Path | None,
    stats_out: Path | None,
    workers: int,
    **files: Any,
) -> Request:
    """Make the request that flags say; ``files`` has ``out_DEVICE`` and ``target_mb_DEVICE`` for each device.

    Raises:
        UserError: They contradict each other, or say too little, or there is no such campaign or source tree.
    """
    if campaign is not None and harvest is not None:
        raise UserError("an export is of a campaign or of what --harvest names: leave one of them out.")
    if harvest is not None and count is not None:
        raise UserError("--harvest takes all kernels of a source tree: leave out --count.")
    if seed is not None and (campaign or harvest):
        raise UserError("only kernels that are freshly generated are drawn from --seed: leave it out.")
    if harvest is not None and (only or native != "share"):
        raise UserError("the kernels of people have no category and are not executed: leave out --only and --native.")
    devices = devices_of(device)
    targets = {name: target for name in get_args(Device) if (target := _target(name, devices, **files))}
    if out is None and not targets:
        raise UserError("name what to write: a folder with --out, or a file with --out-cpu or --out-cuda.")
    named = {f"--out-{device}": target.path for device, target in targets.items()}
    _demand_places(out, named if stats_out is None else {**named, "--stats-out": stats_out})
    fresh = campaign is None and harvest is None
    endless = out is not None or any(not target.ends for target in targets.values())
    if fresh and count is None and endless:
        raise UserError(
            "say with --count how many kernels are made, or give each file its --target-mb-cpu or --target-mb-cuda."
        )
    tree = None if harvest is None else located(harvest)
    return Request(
        origin=_origin(seed or 0, campaign, tree),
        seed=seed or 0,
        count=count,
        campaign=campaign,
        harvest=tree,
        form=Form(devices, code_scope, native),
        schema=schema,
        suffix=FORMATS[suffix],
        out=out,
        targets=targets,
        stats_out=stats_out,
        workers=workers,
        only=_chosen("category", only, CATEGORIES if campaign is None else (*CATEGORIES, SWEEP)),
        splits=_chosen("split", splits, OF_GENERATED if campaign is None else SPLITS) or SPLITS,
    )


def _chosen(kind: str, names: Sequence[str], known: tuple[Name, ...]) -> tuple[Name, ...]:
    """Return the names that were chosen, in the order of those that are known; none where none was."""
    for name in names:
        if name not in known:
            raise unknown_name(kind, name, known)
    return tuple(name for name in known if name in names)


def _origin(seed: int, campaign: Path | None, harvest: SourceTree | None) -> dict[str, Any]:
    if harvest is not None:
        return {"harvested": harvest.name}
    return {"seed": seed} if campaign is None else {"campaign": _campaign(campaign)}


def _campaign(folder: Path) -> dict[str, Any]:
    """Say how a campaign can be run again; of a file its name alone, since the place is one on this machine."""
    with Store.open(folder) as store:
        started = store.campaign()
    settings = {name: started.settings.get(name) for name in CAMPAIGN}
    files = {name: Path(str(settings[name])).name for name in ("weights", "grammar") if settings[name]}
    return {"seed": started.seed, **settings, **files, "versions": dict(started.versions)}


def _demand_places(folder: Path | None, named: Mapping[str, Path]) -> None:
    """Raise UserError where two flags name one file, or one names something in what another names."""
    for (first, path), (second, other) in combinations(named.items(), 2):
        if path.resolve() == other.resolve():
            raise UserError(f"{first} and {second} name the same file, {other}: choose another one for {second}.")
    for flag, path in named.items():
        if folder is not None and path.resolve().is_relative_to(folder.resolve()):
            raise UserError(
                f"{flag} names {path}, and --out the folder that it is in: choose another place for {flag}."
            )
    places = named if folder is None else {**named, "--out": folder}
    for (first, path), (second, other) in permutations(places.items(), 2):
        if path.resolve().is_relative_to(other.resolve()):
            raise UserError(f"{first} names {path}, and {second} a file of which that is no part: {other}.")


def _target(device: Device, devices: Sequence[Device], **files: Any) -> Target | None:
    path, megabytes = files[f"out_{device}"], files[f"target_mb_{device}"]
    if path is None and megabytes is not None:
        raise UserError(f"--target-mb-{device} needs a file: name one with --out-{device}.")
    if path is not None and device not in devices:
        raise UserError(f"--out-{device} needs --device both or {device}.")
    return None if path is None else Target(path, math.inf if megabytes is None else megabytes)
