"""The dataset in the Croissant format of MLCommons, version 1.0: its files with checksums, and the fields of a record.

Source: the Croissant format specification 1.0, https://docs.mlcommons.org/croissant/docs/croissant-spec.html
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from reports.corpus.encoding import suffix_of
from reports.corpus.manifest import Digest
from reports.corpus.record_files import DATA
from reports.corpus.schemas import Fields, Kind, Schema

CONTEXT = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "citeAs": "cr:citeAs",
    "column": "cr:column",
    "conformsTo": "dct:conformsTo",
    "cr": "http://mlcommons.org/croissant/",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "dct": "http://purl.org/dc/terms/",
    "equivalentProperty": "cr:equivalentProperty",
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "extract": "cr:extract",
    "field": "cr:field",
    "fileObject": "cr:fileObject",
    "fileProperty": "cr:fileProperty",
    "fileSet": "cr:fileSet",
    "format": "cr:format",
    "includes": "cr:includes",
    "isLiveDataset": "cr:isLiveDataset",
    "jsonPath": "cr:jsonPath",
    "key": "cr:key",
    "md5": "cr:md5",
    "parentField": "cr:parentField",
    "path": "cr:path",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "recordSet": "cr:recordSet",
    "references": "cr:references",
    "regex": "cr:regex",
    "repeated": "cr:repeated",
    "replace": "cr:replace",
    "samplingRate": "cr:samplingRate",
    "sc": "https://schema.org/",
    "separator": "cr:separator",
    "source": "cr:source",
    "subField": "cr:subField",
    "transform": "cr:transform",
}
"""The context that the specification gives, appendix 1."""

DATA_TYPES: Mapping[Kind, str] = {
    "text": "sc:Text",
    "integer": "sc:Integer",
    "number": "sc:Float",
    "truth": "sc:Boolean",
    "texts": "sc:Text",
}
"""An ``object`` has none: it is left out."""

ENCODINGS = {".jsonl": "application/jsonlines", ".jsonl.zst": "application/zstd", ".parquet": "application/x-parquet"}

SHARDS = {"@id": "shards"}

UNKNOWN_LICENCE = "NOASSERTION"  # as SPDX says that nothing is said


def croissant_document(
    shards: Sequence[Digest], schema: Schema, licences: Iterable[str], version: str, description: str
) -> dict[str, Any]:
    """Return the metadata of a dataset: one record set of all splits, whose split is read from the name of a shard.

    It says nothing of when and where the dataset was published: the same records give the same document.

    Args:
        shards: The files of the records.
        schema: What a record's document is.
        licences: SPDX identifiers.
        version: The version of the dataset.
        description: What it is, in a sentence.
    """
    suffix = suffix_of(Path(shards[0].path))
    return {
        "@context": CONTEXT,
        "@type": "sc:Dataset",
        "conformsTo": "http://mlcommons.org/croissant/1.0",
        "name": "warpsmith-corpus",
        "description": description,
        "license": [_licence(licence) for licence in licences],
        "version": version,
        "distribution": [*(_file(shard) for shard in shards), _file_set(suffix)],
        "recordSet": [
            {
                "@type": "cr:RecordSet",
                "@id": "records",
                "name": "records",
                "field": [*_columns(schema.fields), _split()],
            }
        ],
    }


def _licence(identifier: str) -> str:
    is_listed = re.fullmatch(r"[\w.-]+", identifier) and identifier != UNKNOWN_LICENCE
    return f"https://spdx.org/licenses/{identifier}" if is_listed else identifier


def _file(shard: Digest) -> dict[str, Any]:
    return {
        "@type": "cr:FileObject",
        "@id": shard.path,
        "name": shard.path,
        "contentUrl": shard.path,
        "contentSize": f"{shard.bytes} B",
        "encodingFormat": ENCODINGS[suffix_of(Path(shard.path))],
        "sha256": shard.sha256,
    }


def _file_set(suffix: str) -> dict[str, Any]:
    return {
        "@type": "cr:FileSet",
        **SHARDS,
        "name": "shards",
        "encodingFormat": ENCODINGS[suffix],
        "includes": f"{DATA}/*{suffix}",
    }


def _columns(fields: Fields) -> list[dict[str, Any]]:
    return [_column(name, kind) for name, kind in fields.items() if name != "split" and kind != "object"]


def _column(name: str, kind: Kind | Fields) -> dict[str, Any]:
    identifier, column = f"records/{name}", {"extract": {"column": name}}
    if isinstance(kind, Mapping):
        parts = [_field(f"{identifier}/{part}", of, _part(column, part)) for part, of in kind.items()]
        return {"@type": "cr:Field", "@id": identifier, "name": identifier, "subField": parts}
    field = _field(identifier, kind, column)
    return field | {"repeated": True} if kind == "texts" else field


def _part(column: Mapping[str, Any], part: str) -> dict[str, Any]:
    return {**column, "transform": {"jsonPath": part}}


def _split() -> dict[str, Any]:
    source = {"extract": {"fileProperty": "fullpath"}, "transform": {"regex": f"{DATA}/(\\w+)-.+$"}}
    return _field("records/split", "text", source)


def _field(identifier: str, kind: Any, source: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "@type": "cr:Field",
        "@id": identifier,
        "name": identifier,
        "dataType": DATA_TYPES[kind],
        "source": {"fileSet": SHARDS, **source},
    }
