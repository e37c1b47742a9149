"""Rational Speech Acts on arrays: utterances on rows, meanings on columns, log probabilities in nats.

A listener reads the rows of a table (each row sums to 1), a speaker its columns (each column sums to 1).
The package knows no programs: it imports numpy, scipy and the standard library only.

    agents       L0, S1, L1 and on, each a few lines that can be checked by hand
    masses       S1 where the table holds only some of what could have been meant
    incremental  ordered sequences of utterances, as they are defined
    lexicon      the same for large tables that are heard often: codes instead of truth, counts shared
    ranking      one global order of meanings distilled from L1
    measures     accuracy of a pair of agents, information of utterances and questions
    fit          alpha and costs fitted to what people chose
    explorer     what the agents think of one table, as plain probabilities with labels
"""

from rsa.agents import listener, literal_listener, pragmatic_listener, pragmatic_speaker, speaker
from rsa.choices import Choices, folds_by_person
from rsa.explorer import Exploration, Step, explore
from rsa.fit import Fit, cross_validated, fit_listener, fit_speaker
from rsa.incremental import (
    argmax_set,
    consistent,
    literal_sequence_listener,
    log_sequence_speaker,
    pragmatic_sequence_listener,
    step_speaker,
)
from rsa.lexicon import Conversation, Lexicon
from rsa.masses import log_code_masses, speaker_from_codes, speaker_from_masses
from rsa.measures import communicative_accuracy, entropy, expected_information_gain, information_gain, question_gain
from rsa.ranking import Ranking, distilled_ranking

# PyPI has another package called rsa (RSA encryption); who imports this one may check that it got it.
__project__ = "pragmatic-pbe"

__all__ = [
    "Choices",
    "Conversation",
    "Exploration",
    "Fit",
    "Lexicon",
    "Ranking",
    "Step",
    "argmax_set",
    "communicative_accuracy",
    "consistent",
    "cross_validated",
    "distilled_ranking",
    "entropy",
    "expected_information_gain",
    "explore",
    "fit_listener",
    "fit_speaker",
    "folds_by_person",
    "information_gain",
    "listener",
    "literal_listener",
    "literal_sequence_listener",
    "log_code_masses",
    "log_sequence_speaker",
    "pragmatic_listener",
    "pragmatic_sequence_listener",
    "pragmatic_speaker",
    "question_gain",
    "speaker",
    "speaker_from_codes",
    "speaker_from_masses",
    "step_speaker",
]
