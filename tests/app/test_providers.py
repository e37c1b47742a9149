"""Providers against a server on loopback, and what stands between them and a fill: patience, limits, cache."""

from __future__ import annotations

import json
import sqlite3
import stat
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from fake_llm import BAD, HANGS, Reply, refuses, says, serving

from app.providers import local
from app.providers.anthropic import Anthropic
from app.providers.cache import Cached
from app.providers.openai_compatible import OpenAICompatible
from app.providers.patient import TRIES, Beside, Patient
from app.providers.provider import ProviderError, Sampling, TryAgain
from app.providers.recorded import Recorded
from app.providers.registry import PROVIDERS, find_model
from app.providers.spending import Limits, Thrifty
from llm_bridge.client import Client, ClientError, Completion, Prompt

PROMPT = Prompt("Write a program.", "Jan Kotas → Kotas")
pytest.importorskip("openai", reason="openai is not installed")


@dataclass
class Scripted:
    """A client that gives or raises what it is told to, and keeps what it was asked."""

    script: list[list[Completion] | ClientError]
    asked: list[tuple[Prompt, int, str | None]] = field(default_factory=list)

    def complete(
        self, prompt: Prompt, n: int, *, grammar: str | None = None, seconds: float = 10.0
    ) -> list[Completion]:
        self.asked.append((prompt, n, grammar))
        answer = self.script[min(len(self.asked), len(self.script)) - 1]
        if isinstance(answer, ClientError):
            raise answer
        return answer


def at(url: str, constrains: bool = False) -> OpenAICompatible:
    return OpenAICompatible("m", url, "none", Sampling(tokens=64), constrains)


# ---------------------------------------------------------------- one request


def test_samples_come_back_with_what_is_known_of_them() -> None:
    tokens = [{"token": "a", "logprob": -1.25}, {"token": "b", "logprob": -0.5}]
    choices = [
        {"message": {"content": "x1"}, "finish_reason": "stop", "logprobs": {"content": tokens}},
        {"message": {"content": "concat("}, "finish_reason": "length"},
    ]
    with serving(Reply(json.dumps({"choices": choices}).encode())) as server:
        found = at(server.url).complete(PROMPT, 2)
    assert found == [Completion("x1", -1.75, True), Completion("concat(", None, False)]


def test_the_request_holds_the_prompt_and_the_grammar_only_where_it_is_understood() -> None:
    with serving(says("x1")) as server:
        at(server.url).complete(PROMPT, 3, grammar="root ::= x")
        at(server.url, constrains=True).complete(PROMPT, 3, grammar="root ::= x")
    plain, constrained = server.asked
    assert plain["messages"] == [
        {"role": "system", "content": PROMPT.instructions}, {"role": "user", "content": PROMPT.task},
    ]  # fmt: skip
    assert (plain["model"], plain["n"], plain["max_tokens"], plain["temperature"]) == ("m", 3, 64, 1.0)
    assert "grammar" not in plain and constrained["grammar"] == "root ::= x" and constrained["logprobs"]


@pytest.mark.parametrize("how", [how for how in BAD if how not in ("1 MB of noise", "503, endless")])
def test_a_bad_answer_is_one_sentence(how: str) -> None:
    with serving(BAD[how]) as server:
        with pytest.raises(ClientError) as raised:
            at(server.url).complete(PROMPT, 2, seconds=0.5 if how == "it times out" else 20)
        assert len(server.asked) == 1
    text = str(raised.value)
    assert text and "\n" not in text and len(text) < 250


def test_what_may_pass_is_told_from_what_will_not() -> None:
    for reply, again in ((refuses(429), True), (refuses(503), True), (refuses(401), False), (refuses(400), False)):
        with serving(reply) as server, pytest.raises(ClientError) as raised:
            at(server.url).complete(PROMPT, 1)
        assert isinstance(raised.value, TryAgain) == again
    with serving(refuses(429, retry_after="7")) as server, pytest.raises(TryAgain) as raised:
        at(server.url).complete(PROMPT, 1)
    assert raised.value.after == 7
    with pytest.raises(TryAgain, match="cannot be reached"):
        at("http://127.0.0.1:9/v1").complete(PROMPT, 1)


