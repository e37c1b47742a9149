"""SyGuS-IF files, versions 1.0 and 2.1, read into tasks (Raghothaman, Reynolds & Udupa 2019; Padhi et al. 2021)."""

from __future__ import annotations

from collections.abc import Callable

from dsl.grammar import Grammar
from dsl.operator import Operator
from dsl.program import Apply, Constant, Input, Program, subprograms
from dsl.sygus.booleans import EQUAL, SORTS, conjunction, negation
from dsl.sygus.declarations import Variable, read_name, read_sort, read_variables, scope_of
from dsl.sygus.functions import BY_SYMBOL, OLD_NAMES, bare, defined, sort_of, symbol_of
from dsl.sygus.grammars import GrammarReader, default_grammar, logic_of
from dsl.sygus.sexpr import Expression, Fault, Form, expressions, is_symbol, shown
from dsl.sygus.task import SygusTask, unknown_function
from dsl.sygus.terms import Dialect, Notation, Scope, check_size, read_term
from dsl.task import ContradictoryExamples, Task
from dsl.types import BOOLEAN, Type, Value

IGNORED = {"set-info", "set-option", "set-options", "set-feature"}
"""Commands that change nothing about which programs are right."""


def read_sygus(text: str) -> SygusTask:
    """Return the task that a SyGuS-IF file spells.

    Raises SygusError for what is malformed, not supported, or contradicts itself: one sentence with line and column.
    """
    try:
        return _Reader(text).task()
    except Fault as fault:
        raise fault.located(text) from None


class _Reader:
    """Reads the commands of a file one after the other."""

    def __init__(self, text: str) -> None:
        self.commands = expressions(text)
        self.end = max(len(text) - 1, 0)
        self.dialect = _dialect(self.commands)
        self.logic = "ALL"
        self.definitions: dict[str, Operator | Constant] = {}
        self.variables: dict[str, Variable] = {}
        self.function: Operator | None = None
        self.parameters: tuple[Variable, ...] = ()
        self.grammar: Grammar | None = None
        self.spelled: dict[Operator | Constant, str] = {}
        self.constraints: list[tuple[Program, int]] = []
        self.scope: Scope | None = None
        """What the names in a constraint mean, as long as none is added."""
        self.handlers: dict[str, Callable[[Form], None]] = {
            "set-logic": self._set_logic, "synth-fun": self._synth_fun, "define-fun": self._define_fun,
            "declare-var": self._declare_var, "constraint": self._constraint,
        }  # fmt: skip

    def task(self) -> SygusTask:
        for command in self.commands:
            if not isinstance(command, Form) or not command.items or not is_symbol(command.items[0]):
                raise Fault(command.at, f"{shown(command)} where a command was expected")
            name = read_name(command.items[0])
            if name == "check-synth":
                return self._finished(command)
            if name != "constraint":
                self.scope = None
            if name in self.handlers:
                self.handlers[name](command)
            elif name not in IGNORED:
                raise Fault(command.at, f"the command {shown(command.items[0])} is not supported")
        raise Fault(self.end, "the file ends without (check-synth)")

    def _finished(self, command: Form) -> SygusTask:
        if self.function is None:
            raise Fault(command.at, "there is nothing to find: no synth-fun comes before check-synth")
        examples: list[tuple[tuple[Value, ...], Value, int]] = []
        constraints: list[Program] = []
        for constraint, at in self.constraints:
            example = _example(constraint, self.function)
            if example is None:
                constraints.append(constraint)
            else:
                examples.append((*example, at))
        grammar = self.grammar or default_grammar(
            self.logic,
            [Input(index, p.type) for index, p in enumerate(self.parameters)],
            self.function.returns,
            [part for constraint in constraints for part in subprograms(constraint) if isinstance(part, Constant)],
        )
        try:
            task = Task.of([(inputs, output) for inputs, output, _ in examples])
        except ContradictoryExamples as error:
            raise Fault(examples[error.rows[1]][2], str(error)) from None
        notation = Notation(self.dialect, tuple([p.name for p in self.parameters]), self.spelled)
        return SygusTask(
            self.function, self.parameters, grammar, task, tuple(self.variables.values()), tuple(constraints), notation,
            self.definitions,
        )  # fmt: skip

    # ------------------------------------------------------------ commands

    def _set_logic(self, command: Form) -> None:
        (name,) = self._arguments(command, 1, "(set-logic NAME)")
        logic = logic_of(read_name(name))
        if logic is None:
            raise Fault(name.at, f"the logic {shown(name)} is not supported; use SLIA, LIA, NIA or S")
        self.logic = logic

    def _declare_var(self, command: Form) -> None:
        name, sort = self._arguments(command, 2, "(declare-var name sort)")
        self._new(name, self.variables)
        self.variables[read_name(name)] = Variable(read_name(name), read_sort(sort))

    def _define_fun(self, command: Form) -> None:
        name, declared, sort, body = self._arguments(command, 4, "(define-fun name ((parameter sort) …) sort term)")
        self._new(name, self.definitions)
        parameters, returns = read_variables(declared), read_sort(sort)
        term = read_term(body, scope_of(self.dialect, self.definitions, parameters))
        if term.type is not returns:
            raise Fault(body.at, f"{shown(body)} is not of the sort {shown(sort)}")
        check_size(term, body.at)
        if parameters:
            self.definitions[read_name(name)] = defined(read_name(name), [p.type for p in parameters], term)
        elif isinstance(term, Constant):
            self.definitions[read_name(name)] = term
        else:
            raise Fault(body.at, f"{read_name(name)} takes no parameters, so its definition must be a constant")

    def _synth_fun(self, command: Form) -> None:
        form = "(synth-fun name ((parameter sort) …) sort), then perhaps a grammar"
        if self.function is not None:
            raise Fault(command.at, "a second synth-fun is not supported; one function is found at a time")
        if not 4 <= len(command.items) <= 6:
            raise Fault(command.at, f"synth-fun is written {form}")
        name, declared, sort, *grammar = command.items[1:]
        self._new(name, self.definitions)
        self.parameters = read_variables(declared)
        returns = read_sort(sort)
        self.function = unknown_function(read_name(name), tuple([p.type for p in self.parameters]), returns)
        if grammar:
            self._read_grammar(grammar, returns)

    def _read_grammar(self, parts: list[Expression], returns: Type) -> None:
        *announced, groups = parts
        if not isinstance(groups, Form) or not groups.items:
            raise Fault(groups.at, "the grammar is empty: a list of nonterminals with their productions was expected")
        found: dict[str, tuple[str, Type, Form]] = {}
        for group in groups.items:
            if not isinstance(group, Form) or len(group.items) != 3 or not isinstance(group.items[2], Form):
                raise Fault(group.at, f"(nonterminal sort (production …)) was expected, not {shown(group)}")
            name, sort, productions = read_name(group.items[0]), read_sort(group.items[1]), group.items[2]
            if name in found:
                raise Fault(group.at, f"the nonterminal {name} is defined twice")
            if not productions.items:
                raise Fault(productions.at, f"the nonterminal {name} has no productions")
            found[name] = name, sort, productions
        if announced and [(p.name, p.type) for p in read_variables(announced[0])] != [g[:2] for g in found.values()]:
            raise Fault(announced[0].at, "the nonterminals declared here are not those of the grammar, in its order")
        start = "Start" if self.dialect is Dialect.V1 and "Start" in found else next(iter(found))
        if found[start][1] is not returns:
            raise Fault(groups.at, f"the grammar starts with {start}, which is not of the sort {sort_of(returns)}")
        reader = GrammarReader(list(found.values()), scope_of(self.dialect, self.definitions, self.parameters))
        self.grammar, self.spelled = reader.grammar(start, groups.at), reader.spelled

    def _constraint(self, command: Form) -> None:
        (body,) = self._arguments(command, 1, "(constraint term)")
        if self.scope is None:
            self.scope = scope_of(self.dialect, self.definitions, self.variables.values(), self.function)
        term = read_term(body, self.scope)
        if term.type is not BOOLEAN:
            raise Fault(body.at, f"{shown(body)} is no statement that holds or does not")
        if self.definitions:
            check_size(term, body.at)
        self.constraints += [(part, command.at) for part in _conjuncts(term)]

    # ------------------------------------------------------------ what they share

    def _arguments(self, command: Form, count: int, form: str) -> list[Expression]:
        if len(command.items) != count + 1:
            raise Fault(command.at, f"{shown(command.items[0])} is written {form}")
        return command.items[1:]

    def _new(self, name: Expression, among: dict[str, Operator | Constant] | dict[str, Variable]) -> None:
        text = read_name(name)
        taken = text in self.definitions or (self.function is not None and text == self.function.name)
        if taken or text in among or bare(text) in BY_SYMBOL or text in OLD_NAMES or text in SORTS:
            raise Fault(name.at, f"the name {shown(name)} is already taken")


