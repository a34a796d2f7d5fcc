"""The settings of a campaign that goes on: those that its store has, each checked by its value.

A store may come from anywhere, and its settings decide which engines run and which files are read.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from fuzzer.campaigns.settings import DEVICES, Settings, engine_names
from grammar.errors import UserError
from reports.fields import Malformed, choice, field
from reports.store import Store


def continued(folder: Path, settings: Settings, names: Collection[str]) -> Settings:
    """Return the settings of the campaign in a folder, with what was asked for now.

    Args:
        folder: The campaign's.
        settings: As the flags say; their time, workers and folders hold.
        names: What ``only`` may name.

    Raises:
        UserError: There is no campaign, its store is damaged, or its settings are none of ours.
    """
    with Store.open(folder) as store:
        campaign = store.campaign()
    try:
        return replace(settings, seed=campaign.seed, **_stored(campaign.settings, names))
    except Malformed as error:
        raise UserError(f"{folder} cannot be gone on with: of its settings, {error}") from error


def _stored(document: Mapping[str, Any], names: Collection[str]) -> dict[str, Any]:
    return {
        "device": choice(document, "device", DEVICES),
        "engines": _choices(document, "engines", engine_names("both")),
        "only": _choices(document, "only", names),
        "weights": _file(document, "weights"),
        "grammar": _file(document, "grammar"),
    }


def _choices(document: Mapping[str, Any], name: str, allowed: Collection[str]) -> tuple[str, ...]:
    return tuple(choice({name: item}, name, allowed) for item in field(document, name, list))


def _file(document: Mapping[str, Any], name: str) -> Path | None:
    if document.get(name) is None:
        return None
    path = Path(field(document, name, str))
    if not path.is_file():
        raise Malformed(f"{name!r} is {str(path)!r}, which is no file; go on where it lies")
    return path
