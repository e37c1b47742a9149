"""Deduction: from what a program must write back to the programs that do, meeting the enumerated bank.

Goals run down the grammar. A rule whose operator has a witness turns a goal into goals for its arguments; one without
is tabulated on the row that drives the search. Small symbols come from the bank. Where an operator joins texts, the
search walks all outputs at once from left to right: a state is a tuple of places, one per output (a shortest-path
view of FlashFill's DAG intersection, Gulwani 2011). Entries keep their values on all rows, so two programs that differ
anywhere in the column stay apart and two that do not are one.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product

from dsl.grammar import Grammar, Literals, Rule, Symbol, log_sum
from dsl.interpreter import apply_all
from dsl.operator import Infixes, Operator
from dsl.program import Apply, Constant, Input
from dsl.strings.tokens import kinds
from dsl.task import Row
from dsl.types import TEXT, Value, as_text
from pbe.budget import Meter
from pbe.enumeration import Bank, Entry, Option, Vector, leaf_vector
from pbe.version_space import EMPTY, Join, Union, VersionSpace

BEAM = 48
"""Entries kept per goal, the most probable first."""
ALL_CUTS = 40
"""Outputs up to this length may be cut anywhere, longer ones only where the kind of character changes."""
MAX_CUTS = 60

BLANK, WRITTEN, UNDEFINED = 0, -1, -2
"""States of a row that must stay blank: nothing written so far, something written, some part undefined."""

Targets = Mapping[int, str | None]
"""What programs must write: per row (its index) a text, or None for a blank cell."""

State = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Step:
    """One way on for a symbol: a piece and then the rest, a last piece (no rest), or another symbol (no piece)."""

    log_weight: float
    piece: Symbol | None
    rest: Symbol | None
    operator: Operator | None = None


class Goals:
    """From a value that a symbol's program must have on one row, the driving one, to values of the program's parts."""

    def __init__(self, grammar: Grammar, bank: Bank, rows: Sequence[Row], meter: Meter, driver: int) -> None:
        self.grammar, self.bank, self.rows, self.meter, self.driver = grammar, bank, rows, meter, driver
        self.inputs = Infixes(tuple(filter(None, map(as_text, rows[driver]))))
        self._entries: dict[tuple[Symbol, Value], list[Entry]] = {}
        self._closed: dict[Symbol, bool] = {}
        self._tables: dict[Symbol, dict[Value, list[tuple[Rule, float, tuple[Value, ...]]]]] = {}

    def entries(self, symbol: Symbol, value: Value) -> list[Entry]:
        """Return the entries of a symbol that have this value on the driving row, at most BEAM."""
        if symbol in self.bank:
            return self.bank.index(symbol, self.driver).get(value, [])
        key = symbol, value
        if key not in self._entries:
            self.meter.spend(1 + len(value) // 50 if isinstance(value, str) else 1)
            self._entries[key] = []  # a goal met again below itself adds nothing
            self._entries[key] = self._deduce(symbol, value)
        return self._entries[key]

    def _deduce(self, symbol: Symbol, value: Value) -> list[Entry]:
        merged: dict[Vector, Entry] = {}

        def add(values: Vector, rule: Rule, weight: float, children: tuple[Entry, ...] = ()) -> None:
            entry = merged.get(values)
            if entry is None:
                entry = merged[values] = Entry(values)
            entry.options.append(Option(rule, weight, children))

        for rule, weight in self.grammar.by_lhs[symbol]:
            head = rule.head
            if head is None:
                for child in self.entries(rule.rhs[0], value):
                    add(child.values, rule, weight, (child,))
            elif isinstance(head, Literals):
                constant = Rule(symbol, Constant(value, TEXT))
                add((value,) * len(self.rows), constant, weight + head.log_prob(value))
            elif isinstance(head, Operator):
                if head.joins:
                    raise ValueError(f"{head.name} joins texts; ask `solve` for symbols that it can begin")
                function = Apply(head, ())
                for goals in self.goals(rule, value):
                    choices = [self.entries(part, goal) for part, goal in zip(rule.rhs, goals, strict=True)]
                    for children in product(*choices):
                        self.meter.spend()
                        add(apply_all(function, [c.values for c in children]), rule, weight, children)
            else:
                values = leaf_vector(head, self.rows)
                if values[self.driver] == value:
                    add(values, rule, weight)
        entries = list(merged.values())
        if len(entries) > BEAM:
            entries.sort(key=lambda entry: -entry.log_mass)
            del entries[BEAM:]
        return entries

    def goals(self, rule: Rule, value: Value) -> Iterator[tuple[Value, ...]]:
        """Yield the argument values on the driving row from which the rule's operator makes `value`."""
        assert isinstance(rule.head, Operator)
        if rule.head.witness is not None and not self.tabulated(rule):
            yield from rule.head.witness(value, [self.domain(part) for part in rule.rhs])
        else:
            for known, _, goals in self.table(rule.lhs).get(value, ()):
                if known is rule:
                    yield goals

    def domain(self, symbol: Symbol) -> Collection[Value]:
        """Return the values that a symbol can have on the driving row, or the texts they are part of."""
        if symbol in self.bank:
            return self.bank.index(symbol, self.driver)
        return self.table(symbol) if self.closed(symbol) else self.inputs

    def closed(self, symbol: Symbol) -> bool:
        """Return whether all values of a symbol on a row can be listed: no rule of it needs a witness."""
        if symbol not in self._closed:
            self._closed[symbol] = symbol in self.bank or all(
                self._listable(rule, symbol) and all(map(self.closed, rule.rhs))
                for rule, _ in self.grammar.by_lhs[symbol]
            )
        return self._closed[symbol]

    def _listable(self, rule: Rule, symbol: Symbol) -> bool:
        """Return whether a rule's results are listed: open literals never are, texts with a witness need not be."""
        if isinstance(rule.head, Operator):
            return rule.head.witness is None or self.grammar.type_of(symbol) is not TEXT
        return not isinstance(rule.head, Literals)

    def tabulated(self, rule: Rule) -> bool:
        """Return whether a rule's results are listed in the table of its symbol rather than found by a witness."""
        return (
            isinstance(rule.head, Operator)
            and all(self.closed(part) for part in rule.rhs)
            and (self._listable(rule, rule.lhs) or any(part not in self.bank for part in rule.rhs))
        )

    def table(self, symbol: Symbol) -> dict[Value, list[tuple[Rule, float, tuple[Value, ...]]]]:
        """Return, by result on the driving row, the tabulated applications of a symbol's rules."""
        if symbol in self._tables:
            return self._tables[symbol]
        table: dict[Value, list[tuple[Rule, float, tuple[Value, ...]]]] = {}
        for rule, weight in self.grammar.by_lhs[symbol]:
            if rule.head is None and self.closed(rule.rhs[0]):
                for value in self.domain(rule.rhs[0]):
                    table.setdefault(value, []).append((rule, weight, (value,)))
            elif isinstance(rule.head, Constant | Input):
                value = leaf_vector(rule.head, self.rows)[self.driver]
                if value is not None:
                    table.setdefault(value, []).append((rule, weight, ()))
            elif isinstance(rule.head, Operator) and self.tabulated(rule):
                function = rule.head.apply
                for arguments in product(*[self.domain(part) for part in rule.rhs]):
                    self.meter.spend()
                    value = function(*arguments)
                    if value is not None:
                        table.setdefault(value, []).append((rule, weight, arguments))
        self._tables[symbol] = table
        return table

    def whole(self, symbol: Symbol) -> bool:
        """Return whether a symbol derives whole outputs, by joining pieces, rather than a piece."""
        return any(
            (isinstance(rule.head, Operator) and rule.head.joins) or (rule.head is None and self.whole(rule.rhs[0]))
            for rule, _ in self.grammar.by_lhs[symbol]
        )


