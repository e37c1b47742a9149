"""Speakers fitted to choices: the gradient, what simulated speakers give back, and what must not matter."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy.optimize import approx_fprime

import rsa
from rsa._latent import LatentSpeakers


@st.composite
def recorded(draw, sequences=6, alternatives=4, features=2):
    """Random choices of random people, among alternatives of which some are not available."""
    length = draw(st.integers(1, 12))
    log_listener = draw(hnp.arrays(np.float64, (length, alternatives), elements=st.floats(-4, 0)))
    closed = draw(hnp.arrays(np.bool_, (length, alternatives)))
    chosen = draw(hnp.arrays(np.intp, length, elements=st.integers(0, alternatives - 1)))
    closed[np.arange(length), chosen] = False
    return rsa.Choices.of(
        np.where(closed, -np.inf, log_listener),
        draw(hnp.arrays(np.float64, (length, alternatives, features), elements=st.floats(-2, 2))),
        chosen,
        sequence=draw(hnp.arrays(np.intp, length, elements=st.integers(0, sequences - 1))),
        person=draw(hnp.arrays(np.intp, sequences, elements=st.integers(0, 3))),
        weight=draw(hnp.arrays(np.float64, sequences, elements=st.floats(0, 3))),
    )


def simulated(alpha, weights, shares=(1.0,), people=60, length=25, seed=0):
    """Choices of speakers of known kinds: each person makes two sequences of one kind."""
    random = np.random.default_rng(seed)
    kind = np.repeat(random.choice(len(shares), people, p=shares), 2)
    sequence = np.repeat(np.arange(2 * people), length)
    log_listener = random.normal(size=(len(sequence), 5))
    features = random.normal(size=(len(sequence), 5, len(weights[0])))
    of_row = kind[sequence]
    utility = np.asarray(alpha)[of_row, None] * log_listener
    utility -= np.einsum("naf,nf->na", features, np.asarray(weights)[of_row])
    chosen = np.argmax(utility + random.gumbel(size=utility.shape), axis=1)
    person = np.repeat(np.arange(people), 2)
    return rsa.Choices.of(log_listener, features, chosen, sequence=sequence, person=person)


def log_likelihood(choices, alpha, weights):
    """As it is defined, one choice at a time, by the agents of the package."""
    total = 0.0
    for row in range(len(choices.chosen)):
        cost = choices.features[row] @ weights / alpha
        log_p = rsa.pragmatic_speaker(choices.log_listener[row][:, np.newaxis], cost, alpha)[:, 0]
        total += choices.weight[choices.sequence[row]] * log_p[choices.chosen[row]]
    return total


@given(recorded(), st.integers(1, 3), st.integers(0, 99))
@settings(max_examples=40)
def test_gradient_against_differences(choices, kinds, seed):
    model = LatentSpeakers(choices, kinds)
    parameters = np.random.default_rng(seed).normal(size=kinds * 3 + kinds - 1)
    found = model.at(parameters)
    differences = approx_fprime(parameters, lambda p: choices.weight @ model.at(p).log_p, 1e-6)
    np.testing.assert_allclose(model.gradient(found, choices.weight), differences, rtol=1e-3, atol=1e-3)
    by_person = model.gradients_by_person(found, choices.weight)
    np.testing.assert_allclose(by_person.sum(axis=0), model.gradient(found, choices.weight), atol=1e-9)


@given(recorded())
@settings(max_examples=25, deadline=None)
def test_the_fit_is_the_top_of_the_likelihood_as_defined(choices):
    fit = rsa.fit_speaker(choices, ridge=1.0)
    alpha, weights = fit.alpha[0], fit.weights[0]

    def penalised(alpha, weights):
        return log_likelihood(choices, alpha, weights) - 0.5 * ((alpha - 1) ** 2 + weights @ weights)

    if alpha < 0.01:  # on the bound, where a cost in units of alpha says nothing
        return
    top = penalised(alpha, weights)
    assert fit.objective == pytest.approx(log_likelihood(choices, alpha, weights), abs=1e-6)
    assert top >= penalised(1.0, np.zeros(2)) - 1e-9
    for shift in np.eye(3) * 1e-2:
        for sign in (-1, 1):
            assert penalised(alpha + sign * shift[0] * alpha, weights + sign * shift[1:]) <= top + 1e-9


@pytest.mark.parametrize(
    ("alpha", "weights", "shares"),
    [([1.4], [[0.8, -1.2]], [1.0]), ([0.3, 2.5], [[1.5, 0.0], [-0.5, 1.0]], [0.4, 0.6])],
)
def test_known_speakers_come_back_within_their_errors(alpha, weights, shares):
    choices = simulated(alpha, weights, shares)
    fit = rsa.fit_speaker(choices, kinds=len(shares))
    assert fit.shares.sum() == pytest.approx(1)
    for found, error, truth in (
        (fit.alpha, fit.alpha_errors, alpha),
        (fit.weights, fit.weights_errors, weights),
        (fit.shares, fit.shares_errors, shares),
    ):
        assert np.all(np.abs(found - truth) <= 3.5 * error + 1e-9)
        assert np.all(error < 0.2)


def test_errors_are_as_wide_as_the_spread_of_fits():
    fits = [rsa.fit_speaker(simulated([1.0], [[0.5]], people=30, length=10, seed=seed)) for seed in range(60)]
    spread = np.std([[f.alpha[0], f.weights[0, 0]] for f in fits], axis=0)
    told = np.mean([[f.alpha_errors[0], f.weights_errors[0, 0]] for f in fits], axis=0)
    np.testing.assert_allclose(told, spread, rtol=0.25)


def test_the_same_person_again_tells_nothing_new():
    choices = simulated([1.0], [[0.5]], people=20, length=10)

    def twice(person):
        later = choices.sequence + len(choices.person)
        return rsa.Choices.of(
            np.tile(choices.log_listener, (2, 1)),
            np.tile(choices.features, (2, 1, 1)),
            np.tile(choices.chosen, 2),
            sequence=np.append(choices.sequence, later),
            person=np.append(choices.person, person),
        )

    once = rsa.fit_speaker(choices)
    same = rsa.fit_speaker(twice(choices.person))
    others = rsa.fit_speaker(twice(choices.person + 100))
    for fit in (same, others):
        np.testing.assert_allclose(fit.weights, once.weights, atol=1e-5)
    np.testing.assert_allclose(same.weights_errors, once.weights_errors, rtol=1e-3)
    np.testing.assert_allclose(others.weights_errors, once.weights_errors / np.sqrt(2), rtol=0.05)


def test_names_and_order_do_not_matter():
    choices = simulated([0.7], [[0.5, -1.0]], people=15, length=6)
    random = np.random.default_rng(1)
    rows, turn = random.permutation(len(choices.chosen)), random.permutation(5)
    sequences = random.permutation(len(choices.person))
    renamed = rsa.Choices.of(
        choices.log_listener[rows][:, turn] + 3.0,  # L0 counts up to a constant
        choices.features[rows][:, turn],
        np.argsort(turn)[choices.chosen[rows]],
        sequence=np.argsort(sequences)[choices.sequence[rows]],
        person=np.array([f"person {p}" for p in choices.person])[sequences],
    )
    one, other = rsa.fit_speaker(choices, ridge=0.5), rsa.fit_speaker(renamed, ridge=0.5)
    np.testing.assert_allclose(one.alpha, other.alpha, atol=1e-5)
    np.testing.assert_allclose(one.weights, other.weights, atol=1e-5)
    np.testing.assert_allclose(one.weights_errors, other.weights_errors, rtol=1e-3)
    assert one.objective == pytest.approx(other.objective, abs=1e-6)


def test_weight_counts_a_sequence_as_often():
    choices = simulated([0.7], [[0.5]], people=10, length=5)
    kept = np.arange(20) % 3 > 0
    weighted = rsa.Choices.of(
        choices.log_listener, choices.features, choices.chosen, sequence=choices.sequence, weight=kept.astype(float)
    )
    fit = rsa.fit_speaker(choices.among(kept))
    np.testing.assert_allclose(rsa.fit_speaker(weighted).weights, fit.weights, atol=1e-5)


def test_a_strong_ridge_leaves_the_textbook_speaker():
    fit = rsa.fit_speaker(simulated([2.0], [[1.0]], people=5), ridge=1e9)
    assert fit.alpha[0] == pytest.approx(1, abs=1e-5)
    assert fit.weights[0, 0] == pytest.approx(0, abs=1e-5)


def test_alpha_stays_at_its_bound_and_has_no_error_there():
    choices = simulated([0.0], [[0.5]], people=40)
    contrary = rsa.Choices.of(-choices.log_listener, choices.features, choices.chosen)
    fits = [rsa.fit_speaker(c) for c in (choices, contrary)]
    assert min(fit.alpha[0] for fit in fits) == 0.0  # one of the two leans the wrong way
    at_bound = min(fits, key=lambda fit: fit.alpha[0])
    assert np.isnan(at_bound.alpha_errors[0])
    assert at_bound.weights_errors[0, 0] < 0.1


def test_more_kinds_explain_no_less():
    choices = simulated([0.3, 2.5], [[1.5], [-0.5]], [0.4, 0.6], people=30)
    objectives = [rsa.fit_speaker(choices, kinds=kinds).objective for kinds in (1, 2, 3)]
    assert objectives[0] < objectives[1] - 10
    assert objectives[1] <= objectives[2] + 1e-6


# ---------------------------------------------------------------- the listener


def a_world(seed=0, meanings=5, utterances=7, trials=80):
    """Meanings taught by one utterance each, by speakers with a known cost; what each meaning's speaker chose from."""
    random = np.random.default_rng(seed)
    truth = random.random((utterances, meanings)) < 0.6
    truth[-1] = True
    log_l0 = rsa.literal_listener(truth)
    features = random.normal(size=(utterances, 1))
    said, meant = [], []
    for _ in range(trials):
        w = random.integers(meanings)
        log_s1 = rsa.pragmatic_speaker(log_l0, features[:, 0] * 0.4 / 2.0, 2.0)[:, w]
        said.append(random.choice(utterances, p=np.exp(log_s1)))
        meant.append(w)
    return log_l0, features, np.array(said), np.array(meant)


