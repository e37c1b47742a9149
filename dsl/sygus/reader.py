"""SyGuS-IF files, versions 1.0 and 2.1, read into tasks (Raghothaman, Reynolds & Udupa 2019; Padhi et al. 2021)."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from dsl.grammar import Grammar, Numerals
from dsl.operator import Operator
from dsl.program import Apply, Constant, Input, Program, subprograms
from dsl.sygus.booleans import EQUAL, SORTS, conjunction, negation
from dsl.sygus.functions import BY_SYMBOL, OLD_NAMES, bare, defined, paired, sort_of, symbol_of
from dsl.sygus.grammars import GrammarReader, default_grammar, logic_of, read_sort
from dsl.sygus.integers import negate
from dsl.sygus.sexpr import Atom, Expression, Fault, Form, expressions, is_symbol, shown
from dsl.sygus.task import SygusTask, Variable, unknown_function
from dsl.sygus.terms import Dialect, Notation, Scope, check_size, read_term
from dsl.task import ContradictoryExamples, Task
from dsl.types import BOOLEAN, INTEGER, Type, Value

IGNORED = {"set-info", "set-option", "set-options", "set-feature"}
"""Commands that change nothing about which programs are right."""


class SygusError(ValueError):
    """A text is not a task or program of SyGuS-IF as it is read here; the message says where and why."""


def read_sygus(text: str) -> SygusTask:
    """Return the task that a SyGuS-IF file spells.

    Raises SygusError for what is malformed, not supported, or contradicts itself: one sentence with line and column.
    """
    try:
        return _Reader(text).task()
    except Fault as fault:
        raise _located(text, fault) from None


def read_program(text: str, task: SygusTask) -> Program:
    """Return the program that a text spells in the language of a task: a term, or a `define-fun` of the function.

    The names of functions may be those of any version, and sums and the like may have more terms than the grammar's,
    which are read as (+ (+ a b) c). Whether the task's grammar derives the program is not asked.
    Raises SygusError for anything else, a program of another type included.
    """
    try:
        found = expressions(text)
        if len(found) != 1:
            at = found[1].at if found else 0
            raise Fault(at, f"one program was expected, found {len(found)}")
        return _program(found[0], task)
    except Fault as fault:
        raise _located(text, fault) from None


def _located(text: str, fault: Fault) -> SygusError:
    line = text.count("\n", 0, fault.at) + 1
    column = fault.at - (text.rfind("\n", 0, fault.at) + 1) + 1
    what = "".join([char if char.isprintable() else " " for char in fault.what])
    return SygusError(f"line {line}, column {column}: {what}")


def _program(expression: Expression, task: SygusTask) -> Program:
    parameters: tuple[Variable, ...] = task.parameters
    if isinstance(expression, Form) and expression.items and is_symbol(expression.items[0], "define-fun"):
        if len(expression.items) != 5:
            raise Fault(expression.at, "define-fun is written (define-fun name ((parameter sort) …) sort term)")
        _, _, declared, _, expression = expression.items
        parameters = _variables(declared)
        if [p.type for p in parameters] != [p.type for p in task.parameters]:
            raise Fault(declared.at, f"these are not the parameters of {task.function.name}")
    scope = Scope(
        task.notation.dialect,
        {**_constants(task.definitions), **_inputs(parameters)},
        {name: known for name, known in task.definitions.items() if isinstance(known, Operator)},
        lambda number: _is_constant(number, task),
    )
    program = read_term(expression, scope)
    if program.type is not task.function.returns:
        raise Fault(expression.at, f"{shown(expression)} is not of the sort that {task.function.name} returns")
    return paired(program, {rule.head for rule in task.grammar.rules if isinstance(rule.head, Operator)})


def _is_constant(number: int, task: SygusTask) -> bool:
    """Return whether a task means a constant by `(- n)`, where its grammar may have a unary minus too."""
    heads = {rule.head for rule in task.grammar.rules}
    if Constant(number, INTEGER) in heads and task.notation.spelled.get(Constant(number, INTEGER)) == f"(- {-number})":
        return True
    if any(isinstance(head, Numerals) for head in heads) and task.notation.dialect is Dialect.V2 and number:
        return True
    return negate not in heads


def _constants(definitions: Mapping[str, Operator | Constant]) -> dict[str, Program]:
    return {name: known for name, known in definitions.items() if isinstance(known, Constant)}


def _inputs(variables: tuple[Variable, ...]) -> dict[str, Program]:
    return {variable.name: Input(index, variable.type) for index, variable in enumerate(variables)}


def _variables(expression: Expression) -> tuple[Variable, ...]:
    """Return what a list ((name sort) …) declares."""
    if not isinstance(expression, Form):
        raise Fault(expression.at, "a list ((name sort) …) was expected")
    found: dict[str, Variable] = {}
    for item in expression.items:
        name, sort = _pair(item, "(name sort)")
        if name in found:
            raise Fault(item.at, f"{name} is declared twice")
        found[name] = Variable(name, read_sort(sort))
    return tuple(found.values())


def _pair(item: Expression, form: str) -> tuple[str, Expression]:
    if not isinstance(item, Form) or len(item.items) != 2 or not isinstance(item.items[0], Atom):
        raise Fault(item.at, f"{form} was expected, not {shown(item)}")
    return _name(item.items[0]), item.items[1]


def _name(expression: Expression) -> str:
    if not is_symbol(expression):
        raise Fault(expression.at, f"{shown(expression)} where a name was expected")
    assert isinstance(expression, Atom)
    return expression.text


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
            name = _name(command.items[0])
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
        logic = logic_of(_name(name))
        if logic is None:
            raise Fault(name.at, f"the logic {shown(name)} is not supported; use SLIA, LIA, NIA or S")
        self.logic = logic

    def _declare_var(self, command: Form) -> None:
        name, sort = self._arguments(command, 2, "(declare-var name sort)")
        self._new(name, self.variables)
        self.variables[_name(name)] = Variable(_name(name), read_sort(sort))

    def _define_fun(self, command: Form) -> None:
        name, declared, sort, body = self._arguments(command, 4, "(define-fun name ((parameter sort) …) sort term)")
        self._new(name, self.definitions)
        parameters, returns = _variables(declared), read_sort(sort)
        term = read_term(body, self._scope(_inputs(parameters)))
        if term.type is not returns:
            raise Fault(body.at, f"{shown(body)} is not of the sort {shown(sort)}")
        check_size(term, body.at)
        if parameters:
            self.definitions[_name(name)] = defined(_name(name), [p.type for p in parameters], term)
        elif isinstance(term, Constant):
            self.definitions[_name(name)] = term
        else:
            raise Fault(body.at, f"{_name(name)} takes no parameters, so its definition must be a constant")

    def _synth_fun(self, command: Form) -> None:
        form = "(synth-fun name ((parameter sort) …) sort), then perhaps a grammar"
        if self.function is not None:
            raise Fault(command.at, "a second synth-fun is not supported; one function is found at a time")
        if not 4 <= len(command.items) <= 6:
            raise Fault(command.at, f"synth-fun is written {form}")
        name, declared, sort, *grammar = command.items[1:]
        self._new(name, self.definitions)
        self.parameters = _variables(declared)
        returns = read_sort(sort)
        self.function = unknown_function(_name(name), tuple([p.type for p in self.parameters]), returns)
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
            name, sort, productions = _name(group.items[0]), read_sort(group.items[1]), group.items[2]
            if name in found:
                raise Fault(group.at, f"the nonterminal {name} is defined twice")
            if not productions.items:
                raise Fault(productions.at, f"the nonterminal {name} has no productions")
            found[name] = name, sort, productions
        if announced and [(p.name, p.type) for p in _variables(announced[0])] != [g[:2] for g in found.values()]:
            raise Fault(announced[0].at, "the nonterminals declared here are not those of the grammar, in its order")
        start = "Start" if self.dialect is Dialect.V1 and "Start" in found else next(iter(found))
        if found[start][1] is not returns:
            raise Fault(groups.at, f"the grammar starts with {start}, which is not of the sort {sort_of(returns)}")
        reader = GrammarReader(list(found.values()), self._scope(_inputs(self.parameters)))
        self.grammar, self.spelled = reader.grammar(start, groups.at), reader.spelled

    def _constraint(self, command: Form) -> None:
        (body,) = self._arguments(command, 1, "(constraint term)")
        if self.scope is None:
            self.scope = self._scope(_inputs(tuple(self.variables.values())), self.function)
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
        text = _name(name)
        taken = text in self.definitions or (self.function is not None and text == self.function.name)
        if taken or text in among or bare(text) in BY_SYMBOL or text in OLD_NAMES or text in SORTS:
            raise Fault(name.at, f"the name {shown(name)} is already taken")

    def _scope(self, inputs: dict[str, Program], function: Operator | None = None) -> Scope:
        functions = {name: known for name, known in self.definitions.items() if isinstance(known, Operator)}
        if function is not None:
            functions[function.name] = function
        return Scope(self.dialect, {**_constants(self.definitions), **inputs}, functions)


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
