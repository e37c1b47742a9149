"""What a task demands, checked on concrete values: the quick half of counterexample-guided synthesis.

Counterexamples are collected; a candidate that breaks a constraint on one of them is refused without asking z3
(Solar-Lezama et al. 2006).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

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
    `accepts` needs the program too. `right` tells what constraints that apply the function once say of each row alone.
    """

    def __init__(self, task: SygusTask, points: Sequence[Row] = ()) -> None:
        self.task = task
        self.points: list[Row] = []
        self.rows: list[Row] = []
        self.nested = any(_applies(arg, task) for call in task.calls() for arg in call.args)
        self._flat = [call for call in task.calls() if not any(_applies(arg, task) for arg in call.args)]
        self._once: dict[Apply, list[Program]] = {call: [] for call in self._flat}
        self._else: list[Program] = []
        for constraint in task.constraints:
            calls = task.calls(constraint)
            once = len(calls) == 1 and calls[0] in self._once
            (self._once[calls[0]] if once else self._else).append(constraint)
        self._places: dict[Row, int] = {}
        self._demands: list[list[tuple[Program, Row]]] = []
        self._right: list[dict[Value, bool]] = []
        self._kept: list[tuple[list[int], dict[tuple[Value, ...], bool]]] = []
        for point in points:
            self.add(point)

    def add(self, point: Row) -> None:
        """Collect one value for each variable of the task."""
        if point in self.points:
            return
        self.points.append(point)
        places = []
        for call in self._flat:
            arguments = tuple([evaluate(arg, point) for arg in call.args])
            if None not in arguments:
                place = self._places.setdefault(arguments, len(self.rows))
                if place == len(self.rows):
                    self.rows.append(arguments)
                    self._demands.append([])
                    self._right.append({})
                self._demands[place] += [(constraint, point) for constraint in self._once[call]]
                self._right[place].clear()
                places.append(place)
        self._kept.append((places, {}))

    def right(self, outputs: Sequence[Value]) -> tuple[bool, ...]:
        """Return for each of `rows` whether the constraints that apply the function only there are kept.

        Candidates that are right on some rows each can be put together by conditions (Alur, Radhakrishna & Udupa 2017).
        """
        return tuple([self._right_at(place, output) for place, output in enumerate(outputs)])

    def accepts(self, outputs: Sequence[Value], program: Program | None = None) -> bool:
        """Return whether no constraint is broken by a candidate with these outputs, one for each of `rows`."""
        if self.nested and program is None:
            raise ValueError("the function is applied to its own result: the check needs the program")
        return all(self._right_at(place, output) for place, output in enumerate(outputs)) and (
            not self._else or all(self._kept_at(index, outputs, program) for index in range(len(self.points)))
        )

    def passes(self, program: Program) -> bool:
        """Return whether no constraint is broken by a program."""
        return self.accepts([evaluate(program, row) for row in self.rows], program)

    def _right_at(self, place: int, output: Value) -> bool:
        known = self._right[place]
        right = known.get(output)
        if right is None:
            right = all(
                holds(constraint, point, self.task, lambda _: output) is not False
                for constraint, point in self._demands[place]
            )
            if len(known) < MOST_KNOWN:
                known[output] = right
        return right

    def _kept_at(self, index: int, outputs: Sequence[Value], program: Program | None) -> bool:
        places, known = self._kept[index]
        key = tuple([outputs[place] for place in places])
        kept = None if self.nested else known.get(key)
        if kept is None:

            def call(arguments: Row) -> Value:
                place = self._places.get(arguments)
                if place is not None:
                    return outputs[place]
                return None if program is None else evaluate(program, arguments)

            kept = all(holds(one, self.points[index], self.task, call) is not False for one in self._else)
            if len(known) < MOST_KNOWN:
                known[key] = kept
        return kept


def _applies(part: Program, task: SygusTask) -> bool:
    return isinstance(part, Apply) and (part.operator == task.function or any(_applies(a, task) for a in part.args))