def as_heard(log_l0, features, said, meant):
    """One sequence for each meaning that what was said is true of."""
    trial, meaning = np.nonzero(log_l0[said] > -np.inf)
    choices = rsa.Choices.of(
        log_l0[:, meaning].T, np.tile(features, (len(trial), 1, 1)), said[trial], person=trial
    )
    return choices, trial, meaning == meant[trial], meaning


def test_the_listener_fit_is_the_top_of_l1_as_defined():
    world = a_world()
    log_l0, features, said, meant = world
    log_prior = np.log([0.1, 0.3, 0.2, 0.2, 0.2])
    choices, trial, is_meant, meaning = as_heard(*world)

    def log_posterior(alpha, weight):
        log_s1 = rsa.pragmatic_speaker(log_l0, features[:, 0] * weight / alpha, alpha)
        return rsa.pragmatic_listener(log_s1, log_prior)[said, meant].sum()

    fit = rsa.fit_listener(choices, trial, is_meant, log_prior=log_prior[meaning])
    alpha, weight = fit.alpha[0], fit.weights[0, 0]
    assert fit.objective == pytest.approx(log_posterior(alpha, weight), abs=1e-6)
    likeliest = rsa.fit_speaker(choices.among(is_meant))
    assert fit.objective >= log_posterior(likeliest.alpha[0], likeliest.weights[0, 0]) - 1e-9
    for step in (-0.05, 0.05):
        assert log_posterior(alpha + step, weight) <= fit.objective + 1e-9
        assert log_posterior(alpha, weight + step) <= fit.objective + 1e-9


