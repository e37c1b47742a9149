"""Random conversations for the tests of sequences."""

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

SIZES = st.integers(1, 6)
TRUTHS = hnp.arrays(np.bool_, st.tuples(SIZES, SIZES))
CODES = hnp.arrays(np.int8, st.tuples(SIZES, SIZES), elements=st.integers(-1, 3)).filter(lambda c: c.max() >= 0)


@st.composite
def conversations(draw, truths=TRUTHS):
    """A table, what was said in it, a prior and a speaker."""
    truth = draw(truths)
    utterances, meanings = truth.shape
    repeatable = draw(st.booleans())
    said = draw(st.lists(st.integers(0, utterances - 1), max_size=4, unique=not repeatable))
    weight = st.one_of(st.floats(-800, 5), st.just(-np.inf))
    log_prior = draw(st.one_of(st.none(), hnp.arrays(np.float64, meanings, elements=weight)))
    price = st.one_of(st.floats(-3, 3), st.just(np.inf))
    cost = draw(st.one_of(st.none(), hnp.arrays(np.float64, utterances, elements=price)))
    alpha = draw(st.one_of(st.just(0.0), st.just(1.0), st.floats(0.01, 20)))
    return truth, said, log_prior, {"alpha": alpha, "cost": cost, "repeatable": repeatable}


@st.composite
def coded_conversations(draw):
    """A table of codes, and a conversation over what can be said about its rows."""
    codes = draw(CODES)
    return codes, draw(conversations(st.just(truth_of(codes))))


def truth_of(codes):
    """The truth of the utterances "row i gets code c", row by row, c from 0 to the row's largest."""
    return np.array([row == code for row in codes for code in range(row.max() + 1)])
