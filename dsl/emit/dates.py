"""What the emitters say of the operators on dates and times: one table per target."""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Callable
from functools import cache
from typing import Any, NoReturn

from dsl.emit import Unsupported
from dsl.program import Constant, Program
from dsl.strings import moments


def _value(program: Program) -> Any:
    if not isinstance(program, Constant):
        raise Unsupported("dates are written for fixed patterns, steps and counts only")
    return program.value


# ---------------------------------------------------------------- English

_ORDINALS = {1: "first", 2: "second", 3: "third", 4: "fourth", 5: "fifth", -1: "last", -2: "second to last"}


def _thing(reading: str) -> str:
    """Return what a reading gives: "date", "time", "date and time", "duration"."""
    letters = {field[0] for pattern in reading.split(" | ") for field, _ in moments.fields(pattern) if field}
    timed, dated = bool(letters & set("Hhms")), bool(letters & set("yMdGWDQun"))
    if timed and dated:
        return "date and time"
    return "duration" if timed and not letters & set("Hh") else "time" if timed else "date"


def _read_as(reading: str) -> str:
    *first, last = [f"“{pattern}”" for pattern in reading.split(" | ")]
    return f"{', '.join(first)} or {last}" if first else last


def _in_english(write: Any, text: Program, reading: Program, k: Program | None = None) -> str:
    which = "" if k is None else f"{_ORDINALS.get(_value(k), f'number {_value(k)}')} "
    inside = " standing" if k is not None else ""
    way = _value(reading)
    return f"the {which}{_thing(way)}{inside} (read as {_read_as(way)}) in {write.phrase(text)}"


_ROUNDED = {
    "down": "rounded down to {}", "up": "rounded up to {}", "nearest": "rounded to the nearest {}",
    "next": "moved to the next start of {}", "last": "moved to the end of its {}",
}  # fmt: skip


def _in_range(write: Any, step: Program, less: Program, pattern: Program, mark: Program) -> str:
    ends = "" if _value(less).startswith("0 ") else f", its end earlier by {_value(less)}"
    between = f"its start and end written as “{_value(pattern)}” with “{_value(mark)}” between"
    return f"as the range of {_value(step)} around it{ends}, {between}"


ENGLISH: dict[str, Callable[..., str]] = {"moment": _in_english, "nth_moment": _in_english}
ENGLISH_CHANGES: dict[str, Callable[..., str]] = {
    "round_moment": lambda write, mode, step: _ROUNDED[_value(mode)].format(_value(step)),
    "shift_moment": lambda write, amount: (
        f"earlier by {_value(amount)[1:]}" if _value(amount).startswith("-") else f"later by {_value(amount)}"
    ),
    "moment_text": lambda write, pattern: f"written as “{_value(pattern)}”",
    "range_text": _in_range,
}

# ---------------------------------------------------------------- Python

_IMPORTS = {
    "re": "import re", "date": "from datetime import date", "timedelta": "from datetime import timedelta",
    "lru_cache": "from functools import lru_cache", "NamedTuple": "from typing import NamedTuple",
}  # fmt: skip


@cache
def _parts() -> list[tuple[str, str, frozenset[str]]]:
    """Return (name, source, names used) of everything that `moments` defines, in order."""
    source = inspect.getsource(moments)
    lines = source.splitlines()
    parts = []
    for node in ast.parse(source).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            name, first = node.name, min([node.lineno, *(d.lineno for d in node.decorator_list)])
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            target = node.targets[0] if isinstance(node, ast.Assign) else node.target
            name, first = target.id if isinstance(target, ast.Name) else "", node.lineno
        else:
            continue
        used = frozenset(n.id for n in ast.walk(node) if isinstance(n, ast.Name)) - {name}
        parts.append((name, "\n".join(lines[first - 1 : node.end_lineno]), used))
    return parts


_CALLED = ("read", "found_moments", "written", "rounded", "shifted", "range_end", "span", "fields", "expression")


def _source(wanted: frozenset[str]) -> str:
    """Return the source of these functions of `moments` with all they need; called names begin with an underscore."""
    needed = set(wanted)
    for name, _, used in reversed(_parts()):
        if name in needed:
            needed |= used
    chosen = [text for name, text, _ in _parts() if name in needed]
    imports = "\n".join(line for name, line in _IMPORTS.items() if name in needed)
    functions = "\n\n\n".join(chosen)
    return imports + "\n\n\n" + re.sub(rf"(?<![.\w])({'|'.join(_CALLED)})\(", r"_\1(", functions) + "\n"


def _needs(write: Any, name: str) -> str:
    write.needed_moments = getattr(write, "needed_moments", frozenset()) | {name}
    write.tables["moments"] = _source(write.needed_moments)
    return f"_{name}"


def _defined(write: Any, hint: str, expression: str) -> str:
    name: str = write.assign(hint, expression)
    write.undefined_if(f"{name} is None")
    return name


def _python_call(function: str, hint: str) -> Callable[..., str]:
    def row(write: Any, first: Program, *rest: Program) -> str:
        argument = write.text(first)
        constants = ", ".join(repr(_value(program)) for program in rest)
        return _defined(write, hint, f"{_needs(write, function)}({argument}, {constants})")

    return row


def _python_nth(write: Any, text: Program, reading: Program, k: Program) -> str:
    found = write.assign("moments", f"{_needs(write, 'found_moments')}({write.text(text)}, {_value(reading)!r})")
    index = _value(k) - 1 if _value(k) > 0 else _value(k)
    write.undefined_if(f"len({found}) < {index + 1 if index >= 0 else -index}" if _value(k) else "True")
    return f"{found}[{index}]"


def _python_range(write: Any, moment: Program, step: Program, less: Program, pattern: Program, mark: Program) -> str:
    value = write.text(moment)
    start = _defined(write, "start", f"{_needs(write, 'rounded')}({value}, 'down', {_value(step)!r})")
    first = _defined(write, "first", f"{_needs(write, 'written')}({start}, {_value(pattern)!r})")
    given = ", ".join(repr(_value(program)) for program in (step, less, pattern))
    last = _defined(write, "last", f"{_needs(write, 'range_end')}({value}, {given})")
    return f"({first} + {_value(mark)!r} + {last})"


PYTHON: dict[str, Callable[..., str]] = {
    "moment": _python_call("read", "moment"),
    "nth_moment": _python_nth,
    "round_moment": _python_call("rounded", "moment"),
    "shift_moment": _python_call("shifted", "moment"),
    "moment_text": _python_call("written", "text"),
    "range_text": _python_range,
}

# ---------------------------------------------------------------- Excel


def _no_excel(*_: object) -> NoReturn:
    raise Unsupported("Excel reads dates by the user's locale and holds none before 1900, so no formula is exact")


EXCEL: dict[str, Callable[..., Any]] = dict.fromkeys(PYTHON, _no_excel)