def test_anthropic_is_asked_once_per_sample_and_some_may_fail() -> None:
    pytest.importorskip("anthropic", reason="anthropic is not installed")
    message = {
        "id": "1", "type": "message", "role": "assistant", "model": "m", "stop_reason": "end_turn",
        "content": [{"type": "text", "text": "x1"}], "usage": {"input_tokens": 1, "output_tokens": 1},
    }  # fmt: skip
    good = Reply(json.dumps(message).encode(), headers=(("Content-Type", "application/json"),))
    with serving(refuses(500), good) as server:
        found = Anthropic("m", "k", server.url.removesuffix("/v1"), Sampling(tokens=64)).complete(PROMPT, 3)
    assert found == [Completion("x1")] * 2
    assert len(server.asked) == 3
    assert {request["system"] for request in server.asked} == {PROMPT.instructions}
    for reply, told in ((refuses(401, "invalid key"), "HTTP 401.: invalid key"), (refuses(529), "HTTP 529")):
        with serving(reply) as server, pytest.raises(ClientError, match=told):
            Anthropic("m", "k", server.url.removesuffix("/v1"), Sampling()).complete(PROMPT, 2)
    for body in (b'{"content": 7}', b"<html>", b'{"content": [{"type": "text"}]}', message_without_text()):
        with serving(Reply(body, headers=good.headers)) as server, pytest.raises(ClientError):
            Anthropic("m", "k", server.url.removesuffix("/v1"), Sampling()).complete(PROMPT, 2)


def message_without_text() -> bytes:
    return json.dumps({"type": "message", "content": [], "stop_reason": "max_tokens"}).encode()


# ---------------------------------------------------------------- patience


def test_tries_are_repeated_with_growing_waits() -> None:
    waits: list[float] = []
    client = Scripted([TryAgain("busy"), TryAgain("busy", after=3), TryAgain("busy"), [Completion("x1")]])
    assert Patient(client, waits.append).complete(PROMPT, 1, seconds=60) == [Completion("x1")]
    assert waits == [0.5, 3, 2] and len(client.asked) == TRIES


@pytest.mark.parametrize(
    ("error", "seconds", "tries"),
    [
        (TryAgain("busy"), 60, TRIES),
        (TryAgain("busy", after=100), 60, 1),  # to wait would take too long
        (TryAgain("busy"), 0.2, 1),
        (ClientError("no such model"), 60, 1),
    ],
)
def test_tries_end(error: ClientError, seconds: float, tries: int) -> None:
    client = Scripted([error])
    with pytest.raises(ClientError, match=str(error)):
        Patient(client, lambda wait: None).complete(PROMPT, 1, seconds=seconds)
    assert len(client.asked) == tries


def test_work_beside_other_work_is_left_alone_when_it_is_late() -> None:
    with serving(HANGS) as server:
        late = Beside(lambda: at(server.url).complete(PROMPT, 1, seconds=60), seconds=0.2)
        with pytest.raises(ClientError, match=r"no answer within 0\.2 s"):
            late.result()
    assert Beside(lambda: 7, seconds=60).result() == 7

    def fail() -> None:
        raise ClientError("no")

    with pytest.raises(ClientError, match="no"):
        Beside(fail, seconds=60).result()


# ---------------------------------------------------------------- limits


def test_nothing_is_asked_that_could_pass_the_limits() -> None:
    client = Scripted([[Completion("x1")]])
    prompt = Prompt("a" * 150, "b" * 150)  # about 100 tokens
    thrifty = Thrifty(client, sample_tokens=50, limits=Limits(tokens=1250))
    for _ in range(2):
        thrifty.complete(prompt, 10)  # 100 + 10 · 50
    with pytest.raises(ClientError, match="1,250 tokens"):
        thrifty.complete(prompt, 10)
    assert len(client.asked) == 2
    each = Thrifty(client, 50, Limits(tokens=1250), prompt_per_sample=True)
    with pytest.raises(ClientError, match="1,250 tokens"):
        each.complete(prompt, 10)  # 10 · 100 + 10 · 50
    dear = Thrifty(client, 50, Limits(dollars=0.02, price_read=10, price_written=20))  # 0.001 + 0.01 a request
    dear.complete(prompt, 10)
    with pytest.raises(ClientError, match=r"0\.02 dollars"):
        dear.complete(prompt, 10)