class Deduction(Goals):
    """The programs of a grammar that write given targets on given rows, each joined part of them not empty on `driver`.

    `driver` is the row whose target the search starts from; it must have one that is not blank. `cuts` are the
    places where that target may be cut, by default `cut_places`. `start` is the symbol to derive, by default the
    grammar's. Rules that choose (operators that are not strict) are left to `pbe.conditions`.
    """

    def __init__(
        self,
        grammar: Grammar,
        bank: Bank,
        rows: Sequence[Row],
        targets: Targets,
        meter: Meter,
        driver: int,
        cuts: Sequence[int] | None = None,
        start: Symbol | None = None,
    ) -> None:
        super().__init__(grammar, bank, rows, meter, driver)
        self.targets, self.start = dict(targets), start or grammar.start
        target = targets[driver]
        if not target:
            raise ValueError("the driving row needs an output that is not blank")
        self.target: str = target
        self.others = [(row, text) for row, text in targets.items() if row != driver and text]
        self.cuts = cut_places(self.target) if cuts is None else cuts
        self.bounds: dict[tuple[Symbol, int], float] = {}
        """The log mass that `solve` found from each place in the driving output on."""
        self._pieces: dict[tuple[Symbol, int], list[tuple[int, list[Entry]]]] = {}
        self._steps: dict[Symbol, list[Step]] = {}

    def solve(self, *, classes: bool = False) -> VersionSpace:
        """Return the space of all programs of the start symbol that write every target.

        With `classes`, an entry is one leaf, so that listing by mass walks behaviours rather than programs.
        """
        begin = tuple([BLANK if text is None else 0 for text in self.targets.values()])
        walk = _Walk(self, classes)
        space = walk.space(self.start, begin)
        totals: dict[tuple[Symbol, int], list[float]] = {}
        for (symbol, state), part in walk.known.items():
            totals.setdefault((symbol, state[walk.lead]), []).append(part.log_mass)
        self.bounds = {key: log_sum(masses) for key, masses in totals.items()}
        return space

    def mass(self, targets: Targets, floor: float = -math.inf) -> float:
        """Return the log mass (nats) of the programs that write these targets, which must include this search's own.

        Parts too small to matter beside `floor`, a known lower bound, are left out; call `solve` first.
        """
        return _Masses(self, targets, floor).mass()

    def steps(self, symbol: Symbol) -> list[Step]:
        """Return how a symbol's programs write an output from some place on."""
        if symbol not in self._steps:
            self._steps[symbol] = []
            for rule, weight in self.grammar.by_lhs[symbol]:
                if rule.head is None:
                    (part,) = rule.rhs
                    step = Step(weight, None, part) if self.grammar.joins(part) else Step(weight, part, None)
                    self._steps[symbol].append(step)
                elif isinstance(rule.head, Operator) and rule.head.joins:
                    piece, rest = rule.rhs
                    self._steps[symbol].append(Step(weight, piece, rest, rule.head))
                elif not _left_out(rule):
                    raise ValueError(f"the rule {rule} neither joins nor chains")
        return self._steps[symbol]

    def pieces(self, symbol: Symbol, start: int) -> list[tuple[int, list[Entry]]]:
        """Return (end, entries) for the parts of the driving target that begin at `start` and fit all targets."""
        key = symbol, start
        if key not in self._pieces:
            found = []
            for end in self.cuts:
                if end > start:
                    entries = [e for e in self.entries(symbol, self.target[start:end]) if self._fits(e.values)]
                    if entries:
                        found.append((end, entries))
            self._pieces[key] = found
        return self._pieces[key]

    def _fits(self, values: Vector) -> bool:
        for row, text in self.others:
            value = values[row]
            if value is None or value not in text:
                return False
        return True


