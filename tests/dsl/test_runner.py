"""Programs run together give what each gives alone."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from programs import TELLING, programs

from dsl.interpreter import Runner, outputs
from dsl.program import Program

ROWS = st.lists(st.tuples(st.sampled_from(TELLING), st.sampled_from(TELLING)), max_size=6)


@settings(max_examples=30)
@given(st.lists(programs(depth=2), max_size=3), ROWS)
def test_a_runner_gives_what_each_program_gives_alone(
    several: list[Program], rows: list[tuple[str | None, str | None]]
) -> None:
    runner = Runner(rows)
    for program in (*several, *several):
        assert runner.outputs(program) == outputs(program, rows), str(program)
