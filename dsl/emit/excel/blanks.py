"""What a formula gives where a cell is blank, which to Excel is the same as ""."""

from __future__ import annotations

from dsl.emit.excel import numbers
from dsl.emit.excel.writer import fixed_integer
from dsl.program import Apply, Input, Program

ANY, _NOTHING, _ERROR = range(3)


def when_blank(program: Program, column: int) -> int:
    """Return what the formula gives when a column's cell is blank: an error, "" or an error, or perhaps a text."""
    if not isinstance(program, Apply):
        return _NOTHING if isinstance(program, Input) and program.index == column else ANY
    levels = [when_blank(arg, column) for arg in program.args]
    name = program.operator.name
    if name in numbers.NUMBERS or name in numbers.TABLE:
        return ANY
    if _ERROR in levels:
        return _ERROR
    if name == "concat":
        return min(levels)
    if levels[0] == ANY or name in ("pad_left", "pad_right"):
        return ANY
    if name in ("token", "between", "before", "after", "initials", "keep", "lookup"):
        return _ERROR
    if name == "field":
        return _NOTHING if abs(fixed_integer(program.args[2])) == 1 else _ERROR
    return _NOTHING
