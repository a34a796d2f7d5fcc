"""What a dataset consists of: the checksum of every file, as ``sha256sum`` reads it and in the manifest."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from grammar.errors import UserError
from reports.corpus.record_files import Shard

FORMAT = "warpsmith corpus 1"

CHECKSUMS = "SHA256SUMS"


@dataclass(frozen=True)
class Digest:
    """A file, by its path relative to the folder of the dataset, with its size and its SHA-256 in hexadecimal."""

    path: str
    bytes: int
    sha256: str


def digest_of(folder: Path, path: str) -> Digest:
    """Return the digest of a file in a folder; raises UserError where it cannot be read."""
    try:
        with (folder / path).open("rb") as file:
            sha256 = hashlib.file_digest(file, "sha256").hexdigest()
            return Digest(path, file.tell(), sha256)
    except OSError as error:
        raise UserError(f"{folder / path} cannot be read: {error.strerror or error}") from error


def checksums_text(digests: Sequence[Digest]) -> str:
    """Return the text of SHA256SUMS, for ``sha256sum --check SHA256SUMS``."""
    return "".join(f"{digest.sha256}  {digest.path}\n" for digest in digests)


def manifest_document(
    digests: Sequence[Digest],
    shards: Sequence[Shard],
    schema: str,
    settings: Mapping[str, Any],
    versions: Mapping[str, str],
) -> dict[str, Any]:
    """Return the manifest: every file, a shard with its split and records, and what the dataset was made with.

    Args:
        digests: Of all files but the manifest.
        shards: Which of them are shards.
        schema: The name of the schema.
        settings: What the export was asked for.
        versions: Of what the bytes depend on, by name.
    """
    parts = {shard.path: {"split": shard.split, "records": shard.records} for shard in shards}
    return {
        "format": FORMAT,
        "schema": schema,
        "records": sum(shard.records for shard in shards),
        "settings": dict(settings),
        "versions": dict(versions),
        "files": [asdict(digest) | parts.get(digest.path, {}) for digest in digests],
    }
