"""Reading, rounding and writing exact decimal numbers. Each function stands by itself on the standard library: the
Python that programs are written out to contains them word for word (`dsl.emit.python.numbers`).
"""

from __future__ import annotations

import decimal
import functools
import re


@functools.lru_cache(maxsize=1 << 14)
def read_number(text: str, point: str) -> decimal.Decimal | None:
    """Return the number that a text consists of, None if it is none; `point` is the decimal mark, "." or ",".

    Currency, thousands marks, exponents, a percent sign (a hundredth), K M B T, an ordinal's ending, a minus sign on
    either side and an accountant's parentheses are understood.
    """
    mark = "," if point == "." else r"\."
    money = r"(?:[A-Z]{0,2}[$€£¥₹₩₽₺₫₪₱฿₦₴]|[A-Z]{3}|Rs\.?|kr\.?)"
    found = re.fullmatch(
        rf"(?P<open>\()?(?P<front>[-+−]?)(?:{money}\s?)?(?P<inner>[-+−]?)"
        rf"(?P<whole>[0-9]{{1,3}}(?P<mark>[{mark}'’ \u00a0\u202f])[0-9]{{3}}(?:(?P=mark)[0-9]{{3}})*"
        rf"|[0-9]{{1,2}}(?:{mark}[0-9]{{2}})+{mark}[0-9]{{3}}|[0-9]*)(?:{re.escape(point)}(?P<decimals>[0-9]*))?"
        rf"(?:[eE](?P<exponent>[-+]?[0-9]{{1,3}}))?\s?(?P<unit>%|[KkMBT]|bn|mn|st|nd|rd|th)?(?:\s?{money})?"
        rf"(?P<behind>-)?(?P<close>\))?",
        text.strip(" \t\n\r\u00a0"),
    )
    if found is None or bool(found["open"]) != bool(found["close"]):
        return None
    signs = (found["open"] or "") + found["front"] + found["inner"] + (found["behind"] or "")
    digits = re.sub("[^0-9]", "", found["whole"])
    decimals = found["decimals"] or ""
    if len(signs) > 1 or not 0 < len(digits + decimals) <= 40:
        return None
    powers = {"%": -2, "K": 3, "k": 3, "M": 6, "mn": 6, "B": 9, "bn": 9, "T": 12}
    power = int(found["exponent"] or 0) + powers.get(found["unit"], 0)
    if abs(power) > 30:
        return None
    number = decimal.Decimal(f"{digits}.{decimals}E{power}")
    return number.copy_negate() if signs not in ("", "+") else number


@functools.lru_cache(maxsize=1 << 14)
def find_numbers(text: str, point: str) -> tuple[decimal.Decimal, ...]:
    """Return the numbers that stand in a text, in order; `point` is the decimal mark, "." or ",".

    A minus sign counts as one unless a letter, a digit or a closing bracket stands before it.
    """
    mark = "," if point == "." else r"\."
    found = re.finditer(
        rf"(?P<minus>(?<![0-9A-Za-z)\]])[-−][$€£¥₹]?)?(?P<whole>[0-9]{{1,3}}(?:{mark}[0-9]{{3}})+(?![0-9])"
        rf"|[0-9]{{1,2}}(?:{mark}[0-9]{{2}})+{mark}[0-9]{{3}}(?![0-9])|[0-9]+)"
        rf"(?:{re.escape(point)}(?P<decimals>[0-9]+))?(?P<exponent>[eE][-+]?[0-9]{{1,3}}(?![0-9A-Za-z]))?",
        text,
    )
    numbers = []
    for part in found:
        digits = re.sub("[^0-9]", "", part["whole"])
        power = int((part["exponent"] or "e0")[1:])
        if len(digits + (part["decimals"] or "")) <= 40 and abs(power) <= 30:
            number = decimal.Decimal(f"{digits}.{part['decimals'] or ''}E{power}")
            numbers.append(number.copy_negate() if part["minus"] else number)
    return tuple(numbers)


def plain_number(number: decimal.Decimal, shift: int) -> str | None:
    """Return a number in plain digits, with the decimals that it was read with and its point that far to the right."""
    return format(number.scaleb(shift), "f") if abs(shift) <= 30 else None


