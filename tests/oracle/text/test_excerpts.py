"""What is quoted of a text that goes wrong where it is executed."""

from __future__ import annotations

from oracle.text.excerpts import excerpt

from .texts import CALLED, kernel

TEXT = kernel(
    """
    // o[0] = f(1)                                              <L 4>
    var_s = f_0(var_1);
    wp::array_store(var_o, var_0, var_s);
    """,
    "const wp::int32 var_0 = 0;\nwp::int32 var_s;",
    CALLED,
    o="wp::array_t<wp::int32>",
)


def test_the_bodies_are_what_functions_declare_and_do_without_comments() -> None:
    assert excerpt(TEXT, None).bodies == (
        "return var_x;",
        "const wp::int32 var_0 = 0; wp::int32 var_s; var_s = f_0(var_1); wp::array_store(var_o, var_0, var_s);",
    )


def test_adjoints_are_left_out() -> None:
    adjoint = CALLED.replace("f_0", "adj_f_0").replace("return var_x;", "return;\n    //---------\n    // reverse")
    assert excerpt(adjoint + TEXT, None).bodies == excerpt(TEXT, None).bodies


def test_the_lines_around_one_have_their_numbers() -> None:
    lines = TEXT.splitlines()
    at = lines.index("    var_s = f_0(var_1);") + 1
    around = excerpt(TEXT, at).around.splitlines()
    assert around[3] == f"{at:5}     var_s = f_0(var_1);"
    assert [int(line[:5]) for line in around] == [*range(at - 3, at + 3)]
    assert excerpt(TEXT, 1).around.splitlines()[0].endswith('#include "builtin.h"')


def test_without_a_line_nothing_stands_around_it() -> None:
    assert excerpt(TEXT, None).around == ""