def test_a_listener_needs_one_meaning_in_each_trial():
    choices, trial, meant, _ = as_heard(*a_world(trials=5))
    with pytest.raises(ValueError, match="one sequence that was meant"):
        rsa.fit_listener(choices, trial, np.zeros_like(meant))
    with pytest.raises(ValueError, match="one for each sequence"):
        rsa.fit_listener(choices, trial[:-1], meant)
    with pytest.raises(ValueError, match="log_prior must be finite"):
        rsa.fit_listener(choices, trial, meant, log_prior=np.full(len(trial), -np.inf))


# ---------------------------------------------------------------- folds


@given(st.lists(st.integers(0, 30), min_size=2, max_size=60).filter(lambda p: len(set(p)) > 1), st.data())
def test_folds_never_split_a_person(person, data):
    count = data.draw(st.integers(2, len(set(person))))
    folds = rsa.folds_by_person(person, count)
    assert set(folds) == set(range(count))
    assert all(len({f for f, q in zip(folds, person, strict=True) if q == p}) == 1 for p in person)
    sizes = [len({p for p, f in zip(person, folds, strict=True) if f == fold}) for fold in range(count)]
    assert max(sizes) - min(sizes) <= 1


def test_every_sequence_is_judged_by_a_fit_that_never_saw_it():
    choices = simulated([1.0], [[0.5]], people=9, length=4)
    folds = rsa.folds_by_person(choices.person, 3)
    fits, log_p = rsa.cross_validated(choices, folds, ridge=0.1)
    for fold in range(3):
        expected = rsa.fit_speaker(choices.among(folds != fold), ridge=0.1)
        np.testing.assert_allclose(fits[fold].weights, expected.weights)
        np.testing.assert_allclose(log_p[folds == fold], expected.log_probability(choices.among(folds == fold)))


