"""The pattern game beside its published figures: language, people, replays, simulated speakers, time.

Source: Pu et al., Program synthesis with pragmatic communication, 2020; the figures were measured with its published
code and data.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import ttest_rel, wilcoxon

import rsa
from app.bench.figures import Figure
from app.bench.humans import EMPTY, ROBOTS, ChainStep, GridStudy, Round, read_chains, read_grid_study
from app.bench.layouts import Layouts, enumerate_layouts
from app.bench.listening import time_large, time_listening, time_robots
from app.bench.suites import SuiteError
from app.bench.teaching import Step, carried, first, heard, replayed, taught_at_random, taught_by_best
from app.people.listener import LayoutListener, Speakers
from app.robots import World
from dsl.grids.patterns import CELLS, SIDE, SYMBOLS

PROTOCOL = (
    "Every record is replayed with the examples that stood at its end, in the order in which they were put there; a "
    "shorter sequence carries its last value. E L0 = probability that L0 answers the target, L1 top-1 = probability "
    "that L1 does with ties at random, strict = without a tie. S1 says the likeliest cell, the first of equals."
)
RESAMPLES = 100_000
TRIALS = 400
SHOWN = (2, 3, 4, 5, 6, 8)
REPLAYED_AT = (*[f"k = {k}" for k in SHOWN], "end")
REPLAYED = {
    ("white", "E L0"): (0.0037, 0.0163, 0.0417, 0.1153, 0.2164, 0.4586, 0.6324),
    ("white", "L1 top-1"): (0.0276, 0.1341, 0.2628, 0.3531, 0.4373, 0.6543, 0.7743),
    ("blue", "E L0"): (0.0055, 0.0220, 0.0423, 0.0719, 0.0999, 0.1428, 0.1765),
    ("blue", "L1 top-1"): (0.0453, 0.3258, 0.5272, 0.6788, 0.7636, 0.8433, 0.9100),
}
"""Published means over the records, at these places."""
FIRST_STRICT = {"white": (285, 5.947), "blue": (337, 4.742)}
STRICT_BY_K = {2: 3378, 3: 6024, 4: 5772, 5: 2238, 6: 546, 7: 18}
SHA_256 = "00bf2d10b39d493cddd4071f1c7eee2fb3593d89749d107cc1ca097148fc0265"

Tick = Callable[[int, int], None]
Section = tuple[str, list[Figure]]


@dataclass(frozen=True, slots=True)
class PatternGame:
    """The study, all layouts in the order of their symbols, and a lexicon of what may be said of their cells."""

    study: GridStudy
    chains: Mapping[str, Sequence[ChainStep]]
    layouts: Layouts
    lexicon: rsa.Lexicon
    places: Mapping[bytes, int]

    def place(self, target: Sequence[int]) -> int:
        """Return which layout a target is."""
        return self.places[bytes(target)]

    def said(self, one: Round) -> list[int]:
        """Return what was said in a round as utterances of the lexicon."""
        return [self.lexicon.utterance(cell, symbol) for cell, symbol in one.said]


def read_pattern_game(folder: Path) -> PatternGame:
    """Return the game from its folder; raises SuiteError where a target is no layout of the language."""
    study = read_grid_study(folder)
    if not all(map(study.by, ROBOTS)):
        raise SuiteError(f"{folder} holds no records that count for both robots; fetch the study anew.")
    chains = read_chains(folder)
    layouts = enumerate_layouts()
    game = PatternGame(study, chains, layouts, rsa.Lexicon.of_codes(layouts.codes), layouts.index())
    for name, target in study.targets.items():
        if bytes(target) not in game.places:
            raise SuiteError(f"targets10.json in {folder} has no layout of the language under {name}")
    if unknown := sorted(chains.keys() - study.targets.keys()):
        raise SuiteError(f"s1_chains.json in {folder} has steps for {unknown[0]}, which is not among targets10.json")
    return game


def sections(game: PatternGame, tick: Tick) -> list[Section]:
    """Return all published figures beside ours."""
    replays = {}
    for done, one in enumerate(game.study.rounds):
        tick(done, len(game.study.rounds))
        replays[one] = replayed(game.lexicon.conversation(), game.place(one.target), game.said(one))
    return [
        ("The language", language(game)),
        ("The people", people(game.study)),
        ("Replay of the records, E L0", replay(game.study, replays, "E L0")),
        ("Replay of the records, L1 top-1", replay(game.study, replays, "L1 top-1")),
        ("First example at which strict L1 names the target", first_strict(game.study, replays)),
        ("Simulated speakers: mean examples until the guess is right", simulated(game, tick)),
        ("The speaker's choices for the study's targets, step by step", stepwise(game)),
    ]


def language(game: PatternGame) -> list[Figure]:
    """Return what is published about the language."""
    layouts, lexicon = game.layouts, game.lexicon
    spelled = layouts.codes.T.tobytes()
    return [
        Figure("programs", 72_900, int(layouts.counts.sum())),
        Figure("distinct layouts", 17_976, layouts.codes.shape[1]),
        Figure("layouts without a symbol", 0, int(np.all(layouts.codes == EMPTY, axis=0).sum())),
        Figure("programs of a layout, least", 1, int(layouts.counts.min())),
        Figure("programs of a layout, most", 21, int(layouts.counts.max())),
        Figure("programs of a layout, mean", 4.055, float(layouts.counts.mean()), 3),
        Figure("utterances in use", 343, int(np.count_nonzero(lexicon.counts))),
        Figure("true pairs of layout and utterance", 880_824, int(lexicon.counts.sum())),
        Figure("SHA-256 of the layouts", SHA_256, hashlib.sha256(spelled).hexdigest()),
    ]


def people(study: GridStudy) -> list[Figure]:
    """Return the published comparison of the two robots by the examples that people needed."""
    white, blue = study.by("white"), study.by("blue")
    means = {robot: _means_by_participant(study.by(robot)) for robot in ROBOTS}
    both = sorted(means["white"].keys() & means["blue"].keys())
    pairs = np.array([[means[robot][person] for robot in ROBOTS] for person in both])
    gain = pairs[:, 0] - pairs[:, 1]
    resampled = np.random.default_rng(0).choice(gain, (RESAMPLES, len(gain))).mean(axis=1)
    low, high = np.quantile(resampled, (0.025, 0.975))
    test, ranks = ttest_rel(pairs[:, 0], pairs[:, 1]), wilcoxon(pairs[:, 0], pairs[:, 1])
    return [
        Figure("people who took part", 71, study.participants),
        Figure("people kept", 40, len({one.participant for one in study.rounds})),
        Figure("records", 757, len(study.rounds)),
        Figure("records, white (L0)", 371, len(white)),
        Figure("records, blue (L1)", 386, len(blue)),
        Figure("mean examples, white", 7.639, _mean([one.examples_used for one in white]), 3),
        Figure("mean examples, blue", 4.995, _mean([one.examples_used for one in blue]), 3),
        Figure("people with both robots", 37, len(both)),
        Figure("mean of their means, white", 7.619, _mean(pairs[:, 0]), 3),
        Figure("mean of their means, blue", 4.884, _mean(pairs[:, 1]), 3),
        Figure("difference", 2.735, _mean(gain), 3),
        Figure("difference, bootstrap 2.5 %", 2.370, float(low), 3, _quantile_error(resampled, 0.025)),
        Figure("difference, bootstrap 97.5 %", 3.081, float(high), 3, _quantile_error(resampled, 0.975)),
        Figure("paired t, degrees of freedom", 36, int(test.df)),
        Figure("paired t", 14.8, float(test.statistic), 1),
        Figure("Wilcoxon signed-rank p", 1.2e-7, float(ranks.pvalue), 8),
        Figure("people who needed fewer with blue", 36, int(np.sum(gain > 0))),
    ]


def replay(study: GridStudy, replays: Mapping[Round, Sequence[Step]], measure: str) -> list[Figure]:
    """Return the published means of one measure over the records of each robot."""
    figures = []
    for robot in ROBOTS:
        steps = [replays[one] for one in study.by(robot)]
        values = [[step.literal if measure == "E L0" else step.top for step in line] for line in steps]
        ours = [_mean([carried(line, k) for line in values]) for k in (*SHOWN, max(map(len, values)))]
        figures += [
            Figure(f"{robot}, {measure}, {name}", reference, value, 4)
            for name, reference, value in zip(REPLAYED_AT, REPLAYED[robot, measure], ours, strict=True)
        ]
    return figures


def first_strict(study: GridStudy, replays: Mapping[Round, Sequence[Step]]) -> list[Figure]:
    """Return how many records strict L1 gets, and after how many examples."""
    figures = []
    for robot, (records, mean) in FIRST_STRICT.items():
        found = [first([step.strict for step in replays[one]]) for one in study.by(robot)]
        reached = [k for k in found if k is not None]
        figures.append(Figure(f"{robot}, reached in, of {len(found)}", records, len(reached)))
        figures.append(Figure(f"{robot}, reached at, mean", mean, _mean(reached), 3))
    return figures


def simulated(game: PatternGame, tick: Tick) -> list[Figure]:
    """Return the published figures of simulated speakers; those that speak at random are simulated a few times."""
    start = game.lexicon.conversation()
    targets = [game.place(target) for target in game.study.targets.values()]
    ten = taught_by_best(start, targets, len(CELLS))
    every = taught_by_best(start, range(game.layouts.codes.shape[1]), len(CELLS), tick)
    by_k = np.bincount(every.strict, minlength=max(STRICT_BY_K) + 2)
    random = np.random.default_rng(0)
    trials = np.empty((len(targets), TRIALS, 2))
    for place, target in enumerate(targets):
        for trial in range(TRIALS):
            tick(place * TRIALS + trial, len(targets) * TRIALS)
            trials[place, trial] = taught_at_random(start, target, random)
    literal, pragmatic = trials.mean(axis=(0, 1))
    errors = np.sqrt(trials.var(axis=1, ddof=1).mean(axis=0) / (TRIALS * len(targets)))
    return [
        Figure("S1 – L0, the study's targets", 4.687, _mean(ten.literal), 3),
        Figure("S1 – L0, all layouts", 4.6617, _mean(every.literal), 4),
        Figure("S1 – L1 strict, the study's targets", 3.400, _mean(ten.strict), 3),
        Figure("S1 – L1 strict, all layouts", 3.4773, _mean(every.strict), 4),
        *[Figure(f"S1 – L1 strict, layouts at k = {k}", number, int(by_k[k])) for k, number in STRICT_BY_K.items()],
        Figure(f"S0 – L0, {TRIALS} trials a target", 16.44, float(literal), 2, float(errors[0])),
        Figure(f"S0 – L1, {TRIALS} trials a target", 16.11, float(pragmatic), 2, float(errors[1])),
    ]


def stepwise(game: PatternGame) -> list[Figure]:
    """Return every step of the published chains: the cell S1 chooses, S1, |V|, L1's posterior, top-1 and rank."""
    figures = []
    for name, chain in game.chains.items():
        target = game.place(game.study.targets[name])
        talk = game.lexicon.conversation()
        for number, published in enumerate(chain, 1):
            utterance = int(talk.likeliest([target])[0])
            cell = int(np.flatnonzero(game.lexicon.true_of[target] == utterance)[0])
            speaker = float(np.exp(talk.step_speaker([target])[cell, 0]))
            talk = talk.say(utterance)
            ours = heard(talk, target)
            step = f"{name}, step {number}"
            said = _shown(published.cell, published.symbol), _shown(cell, int(game.layouts.codes[cell, target]))
            figures += [
                Figure(f"{step}: says", *said),
                Figure(f"{step}: S1", published.speaker, speaker, 6),
                Figure(f"{step}: |V|", published.left, ours.left),
                Figure(f"{step}: posterior", published.posterior, ours.posterior, 6),
                Figure(f"{step}: top-1", published.top, ours.top, 6),
                Figure(f"{step}: rank", published.rank, ours.rank),
            ]
    return figures


