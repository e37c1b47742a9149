"""Grammars of SyGuS-IF: the groups of `synth-fun` read into rules, and what a logic offers where there are none."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from dsl.grammar import Grammar, Head, Literals, Numerals, Rule, Symbol
from dsl.operator import Operator
from dsl.program import Constant, Input
from dsl.sygus import integers, texts
from dsl.sygus.booleans import CHOICE, EQUAL, SORTS, conjunction, disjunction, negation
from dsl.sygus.declarations import read_sort
from dsl.sygus.functions import sort_of
from dsl.sygus.sexpr import Atom, Expression, Fault, Form, is_negative, is_symbol, shown, symbol, written
from dsl.sygus.terms import Scope, function_of, read_term
from dsl.types import BOOLEAN, INTEGER, TEXT, Type

CLASSES = ("Constant", "Variable", "InputVariable")
"""What stands for any constant or any parameter of a sort in a grammar."""
OPEN: dict[Type, Literals | Numerals] = {TEXT: Literals(), INTEGER: Numerals()}
"""The heads that (Constant String) and (Constant Int) stand for."""

Group = tuple[Symbol, Type, Form]
"""A nonterminal, its type, and the list of its productions."""
Alternative = tuple[Head, tuple[Symbol, ...]]


class GrammarReader:
    """Reads the productions of a `synth-fun`, whose parameters are the inputs among the scope's names.

    The arguments of a production that nests, such as 1 in (+ Start 1), get symbols of their own. `spelled` collects
    how the grammar writes operators and constants.
    """

    def __init__(self, groups: Sequence[Group], scope: Scope) -> None:
        self.scope = scope
        self.types = {name: kind for name, kind, _ in groups}
        self.rules: dict[Rule, None] = {}
        self.spelled: dict[Operator | Constant, str] = {}
        self._inner: dict[str, tuple[Symbol, Type]] = {}
        for name, kind, productions in groups:
            for production in productions.items:
                alternatives, found = self._alternatives(production)
                if found is not kind:
                    raise Fault(
                        production.at, f"{shown(production)} is of sort {sort_of(found)}, but {name} of {sort_of(kind)}"
                    )
                self._add(name, alternatives)

    def grammar(self, start: Symbol, at: int) -> Grammar:
        """Return the grammar of what `start` derives, the rules of a symbol equally probable."""
        rules = _productive(self.rules)
        if not any(rule.lhs == start for rule in rules):
            raise Fault(at, f"the grammar is empty: {start} derives no program")
        return _uniform(start, rules)

    def _add(self, lhs: Symbol, alternatives: Iterable[Alternative]) -> None:
        self.rules.update(dict.fromkeys(Rule(lhs, head, rhs) for head, rhs in alternatives))

    def _alternatives(self, production: Expression) -> tuple[list[Alternative], Type]:
        """Return what a production stands for, and its type."""
        if isinstance(production, Atom) and is_symbol(production, *self.types):
            return [(None, (production.text,))], self.types[production.text]
        if isinstance(production, Form) and not is_negative(production):
            if production.items and is_symbol(production.items[0], *CLASSES):
                return self._class(production)
            return self._application(production)
        leaf = read_term(production, self.scope)
        assert isinstance(leaf, Constant | Input)
        if isinstance(leaf, Constant) and (leaf not in self.spelled or not is_symbol(production)):
            self.spelled[leaf] = written(production)
        return [(leaf, ())], leaf.type

    def _class(self, production: Form) -> tuple[list[Alternative], Type]:
        if len(production.items) != 2:
            raise Fault(production.at, f"{shown(production)} needs one sort")
        kind = read_sort(production.items[1])
        heads: Iterable[Head]
        if not is_symbol(production.items[0], "Constant"):
            heads = [v for v in self.scope.names.values() if isinstance(v, Input) and v.type is kind]
        elif kind is BOOLEAN:
            heads = [Constant(value, BOOLEAN) for value in (True, False)]
        else:
            heads = [OPEN[kind]]
        return [(head, ()) for head in heads], kind

    def _application(self, production: Form) -> tuple[list[Alternative], Type]:
        head = production.items[0] if production.items else production
        if not isinstance(head, Atom) or not is_symbol(head):
            raise Fault(production.at, f"{shown(production)} is no production of a grammar")
        if head.text == "let":
            raise Fault(head.at, "let inside a grammar is not supported; write its productions out")
        parts = [self._part(argument) for argument in production.items[1:]]
        operator = function_of(head, [kind for _, kind in parts], self.scope)
        self.spelled.setdefault(operator, symbol(head.text))
        return [(operator, tuple([symbol for symbol, _ in parts]))], operator.returns

    def _part(self, argument: Expression) -> tuple[Symbol, Type]:
        """Return the symbol that derives an argument, with its type: the file's own, or one made for a term."""
        if isinstance(argument, Atom) and is_symbol(argument, *self.types):
            return argument.text, self.types[argument.text]
        name = written(argument)
        if name not in self._inner:
            alternatives, kind = self._alternatives(argument)
            symbol = name
            while symbol in self.types:
                symbol += "'"
            self._inner[name] = symbol, kind
            self._add(symbol, alternatives)
        return self._inner[name]