def round_number(number: decimal.Decimal, step: decimal.Decimal, how: str) -> decimal.Decimal | None:
    """Return a multiple of the step: the "nearest" (of two, the one further from zero), or the one "down" or "up" or
    "inward", towards zero."""
    if step <= 0:
        return None
    context = decimal.Context(prec=100)
    try:
        times, rest = context.divmod(number, step)
    except decimal.InvalidOperation:  # the quotient has more digits than are counted
        return None
    if rest:
        if how == "nearest" and 2 * abs(rest) >= step:
            times += 1 if rest > 0 else -1
        if (how == "down" and rest < 0) or (how == "up" and rest > 0):
            times += 1 if rest > 0 else -1
    return context.multiply(times, step)


def round_figures(number: decimal.Decimal, figures: int) -> decimal.Decimal | None:
    """Return a number rounded to so many significant digits, halves away from zero."""
    if not 0 < figures <= 30:
        return None
    return decimal.Context(prec=figures, rounding=decimal.ROUND_HALF_UP).plus(number)


@functools.lru_cache(maxsize=1 << 10)
def format_parts(code: str) -> re.Match[str] | None:
    """Return the parts of a number format such as "$#,##0.00", None for a text that is none.

    0 is a digit that is always written, # one written where there is one, ? one that leaves a blank, * all decimals
    that there are; "a" shortens by K, M, B or T, "%" shows hundredths, and ";()" puts negative numbers in parentheses.
    """
    return re.fullmatch(
        r"(?P<plus>\+?)(?P<prefix>[^#0?*;+a]*)(?P<blanks>\?*)"
        r"(?:#(?P<indian>[^#0?*])##(?P=indian)##0|#(?P<group>[^#0?*])##0|(?P<zeros>0+))"
        r"(?:(?P<point>[.,])(?P<least>0*)(?P<padded>\?*)(?P<more>#*)(?P<all>\*?))?"
        r"(?P<short>a?)(?P<suffix>[^#0?*;+a]*)(?P<parentheses>;\(\))?",
        code,
    )


def write_number(number: decimal.Decimal, code: str) -> str | None:
    """Return a number in a format (see `format_parts`), rounded to the decimals shown, halves away from zero."""
    parts = format_parts(code)
    if parts is None or abs(number.adjusted()) > 60:
        return None
    if "%" in parts["suffix"]:
        number = number.scaleb(2)
    least, padded = len(parts["least"] or ""), len(parts["padded"] or "")
    shown = decimal.Decimal(1).scaleb(-(least + padded + len(parts["more"] or "")))
    exact, letters = number, list("TBMK") if parts["short"] else []
    letter = ""
    while True:
        if not parts["all"]:
            number = exact.quantize(shown, decimal.ROUND_HALF_UP, decimal.Context(prec=200))
        if abs(number) < 1000 or not letters:
            break
        letter, number = letters.pop(), exact.scaleb(-3)
        exact = number
    whole, _, decimals = format(abs(number), "f").partition(".")
    decimals = decimals.rstrip("0").ljust(least, "0")
    group = parts["group"] or parts["indian"]
    if group:
        size = 2 if parts["indian"] else 3
        front, whole = whole[:-3], whole[-3:]
        while front:
            front, whole = front[:-size], front[-size:] + group + whole
    else:
        whole = whole.zfill(len(parts["zeros"]))
    negative = number < 0
    sign = "-" if negative and not parts["parentheses"] else parts["plus"] if number > 0 else ""
    body = (sign + parts["prefix"] + whole).rjust(len(parts["blanks"]) + len(parts["zeros"] or "0"))
    if padded:
        body += parts["point"] + decimals.ljust(least + padded)
    elif decimals:
        body += parts["point"] + decimals
    body += letter + parts["suffix"]
    return f"({body})" if negative and parts["parentheses"] else body


def write_ordinal(number: decimal.Decimal) -> str | None:
    """Return a whole number with its ending: 1st, 2nd, 3rd, 11th."""
    if number != number.to_integral_value() or not 0 <= number < 10**15:
        return None
    n = int(number)
    ending = "th" if n % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(n % 10, "th")
    return f"{n}{ending}"


def spell_number(number: decimal.Decimal) -> str | None:
    """Return a whole number up to a hundred in English words: twenty-one."""
    names = (
        "zero,one,two,three,four,five,six,seven,eight,nine,ten,eleven,twelve,thirteen,fourteen,fifteen,sixteen,"
        "seventeen,eighteen,nineteen,twenty,thirty,forty,fifty,sixty,seventy,eighty,ninety,one hundred"
    )
    words = re.split(",", names)
    if number != number.to_integral_value() or not 0 <= number <= 100:
        return None
    n = int(number)
    if n <= 20 or n % 10 == 0:
        return words[n if n <= 20 else 18 + n // 10]
    return f"{words[18 + n // 10]}-{words[n % 10]}"
