"""Masked rows: their shape is kept, their letters and digits are not, and programs do the same to them."""

from __future__ import annotations

from datetime import date

from hypothesis import given, settings
from hypothesis import strategies as st

from app.masking import Mask
from dsl.interpreter import outputs
from dsl.parser import parse
from dsl.strings.language import OPERATORS
from dsl.strings.tokens import kinds
from dsl.task import Task

ALPHABET = "abkzABKZ0179éÜñŠжДλΩΣς東語ßªǆ٣ .,;:-_/@()'\"\u0301"
"""Two scripts' letters with and without simple capitals, digits, marks."""

PLAIN = "".join(char for char in ALPHABET if char not in "ßªǆΣς")
"""Those that are recased one by one."""

PROGRAMS = [
    parse(text, OPERATORS)
    for text in (
        "x1", "upper(x1)", "lower(x1)", "proper(x1)", "left(x1, 2)", "token(x1, digits, -1)", "token(x1, word, 2)",
        "concat(token(x1, capitalized, 1), x1)", 'field(x1, "-", 2)', "slice(x1, after(x1, blank, 1), at(x1, -1))",
        "initials(x1)", "keep(x1, digits)", "drop(x1, lowercase)", 'pad_left(x1, 6, "0")', "collapse(x1)",
    )
]  # fmt: skip

texts = st.text(ALPHABET, max_size=14)


def of(*texts: str) -> tuple[Mask, Task]:
    task = Task.of([(texts[0], texts[-1])], texts)
    return Mask.of(task), task


@settings(max_examples=150, deadline=None)
@given(st.lists(texts, min_size=1, max_size=3))
def test_the_shape_is_kept_and_every_letter_and_digit_but_0_replaced(cells: list[str]) -> None:
    mask, task = of(*cells)
    masked = mask.masked(task)
    for (before,), (after,) in zip(task.rows, masked.rows, strict=True):
        assert isinstance(before, str) and isinstance(after, str)
        assert kinds(before) == kinds(after)
        for old, new, kind in zip(before, after, kinds(before), strict=True):
            assert (old != new) == (kind in "Ulod" and old != "0"), (old, new)
        assert after.translate(mask.backwards) == before


@settings(max_examples=150, deadline=None)
@given(st.lists(st.text(PLAIN, max_size=14), min_size=1, max_size=3))
def test_programs_do_to_masked_rows_what_they_do_to_the_rows(cells: list[str]) -> None:
    mask, task = of(*cells)
    for program in PROGRAMS:
        expected = [None if text is None else text.translate(mask.forwards) for text in outputs(program, task.rows)]
        assert list(outputs(program, mask.masked(task).rows)) == expected, str(program)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.text(PLAIN, max_size=14), min_size=1, max_size=3), texts)
def test_an_unmasked_program_does_to_the_rows_what_it_did_to_masked_ones(cells: list[str], constant: str) -> None:
    mask, task = of(*cells)
    for template in ("concat({}, x1)", "concat(upper(x1), {})", "left(concat(x1, {}), 9)"):
        quoted = '"' + constant.replace("\\", "\\\\").replace('"', '\\"') + '"'
        program = parse(template.format(quoted), OPERATORS)
        masked = outputs(program, mask.masked(task).rows)
        plain = outputs(mask.unmasked(program), task.rows)
        assert plain == tuple(None if text is None else text.translate(mask.backwards) for text in masked)


def test_formats_in_a_program_are_no_texts_of_the_rows() -> None:
    mask, _ = of("12 Mar 2024", "2024")
    for text in (
        'moment_text(moment(x1, "d MMM yyyy"), "yyyy")', 'lookup(x1, month_name)', "token(x1, letters, 1)",
    ):  # fmt: skip
        assert str(mask.unmasked(parse(text, OPERATORS))) == text


def test_a_mask_depends_on_the_rows_alone() -> None:
    one, task = of("Jan Kotas", "Jan")
    again, _ = of("Jan Kotas", "Jan")
    other, _ = of("Jan Kotas", "Kotas")
    assert one.masked(task) == again.masked(task) != other.masked(task)


def test_cells_of_all_types_are_masked_as_texts() -> None:
    task = Task.of([((12.5, date(2024, 3, 1), None, True), 7)], hint="Amount of Jan")
    masked = Mask.of(task).masked(task)
    amount, day, blank, truth = masked.rows[0]
    assert kinds(f"{amount} {day} {truth}") == kinds("12.5 2024-03-01 TRUE") and blank is None
    assert amount != "12.5" and truth != "TRUE" and masked.examples[0].output not in (7, "7")
    assert masked.hint == "Amount of Jan"
