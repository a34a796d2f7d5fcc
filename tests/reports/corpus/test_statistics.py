from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace

from reports.corpus.corpus_records import CorpusRecord
from reports.corpus.statistics import Statistics, quantile
from tests.reports.corpus.corpus_records import CPU, RECORDS


def counted(*records: CorpusRecord) -> dict[str, object]:
    statistics = Statistics()
    for record in records:
        statistics.add(record)
    return statistics.document({"exact": 5, "structural": 3, "near": 1})


def test_records_are_counted_by_what_they_are() -> None:
    document = counted(*RECORDS)
    assert document["records"] == 4
    assert document["splits"] == {"train": 2, "test": 1, "validation": 1}
    assert document["devices"] == {"cpu": 3, "cuda": 1}
    assert document["statuses"] == {"accepted": 2, "unverified": 2}
    assert document["categories"] == {"math": 2, "": 1, "loops": 1}
    assert document["verified_by"] == {"warp-text": 2, "warp-cpu": 1}
    assert document["origins"] == {"generated": 3, "people": 1}
    assert document["licences"] == {"Apache-2.0": 3, "NOASSERTION": 1}
    assert document["gradients_verified"] == 0
    assert document["dropped"] == {"exact": 5, "structural": 3, "near": 1}


def test_names_stand_in_the_order_of_their_frequency() -> None:
    document = counted(*RECORDS)
    assert list(document["features"].items()) == [("assign", 4), ("call", 2), ("for", 2)]  # type: ignore[attr-defined]  # a JSON object
    assert document["builtins"] == {"sin": 2}


def test_clusters_are_counted_by_the_number_of_their_kernels() -> None:
    assert counted(*RECORDS)["clusters"] == {"count": 3, "largest": 1, "by_size": {"1": 3}}
    near = replace(CPU, id="1" * 64)
    assert counted(*RECORDS, near)["clusters"] == {"count": 3, "largest": 2, "by_size": {"1": 2, "2": 1}}


def test_measures_have_quantiles_and_their_values() -> None:
    records = [replace(CPU, statements=value) for value in (1, 2, 2, 9)]
    assert counted(*records)["measures"]["statements"] == {  # type: ignore[index]  # a JSON object
        "smallest": 1,
        "quarter": 1,
        "median": 2,
        "three_quarters": 2,
        "95_percent": 9,
        "largest": 9,
        "mean": 3.5,
        "by_value": {"1": 1, "2": 2, "9": 1},
    }


def test_a_quantile_is_one_of_the_values() -> None:
    values = Counter({10: 1, 20: 98, 30: 1})
    assert [quantile(values, share) for share in (0.0, 0.01, 0.02, 0.5, 0.99, 1.0)] == [10, 10, 20, 20, 20, 30]


def test_the_closest_to_its_bound_is_the_largest_share() -> None:
    far = replace(CPU, id="1" * 64, max_deviation=1.0, bound=100.0)
    close = replace(CPU, id="2" * 64, max_deviation=3.0, bound=4.0)
    beyond = replace(CPU, id="3" * 64, max_deviation=9.0, bound=4.0, status="known")
    exact = replace(CPU, id="4" * 64, max_deviation=0.0, bound=0.0)
    assert counted(far, close, beyond, exact)["deviation"] == {
        "share_of_bound": 0.75,
        "max_deviation": 3.0,
        "bound": 4.0,
        "id": "2" * 64,
    }
    assert counted(exact, beyond)["deviation"] is None


def test_the_statistics_are_a_json_document() -> None:
    document = counted(*RECORDS)
    assert json.loads(json.dumps(document, allow_nan=False)) == document
