"""The golden file of forms: what the installed Warp emits has no form that is not written down, and lacks none."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Iterator
from importlib import metadata

import pytest

from oracle.text.faults import Line
from oracle.text.statements import declarations, statements
from oracle.warp.session import start

from .constructs import cases
from .forms import GENERATED, changes, emitted, form_of, forms_of, generated, written


@pytest.mark.parametrize(
    ("line", "form"),
    [
        ("wp::int32 var_0;", "T V;"),
        ("wp::vec_t<3, wp::float32>* var_12;", "T* V;"),
        ("const wp::float32 var_1 = -1.5e-05;", "const T V = N;"),
        ("const wp::uint64 var_1 = 7ull;", "const T V = N;"),
        ("const bool var_1 = true;", "const T V = N;"),
        ("const wp::float32 var_1 = -INFINITY;", "const T V = N;"),
        ("wp::array_t<wp::mat_t<2, 2, wp::float32>> var_m = _wp_args->m;", "wp::array_t<T> V = _wp_args->V;"),
        ("wp::array_t<wp::float32> adj_4 = {};", "wp::array_t<T> V = {};"),
        ("var_2 = wp::add(var_0, var_1);", "V = wp::F(..);"),
        ("var_2 = wp::load(var_0);", "V = wp::load(..);"),
        ("var_2 = wp::planted_fault(var_0);", "V = wp::planted_fault(..);"),
        ("var_2 = wp::vec_t<3, wp::float32>();", "V = T(..);"),
        ("var_2 = wp::matrix_from_rows<wp::float32>(var_0, var_1);", "V = wp::F<T>(..);"),
        ("var_2 = wp::float32(var_0);", "V = wp::F(..);"),
        ("var_2 = bool(var_0);", "V = bool(..);"),
        ("var_2 = two_0(var_0);", "V = f(..);"),
        ("two_0(var_0, ret_0, var_1);", "f(..);"),
        ("builtin_tid2d(var_0, var_1);", "builtin_tid(..);"),
        ("var_2 = (var_0 <= var_1);", "V = (V CMP V);"),
        ("var_3 = ((var_0 < var_1) && (var_1 != var_2));", "V = ((V CMP V) && (V CMP V));"),
        ("var_3 = var_3 && var_2;", "V = V && V;"),
        ("ret_0 = var_2;", "V = V;"),
        ("var_2 += -3;", "V += N;"),
        ("var_2 = &(wp::index(var_a, var_0));", "V = &(wp::index(..));"),
        (
            "wp::store(&(wp::index(var_a, var_0).element_ref(var_1, var_2)), var_3);",
            "wp::store(&(wp::index(..).element_ref(..)), V);",
        ),
        ("if (iter_cmp(var_3) == 0) goto end_for_12;", "if (iter_cmp(..) == 0) goto end_for_N;"),
        ("if ((var_3) == false) goto end_while_0;", "if ((..) == false) goto end_while_N;"),
        ("if (var_3 >= 100) goto end_for_0;", "if (V >= N) goto end_for_N;"),
        ("if (!var_3) {", "if (!V) {"),
        ("goto label3;", "goto label;"),
        ("adj_two_0(var_0, adj_0, adj_ret);", "adj_f(..);"),
        ("wp::adj_mul(var_0, var_1, adj_0, adj_1, adj_2);", "wp::adj_F(..);"),
        ("wp::adj_array_store(var_o, var_0, adj_o, adj_0);", "wp::adj_array_store(..);"),
    ],
)
def test_a_form_is_a_line_without_its_names_types_and_numbers(line: str, form: str) -> None:
    assert form_of(line) == form


def example(form: str) -> str:
    """A line of a form."""
    form = re.sub(r"(index|address)\(\.\.\)", r"\1(V, V)", form)
    form = form.replace("(..)", "(V)").replace("CMP", "<").replace("::F", "::add")
    form = form.replace("T*", "wp::float32*").replace("= T(", "= wp::vec_t<3, wp::float32>(")
    form = form.replace("<T>", "<wp::float32>").replace("T V", "wp::float32 V")
    return form.replace("V", "var_0").replace(" N", " 1").replace("_N", "_0")


def of_section(title: str) -> list[str]:
    return [form.removeprefix(f"{title}: ") for form in written() if form.startswith(f"{title}: ")]


@pytest.mark.parametrize("form", of_section("forward"))
def test_every_statement_that_is_written_down_is_read(form: str) -> None:
    line = example(form)
    assert form_of(line) == form
    assert len(list(statements([Line(1, line)]))) == 1


@pytest.mark.parametrize("form", of_section("primal vars") + of_section("argument vars"))
def test_every_declaration_that_is_written_down_is_read(form: str) -> None:
    assert len(list(declarations([Line(1, example(form))]))) == 1


def test_the_file_is_sorted_and_holds_nothing_twice() -> None:
    titles = ["argument vars", "primal vars", "dual vars", "forward", "reverse"]
    keys = [(titles.index(form.partition(": ")[0]), form) for form in written()]
    assert keys == sorted(set(keys))


def test_nothing_is_said_where_nothing_changed() -> None:
    assert changes(["a", "b"], ["b", "a"]) == ""


def test_a_change_names_the_forms_and_how_to_write_the_file_anew() -> None:
    assert changes(["forward: V = V;", "forward: }"], ["forward: V = V;", "forward: V = move(V);"]) == (
        f"the text that Warp {metadata.version('warp-lang')} emits has changed: "
        "see to it that oracle/text reads it as it is meant, then run: python -m tests.oracle.text.forms\n"
        "a new form: forward: V = move(V);\n"
        "a form that is missing: forward: }"
    )


@pytest.fixture(scope="module")
def warp(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:  # start() moves temporary files: they are to be back where they were
        patch.setattr(tempfile, "tempdir", tempfile.tempdir)
        patch.setenv("TMPDIR", os.environ.get("TMPDIR", ""))
        start(tmp_path_factory.mktemp("kernels"))
        yield


@pytest.mark.warp
@pytest.mark.usefixtures("warp")
def test_kernels_written_by_hand_show_every_form() -> None:
    message = changes(written(), forms_of(emitted(cases().values())))
    assert not message, message


@pytest.mark.warp
@pytest.mark.usefixtures("warp")
def test_generated_kernels_show_no_other_form() -> None:
    given = list(generated())
    assert len(given) >= 2 * GENERATED - 5
    message = changes(written(), {*written(), *forms_of(emitted(given))})
    assert not message, message
