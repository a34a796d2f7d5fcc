"""The data card: the ``README.md`` of a dataset, for people and, in its front matter, for Hugging Face ``datasets``.

All of its figures are those of ``dataset_stats.json``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from inspect import getdoc
from pathlib import Path
from typing import Any

from reports.corpus.corpus_records import SPLITS, CorpusRecord
from reports.corpus.encoding import suffix_of
from reports.corpus.record_files import DATA, Shard
from reports.corpus.schemas import Fields, Kind, Schema

DESCRIPTION = "Kernels of NVIDIA Warp with the C++ and CUDA code that Warp generates for them."
"""What the dataset is, in a sentence."""

OWN_LICENCE = "Apache-2.0"

FREQUENT = 30
"""Builtins in the table of the card; all of them are in the statistics."""

FEATURES: Mapping[Kind, Mapping[str, str]] = {
    "text": {"dtype": "string"},
    "integer": {"dtype": "int64"},
    "number": {"dtype": "float64"},
    "truth": {"dtype": "bool"},
    "texts": {"sequence": "string"},
    "object": {"dtype": "json"},
}
"""What ``datasets`` calls each kind in the front matter of a card."""

WORDS: Mapping[Kind, str] = {
    "text": "text",
    "integer": "integer",
    "number": "number or null",
    "truth": "true or false",
    "texts": "list of texts",
    "object": "names to texts",
}

SIZES = (
    (1_000, "n<1K"),
    (10_000, "1K<n<10K"),
    (100_000, "10K<n<100K"),
    (1_000_000, "100K<n<1M"),
)
"""The size categories of Hugging Face: a number of records that is larger, and the category."""


def card_text(statistics: Mapping[str, Any], shards: Sequence[Shard], schema: Schema, images: Mapping[str, str]) -> str:
    """Return the text of the card.

    Args:
        statistics: The document of the statistics.
        shards: The shards of the dataset.
        schema: What a record's document is.
        images: What each plot shows, by its path; none where none was drawn.
    """
    return str(
        _template().render(
            statistics=statistics,
            splits=[split for split in SPLITS if split in statistics["splits"]],
            schema=schema.name,
            suffix=suffix_of(Path(shards[0].path)),
            data=DATA,
            features=[json.dumps(feature) for feature in feature_list(schema.fields)],
            fields=list(_described_fields(schema.fields)),
            images=images,
            license="apache-2.0" if set(statistics["licences"]) == {OWN_LICENCE} else "other",
            size=next((name for above, name in SIZES if statistics["records"] < above), "n>1M"),
            description=DESCRIPTION,
            frequent=list(statistics["builtins"].items())[:FREQUENT],
        )
    )


def feature_list(fields: Fields) -> list[dict[str, Any]]:
    """Return the features of ``datasets`` as its front matter has them, so that every split gets the same types."""
    return [{"name": name, **_feature(kind)} for name, kind in fields.items()]


def _feature(kind: Kind | Fields) -> Mapping[str, Any]:
    return {"struct": feature_list(kind)} if isinstance(kind, Mapping) else FEATURES[kind]


def _described_fields(fields: Fields, within: str = "") -> Iterator[tuple[str, str, str]]:
    for name, kind in fields.items():
        if isinstance(kind, Mapping):
            yield from _described_fields(kind, f"{within}{name}.")
        else:
            yield within + name, WORDS[kind], descriptions()[name]


@cache
def descriptions() -> Mapping[str, str]:
    """Return what each field of a record is, from the docstring of CorpusRecord."""
    attributes = (getdoc(CorpusRecord) or "").partition("Attributes:\n")[2]
    found = re.findall(r"^    (\w+): (.+(?:\n     .+)*)", attributes, re.MULTILINE)
    return {name: " ".join(text.replace("``", "`").split()) for name, text in found}


@cache
def _template() -> Any:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined  # 40 ms that other commands do not need

    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parents[1] / "templates"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["cell"] = lambda text: str(text).replace("|", "\\|")
    return environment.get_template("README.md.jinja")