def _dialect(commands: list[Expression]) -> Dialect:
    """Return the version that a file is written in: its grammar tells, or else names that only 1.0 has."""
    for command in commands:
        if isinstance(command, Form) and command.items and is_symbol(command.items[0], "synth-fun"):
            if len(command.items) == 5:
                return Dialect.V1
            if len(command.items) == 6:
                return Dialect.V2
    return Dialect.V1 if any(map(_is_old, commands)) else Dialect.V2


def _is_old(expression: Expression) -> bool:
    if isinstance(expression, Form):
        return any(map(_is_old, expression.items))
    return is_symbol(expression, "set-options", "int.to.str", "str.to.int")


def _conjuncts(term: Program) -> list[Program]:
    if isinstance(term, Apply) and symbol_of(term.operator) == symbol_of(conjunction):
        return [part for arg in term.args for part in _conjuncts(arg)]
    return [term]


def _example(constraint: Program, function: Operator) -> tuple[tuple[Value, ...], Value] | None:
    """Return inputs and output if a constraint says just what the function gives for constants."""
    if not isinstance(constraint, Apply):
        return None
    call: Program = constraint
    output: Program = Constant(True, BOOLEAN)
    if constraint.operator == negation:
        call, output = constraint.args[0], Constant(False, BOOLEAN)
    elif constraint.operator in _EQUALITIES:
        call, output = constraint.args if isinstance(constraint.args[0], Apply) else constraint.args[::-1]
    if not isinstance(call, Apply) or call.operator != function or not isinstance(output, Constant):
        return None
    inputs = [arg.value for arg in call.args if isinstance(arg, Constant)]
    return (tuple(inputs), output.value) if len(inputs) == len(call.args) else None


_EQUALITIES = frozenset(EQUAL.values())