# ---------------------------------------------------------------- cache


def test_a_question_is_asked_once_and_any_other_is_another(tmp_path: Path) -> None:
    client = Scripted([[Completion("x1", -1.5, False), Completion("é\ud800")]])
    path = tmp_path / "deep" / "answers.sqlite"
    first = Cached(client, ("openai", "m", 1.0), path)
    answer = first.complete(PROMPT, 2, grammar="g")
    assert first.complete(PROMPT, 2, grammar="g") == answer == client.script[0]
    assert Cached(client, ("openai", "m", 1.0), path).complete(PROMPT, 2, grammar="g") == answer
    assert len(client.asked) == 1
    others = [
        (first, PROMPT, 3, "g"), (first, PROMPT, 2, None), (first, PROMPT, 2, "h"),
        (first, Prompt(PROMPT.instructions + "!", PROMPT.task), 2, "g"),
        (first, Prompt(PROMPT.instructions, PROMPT.task + "!"), 2, "g"),
        (first, Prompt("", PROMPT.instructions + PROMPT.task), 2, "g"),
        (Cached(client, ("openai", "m", 0.5), path), PROMPT, 2, "g"),
        (Cached(client, ("openai", "o", 1.0), path), PROMPT, 2, "g"),
    ]  # fmt: skip
    for number, (cached, prompt, n, grammar) in enumerate(others, 2):
        cached.complete(prompt, n, grammar=grammar)
        assert len(client.asked) == number
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert b"Kotas" not in path.read_bytes()


def test_failures_are_not_kept(tmp_path: Path) -> None:
    client = Scripted([ClientError("no"), [Completion("x1")]])
    cached = Cached(client, (), tmp_path / "answers.sqlite")
    with pytest.raises(ClientError):
        cached.complete(PROMPT, 1)
    assert cached.complete(PROMPT, 1) == [Completion("x1")]


def test_a_file_that_cannot_be_used_is_no_cache_and_no_error(tmp_path: Path) -> None:
    broken, other, folder = tmp_path / "broken", tmp_path / "other", tmp_path / "folder"
    broken.write_bytes(b"this is no database" * 99)
    folder.mkdir()
    with sqlite3.connect(other) as base:
        base.execute("CREATE TABLE answers (something TEXT)")
    for path in (broken, other, folder, broken / "below"):
        client = Scripted([[Completion("x1")]])
        for _ in range(2):
            assert Cached(client, (), path).complete(PROMPT, 1) == [Completion("x1")]
        assert len(client.asked) == 2


# ---------------------------------------------------------------- by name

KEYS = {"OPENAI_API_KEY": "k", "ANTHROPIC_API_KEY": "k", "OPENAI_BASE_URL": "http://127.0.0.1:9/v1"}


@pytest.mark.parametrize(
    ("name", "environment", "told"),
    [
        ("gpt", {}, "No language model is called 'gpt'; choose one of openai, llama.cpp, anthropic, local, recorded."),
        ("openai:m", {}, "Set OPENAI_API_KEY"),
        ("openai", KEYS, "openai:MODEL, or set PBE_LLM_MODEL"),
        ("anthropic:m", {}, "Set ANTHROPIC_API_KEY"),
        ("anthropic", KEYS, "anthropic:MODEL, or set PBE_LLM_MODEL"),
        ("llama.cpp", {}, "Set OPENAI_BASE_URL"),
        ("local:large", {}, "There is one local model"),
        ("recorded", {}, "recorded:FILE.json"),
        ("recorded:/nowhere.json", {}, "/nowhere.json cannot be read"),
        ("openai:m", KEYS | {"PBE_LLM_TOKENS": "many"}, "PBE_LLM_TOKENS holds 'many'; set it to a number."),
        ("openai:m", KEYS | {"PBE_LLM_PRICE": "1$"}, "PBE_LLM_PRICE holds '1$'; set it to 0.15/0.60"),
        ("openai:m", KEYS | {"PBE_LLM_BUDGET_DOLLARS": "1"}, "needs PBE_LLM_PRICE"),
        ("openai:m", KEYS | {"PBE_LLM_BUDGET_TOKENS": "-1"}, "PBE_LLM_BUDGET_TOKENS holds '-1'"),
    ],
)
def test_what_is_missing_or_wrong_is_said(name: str, environment: dict[str, str], told: str) -> None:
    with pytest.raises(ProviderError) as raised:
        find_model(name, environment)
    assert told in str(raised.value) and str(raised.value).endswith(".")


