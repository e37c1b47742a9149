"""Which numbers, in which formats, an output may show: the format constants of a task's grammar are read off it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from dsl.strings.arithmetic import write_number

BITS: dict[str, float] = {
    "whole": 1.9, "fixed": 1.5, "at most": 2.3, "all": 1.5, "at least": 4.5, "some": 5.0, "digit": 0.2,
    "zeros": 1.0, "blanks": 2.0, "group": 0.5, "comma": 0.5, "money": 1.5, "parentheses": 1.0, "plus": 3.0,
    "short": 2.5, "percent": 0.7, "as written": 0.8,
}  # fmt: skip
MOST_DECIMALS = 12
MONEY = "$€£¥₹₩₽₺₫₪₱฿₦₴"

_POWERS = {"K": 3, "M": 6, "B": 9, "T": 12}
_TOKEN = re.compile(r"[0-9]+(?:[.,'’][0-9]+)*\.?")
_SPACED = re.compile(r"(?<![0-9.,])[0-9]{1,3}(?:[ \u00a0\u202f][0-9]{3})+(?:[.,][0-9]+)?(?![0-9])")
_READINGS = tuple(
    (
        point,
        re.compile(
            rf"(?P<whole>[0-9]{{1,3}}(?P<group>[{mark}'’ \u00a0\u202f])[0-9]{{3}}(?:(?P=group)[0-9]{{3}})*"
            rf"|[0-9]{{1,2}}(?P<indian>{re.escape(mark)})(?:[0-9]{{2}}{re.escape(mark)})+[0-9]{{3}}|[0-9]+)"
            rf"(?:{re.escape(point)}(?P<decimals>[0-9]*))?"
        ),
    )
    for point, mark in ((".", ","), (",", "."))
)


@dataclass(frozen=True, slots=True)
class Shown:
    """One way to see a number in an output: where, its value, and how it is written.

    `unit` is the value of the last digit shown; `rough` that of the last digit that is not 0.
    """

    start: int
    end: int
    value: Decimal
    unit: Decimal
    rough: Decimal
    whole: int
    decimals: str
    point: str
    group: str
    zeros: int
    blanks: int
    padding: int
    prefix: str
    suffix: str
    parentheses: bool
    plus: bool
    short: bool


@lru_cache(maxsize=256)
def readings(target: str) -> tuple[Shown, ...]:
    """Return the ways to see numbers in a text, from left to right."""
    return tuple(_readings(target))


def _readings(target: str) -> Iterator[Shown]:
    spans = [found.span() for found in _TOKEN.finditer(target)]
    spans += [found.span() for found in _SPACED.finditer(target)]
    for start, end in sorted(set(spans)):
        token = target[start:end]
        found = [(point, match) for point, pattern in _READINGS if (match := pattern.fullmatch(token))]
        if not found:
            for run in re.finditer("[0-9]+", token):
                match = _READINGS[0][1].fullmatch(run[0])
                assert match
                yield from _seen(target, start + run.start(), start + run.end(), ".", match)
        for point, match in found:
            if point == "," and match["decimals"] is None and not match["group"] and not match["indian"]:
                continue  # the same as with a point
            yield from _seen(target, start, end, point, match)


def _seen(target: str, start: int, end: int, point: str, match: re.Match[str]) -> Iterator[Shown]:
    whole = re.sub("[^0-9]", "", match["whole"])
    decimals = match["decimals"] or ""
    unit = Decimal(1).scaleb(-len(decimals))
    value = Decimal(f"{whole}.{decimals}")
    rough = Decimal(1).scaleb(_exponent(value.normalize())) if value else Decimal(10) ** 7
    group = match["group"] or (match["indian"] or "") * 2
    zeros = len(whole) if len(whole) > 1 and whole[0] == "0" else 1
    front, behind = target[:start], target[end:]
    prefix = re.search(rf"(?:[A-Z]{{0,2}}[{MONEY}] ?)?$", front)
    suffix = re.match(rf"%| ?[{MONEY}]|", behind)
    assert prefix and suffix
    before = front[: prefix.start()]
    sign = re.search(r"(?<![0-9A-Za-z)\]])[-−]$", before) is not None
    inner = re.search(r"(?<![0-9A-Za-z)\]])[-−]$", front) is not None
    parentheses = before.endswith("(") and behind[suffix.end() :].startswith(")")
    blanks = len(before) - len(before.rstrip(" ")) if not prefix[0] else 0
    padding = len(behind) - len(behind.lstrip(" "))
    if padding == 1 and behind != " ":
        padding = 0  # a blank between words
    signs = [1]
    if sign or inner or parentheses:
        signs = [-1, 1] if parentheses or re.search(r"[0-9A-Za-z]", before[:-1]) else [-1]
    letter = re.match(r"[KMBT](?![A-Za-z])", behind)
    scales = [0, _POWERS[letter[0]]] if letter else [0, -2] if suffix[0] == "%" else [0]
    for factor in signs:
        for power in scales:
            short = power > 0
            yield Shown(
                start, end, (value * factor).scaleb(power), unit.scaleb(power), rough.scaleb(power), len(whole),
                decimals, point if match["decimals"] is not None else "", group, zeros, blanks, padding, prefix[0],
                suffix[0], parentheses, before.endswith("+"), short,
            )  # fmt: skip


def _exponent(value: Decimal) -> int:
    exponent = value.as_tuple().exponent
    return exponent if isinstance(exponent, int) else 0


def formats(
    targets: Sequence[str],
    wanted: Sequence[Sequence[Shown]],
    signed: bool,
    money: bool,
    trailing: bool,
    fractional: bool,
) -> dict[str, float]:
    """Return the format codes in which every output can show a number, with what each costs in bits.

    `signed`: some number is negative; `money`: currency signs may be part of a format (where no example settles
    whether a minus sign goes before or behind, they may not); `trailing`: the column itself writes zeros at the end
    of decimals; `fractional`: some number may not be whole.
    """
    found: dict[str, float] = {}
    every = [one for shown in wanted for one in shown]
    for point in (".", ","):
        same = [one for one in every if one.point in ("", point)]
        if point == "," and not any(one.point == "," or one.group[:1] == "." for one in same):
            continue
        for group in dict.fromkeys(one.group for one in same):
            if group[:1] == point:
                continue
            endings = _decimals(same, point, trailing)
            if not fractional:
                del endings[f"{point}*"]
            for whole, whole_bits in _wholes(same, group).items():
                for decimals, bits in endings.items():
                    for front, back, more in _frames(same, signed, money):
                        code = f"{front[:1] if front[:1] == '+' else ''}{front.lstrip('+')}{whole}{decimals}{back}"
                        cost = whole_bits + bits + more + (BITS["comma"] if point == "," else 0.0)
                        if cost < found.get(code, 99.0) and _shows(targets, wanted, code):
                            found[code] = cost
    return found


def _wholes(shown: Sequence[Shown], group: str) -> dict[str, float]:
    if group:
        return {"#,##,##0".replace(",", group[0]) if len(group) > 1 else f"#{group}##0": BITS["group"]}
    found = {"0": 0.0}
    for one in shown:
        if one.zeros > 1:
            found["0" * one.zeros] = BITS["zeros"]
        if one.blanks and one.start == one.blanks:
            found["?" * (one.blanks + one.whole - 1) + "0"] = BITS["blanks"]
    return found


def _decimals(shown: Sequence[Shown], point: str, trailing: bool) -> dict[str, float]:
    lengths = sorted({len(one.decimals) for one in shown if len(one.decimals) <= MOST_DECIMALS})
    ending = {len(one.decimals) for one in shown if one.decimals.endswith("0")}
    fixed = BITS["fixed"] - (BITS["as written"] if trailing else 0.0)
    found = {"": BITS["whole"], f"{point}*": BITS["all"] + (BITS["as written"] if trailing else 0.0)}
    for length in filter(None, lengths):
        found[f"{point}{'0' * length}"] = fixed + BITS["digit"] * length
        found[f"{point}{'#' * length}"] = BITS["at most"] + BITS["digit"] * length
        if length in ending:
            found[f"{point}{'0' * length}*"] = BITS["at least"]
            for most in lengths:
                if most > length:
                    found[f"{point}{'0' * length}{'#' * (most - length)}"] = BITS["some"] + BITS["digit"] * most
    for one in shown:
        if one.padding and one.point:
            places = len(one.decimals) + one.padding
            found[f"{point}{'?' * places}"] = BITS["blanks"] + BITS["fixed"]
            found[f"{point}{'?' * places}*"] = BITS["blanks"] + BITS["all"]
    return found


def _frames(shown: Sequence[Shown], signed: bool, money: bool) -> list[tuple[str, str, float]]:
    """Return what stands around a number: (before, behind, bits)."""
    frames = [("", "", 0.0)]
    if any(one.plus for one in shown):
        frames.append(("+", "", BITS["plus"]))
    for one in shown:
        if one.short:
            frames.append((one.prefix, "a", BITS["short"]))
        if one.suffix == "%":
            frames.append(("", "%", BITS["percent"]))
        elif money and (one.prefix or (one.suffix and signed)):
            frames.append((one.prefix, one.suffix, BITS["money"]))
        if signed and one.parentheses and one.suffix != "%":
            more = BITS["money"] if one.prefix or one.suffix else 0.0
            frames.append((one.prefix, one.suffix + ";()", BITS["parentheses"] + more))
    return list(dict.fromkeys(frames))


def _shows(targets: Sequence[str], wanted: Sequence[Sequence[Shown]], code: str) -> bool:
    for target, shown in zip(targets, wanted, strict=True):
        for one in shown:
            text = write_number(one.value, code)
            if text and text in target and len(text) >= one.end - one.start:
                break
        else:
            return False
    return True
