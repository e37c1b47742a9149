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

    `rows` are the arguments that the constraints apply the function to there: run each candidate on them and ask
    `accepts`, or `right` for what constraints that apply the function once say of each row alone. Where the function is
    applied to its own results, the arguments hang on the candidate: `accepts` then refutes nothing that is done on
    other rows, and `broken` does.
    """

    def __init__(self, task: SygusTask, points: Sequence[Row] = ()) -> None:
        self.task = task
        self.points: list[Row] = []
        self.rows: list[Row] = []
        calls = task.calls()
        self._flat = [call for call in calls if not any(_applies(arg, task) for arg in call.args)]
        self._nested = len(self._flat) < len(calls)
        self._once: dict[Apply, list[Program]] = {call: [] for call in self._flat}
        self._else: list[Program] = []
        for constraint in task.constraints:
            inside = task.calls(constraint)
            once = len(inside) == 1 and inside[0] in self._once
            (self._once[inside[0]] if once else self._else).append(constraint)
        self._places: dict[Row, int] = {}
        self._demands: list[list[tuple[Program, Row]]] = []
        self._right: list[dict[Value, bool]] = []
        self._kept: list[tuple[list[int], dict[tuple[Value, ...], bool]]] = []
        for point in points:
            self.add(point)

    def add(self, point: Row, program: Program | None = None) -> bool:
        """Collect one value for each variable of the task, and the rows on which a program that was wrong there ran.

        Returns whether there is anything new.
        """
        known = len(self.points), len(self.rows)
        if point not in self.points:
            self.points.append(point)
            places = []
            for call in self._flat:
                arguments = tuple([evaluate(arg, point) for arg in call.args])
                if None not in arguments:
                    places.append(place := self._place(arguments))
                    self._demands[place] += [(constraint, point) for constraint in self._once[call]]
                    self._right[place].clear()
            self._kept.append((places, {}))
        if self._nested and program is not None:

            def watched(arguments: Row) -> Value:
                self._place(arguments)
                return evaluate(program, arguments)

            for constraint in self._else:
                holds(constraint, point, self.task, watched)
        return known != (len(self.points), len(self.rows))

    def right(self, outputs: Sequence[Value]) -> tuple[bool, ...]:
        """Return for each of `rows` whether the constraints that apply the function only there are kept.

        Candidates that are right on some rows each can be put together by conditions (Alur, Radhakrishna & Udupa 2017).
        """
        return tuple([self._right_at(place, output) for place, output in enumerate(outputs)])

    def accepts(self, outputs: Sequence[Value]) -> bool:
        """Return whether no constraint is broken by a candidate with these outputs, one for each of `rows`."""
        return all(self._right_at(place, output) for place, output in enumerate(outputs)) and (
            not self._else or all(self._kept_at(index, outputs) for index in range(len(self.points)))
        )

    def broken(self, program: Program) -> Row | None:
        """Return the first of `points` for which a program breaks a constraint, None if there is none."""
        return next((point for point in self.points if breaks(program, point, self.task)), None)

    def _place(self, arguments: Row) -> int:
        place = self._places.setdefault(arguments, len(self.rows))
        if place == len(self.rows):
            self.rows.append(arguments)
            self._demands.append([])
            self._right.append({})
        return place

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

    def _kept_at(self, index: int, outputs: Sequence[Value]) -> bool:
        places, known = self._kept[index]
        key = tuple([outputs[place] for place in places])
        kept = None if self._nested else known.get(key)
        if kept is None:

            def call(arguments: Row) -> Value:
                return outputs[self._places[arguments]] if arguments in self._places else None

            kept = all(holds(one, self.points[index], self.task, call) is not False for one in self._else)
            if len(known) < MOST_KNOWN:
                known[key] = kept
        return kept


def breaks(program: Program, point: Row, task: SygusTask) -> bool:
    """Return whether a program breaks a constraint for these values of the variables."""
    return any(holds(one, point, task, lambda row: evaluate(program, row)) is False for one in task.constraints)


def _applies(part: Program, task: SygusTask) -> bool:
    return isinstance(part, Apply) and (part.operator == task.function or any(_applies(a, task) for a in part.args))