def times(game: PatternGame, tick: Tick) -> dict[str, dict[str, float]]:
    """Return how long listening takes, on the records and on a larger lexicon, and the robots of the page on them."""
    prefixes = [game.said(one)[:k] for one in game.study.rounds for k in range(1, len(one.said) + 1)]
    listening = time_listening(game.lexicon, prefixes, repeatable=False, tick=tick)
    rounds = [(game.place(one.target), [cell for cell, _ in one.said]) for one in game.study.rounds]
    world = World(game.layouts, game.lexicon, LayoutListener(game.layouts.codes, Speakers.shipped()))
    return {
        "one exact L1 over what people had said": listening,
        "three robots' answers to one more cell": time_robots(world, rounds, tick),
        "a large lexicon": time_large(),
    }


def _shown(cell: int, symbol: int) -> str:
    return f"({cell // SIDE}, {cell % SIDE}) {SYMBOLS[symbol] or 'empty'}"


def _means_by_participant(rounds: Sequence[Round]) -> dict[str, float]:
    used: dict[str, list[int]] = {}
    for one in rounds:
        used.setdefault(one.participant, []).append(one.examples_used)
    return {participant: _mean(numbers) for participant, numbers in used.items()}


def _mean(values: Sequence[float] | NDArray[Any]) -> float:
    return float(np.mean(values)) if len(values) else math.nan


def _quantile_error(sample: NDArray[np.float64], q: float) -> float:
    """Return the standard error of a sample's quantile, by its density there."""
    near = np.quantile(sample, (q - 0.01, q + 0.01))
    return float(np.sqrt(q * (1 - q) / len(sample)) * (near[1] - near[0]) / 0.02)
