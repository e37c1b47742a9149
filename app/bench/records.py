"""The records of the pattern game as choices that speakers are fitted to, and as what listeners make of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

import rsa
from app.bench.patterns import PatternGame
from app.bench.teaching import carried
from app.people.features import FEATURES
from app.people.listener import TEXTBOOK, Heard, LayoutListener, Speakers

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Ints = NDArray[np.intp]
Said = tuple[tuple[int, int], ...]

LAST = 8
"""Examples after which nothing is scored."""
HEARD = 4
RIVALS = 20


class Records:
    """Each record's person, robot, target and what was said, in the order of the study's rounds."""

    def __init__(self, game: PatternGame) -> None:
        rounds = game.study.rounds
        self.codes = game.layouts.codes
        self.said = [one.said for one in rounds]
        self.target = np.array([game.place(one.target) for one in rounds])
        self.robot = np.array([one.robot for one in rounds])
        self.person = np.array([one.participant for one in rounds])
        self._known = {(): LayoutListener(self.codes, TEXTBOOK).start}

    def __len__(self) -> int:
        return len(self.said)

    @cached_property
    def spoken(self) -> rsa.Choices:
        """Return every cell shown, as a choice among those unsaid; a record is a sequence, all FEATURES are there."""
        steps = [(record, k) for record, said in enumerate(self.said) for k in range(len(said))]
        return self._choices(steps, np.arange(len(self)), self.target)

    @cached_property
    def rivals(self) -> tuple[rsa.Choices, Ints, Bools]:
        """Return what the target of each record, and its rivals, would have had to choose for its first HEARD cells.

        With the choices come the record that each sequence is for, and whether it is the target's. Rivals are the
        RIVALS layouts of largest posterior, beside the target, of the published listener.
        """
        record_of, meaning, steps = [], [], []
        for record, said in enumerate(self.said):
            end = after(self._known, said[:HEARD])
            likely = end.left[np.argsort(-end.log_posterior, kind="stable")]
            for w in [self.target[record], *likely[likely != self.target[record]][:RIVALS]]:
                steps += [(len(meaning), k) for k in range(len(said[:HEARD]))]
                record_of.append(record)
                meaning.append(w)
        records = np.array(record_of)
        return self._choices(steps, records, np.array(meaning)), records, np.array(meaning) == self.target[records]

    def top(self, speakers: Speakers, kept: Bools) -> Floats:
        """Return L1 top-1 of these speakers' listener, shape (records, LAST): nan for records that are not kept.

        Column k - 1 is after k examples, ties at random; a shorter record carries its last value.
        """
        known = {(): LayoutListener(self.codes, speakers).start}
        top = np.full((len(self), LAST), np.nan)
        for record in np.flatnonzero(kept):
            shares = []
            for k in range(1, min(LAST, len(self.said[record])) + 1):
                best = after(known, self.said[record][:k]).best
                shares.append((self.target[record] in best) / len(best))
            top[record] = [carried(shares, k) for k in range(1, LAST + 1)]
        return top

    def _choices(self, steps: Sequence[tuple[int, int]], records: Ints, meaning: Ints) -> rsa.Choices:
        """Return the choices (sequence, step) of the speakers that have `meaning[sequence]` in mind.

        What is said, and by whom, is that of `records[sequence]`.
        """
        sequence = np.array([number for number, _ in steps])
        cells = np.arange(len(self.codes))
        layouts = self.codes.T[meaning]
        features = np.empty((len(steps), len(cells), len(FEATURES)), dtype=np.float32)
        for place, feature in enumerate(FEATURES.values()):
            if feature.of_cells is not None:
                features[..., place] = feature.of_cells(layouts)[sequence]
        of_turns = [(place, f.of_turn) for place, f in enumerate(FEATURES.values()) if f.of_turn is not None]
        log_listener = np.empty((len(steps), len(cells)))
        chosen = np.empty(len(steps), dtype=np.intp)
        turns: dict[Said, list[tuple[int, NDArray[np.generic]]]] = {}
        for row, (number, k) in enumerate(steps):
            said = self.said[records[number]]
            before, symbols = said[:k], layouts[number]
            chosen[row] = said[k][0]
            heard = after(self._known, before)
            log_listener[row] = -heard.log_left[cells, symbols]
            log_listener[row, heard.unsayable] = -np.inf
            if before not in turns:
                turns[before] = [(place, of_turn(before)) for place, of_turn in of_turns]
            for place, values in turns[before]:
                features[row, :, place] = values[cells, symbols]
        return rsa.Choices.of(log_listener, features, chosen, sequence=sequence, person=self.person[records])


def after(known: dict[Said, Heard], said: Said) -> Heard:
    """Return what a listener has heard after this, adding what is new to what is known of its beginnings."""
    for k in range(1, len(said) + 1):
        if said[:k] not in known:
            known[said[:k]] = known[said[: k - 1]].hear(*said[k - 1])
    return known[said]


def with_features(choices: rsa.Choices, names: Sequence[str]) -> rsa.Choices:
    """Return choices that have all FEATURES with only these."""
    places = [list(FEATURES).index(name) for name in names]
    return replace(choices, features=choices.features[..., places])
