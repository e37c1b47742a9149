"""Which number programs a task calls for: constants, formats and ranges that its examples suggest.

Numbers, factors and formats are open families, so the grammar lists those members on which every example can be
right. What is listed keeps the probability that it has in the whole family: the rest goes to programs that are
undefined everywhere, so that a family does not gain by losing members.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

from dsl.grammar import Rule
from dsl.program import Constant, Input
from dsl.strings import numbers as n
from dsl.strings.arithmetic import plain_number
from dsl.strings.number_columns import (
    ENDING,
    WORD,
    NumberColumn,
    Source,
    Vector,
    conceivable,
    number_columns,
    sources,
)
from dsl.strings.number_formats import Shown, formats, readings
from dsl.strings.numbers import NUMBER, NUMBER_FORMAT, NUMBER_STYLE, NumberFormat
from dsl.task import Task
from dsl.types import INTEGER, TEXT, Type, Value, as_text

BITS: dict[str, float] = {
    # Piece → Number text
    "number": 4.5,
    # Number text
    "text": 0.4, "range": 3.0, "plain": 1.2, "ordinal": 4.0, "spelled": 6.0,
    # Number
    "read": 1.2, "product": 2.5, "sum": 3.5, "linear": 5.0, "rounded": 1.8, "rounded product": 4.0, "absolute": 4.0,
    "after rounding": 5.0, "significant": 4.5, "figure": 0.7,
    # Reading
    "whole": 1.0, "inside": 1.6,
    # Rounding
    "round_nearest": 1.0, "round_down": 2.2, "round_up": 2.7, "truncate": 4.0,
    # Ranges: where they start and how wide they are
    "from 0": 0.5, "from 1": 2.5, "from elsewhere": 4.0, "touching": 1.2, "apart": 1.0,
}  # fmt: skip

STEPS = tuple(
    Decimal(step)
    for step in (
        "1", "10", "5", "100", "0.5", "0.1", "1000", "0.01", "0.05", "0.25", "25", "50", "2", "20", "15", "30", "500",
        "250", "200", "3", "4", "6", "8", "12", "7", "24", "40", "60", "90", "120", "2000", "2500", "5000", "10000",
        "50000", "100000", "1000000", "0.2", "0.02", "0.001", "0.0001", "0.005", "0.125", "0.025", "0.75", "1.5", "2.5",
    )
)  # fmt: skip
FACTORS = tuple(
    Decimal(factor)
    for factor in (
        "10", "100", "1000", "10000", "100000", "1000000", "1000000000", "2", "3", "4", "5", "6", "7", "8", "9", "12",
        "15", "16", "20", "24", "25", "30", "36", "40", "48", "50", "52", "60", "64", "90", "120", "144", "180", "200",
        "250", "360", "365", "500", "1024", "1440", "3600", "86400", "1.1", "1.2", "1.25", "1.5", "1.8", "1.609344",
        "2.5", "2.54", "0.3048", "0.45359237", "2.2", "3.6", "0.5", "0.9", "0.8", "0.75", "0.25", "0.2",
    )
)  # fmt: skip
UNITS = tuple(map(Decimal, ("1", "0.1", "0.01")))
SHIFTS = (-2, -3, 3, 2, -1, 1, -4, 4, -5, 5, -6, 6, -9, 9)
POWERS = tuple(Decimal(10) ** k for k in (1, 2, 3, 4, 5, 6, 9))
MOST_STEP_BITS = 10.0
"""What the step of a range may cost."""
MOST_CONSTANTS = 6
"""Members of a family that are listed, the roundest first."""

Weights = list[tuple[Rule, float]]
Wanted = Sequence[Sequence[Shown]]
"""For each example the ways to see a number in its output."""


def number_rules(task: Task) -> Weights:
    """Return the weighted rules of number programs, for the symbol "Piece"; nothing where none is conceivable."""
    examples = [
        (tuple([as_text(cell) or "" for cell in example.inputs]), example.target)
        for example in task.examples
        if example.target
    ]
    targets = [target for _, target in examples if target]
    inputs = [cells for cells, _ in examples]
    if not examples or not conceivable(list(zip(inputs, targets, strict=True))):
        return []
    columns = number_columns(task)
    found = list(sources(inputs, columns))
    return _Rules(found, targets, columns).rules() if found else []


_BETWEEN = re.compile(r"(?i)^[^0-9]*(?:[-‐‑–—−~,;…]|\.\.|\b(?:to|and|through|thru|until|till|up to)\b)[^0-9]*$")
"""What stands between the ends of a range."""
_KNOWN = {
    "1": 2.6, "5": 3.4, "25": 3.9, "2": 4.2, "15": 5.0, "3": 5.0, "4": 5.0, "6": 5.0, "12": 5.0, "24": 5.5, "125": 6.5,
}  # fmt: skip


def constant_bits(value: Decimal) -> float:
    """Return what a constant costs: little where it is round."""
    if not value:
        return 3.0
    sign, digits, exponent = value.normalize().as_tuple()
    assert isinstance(exponent, int)
    kept = "".join(map(str, digits))
    bits = float(_KNOWN.get(kept, 2.0 + 3.2 * len(kept)) + 0.4 * abs(exponent))
    return bits + (1.5 if sign else 0.0)


class _Rules:
    def __init__(
        self,
        sources: Sequence[Source],
        targets: Sequence[str],
        columns: Mapping[int, NumberColumn],
    ) -> None:
        self.sources, self.targets, self.columns = sources, targets, columns
        self.wanted: Wanted = [readings(target[:400]) for target in targets]
        self.used: dict[Source, None] = {}
        self.factors: dict[Decimal, None] = {}
        self.divisors: dict[Decimal, None] = {}
        self.amounts: dict[Decimal, None] = {}
        self.linear: dict[Decimal, None] = {}
        self.steps: dict[str, dict[Decimal, None]] = {}
        self.product_steps: dict[str, dict[Decimal, None]] = {}
        self.ranges: dict[tuple[Decimal, Decimal, Decimal, str], None] = {}
        self.after: dict[Decimal, None] = {}
        self.figures: dict[int, None] = {}
        self.absolute = False

    def rules(self) -> Weights:
        if all(self.wanted):
            for source in self.sources:
                self.suggest(source)
        words = any(WORD.search(target) for target in self.targets)
        endings = any(ENDING.search(target) for target in self.targets)
        if words or endings:
            self.used.update(dict.fromkeys(self.sources))
        plain = self._plain()
        if not self.used:
            return [(Rule("Piece", None, ("Number text",)), _w("number")), *plain] if plain else []
        used = [self.columns[source.column] for source in self.used]
        signed = any(value < 0 for source in self.used for value in source.values)
        money = signed or not any(column.negative for column in used)
        trailing = any(column.trailing for column in used)
        constants = (*self.factors, *self.amounts, *self.linear, *(s for how in self.steps.values() for s in how))
        fractional = bool(
            self.divisors or any(column.fractional for column in used) or any(value % 1 for value in constants)
        )
        shown = formats(self.targets, self.wanted, signed, money, trailing, fractional)
        rules = [(Rule("Piece", None, ("Number text",)), _w("number")), *plain, *self._numbers()]
        if shown:
            rules.append((Rule("Number text", n.number_text, ("Number", "Number format")), _w("text")))
            rules += [
                (Rule("Number format", Constant(NumberFormat(code), NUMBER_FORMAT)), 2.0**-bits)
                for code, bits in shown.items()
            ]
        if endings:
            rules.append((Rule("Number text", n.ordinal, ("Number",)), _w("ordinal")))
        if words:
            rules.append((Rule("Changed", n.spelled, ("Number read",)), _w("spelled")))
        if self.ranges and shown:
            rules += self._ranges()
        return rules if any(rule.lhs == "Number text" for rule, _ in rules) else rules[1:]

    # ------------------------------------------------------------ what the examples suggest

    def suggest(self, source: Source) -> None:
        values = source.values
        if self.fits(values):
            self.used[source] = None
        if min(values) < 0 and self.fits(tuple(map(abs, values))):
            self.used[source], self.absolute = None, True
        self._round(source, values, self.steps, 100)
        for factor in (*FACTORS, Decimal(-1)):
            for operator, known in ((n.multiply, self.factors), (n.divide, self.divisors)):
                if operator is n.divide and factor < 1:
                    continue
                product = tuple([operator.apply(value, factor) for value in values])
                if any(values) and self.fits(product):
                    self.used[source] = known[factor] = None
                    if factor not in POWERS:
                        self._round(source, product, self.product_steps, 1, UNITS)
                if factor in POWERS and self._round(source, product, self.product_steps, 10):
                    known[factor] = None
        self._relation(source)
        self._range(source)

    def fits(self, values: Vector, *, roughly: int = 0, exactly: bool = False) -> bool:
        """Return whether every example's output has a number that can stand for its value: rounded or cut, or with
        `roughly` so many units of its last digit that is not 0 away, or with `exactly` the value itself."""
        for value, shown in zip(values, self.wanted, strict=True):
            for one in shown:
                gap = abs(value - one.value)
                if gap == 0 or (not exactly and gap < (one.rough * roughly if roughly else one.unit)):
                    break
            else:
                return False
        return True

    def _round(
        self,
        source: Source,
        values: Vector,
        steps: dict[str, dict[Decimal, None]],
        roughly: int,
        among: Sequence[Decimal] = STEPS,
    ) -> bool:
        found = False
        if not self.fits(values, roughly=roughly):
            return found
        for name, rounding in n.ROUNDINGS.items():
            if name == "truncate" and min(values) >= 0:
                continue
            for step in among:
                rounded = tuple([rounding.apply(value, step) for value in values])
                if rounded != values and self.fits(rounded, exactly=True):
                    steps.setdefault(name, {})[step] = None
                    self.used[source] = None
                    found = True
                elif (
                    (name == "round_down" and step > 1 and values is source.values)
                    and self.fits(tuple([value + step for value in rounded]), exactly=True)
                ):  # fmt: skip
                    steps.setdefault(name, {})[step] = None
                    self.used[source] = self.after[step] = None
        if among is STEPS:
            for figures in range(1, 6):
                cut = tuple([n.significant.apply(value, figures) for value in values])
                if values is source.values and cut != values and self.fits(cut, exactly=True):
                    self.used[source] = self.figures[figures] = None
        return found

    def _relation(self, source: Source) -> None:
        """Suggest what to add, or with two examples a factor and what to add to the product."""
        values = source.values
        for one in self.wanted[0]:
            amount = (one.value - values[0]).normalize()
            if amount and _short(amount, 4) and self.fits(tuple([v + amount for v in values]), exactly=True):
                self.used[source] = self.amounts[amount] = None
        second = next((i for i, value in enumerate(values) if value != values[0]), None)
        if second is None:
            return
        for one in self.wanted[0]:
            for two in self.wanted[second]:
                factor = ((two.value - one.value) / (values[second] - values[0])).normalize()
                if factor in (0, 1) or not _short(factor, 4):
                    continue
                rest = (one.value - factor * values[0]).normalize()
                if not _short(rest, 4) or not self.fits(tuple([v * factor + rest for v in values]), exactly=True):
                    continue
                if abs(factor) < 1 and 1 / factor == int(1 / factor):
                    self.used[source] = self.divisors[(1 / factor).normalize()] = None
                else:
                    self.used[source] = self.factors[factor] = None
                if rest:
                    self.linear[rest] = None

    def _range(self, source: Source) -> None:
        possible: set[tuple[Decimal, Decimal, Decimal, str]] | None = None
        for value, target, shown in zip(source.values, self.targets, self.wanted, strict=True):
            found = set()
            for one in shown:
                for two in shown:
                    separator = target[one.end : two.start]
                    if len(separator) > 12 or not _BETWEEN.search(separator) or not one.value < two.value:
                        continue
                    width = two.value - one.value
                    for step in (width, width + one.unit):
                        if constant_bits(step) <= MOST_STEP_BITS and one.value <= value < one.value + step:
                            found.add((step.normalize(), (one.value % step).normalize(), width.normalize(), separator))
            possible = found if possible is None else possible & found
        for choice in sorted(possible or ()):
            self.ranges[choice] = self.used[source] = None

    # ------------------------------------------------------------ rules

    def _plain(self) -> Weights:
        """Return the rules that write a cell's own digits, with the point moved as the examples suggest."""
        rules: Weights = []
        for column, shown in self.columns.items():
            whole = [s.values for s in self.sources if s.column == column and not s.k]
            shifts = [
                shift
                for shift in (0, *SHIFTS)
                if any(self._stands([plain_number(v, shift) for v in values]) for values in whole)
            ]
            if shifts:
                cell, style, symbol = (f"{what}x{column + 1}" for what in ("", "Style of ", "Shift of "))
                bits = {shift: 2.5 + 0.4 * abs(shift) if shift else 0.3 for shift in shifts}
                rules += [(Rule("Number text", n.plain, (cell, style, symbol)), _w("plain"))]
                rules += [(Rule(cell, Input(column)), 1.0), *_style_rules(column, shown)]
                rules += _shares(symbol, bits, INTEGER)
                rules.append((Rule(symbol, Constant(99, INTEGER)), _rest(bits.values())))
        return rules

    def _stands(self, texts: Sequence[str | None]) -> bool:
        return all(text and text in target for text, target in zip(texts, self.targets, strict=True))

    def _numbers(self) -> Weights:
        read, nothing = "Number read", "No number"
        rules: Weights = [
            (Rule("Number", None, (read,)), _w("read")),
            (Rule(nothing, Constant(Decimal(0), NUMBER)), 1.0),
        ]
        used = list(self.used)
        for column in sorted({source.column for source in used}):
            cell, style = f"x{column + 1}", f"Style of x{column + 1}"
            rules.append((Rule(cell, Input(column)), 1.0))
            rules += _style_rules(column, self.columns[column])
            rules.append((Rule(read, n.number, (cell, style)), _w("whole")))
            rules.append((Rule(read, n.number_in, (cell, style, "Number count")), _w("inside")))
        counts = {source.k for source in used if source.k} or {1}
        rules += _shares("Number count", {k: 1.0 + 1.4 * (abs(k) - 1) + (0.7 if k < 0 else 0) for k in counts}, INTEGER)
        rules.append((Rule("Number count", Constant(0, INTEGER)), _rest(1.0 + 1.4 * (abs(k) - 1) for k in counts)))
        if self.absolute:
            rules.append((Rule("Number", n.absolute, (read,)), _w("absolute")))
        if self.figures:
            bits = {figures: 1.0 + BITS["figure"] * figures for figures in self.figures}
            rules.append((Rule("Number", n.significant, (read, "Figures")), _w("significant")))
            rules += _shares("Figures", bits, INTEGER)
            rules.append((Rule("Figures", Constant(0, INTEGER)), _rest(bits.values())))
        if self.after:
            rules.append((Rule("Number", n.add, ("Rounded", "Amount after rounding")), _w("after rounding")))
            rules += self._family("Amount after rounding", self.after)
        for operator, symbol, chosen in ((n.multiply, "Factor", self.factors), (n.divide, "Divisor", self.divisors)):
            if chosen:
                rules.append((Rule("Product", operator, (read, symbol)), 1.0))
                rules += self._family(symbol, chosen)
        products = bool(self.factors or self.divisors)
        if products:
            rules.append((Rule("Number", None, ("Product",)), _w("product")))
        if self.amounts:
            rules.append((Rule("Number", n.add, (read, "Amount added")), _w("sum")))
            rules += self._family("Amount added", self.amounts)
        if self.linear and products:
            rules.append((Rule("Number", n.add, ("Product", "Amount after")), _w("linear")))
            rules += self._family("Amount after", self.linear)
        for steps, base, name in ((self.steps, read, "rounded"), (self.product_steps, "Product", "rounded product")):
            if not steps or (base == "Product" and not products):
                continue
            rules.append((Rule("Number", None, (name.capitalize(),)), _w(name)))
            for how, chosen in steps.items():
                symbol = f"Step of {how} {name}"
                rules.append((Rule(name.capitalize(), n.ROUNDINGS[how], (base, symbol)), _w(how)))
                rules += self._family(symbol, chosen)
            missing = 1 - sum(_w(how) for how in steps)
            rules.append((Rule(name.capitalize(), n.divide, (nothing, nothing)), max(missing, 0.0)))
        return rules

    def _family(self, symbol: str, chosen: dict[Decimal, None]) -> Weights:
        bits = {value: constant_bits(value) for value in sorted(chosen, key=constant_bits)[:MOST_CONSTANTS]}
        nothing = (Rule(symbol, n.divide, ("No number", "No number")), _rest(bits.values()))
        return [*_shares(symbol, bits, NUMBER), nothing]

    def _ranges(self) -> Weights:
        rules: Weights = []
        for index, (step, start, width, separator) in enumerate(self.ranges):
            bits = constant_bits(step)
            bits += BITS["from 0"] if not start else BITS["from 1"] if start == 1 else BITS["from elsewhere"]
            bits += constant_bits(start) if start > 1 else 0.0
            bits += BITS["touching" if width == step else "apart"] + 1.0 + 0.7 * len(separator)
            symbols = [f"{what} of range {index + 1}" for what in ("Step", "Start", "Width", "Separator")]
            parts = ("Number read", *symbols, "Number format")
            rules.append((Rule("Number text", n.number_range, parts), _w("range") * 2.0**-bits))
            kinds = (NUMBER, NUMBER, NUMBER, TEXT)
            for symbol, value, kind in zip(symbols, (step, start, width, separator), kinds, strict=True):
                rules.append((Rule(symbol, Constant(value, kind)), 1.0))
        return rules


def _style_rules(column: int, shown: NumberColumn) -> Weights:
    symbol = f"Style of x{column + 1}"
    return [(Rule(symbol, Constant(style, NUMBER_STYLE)), 4.0 if style is n.POINT else 1.0) for style in shown.styles]


def _shares(symbol: str, bits: Mapping[Value, float], kind: Type) -> Weights:
    return [(Rule(symbol, Constant(value, kind)), 2.0**-cost) for value, cost in bits.items()]


def _rest(bits: Iterable[float]) -> float:
    return max(1e-6, 1.0 - sum([float(2.0**-cost) for cost in bits]))


def _short(value: Decimal, most: int) -> bool:
    """Return whether a number has few digits, so that it may be somebody's constant."""
    if not value:
        return True
    _, digits, exponent = value.normalize().as_tuple()
    return len(digits) <= most and isinstance(exponent, int) and -6 <= exponent <= 9


def _w(name: str) -> float:
    return float(2.0 ** -BITS[name])


__all__ = ["BITS", "constant_bits", "number_rules"]
