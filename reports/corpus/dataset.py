"""The last step of an export: what stands beside the shards, and the manifest, with which the folder is a dataset."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib import metadata
from pathlib import Path
from typing import Any

from reports import files
from reports.corpus.card import DESCRIPTION, card_text
from reports.corpus.croissant import croissant_document
from reports.corpus.encoding import suffix_of
from reports.corpus.manifest import CHECKSUMS, checksums_text, digest_of, manifest_document
from reports.corpus.plots import IMAGES, draw_plots, plots_can_be_drawn
from reports.corpus.record_files import DATA, MANIFEST, Shard
from reports.corpus.schemas import Schema

CARD = "README.md"
CROISSANT = "croissant.json"
STATISTICS = "dataset_stats.json"

ENTRIES = (DATA, IMAGES, CARD, CROISSANT, STATISTICS, CHECKSUMS, MANIFEST)
"""All that the folder of a dataset may have in it, the manifest last: once it is there, everything is."""

LIBRARIES = {".jsonl": (), ".jsonl.zst": ("zstandard",), ".parquet": ("pyarrow",)}
"""What the bytes of a shard depend on, by its suffix."""


def finish(
    folder: Path,
    *,
    shards: Sequence[Shard],
    statistics: Mapping[str, Any],
    schema: Schema,
    settings: Mapping[str, Any],
    versions: Mapping[str, str],
) -> None:
    """Write statistics, plots, card, Croissant, checksums and, last of all, the manifest of a dataset.

    Plots are drawn where matplotlib is installed; otherwise the card says nothing of them. No file has a time or the
    name of a folder in it, as long as the settings have none.

    Args:
        folder: The folder of the dataset, which has its shards and nothing else.
        shards: All of its shards, complete.
        statistics: The document of the statistics of their records.
        schema: What a record's document is.
        settings: What the export was asked for, for the manifest.
        versions: Of ``warpsmith`` and whatever else the records depend on, for the manifest.

    Raises:
        UserError: The folder cannot be written, or the disk is full; then there is no manifest.
    """
    shard_digests = [digest_of(folder, shard.path) for shard in shards]
    licences = statistics["licences"]
    croissant = croissant_document(shard_digests, schema, licences, versions["warpsmith"], DESCRIPTION)
    images = draw_plots(folder, statistics) if plots_can_be_drawn() else {}
    files.write_json(folder / STATISTICS, statistics)
    files.write_json(folder / CROISSANT, croissant)
    files.write_text(folder / CARD, card_text(statistics, shards, schema, images))
    digests = [*(digest_of(folder, path) for path in (CARD, CROISSANT, STATISTICS, *images)), *shard_digests]
    files.write_text(folder / CHECKSUMS, checksums_text(digests))
    libraries = (*LIBRARIES[suffix_of(Path(shards[0].path))], *(["matplotlib"] if images else []))
    used = {name: metadata.version(name) for name in libraries}
    digests = [digest_of(folder, CHECKSUMS), *digests]
    files.write_json(folder / MANIFEST, manifest_document(digests, shards, schema.name, settings, {**versions, **used}))
