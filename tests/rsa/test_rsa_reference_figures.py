"""Published pragmatics data: the pattern game of Pu et al. 2020 and the regex study of Pu et al. 2023."""

import csv
import hashlib
import json
from itertools import product
from pathlib import Path

import numpy as np
import pytest

import rsa

DATA = Path(__file__).resolve().parents[3] / "shared" / "data" / "pragmatics"
pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason=f"needs the published data in {DATA}")

SYMBOLS = {shape + colour: 3 * s + c for s, shape in enumerate("CS") for c, colour in enumerate("RGB")}
EMPTY = SYMBOLS["E"] = 6


def all_patterns():
    """Every distinct 7×7 layout that the language draws, sorted, shape (patterns, 49)."""
    i, j = np.mgrid[0:7, 0:7]
    spans = [(a, b) for a in range(7) for b in range(a + 2, 7)]
    odd_even = [(0, 0), (1, 1), (2, 2), (0, 1), (1, 2), (2, 0)]
    colours = [np.where(n % 2 == 1, odd, even) for odd, even in odd_even for n in (i, j, i + j)]
    patterns = set()
    for (top, bottom), (left, right) in product(spans, spans):
        depth = np.minimum.reduce([i - top, bottom - i, j - left, right - j])  # 0 on the outermost ring
        for outer, inner, thickness, colour in product((0, 1), (0, 1, None), (1, 2, 3), colours):
            inside = EMPTY if inner is None else 3 * inner + colour
            cells = np.where(depth >= thickness, inside, 3 * outer + colour)
            patterns.add(np.where(depth >= 0, cells, EMPTY).astype(np.uint8).tobytes())
    return np.array([list(p) for p in sorted(patterns)], dtype=np.uint8)


@pytest.fixture(scope="module")
def patterns():
    found = all_patterns()
    assert found.shape == (17976, 49)
    digest = hashlib.sha256(found.tobytes()).hexdigest()
    assert digest == "00bf2d10b39d493cddd4071f1c7eee2fb3593d89749d107cc1ca097148fc0265"
    return found


@pytest.fixture(scope="module")
def lexicon(patterns):
    """343 utterances, cell·7 + symbol, of 17,976 patterns."""
    made = rsa.Lexicon.of_codes(patterns.T)
    assert made.utterances == 343 and made.counts.sum() == 880_824
    return made


def test_grid_chains_step_by_step(patterns, lexicon):
    chains = json.loads((DATA / "grid2020" / "s1_chains.json").read_text())
    targets = json.loads((DATA / "grid2020" / "targets10.json").read_text())
    assert len(chains) == len(targets) == 10
    column_of = {p.tobytes(): w for w, p in enumerate(patterns)}
    for name, chain in chains.items():
        target = column_of[np.array(targets[name], dtype=np.uint8).tobytes()]
        talk, log_before = lexicon.conversation(), 0.0
        for step in chain:
            row, column = step["cell"]
            talk = talk.say(lexicon.utterance(7 * row + column, SYMBOLS[step["sym"]]))
            log_speaker = talk.log_speaker()
            assert np.exp(log_speaker[target] - log_before) == pytest.approx(step["S1"], abs=6e-7)
            assert len(talk.meanings) == step["V"]
            log_posterior = talk.pragmatic_listener()
            assert np.exp(log_posterior[target]) == pytest.approx(step["L1_posterior"], abs=6e-7)
            best = rsa.argmax_set(log_posterior)
            assert (target in best) / len(best) == pytest.approx(step["L1_top1"], abs=1e-6)
            log_before = log_speaker[target]


def test_grid_first_step_from_codes(patterns):
    chains = json.loads((DATA / "grid2020" / "s1_chains.json").read_text())
    targets = json.loads((DATA / "grid2020" / "targets10.json").read_text())
    log_mass = rsa.log_code_masses(patterns.T)
    codes = np.array([np.ravel(targets[name]) for name in chains]).T
    log_speaker = rsa.speaker_from_codes(codes, log_mass)  # ten columns, the masses of all 17,976
    for w, chain in enumerate(chains.values()):
        row, column = chain[0]["cell"]
        assert np.argmax(log_speaker[:, w]) == 7 * row + column
        assert np.exp(log_speaker[7 * row + column, w]) == pytest.approx(chain[0]["S1"], abs=6e-7)


def test_regex_replay_of_human_sentences():
    regexes = (DATA / "regex350" / "regexes.txt").read_text().splitlines()
    sentences = (DATA / "regex350" / "sentences.txt").read_text().splitlines()
    truth = np.load(DATA / "regex350" / "mm.npy").astype(bool)
    column_of = {regex.strip().removeprefix("^").removesuffix("$"): w for w, regex in enumerate(regexes)}
    row_of = {sentence.strip(): u for u, sentence in enumerate(sentences)}
    with (DATA / "regex350" / "replay.csv").open(newline="") as file:
        replays = [(column_of[line[1]], line[3:]) for line in csv.reader(file) if line[2] == "g"]
    lexicon = rsa.Lexicon.of_truth(truth)
    literal, pragmatic = [], []
    for target, words in replays:
        said = [row_of[word] for word in words if word in row_of and truth[row_of[word], target]]
        talks = [lexicon.conversation(repeatable=True).say(*said[:k]) for k in range(1, len(said) + 1)]
        log_l0 = [talk.literal_listener() for talk in talks]
        log_l1 = [talk.pragmatic_listener() for talk in talks]
        ties = [rsa.argmax_set(log_p) for log_p in log_l1]
        carried = [min(k, len(said) - 1) for k in range(6)]
        literal.append([np.exp(log_l0[k][target]) for k in carried])
        pragmatic.append([(target in ties[k]) / len(ties[k]) for k in carried])
    assert len(replays) == 60
    np.testing.assert_allclose(
        np.mean(literal, axis=0), [0.0181, 0.0350, 0.0478, 0.0520, 0.0579, 0.0669], atol=6e-5
    )
    np.testing.assert_allclose(
        np.mean(pragmatic, axis=0), [0.0667, 0.4500, 0.5833, 0.6333, 0.6833, 0.7500], atol=6e-5
    )
