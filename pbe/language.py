"""A language nobody has fitted weights for, listened to as a whole: pragmatic inference is the prior it lacks.

All programs up to some number are enumerated, those that agree on every given input are one behaviour, and the
listener asks which behaviour a person would have shown by these examples, of all inputs they could have chosen
(Pu et al., Program synthesis with pragmatic communication, 2020).

    language = pbe.Language.of(grammar, inputs)
    language.heard(examples)      # behaviours with their probability, exact
    language.first(examples)      # the first in one fixed order that fits: a lookup
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

import rsa
from dsl.grammar import Grammar, log_sum
from dsl.interpreter import cell, cells, outputs
from dsl.program import Program
from dsl.task import Row, row_key
from dsl.types import Value
from pbe.budget import Budget
from pbe.enumeration import enumerate_bank
from pbe.meaning import MeaningMatrix, Outputs

CANDIDATES = 200_000
"""Programs looked at unless told otherwise."""

Shown = Sequence[tuple[Row, Value]]
"""Examples in the order in which they were shown: an input of the language's rows, and its output."""


@dataclass(frozen=True, eq=False)
class Language:
    """The behaviours of a grammar's programs on some inputs, the cheapest first.

    `programs[k]` is the most probable program of behaviour k, `matrix` says what each behaviour gives on each of
    `rows`, and how probable it is a priori. `complete` tells whether the grammar has no other behaviour.
    """

    rows: tuple[Row, ...]
    programs: tuple[Program, ...]
    matrix: MeaningMatrix
    complete: bool

    @classmethod
    def of(
        cls,
        grammar: Grammar,
        rows: Sequence[Row],
        *,
        candidates: int = CANDIDATES,
        seeds: Sequence[Program] = (),
        weighted: bool = False,
        budget: Budget | None = None,
    ) -> Language:
        """Return the language of a grammar over the inputs that may be shown.

        Programs are enumerated in order of cost until `candidates` were looked at; `seeds`, such as a search's finds,
        join them. A priori all behaviours are equally probable, or, if `weighted`, as probable as the grammar makes
        their programs together. Raises ValueError without inputs and BudgetSpent when the budget ends first.
        """
        if not rows:
            raise ValueError("a language needs inputs to be shown: give at least one row")
        symbols = grammar.reachable(grammar.start)
        bank = enumerate_bank(grammar, symbols, rows, (budget or Budget()).start(), limit=candidates)
        merged: dict[Outputs, tuple[Program, list[float]]] = {}
        for entry in bank.entries[grammar.start]:
            merged.setdefault(cells(entry.values), (entry.best[1], []))[1].append(entry.log_mass)
        for seed in seeds:
            merged.setdefault(outputs(seed, rows), (seed, [grammar.log_prob(seed)]))
        log_prior = [log_sum(masses) if weighted else 0.0 for _, masses in merged.values()]
        programs = tuple([program for program, _ in merged.values()])
        return cls(tuple(rows), programs, MeaningMatrix.of(list(merged), log_prior), bank.programs < candidates)

    @cached_property
    def lexicon(self) -> rsa.Lexicon:
        """Return the lexicon: an utterance is "this input gives that output"; outputs that are blank are not shown."""
        codes = self.matrix.codes.copy()
        for row, labels in enumerate(self.matrix.labels):
            if None in labels:
                codes[row, codes[row] == labels.index(None)] = -1
        return rsa.Lexicon.of_codes(codes, self.matrix.log_prior)

    @cached_property
    def ranking(self) -> rsa.Ranking:
        """Return the one order of behaviours distilled from L1 (Pu et al. 2023)."""
        return rsa.distilled_ranking(self.lexicon)

    def heard(self, shown: Shown, *, alpha: float = 1.0) -> list[tuple[Program, float]]:
        """Return the behaviours that fit, by their programs, with their probability under L1, most probable first.

        The probabilities sum to 1; nothing is returned where no behaviour fits. Behaviours of the same probability keep
        the order of their cost. Raises ValueError for an input that is not among the rows, or shown twice.
        """
        said = self._utterances(shown)
        if said is None:
            return []
        log_listener = self.lexicon.pragmatic_listener(said, alpha=alpha)
        probability = np.exp(log_listener)
        order = np.argsort(-np.round(log_listener, 9), kind="stable")
        return [(self.programs[k], float(probability[k])) for k in order if probability[k] > 0]

    def first(self, shown: Shown) -> Program | None:
        """Return the first program in the distilled order that fits everything shown, None where none does.

        Raises ValueError as `heard` does.
        """
        said = self._utterances(shown)
        best = None if said is None else self.ranking.listener(self.lexicon, said)
        return None if best is None else self.programs[best]

    def _utterances(self, shown: Shown) -> list[int] | None:
        """Return the utterances that examples are, None where an output is one that no behaviour gives."""
        places = {row_key(row): index for index, row in enumerate(self.rows)}
        said = []
        for inputs, output in shown:
            if row_key(inputs) not in places:
                raise ValueError(f"the input {inputs!r} is not one of the language's rows; build it with that row")
            row, text = places[row_key(inputs)], cell(output)
            if text is None or text not in self.matrix.labels[row]:
                return None
            said.append(self.lexicon.utterance(row, self.matrix.labels[row].index(text)))
        if len(set(said)) < len(said):
            raise ValueError("an example is shown twice; leave out the second")
        return said