@pytest.mark.parametrize("provider", ["openai", "anthropic", "llama.cpp", "local"])
def test_a_missing_package_is_named_with_its_extra(provider: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.providers.registry.find_spec", lambda package: None)
    with pytest.raises(ProviderError, match=r"is not installed; install the extra with pip install 'pragmatic-pbe\["):
        find_model(provider, KEYS | {"PBE_LLM_MODEL": "m"})


def test_models_are_found_by_name(tmp_path: Path) -> None:
    found = {name: find_model(f"{name}:m", KEYS) for name in ("openai", "llama.cpp", "anthropic")}
    assert {name: model.constrains for name, model in found.items()} == {
        "openai": False, "llama.cpp": True, "anthropic": False,
    }  # fmt: skip
    assert found["openai"].name == "m at http://127.0.0.1:9/v1"
    assert set(found) | {"local", "recorded"} == set(PROVIDERS)


def test_a_model_from_the_environment_is_asked_within_its_limits_and_once(tmp_path: Path) -> None:
    with serving(says("x1", "x2")) as server:
        environment = {
            "OPENAI_BASE_URL": server.url, "PBE_LLM_MODEL": "small", "PBE_LLM_TOKENS": "40",
            "PBE_LLM_BUDGET_TOKENS": "100", "PBE_LLM_CACHE": str(tmp_path / "answers.sqlite"),
        }  # fmt: skip
        client: Client = find_model("openai", environment).client
        for _ in range(3):
            assert [c.text for c in client.complete(PROMPT, 2)] == ["x1", "x2"]
        with pytest.raises(ClientError, match="PBE_LLM_BUDGET_TOKENS"):
            client.complete(PROMPT, 3)
    assert [request["model"] for request in server.asked] == ["small"]


# ---------------------------------------------------------------- recorded


def test_recorded_completions_are_read_from_json(tmp_path: Path) -> None:
    path = tmp_path / "said.json"
    path.write_text('["x1", {"text": "x2", "logprob": -2.0, "ended": false}, "x3"]', encoding="utf-8")
    client = find_model(f"recorded:{path}", {}).client
    assert client.complete(PROMPT, 2) == [Completion("x1"), Completion("x2", -2.0, False)]
    for text in ("", "{}", "[]", "[1]", '[{"texts": "x"}]', '[{"text": "x", "more": 1}]', '"x1"'):
        path.write_text(text, encoding="utf-8")
        with pytest.raises(ProviderError, match="holds no completions"):
            Recorded.read(path)


# ---------------------------------------------------------------- what leaves the machine


def test_the_model_of_this_machine_is_asked_without_a_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(says("x1")) as server, serving(refuses(502)) as proxy:
        monkeypatch.setenv("HTTP_PROXY", proxy.url)
        monkeypatch.setenv("http_proxy", proxy.url)
        for name in ("NO_PROXY", "no_proxy"):
            monkeypatch.delenv(name, raising=False)
        direct = OpenAICompatible("m", server.url, "none", Sampling(tokens=64), direct=True)
        assert [found.text for found in direct.complete(PROMPT, 1)] == ["x1"]
        assert not proxy.asked


def test_a_model_that_does_not_start_is_not_waited_for_without_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stuck = tmp_path / "python"
    stuck.write_text("#!/bin/sh\nexec sleep 3600\n")
    stuck.chmod(0o700)
    monkeypatch.setattr(local.sys, "executable", str(stuck))
    monkeypatch.setattr(local, "STARTING", 0.1)
    with pytest.raises(ClientError, match="did not start"):
        local.Local(Sampling()).complete(PROMPT, 1)


def test_no_password_of_an_address_is_shown() -> None:
    address = "http://ann:hunter2@127.0.0.1:9/v1"
    model = find_model("openai:m", {"OPENAI_BASE_URL": address, "PBE_LLM_CACHE": "off"})
    assert model.name == "m at http://127.0.0.1:9/v1"
    with pytest.raises(ClientError) as refused:
        at(address).complete(PROMPT, 1, seconds=5)
    assert "hunter2" not in str(refused.value)
