"""Programs over SMT-LIB's functions as z3 terms, and z3's values as Python's."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from typing import Any

import z3

from dsl.operator import Operator
from dsl.program import Constant, Input, Program
from dsl.sygus.functions import Definition, symbol_of
from dsl.types import BOOLEAN, INTEGER, TEXT, Type, Value

Term = Any
"""A z3 expression; z3's Python interface has no types to check."""


def _chain(relation: Callable[[Term, Term], Term]) -> Callable[..., Term]:
    def chained(*args: Term) -> Term:
        return z3.And(*[relation(a, b) for a, b in pairwise(args)])

    return chained


def _fold(function: Callable[[Term, Term], Term]) -> Callable[..., Term]:
    def folded(first: Term, *rest: Term) -> Term:
        for term in rest:
            first = function(first, term)
        return first

    return folded


def _implies(*args: Term) -> Term:
    *before, last = args
    for term in reversed(before):
        last = z3.Implies(term, last)
    return last


def _replace_all(text: Term, old: Term, new: Term) -> Term:
    ast = z3.Z3_mk_seq_replace_all(text.ctx_ref(), text.as_ast(), old.as_ast(), new.as_ast())
    return z3.SeqRef(ast, text.ctx)


def _is_digit(text: Term) -> Term:
    return z3.And(z3.StrToCode(text) >= ord("0"), z3.StrToCode(text) <= ord("9"))


FUNCTIONS: dict[str, Callable[..., Term]] = {
    "str.++": z3.Concat,
    "str.at": lambda text, index: text.at(index),
    "str.substr": z3.SubString,
    "str.replace": z3.Replace,
    "str.replace_all": _replace_all,
    "str.len": z3.Length,
    "str.indexof": z3.IndexOf,
    "str.to_int": z3.StrToInt,
    "str.from_int": z3.IntToStr,
    "str.to_code": z3.StrToCode,
    "str.from_code": z3.StrFromCode,
    "str.prefixof": z3.PrefixOf,
    "str.suffixof": z3.SuffixOf,
    "str.contains": z3.Contains,
    "str.<": _chain(lambda a, b: a < b),
    "str.<=": _chain(lambda a, b: a <= b),
    "str.is_digit": _is_digit,
    "+": _fold(lambda a, b: a + b),
    "-": lambda first, *rest: _fold(lambda a, b: a - b)(first, *rest) if rest else -first,
    "*": _fold(lambda a, b: a * b),
    "div": _fold(lambda a, b: a / b),
    "mod": lambda a, b: a % b,
    "abs": lambda a: z3.If(a >= 0, a, -a),
    "<": _chain(lambda a, b: a < b),
    "<=": _chain(lambda a, b: a <= b),
    ">": _chain(lambda a, b: a > b),
    ">=": _chain(lambda a, b: a >= b),
    "not": z3.Not,
    "and": z3.And,
    "or": z3.Or,
    "xor": _fold(z3.Xor),
    "=>": _implies,
    "=": _chain(lambda a, b: a == b),
    "distinct": z3.Distinct,
    "ite": z3.If,
}  # fmt: skip
"""What each of SMT-LIB's functions is in z3, by its name."""

_SORTS: dict[Type, Callable[[str, z3.Context], Term]] = {TEXT: z3.String, INTEGER: z3.Int, BOOLEAN: z3.Bool}


def variable(name: str, kind: Type, context: z3.Context) -> Term:
    """Return a z3 constant of the sort that a type stands for."""
    return _SORTS[kind](name, context)


def literal(value: Value, context: z3.Context) -> Term:
    """Return the z3 term of a text, an integer or a truth value."""
    if isinstance(value, bool):
        return z3.BoolVal(value, context)
    if isinstance(value, int):
        return z3.IntVal(value, context)
    return z3.StringVal(value.replace("\\", "\\u{5c}"), context)  # z3 reads \u{…} in texts as an escape


def term(
    program: Program, inputs: Sequence[Term], context: z3.Context, functions: Mapping[Operator, Program] | None = None
) -> Term:
    """Return the z3 term of a program whose inputs are these terms.

    `functions` gives programs for operators that stand for them, such as the function to be found. Raises KeyError
    for an operator that is none of SMT-LIB's.
    """
    known: dict[int, Term] = {}

    def visit(part: Program) -> Term:
        if isinstance(part, Input):
            return inputs[part.index]
        if isinstance(part, Constant):
            return literal(part.value, context)
        if id(part) not in known:
            known[id(part)] = applied(part.operator, [visit(arg) for arg in part.args])
        return known[id(part)]

    def applied(operator: Operator, args: list[Term]) -> Term:
        if functions and operator in functions:
            return term(functions[operator], args, context)
        if isinstance(operator.apply, Definition):
            return term(operator.apply.body, args, context)
        return FUNCTIONS[symbol_of(operator)](*args)

    return visit(program)


def value(found: Term) -> Value:
    """Return the text, integer or truth value that a z3 literal stands for; None for any other term."""
    if z3.is_string_value(found):
        return _ESCAPE.sub(lambda match: chr(int(match[1], 16)), found.as_string())
    if z3.is_int_value(found):
        return int(found.as_string())
    return z3.is_true(found) if z3.is_true(found) or z3.is_false(found) else None


_ESCAPE = re.compile(r"\\u\{([0-9a-fA-F]+)\}")
