"""Cutting one function out of a text: where it begins, where it ends, and what must not be taken for a brace."""

from __future__ import annotations

import pytest

from oracle.warp.cutting import definition

CPP = r"""#define WP_TILE_BLOCK_DIM 1
static void declared_only(
    int x);

struct args {
    int x;
};


// first() is named here {
template <bool linear>
static void first(
    int x,
    args *_args)
{
    // a comment with } in it, and first(
    printf("} \" } \\", '}', '\'');
    if (x) {
        /* } */
        second(x);
    }
}

static void second(int x)
{
}
#line 7 "a.py"
extern "C" __global__ void third(
    int x)
{ return; }
WP_API void third_tasks(int x) { third(x); }
"""

FIRST = r"""template <bool linear>
static void first(
    int x,
    args *_args)
{
    // a comment with } in it, and first(
    printf("} \" } \\", '}', '\'');
    if (x) {
        /* } */
        second(x);
    }
}"""

PTX = """.version 9.4
	// .globl	k_forward
.extern .func  (.param .b32 func_retval0) vprintf
(
	.param .b64 vprintf_param_0
)
;
.visible .entry k_forward(
	.param .align 8 .b8 k_forward_param_0[24]
)
{
	{ // callseq 0, 0
	call.uni (retval0), vprintf, (param0);
	}
	ret;

}
	// .globl	k_backward
.visible .entry k_backward(
	.param .align 8 .b8 k_backward_param_0[24]
)
{
	ret;

}
"""


def test_strings_characters_and_comments_hide_their_braces() -> None:
    assert definition(CPP, "first") == FIRST


def test_a_call_before_the_definition_is_passed_over() -> None:
    assert definition(CPP, "second") == "static void second(int x)\n{\n}"


def test_a_directive_above_is_no_part_of_a_function() -> None:
    assert definition(CPP, "third") == 'extern "C" __global__ void third(\n    int x)\n{ return; }'


def test_a_name_that_begins_like_another_is_another() -> None:
    assert definition(CPP, "third_tasks") == "WP_API void third_tasks(int x) { third(x); }"


@pytest.mark.parametrize("name", ["declared_only", "absent", "args", "econd"])
def test_what_has_no_body_gives_nothing(name: str) -> None:
    assert definition(CPP, name) == ""


def test_an_entry_of_ptx_is_cut_between_its_neighbours() -> None:
    assert definition(PTX, "k_backward") == (
        ".visible .entry k_backward(\n\t.param .align 8 .b8 k_backward_param_0[24]\n)\n{\n\tret;\n\n}"
    )
    assert definition(PTX, "k_forward").startswith(".visible .entry k_forward(\n")
    assert definition(PTX, "k_forward").endswith("\t}\n\tret;\n\n}")