def deducible(grammar: Grammar) -> bool:
    """Return whether whole outputs are nothing but joined pieces, so that deduction alone finds every program."""
    return all(
        _walked(rule) or _left_out(rule)
        for symbol in grammar.chained(grammar.start)
        if grammar.joins(symbol)
        for rule, _ in grammar.by_lhs[symbol]
    ) and grammar.joins(grammar.start)


def _left_out(rule: Rule) -> bool:
    """Return whether a rule is none of deduction's business: it writes a blank cell or chooses."""
    return rule.head == Constant("", TEXT) or (isinstance(rule.head, Operator) and not rule.head.strict)


def _walked(rule: Rule) -> bool:
    """Return whether the walk takes a rule's step itself, so that a piece from the bank must not."""
    return rule.head is None or (isinstance(rule.head, Operator) and rule.head.joins)


def cut_places(target: str) -> list[int]:
    """Return the places where an output may be cut: all of them, or in long outputs where the kind changes."""
    if len(target) <= ALL_CUTS:
        return list(range(len(target) + 1))
    kind = kinds(target)
    places = [0, *(i for i in range(1, len(target)) if kind[i] != kind[i - 1]), len(target)]
    return places if len(places) <= MAX_CUTS else outermost(places, MAX_CUTS)


def outermost(places: Sequence[int], most: int) -> list[int]:
    """Return the first and last of some places, about `most` together."""
    half = most // 2
    return sorted({*places[:half], *places[-half:]})


