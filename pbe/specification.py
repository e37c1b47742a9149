"""What a task demands, checked on concrete values: the quick half of counterexample-guided synthesis.

Counterexamples are collected; a candidate that breaks a constraint on one of them is refused without asking z3
(Solar-Lezama et al. 2006).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from dsl.interpreter import evaluate
from dsl.program import Apply, Constant, Input, Program
from dsl.sygus import SygusTask
from dsl.task import Row
from dsl.types import Value

Call = Callable[[Row], Value]

MOST_KNOWN = 100_000
"""Outputs whose verdict is remembered, for each point."""


def holds(constraint: Program, inputs: Row, task: SygusTask, call: Call) -> bool | None:
    """Return whether a constraint holds for these values of the variables, `call` giving the function's results.

    None where SMT-LIB leaves it open (division by zero) or a value is too large to be computed.
    """

    def value(part: Program) -> Value:
        if isinstance(part, Input):
            return inputs[part.index]
        if isinstance(part, Constant):
            return part.value
        args = [value(arg) for arg in part.args]
        if None in args and part.operator.strict:
            return None
        return call(tuple(args)) if part.operator == task.function else part.operator.apply(*args)

    result: bool | None = value(constraint)
    return result


class Check:
    """Whether candidates keep a task's constraints on the values of the variables collected so far.

    `rows` are the arguments that the constraints apply the function to there, those known before any candidate is:
    run each candidate on them and ask `accepts`. Where the function is applied to its own result, `nested` is true and
    `accepts` needs the program too. Where there is but one application, `separable` is true: whether constraints are
    kept at a point then hangs on the result on one row.
    """

    def __init__(self, task: SygusTask, points: Sequence[Row] = ()) -> None:
        self.task = task
        self.rows: list[Row] = []
        calls = task.calls()
        self._flat = [call for call in calls if not any(_applies(arg, task) for arg in call.args)]
        self.nested = len(self._flat) < len(calls)
        self.separable = len(calls) == 1
        self._places: dict[Row, int] = {}
        self._points: dict[Row, tuple[list[int], dict[tuple[Value, ...], bool]]] = {}
        for point in points:
            self.add(point)

    @property
    def points(self) -> tuple[Row, ...]:
        """Return the values of the variables collected so far."""
        return tuple(self._points)

    def add(self, point: Row) -> None:
        """Collect one value for each variable of the task."""
        places = []
        for call in self._flat:
            arguments = tuple([evaluate(arg, point) for arg in call.args])
            if None not in arguments:
                if arguments not in self._places:
                    self._places[arguments] = len(self.rows)
                    self.rows.append(arguments)
                places.append(self._places[arguments])
        self._points.setdefault(point, (places, {}))

    def accepts(self, outputs: Sequence[Value], program: Program | None = None) -> bool:
        """Return whether no constraint is broken by a candidate with these outputs, one for each of `rows`."""
        return all(self._kept(outputs, program))

    def kept(self, outputs: Sequence[Value], program: Program | None = None) -> tuple[bool, ...]:
        """Return for each of `points` whether the constraints are kept there.

        Where `separable`, candidates that are right on some of them each can be put together by conditions (Alur,
        Radhakrishna & Udupa 2017).
        """
        return tuple(self._kept(outputs, program))

    def _kept(self, outputs: Sequence[Value], program: Program | None) -> Iterator[bool]:
        if self.nested and program is None:
            raise ValueError("the function is applied to its own result: the check needs the program")

        def call(arguments: Row) -> Value:
            place = self._places.get(arguments)
            if place is not None:
                return outputs[place]
            return None if program is None else evaluate(program, arguments)

        for point, (places, known) in self._points.items():
            key = tuple([outputs[place] for place in places])
            kept = None if self.nested else known.get(key)
            if kept is None:
                kept = all(
                    holds(constraint, point, self.task, call) is not False for constraint in self.task.constraints
                )
                if len(known) < MOST_KNOWN:
                    known[key] = kept
            yield kept

    def passes(self, program: Program) -> bool:
        """Return whether no constraint is broken by a program."""
        return self.accepts([evaluate(program, row) for row in self.rows], program)


def _applies(part: Program, task: SygusTask) -> bool:
    return isinstance(part, Apply) and (part.operator == task.function or any(_applies(a, task) for a in part.args))