def _productive(rules: Iterable[Rule]) -> list[Rule]:
    """Return the rules that derive some program, in their order."""
    rules, known, before = list(rules), set[Symbol](), -1
    while len(known) > before:
        before = len(known)
        known.update([rule.lhs for rule in rules if known.issuperset(rule.rhs)])
    return [rule for rule in rules if known.issuperset(rule.rhs)]


def _uniform(start: Symbol, rules: Sequence[Rule]) -> Grammar:
    reachable = Grammar.weighted(start, dict.fromkeys(rules, 1.0)).reachable(start)
    return Grammar.weighted(start, {rule: 1.0 for rule in rules if rule.lhs in reachable})


# ---------------------------------------------------------------- grammars of logics

LOGICS = {"LIA", "NIA", "SLIA", "S", "ALL"}
"""The logics that are read, beside the same with PBE_ or QF_ in front; those with an S or ALL have strings."""


def logic_of(name: str) -> str | None:
    """Return the logic that a name stands for, None for one that is not read."""
    bare = name.removeprefix("PBE_").removeprefix("QF_")
    return bare if bare in LOGICS else None


def default_grammar(logic: str, parameters: Sequence[Input], returns: Type, mentioned: Iterable[Constant]) -> Grammar:
    """Return the grammar of a `synth-fun` that has none: all functions of the logic over the parameters.

    Constants are 0, 1, "", those `mentioned`, and any other. In linear logics one factor or divisor is a constant.
    """
    strings = "S" in logic or logic == "ALL" or any(p.type is TEXT for p in parameters) or returns is TEXT
    sorts = {kind: sort for sort, kind in SORTS.items() if kind is not TEXT or strings}
    constants = dict.fromkeys([Constant(0, INTEGER), Constant(1, INTEGER), Constant("", TEXT), *mentioned])
    rules = [Rule(sorts[leaf.type], leaf) for leaf in parameters if leaf.type in sorts]
    for constant in constants:
        if constant.type in (INTEGER, TEXT) and constant.type in sorts:
            rules.append(Rule(f"{sorts[constant.type]} constant", constant))
    for kind in (INTEGER, TEXT):
        if kind in sorts:
            rules.append(Rule(f"{sorts[kind]} constant", OPEN[kind]))
            rules.append(Rule(sorts[kind], None, (f"{sorts[kind]} constant",)))
    rules += [Rule("Bool", Constant(value, BOOLEAN)) for value in (True, False)]
    factor = "Int" if logic in ("NIA", "ALL") else "Int constant"
    rules += [
        Rule("Int", integers.multiply, (factor, "Int")),
        Rule("Int", integers.divide, ("Int", factor)),
        Rule("Int", integers.modulo, ("Int", factor)),
    ]
    functions = [
        integers.add, integers.subtract, integers.absolute, integers.less, integers.at_most, negation, conjunction,
        disjunction, *[table[kind] for table in (CHOICE, EQUAL) for kind in sorts],
        *(texts.OPERATORS if strings else ()),
    ]  # fmt: skip
    rules += [Rule(sorts[f.returns], f, tuple([sorts[kind] for kind in f.params])) for f in functions]
    return _uniform(sorts[returns], rules)
