"""cvc5 (Barbosa et al. 2022) on the same tasks: each in a process of its own, timed from the text to the answer.

`python -m app.bench.cvc5` reads a task in SyGuS-IF 2.1 and prints cvc5's answer and the seconds it took.
"""

from __future__ import annotations

import contextlib
import importlib.util
import json
import subprocess
import sys
import time
from collections.abc import Mapping

from app.workbook import BookError
from dsl.grammar import Grammar, Head, Literals, Numerals, Rule
from dsl.operator import Operator
from dsl.program import Constant, Input
from dsl.sygus import SygusTask
from dsl.sygus.functions import Definition, sort_of, symbol_of
from dsl.sygus.sexpr import symbol
from dsl.sygus.terms import Dialect, Notation

STARTED = "started"
"""What the process prints before its time begins."""


def refuse_without_cvc5() -> None:
    """Raises BookError where cvc5 is not installed."""
    if importlib.util.find_spec("cvc5") is None:
        raise BookError("cvc5 is not installed; install it with `pip install cvc5`.")


def ask_cvc5(text: str, seconds: float) -> tuple[str, float]:
    """Return cvc5's answer to a task in SyGuS-IF 2.1 with the seconds it took; "" if it took more than allowed."""
    with subprocess.Popen(
        [sys.executable, "-m", "app.bench.cvc5"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, encoding="utf-8",
    ) as process:  # fmt: skip
        assert process.stdin is not None and process.stdout is not None
        process.stdout.readline()
        try:
            out, _ = process.communicate(text, timeout=seconds)
            found = json.loads(out)
            return found["answer"], found["seconds"]
        except (subprocess.TimeoutExpired, ValueError):
            process.kill()
    return "", seconds


def main() -> None:
    """Answer one task: standard input to standard output."""
    import cvc5

    print(STARTED, flush=True)
    text = sys.stdin.read()
    start = time.perf_counter()
    solver = cvc5.Solver(cvc5.TermManager())
    solver.setOption("sygus", "true")
    solver.setOption("incremental", "false")  # as the cvc5 program has it for SyGuS: several times faster
    parser = cvc5.InputParser(solver)
    parser.setStringInput(cvc5.InputLanguage.SYGUS_2_1, text, "task")
    answer = ""
    with contextlib.suppress(RuntimeError):  # what cvc5 cannot do is no answer
        while not (command := parser.nextCommand()).isNull():
            answer += command.invoke(solver, parser.getSymbolManager())
    seconds = time.perf_counter() - start
    print(json.dumps({"answer": answer if "define-fun" in answer else "", "seconds": seconds}))


# ---------------------------------------------------------------- tasks in version 2.1


def as_version_2(task: SygusTask) -> str:
    """Return a task as SyGuS-IF 2.1 writes it, with the same grammar."""
    spelled: dict[Operator | Constant, str] = {task.function: symbol(task.function.name)}
    spelled |= {known: symbol(name) for name, known in task.definitions.items() if isinstance(known, Operator)}
    notation = Notation(Dialect.V2, tuple([p.name for p in task.parameters]), spelled)
    lines = ["(set-logic ALL)", *[_definition(name, known, spelled) for name, known in task.definitions.items()]]
    parameters = " ".join([f"({symbol(p.name)} {sort_of(p.type)})" for p in task.parameters])
    returns = sort_of(task.function.returns)
    lines.append(f"(synth-fun {symbol(task.function.name)} ({parameters}) {returns}")
    lines += _grammar(task.grammar, notation)
    lines += [f"(declare-var {symbol(v.name)} {sort_of(v.type)})" for v in task.variables]
    for example in task.task.examples:
        call = " ".join([symbol(task.function.name), *map(notation.constant, example.inputs)])
        lines.append(f"(constraint (= ({call}) {notation.constant(example.output)}))")
    over_variables = Notation(Dialect.V2, tuple([v.name for v in task.variables]), spelled)
    lines += [f"(constraint {over_variables.term(constraint)})" for constraint in task.constraints]
    return "\n".join([*lines, "(check-synth)"])


def _definition(name: str, known: Operator | Constant, spelled: Mapping[Operator | Constant, str]) -> str:
    if isinstance(known, Constant):
        value = Notation(Dialect.V2, (), {}).constant(known.value)
        return f"(define-fun {symbol(name)} () {sort_of(known.type)} {value})"
    assert isinstance(known.apply, Definition)
    names = tuple([f"_{index}" for index in range(len(known.params))])
    parameters = " ".join([f"({each} {sort_of(kind)})" for each, kind in zip(names, known.params, strict=True)])
    body = Notation(Dialect.V2, names, spelled).term(known.apply.body)
    return f"(define-fun {symbol(name)} ({parameters}) {sort_of(known.returns)} {body})"


def _grammar(grammar: Grammar, notation: Notation) -> list[str]:
    symbols = [grammar.start, *[lhs for lhs in grammar.by_lhs if lhs != grammar.start]]
    names = {lhs: f"N{index}" for index, lhs in enumerate(symbols)}
    sorts = {lhs: sort_of(grammar.type_of(lhs)) for lhs in symbols}
    taken = set(notation.parameters)
    while taken & set(names.values()):
        names = {lhs: name + "_" for lhs, name in names.items()}

    def production(rule: Rule) -> str:
        head: Head = rule.head
        parts = [names[part] for part in rule.rhs]
        if head is None:
            return parts[0]
        if isinstance(head, Literals | Numerals):
            return f"(Constant {sort_of(head.type)})"
        if isinstance(head, Constant | Input):
            return notation.term(head)
        name = notation.spelled.get(head) or symbol_of(head)
        return f"({' '.join([name, *parts])})" if parts else name

    declared = " ".join([f"({names[lhs]} {sorts[lhs]})" for lhs in symbols])
    groups = [
        f"   ({names[lhs]} {sorts[lhs]} ({' '.join([production(rule) for rule, _ in grammar.by_lhs[lhs]])}))"
        for lhs in symbols
    ]
    return [f"  ({declared})", "  (", *groups, "  ))"]


if __name__ == "__main__":
    main()
