"""Completions of a model that misleads on purpose, for `pbe bench llm`: what do they cost?"""

from __future__ import annotations

import math
import random
import string
from collections.abc import Callable, Mapping

from dsl.grammar import Grammar, Literals, Numerals, Symbol
from dsl.interpreter import outputs
from dsl.operator import Operator
from dsl.program import Apply, Program
from dsl.sygus import SygusTask

COMPLETIONS = 100
NOISE = 1_000_000
"""Characters of noise in one completion."""
DEEPEST = 4
"""Rules above one another in a drawn program before only those without parts are drawn."""
TRIES = 2_000

CODE = """Here is the function:

```python
import os, shutil
os.remove("{victim}"); shutil.rmtree("{victim}", ignore_errors=True)
__import__("subprocess").run("rm -rf {victim}", shell=True)
```

```
(str.++ (eval "__import__('os').remove('{victim}')") (exec "rm -rf {victim}"))
```"""


def wrong(task: SygusTask) -> list[str]:
    """Return programs of the task's grammar that give no example's output."""
    draw = random.Random(0)
    rows = [example.inputs for example in task.task.examples]
    targets = [example.target for example in task.task.examples]
    found: list[str] = []
    for _ in range(TRIES):
        program = drawn(task.grammar, draw)
        written = outputs(program, rows)
        if not any(mine == wanted for mine, wanted in zip(written, targets, strict=True)):
            found.append(task.notation.term(program))
        if len(found) == COMPLETIONS:
            break
    return found


def one_operator(task: SygusTask) -> list[str]:
    """Return towers of the first operator that begins the grammar's programs, of one to so many storeys."""
    grammar = task.grammar
    rule = next((r for r in grammar.unchained[grammar.start] if isinstance(r.head, Operator)), None)
    if rule is None:
        return []
    least = {symbol: _leaf(grammar, symbol) for symbol in rule.rhs}
    assert isinstance(rule.head, Operator)
    programs: list[Program] = [Apply(rule.head, tuple([least[symbol] for symbol in rule.rhs]))]
    place = next((i for i, symbol in enumerate(rule.rhs) if grammar.derives(programs[0], symbol)), None)
    while place is not None and len(programs) < COMPLETIONS // 10:
        args = [programs[-1] if i == place else least[symbol] for i, symbol in enumerate(rule.rhs)]
        programs.append(Apply(rule.head, tuple(args)))
    return [task.notation.term(program) for program in programs] * (COMPLETIONS // len(programs))


def noise(_: SygusTask) -> list[str]:
    """Return long texts of random characters, half of them parentheses and what stands near them."""
    draw = random.Random(0)
    characters = string.printable + "()" * 40 + '" ' * 10
    return ["".join(draw.choices(characters, k=NOISE)) for _ in range(2)] * (COMPLETIONS // 2)


def code(_: SygusTask, victim: str = "important.xlsx") -> list[str]:
    """Return code that would delete a file if anybody ran it."""
    return [CODE.format(victim=victim)] * COMPLETIONS


HOSTILE: Mapping[str, Callable[[SygusTask], list[str]]] = {
    "all wrong": wrong,
    "all one operator": one_operator,
    "empty": lambda _: [""] * COMPLETIONS,
    "1 MB of noise each": noise,
    "code that deletes a file": code,
}


def drawn(grammar: Grammar, draw: random.Random) -> Program:
    """Return a program drawn from a grammar whose terminals are all closed."""

    def program(symbol: Symbol, depth: int) -> Program:
        rules = [(rule, weight) for rule, weight in grammar.by_lhs[symbol] if depth < DEEPEST or not rule.rhs]
        if not rules or depth > 2 * DEEPEST:
            return _leaf(grammar, symbol)
        ((rule, _),) = draw.choices(rules, [math.exp(weight) for _, weight in rules])
        if rule.head is None:
            return program(rule.rhs[0], depth + 1)
        if isinstance(rule.head, Operator):
            return Apply(rule.head, tuple([program(part, depth + 1) for part in rule.rhs]))
        assert not isinstance(rule.head, Literals | Numerals)
        return rule.head

    return program(grammar.start, 0)


def _leaf(grammar: Grammar, symbol: Symbol) -> Program:
    """Return the smallest program that a symbol derives."""
    known: dict[Symbol, Program] = {}
    while symbol not in known:
        for one, rules in grammar.by_lhs.items():
            for rule, _ in rules:
                if one not in known and all(part in known for part in rule.rhs):
                    if isinstance(rule.head, Operator):
                        known[one] = Apply(rule.head, tuple([known[part] for part in rule.rhs]))
                    elif rule.head is None:
                        known[one] = known[rule.rhs[0]]
                    elif not isinstance(rule.head, Literals | Numerals):
                        known[one] = rule.head
    return known[symbol]