class _Walk:
    """Builds the version space over states: one place per target."""

    def __init__(self, deduction: Deduction, classes: bool) -> None:
        self.deduction, self.classes = deduction, classes
        self.rows = list(deduction.targets)
        self.texts = list(deduction.targets.values())
        self.lead = self.rows.index(deduction.driver)
        self.known: dict[tuple[Symbol, State], VersionSpace] = {}
        self.leaves: dict[int, VersionSpace] = {}

    def space(self, symbol: Symbol, state: State) -> VersionSpace:
        key = symbol, state
        if key not in self.known:
            self.known[key] = EMPTY
            options = [o for o in self._options(symbol, state) if o.count]
            self.known[key] = Union.of(tuple(options)) if options else EMPTY
        return self.known[key]

    def _options(self, symbol: Symbol, state: State) -> Iterator[VersionSpace]:
        end = len(self.deduction.target)
        for step in self.deduction.steps(symbol):
            if step.piece is None:
                assert step.rest is not None
                yield Union.of((self.space(step.rest, state),), step.log_weight)
                continue
            for stop, entries in self.deduction.pieces(step.piece, state[self.lead]):
                if (stop == end) == (step.rest is not None):
                    continue
                for entry in entries:
                    self.deduction.meter.spend()
                    after = self.step(state, entry.values)
                    if after is None:
                        continue
                    if step.operator is not None and step.rest is not None:
                        rest = self.space(step.rest, after)
                        if rest.count:
                            yield Join.of(step.operator, (self.leaf(entry), rest), step.log_weight)
                    elif self.done(after):
                        yield Union.of((self.leaf(entry),), step.log_weight)

    def leaf(self, entry: Entry) -> VersionSpace:
        if id(entry) not in self.leaves:
            self.leaves[id(entry)] = entry.leaf if self.classes else entry.space
        return self.leaves[id(entry)]

    def step(self, state: State, values: Vector) -> State | None:
        places = []
        for row, text, place in zip(self.rows, self.texts, state, strict=True):
            value = values[row]
            if text is None:
                if value is None or place == UNDEFINED:
                    places.append(UNDEFINED)
                else:
                    places.append(WRITTEN if value else place)
            elif value is None or not text.startswith(value, place):
                return None
            else:
                places.append(place + len(value))
        return tuple(places)

    def done(self, state: State) -> bool:
        return all(
            place != WRITTEN if text is None else place == len(text)
            for text, place in zip(self.texts, state, strict=True)
        )


class _Masses(_Walk):
    """Sums probabilities over the same walk, for more targets than the search had, without building spaces.

    States are visited in order of their place in the driving output. `bounds` are the masses that the search found
    possible from each place on; a state whose share of the whole is below e ** -IGNORED of `floor` is left out.
    """

    IGNORED = 14.0

    def __init__(self, deduction: Deduction, targets: Targets, floor: float) -> None:
        super().__init__(deduction, classes=True)
        self.rows, self.texts = list(targets), list(targets.values())
        self.lead = self.rows.index(deduction.driver)
        self.least = floor - self.IGNORED

    def mass(self) -> float:
        end = len(self.deduction.target)
        waiting: list[dict[tuple[Symbol, State], float]] = [{} for _ in range(end)]
        waiting[0][self.deduction.start, (0,) * len(self.rows)] = 0.0
        finished = -math.inf
        for place in range(end):
            while waiting[place]:
                key = next(iter(waiting[place]))
                log_mass = waiting[place].pop(key)
                if log_mass + self.bound(key[0], place) >= self.least:
                    finished = log_add(finished, self._advance(*key, place, log_mass, waiting))
        return finished

    def bound(self, symbol: Symbol | None, place: int) -> float:
        return self.deduction.bounds.get((symbol, place), -math.inf) if symbol else 0.0

    def _advance(
        self,
        symbol: Symbol,
        state: State,
        place: int,
        log_mass: float,
        waiting: list[dict[tuple[Symbol, State], float]],
    ) -> float:
        """Move a state's mass on by one step; return the mass of what ends here."""
        end, finished = len(waiting), -math.inf
        for step in self.deduction.steps(symbol):
            if step.piece is None:
                assert step.rest is not None
                _add_mass(waiting[place], (step.rest, state), log_mass + step.log_weight)
                continue
            for stop, entries in self.deduction.pieces(step.piece, place):
                if (stop == end) == (step.rest is not None):
                    continue
                self.deduction.meter.spend(len(entries))
                least = self.least - log_mass - step.log_weight - self.bound(step.rest, stop)
                for entry in entries:
                    if entry.log_mass < least or (after := self.step(state, entry.values)) is None:
                        continue
                    total = log_mass + step.log_weight + entry.log_mass
                    if step.rest is not None:
                        _add_mass(waiting[stop], (step.rest, after), total)
                    elif self.done(after):
                        finished = log_add(finished, total)
        return finished


def _add_mass(masses: dict[tuple[Symbol, State], float], key: tuple[Symbol, State], log_mass: float) -> None:
    masses[key] = log_add(masses.get(key, -math.inf), log_mass)


def log_add(first: float, second: float) -> float:
    """Return log(exp(first) + exp(second))."""
    if first < second:
        first, second = second, first
    return first if second == -math.inf else first + math.log1p(math.exp(second - first))
