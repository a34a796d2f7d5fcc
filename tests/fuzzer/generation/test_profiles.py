"""Weights of a person: what they change, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from fuzzer.generation.profiles import load_weights, own_weights
from grammar.errors import UserError


def loaded(tmp_path: Path, text: str) -> Path:
    (tmp_path / "own.toml").write_text(text)
    return tmp_path / "own.toml"


def test_a_file_changes_what_it_names_and_nothing_else(tmp_path: Path) -> None:
    own = own_weights()
    text = "[productions]\nsum = 99\n[operations]\nsin = 0\n[categories.matrix]\nboost = { sum = 7 }\n"
    weights = load_weights(loaded(tmp_path, text))
    assert weights.productions == {**own.productions, "sum": 99}
    assert weights.operations == {**own.operations, "sin": 0}
    assert weights.categories["matrix"] == {"types": ["matrix", "vector"], "boost": {"sum": 7}}
    assert weights.categories["loops"] == own.categories["loops"]


UNKNOWN_TABLE = "choose from productions, operations, categories."
REFUSED = {
    "sum = 3": f"there is no table 'sum': {UNKNOWN_TABLE}",
    "[production]\nsum = 3": f"there is no table 'production': {UNKNOWN_TABLE}",
    "[productions]\nsumm = 3": "there is no production 'summ': did you mean 'sum'?",
    "[operations]\nsine = 3": "there is no operation 'sine': did you mean 'sin'?",
    "[categories.loop]": "there is no category 'loop': did you mean 'loops'?",
    "[categories.loops]\nweight = 3": "there is no key of a category 'weight': choose from boost, types, without.",
    "[categories.loops]\nboost = { summ = 3 }": "there is no production 'summ': did you mean 'sum'?",
    "[categories.loops]\nwithout = ['summ']": "there is no production 'summ': did you mean 'sum'?",
    "[categories.loops]\ntypes = ['quat']": (
        "there is no kind of types 'quat': choose from scalar, vector, matrix, quaternion."
    ),
    "[categories.loops]\ntypes = 'scalar'": "'scalar' stands where a list of names belongs",
    "[categories.loops]\nwithout = [['sum']]": "[['sum']] stands where a list of names belongs",
    "[categories]\nloops = 3": "3 stands where a table belongs",
    "productions = 3": "3 stands where a table belongs",
    "[productions]\nsum = -1": "the weight of 'sum' is -1, which is no whole number >= 0",
    "[productions]\nsum = true": "the weight of 'sum' is True, which is no whole number >= 0",
    "[operations]\nsin = 1.5": "the weight of 'sin' is 1.5, which is no whole number >= 0",
}


@pytest.mark.parametrize("text", REFUSED)
def test_what_a_file_cannot_say_is_one_sentence(text: str, tmp_path: Path) -> None:
    path = loaded(tmp_path, text)
    with pytest.raises(UserError) as refusal:
        load_weights(path)
    assert str(refusal.value) == f"the weights {path} cannot be used: {REFUSED[text]}"


@pytest.mark.parametrize("text", ["[productions", "sum", "a = " + "[" * 5000])
def test_a_file_that_is_no_toml_is_one_sentence(text: str, tmp_path: Path) -> None:
    path = loaded(tmp_path, text)
    with pytest.raises(UserError, match=f"^the weights {path} are not valid TOML: [^\\n]+$"):
        load_weights(path)