# ---------------------------------------------------------------- bad input


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"log_listener": np.zeros(3)}, "shape"),
        ({"features": np.zeros((2, 4, 1))}, "shape"),
        ({"chosen": [0, 3]}, "choice 1 took alternative 3"),
        ({"chosen": [0, 1]}, "choice 1 took alternative 1"),
        ({"chosen": [0]}, "as many choices, not 2, 1 and 1"),
        ({"sequence": [0, 5], "person": [1, 1]}, "numbers from 0 to 1"),
        ({"weight": [1.0, -1.0]}, "weight"),
        ({"features": np.full((2, 3, 1), np.nan)}, "finite"),
        ({"log_listener": np.full((2, 3), np.nan)}, "NaN"),
    ],
)
def test_choices_that_do_not_fit_are_refused(change, message):
    good = {
        "log_listener": np.array([[0.0, -1.0, -2.0], [0.0, -np.inf, 0.0]]),
        "features": np.zeros((2, 3, 1)),
        "chosen": [0, 2],
    }
    rsa.Choices.of(**good)
    with pytest.raises(ValueError, match=message):
        rsa.Choices.of(**{**good, **change})


def test_nothing_can_be_fitted_to_nothing():
    choices = simulated([1.0], [[0.5]], people=3)
    for bad in ({"kinds": 0}, {"ridge": -1.0}):
        with pytest.raises(ValueError, match="kinds must be at least 1 and ridge at least 0"):
            rsa.fit_speaker(choices, **bad)
    with pytest.raises(ValueError, match="no choice"):
        rsa.fit_speaker(choices.among(np.zeros(6, dtype=bool)))
    with pytest.raises(ValueError, match="cannot be put into 4 folds"):
        rsa.folds_by_person([1, 1, 2, 3], 4)
