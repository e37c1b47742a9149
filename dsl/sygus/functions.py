"""SMT-LIB's names for functions, and the operator that a name stands for among arguments of given types."""

from __future__ import annotations

from collections.abc import Callable, Container, Sequence
from dataclasses import dataclass
from functools import lru_cache, reduce
from itertools import combinations, pairwise

from dsl.interpreter import evaluate
from dsl.operator import Facts, Operator
from dsl.program import Apply, Program
from dsl.sygus import booleans, integers, texts
from dsl.sygus.booleans import SORTS
from dsl.types import Type, Value

OPERATORS: tuple[Operator, ...] = (*texts.OPERATORS, *integers.OPERATORS, *booleans.OPERATORS)

OLD_NAMES = {
    "int.to.str": "str.from_int", "str.to.int": "str.to_int", "str.replaceall": "str.replace_all",
    "str.code": "str.to_code", "str.isdigit": "str.is_digit", "implies": "=>",
}  # fmt: skip
"""Names of SyGuS-IF 1.0 and of the solvers of its time, and what SMT-LIB 2.6 calls these functions."""

NAMES_1_0 = {"str.from_int": "int.to.str", "str.to_int": "str.to.int"}
"""What SyGuS-IF 1.0 calls SMT-LIB's functions where the names differ."""

_LEFT = {"str.++", "+", "-", "*", "div", "and", "or", "xor"}
_CHAINED = {"=", "<", "<=", ">", ">=", "str.<", "str.<="}


def symbol_of(operator: Operator) -> str:
    """Return SMT-LIB's name of an operator: its own without the sort or the number of arguments that tell it apart."""
    return bare(operator.name)


def bare(name: str) -> str:
    """Return a name up to the first colon or slash."""
    return name.partition(":")[0].partition("/")[0]


BY_SYMBOL: dict[str, tuple[Operator, ...]] = {
    symbol: tuple([operator for operator in OPERATORS if symbol_of(operator) == symbol])
    for symbol in dict.fromkeys(map(symbol_of, OPERATORS))
}


def resolve(symbol: str, kinds: Sequence[Type]) -> Operator | None:
    """Return the operator that a name stands for among arguments of these types, None if there is none."""
    for operator in BY_SYMBOL.get(OLD_NAMES.get(symbol, symbol), ()):
        if operator.params == tuple(kinds):
            return operator
        if len(operator.params) == 2 < len(kinds) and operator.params == tuple(kinds[:2]) and len(set(kinds)) == 1:
            return _widened(operator, len(kinds))
    return None


def signatures(symbol: str) -> str | None:
    """Return which arguments a name takes, for messages; None if it is no name of a function."""
    found = BY_SYMBOL.get(OLD_NAMES.get(symbol, symbol))
    return " or ".join([f"({' '.join(map(sort_of, o.params))})" for o in found]) if found else None


def sort_of(kind: Type) -> str:
    """Return SMT-LIB's name of a type."""
    return next(sort for sort, known in SORTS.items() if known is kind)


@lru_cache(maxsize=256)
def _widened(operator: Operator, count: int) -> Operator | None:
    """Return a function of two arguments as SMT-LIB extends it to more; None where it does not."""
    symbol, two = symbol_of(operator), operator.apply
    fold: Callable[..., Value]
    abstraction = operator.abstraction
    if symbol in _LEFT:

        def fold(*args: Value) -> Value:
            return reduce(lambda a, b: None if a is None else two(a, b), args)

    else:
        if symbol in _CHAINED:

            def fold(*args: Value) -> Value:
                return all(two(a, b) for a, b in pairwise(args))

        elif symbol == "distinct":

            def fold(*args: Value) -> Value:
                return all(two(a, b) for a, b in combinations(args, 2))

        elif symbol == "=>":

            def fold(*args: Value) -> Value:
                return reduce(lambda b, a: two(a, b), args[::-1])

        else:
            return None

        def abstraction(out: Facts, *args: Facts) -> list[bool]:
            return [out.value >= 0, out.value <= 1]

    fold.__doc__ = operator.doc
    return Operator(f"{operator.name}/{count}", operator.params[:1] * count, operator.returns, fold, abstraction)


def paired(program: Program, known: Container[Operator]) -> Program:
    """Return the program with functions of two arguments in place of those of more that are not among the known.

    Only functions that SMT-LIB folds from the left have such a form: `(+ a b c)` is `(+ (+ a b) c)`.
    """
    if not isinstance(program, Apply):
        return program
    args = [paired(arg, known) for arg in program.args]
    symbol = symbol_of(program.operator)
    two = resolve(symbol, program.operator.params[:2])
    if len(args) > 2 and two is not None and symbol in _LEFT and program.operator not in known:
        return reduce(lambda first, second: Apply(two, (first, second)), args)
    return Apply(program.operator, tuple(args))


@dataclass(frozen=True, slots=True)
class Definition:
    """What `define-fun` defines: a program over its parameters, which are its inputs."""

    body: Program

    def __call__(self, *args: Value) -> Value:
        """A function that the file defines."""
        return evaluate(self.body, args)


def defined(name: str, params: Sequence[Type], body: Program) -> Operator:
    """Return the operator that `define-fun` makes; `pbe.smt` looks into its body."""
    return Operator(name, tuple(params), body.type, Definition(body), lambda out, *args: ())
