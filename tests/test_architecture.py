"""Who may import whom, and that only `app` touches files, network and processes: read from the source, not run."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

MAY_IMPORT = {
    "rsa": {"numpy", "scipy"},
    "dsl": {"pycountry"},
    "llm_bridge": {"dsl"},
    "pbe": {"dsl", "rsa", "numpy", "scipy", "networkx", "z3"},
}
"""Beside the standard library and itself; `app` may import everything."""

OUTSIDE = {
    "asyncio", "ctypes", "ftplib", "glob", "http", "importlib", "io", "mmap", "multiprocessing", "os", "pathlib",
    "pickle", "pkgutil", "poplib", "requests", "select", "shelve", "shutil", "smtplib", "socket", "socketserver",
    "sqlite3", "ssl", "subprocess", "tempfile", "threading", "urllib", "webbrowser",
}  # fmt: skip
"""Modules that reach outside the process."""
PACKAGE_DATA = "importlib.resources"
"""What `pbe` may read its own data with."""

OUTSIDE_CALLS = {"open", "input", "print", "breakpoint", "__import__", "compile"}
OUTSIDE_METHODS = {"open", "read_text", "read_bytes", "write_text", "write_bytes", "unlink", "mkdir"}
CODE_CALLS = {"eval", "exec"}


def imported(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Yield (line, module) for every import, also those inside functions; relative ones are left out."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level and node.module:
            yield from ((node.lineno, f"{node.module}.{alias.name}") for alias in node.names)


def called(tree: ast.AST) -> Iterator[tuple[int, str, bool]]:
    """Yield (line, name, whether it is a method) for every call."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            if isinstance(node.func, ast.Name):
                yield node.lineno, node.func.id, False
            elif isinstance(node.func, ast.Attribute):
                yield node.lineno, node.func.attr, True


def offences(room: str, source: str) -> list[str]:
    """Return what a module's text does that its room must not, each with its line."""
    tree = ast.parse(source)
    found = []
    for line, module in imported(tree):
        top = module.split(".")[0]
        if room in MAY_IMPORT:
            if top not in sys.stdlib_module_names and top not in MAY_IMPORT[room] | {room}:
                found.append(f"line {line}: {room} imports {top}")
            elif top in OUTSIDE and not (room == "pbe" and f"{module}.".startswith(f"{PACKAGE_DATA}.")):
                found.append(f"line {line}: {room} reaches outside with {module}")
    reads_data = any(f"{module}.".startswith(f"{PACKAGE_DATA}.") for _, module in imported(tree))
    for line, name, method in called(tree):
        if room == "pbe" and reads_data and method and name == "read_text":
            continue
        if name in CODE_CALLS and not method:
            found.append(f"line {line}: {name}() runs text as code")
        elif room in MAY_IMPORT and name in (OUTSIDE_METHODS if method else OUTSIDE_CALLS):
            found.append(f"line {line}: {room} calls {name}()")
    return found


def sources(room: str) -> list[Path]:
    return sorted((ROOT / room).rglob("*.py"))


@pytest.mark.parametrize("room", [*MAY_IMPORT, "app"])
def test_every_module_keeps_to_its_room(room: str) -> None:
    assert sources(room), f"{room}/ has no modules"
    found = {
        str(path.relative_to(ROOT)): problems
        for path in sources(room)
        if (problems := offences(room, path.read_text(encoding="utf-8")))
    }
    assert found == {}


def test_only_the_package_knows_the_synthesizer() -> None:
    """Every other stage stands below the one module that knows them all."""
    knowing = []
    for path in sources("pbe"):
        modules = [module for _, module in imported(ast.parse(path.read_text(encoding="utf-8")))]
        if any(f"{module}.".startswith("pbe.synthesizer.") for module in modules):
            knowing.append(path.name)
    assert knowing == ["__init__.py"]


def test_no_test_folder_is_a_package() -> None:
    assert list((ROOT / "tests").rglob("__init__.py")) == []
    names = [path.name for path in (ROOT / "tests").rglob("test_*.py")]
    assert len(set(names)) == len(names), "two test files of one name"


@pytest.mark.parametrize(
    ("room", "source", "expected"),
    [
        ("dsl", "import math\nfrom dsl.types import TEXT", []),
        ("dsl", "import numpy as np", ["line 1: dsl imports numpy"]),
        ("dsl", "def f():\n    from pbe.budget import Budget", ["line 2: dsl imports pbe"]),
        ("dsl", "import z3", ["line 1: dsl imports z3"]),
        ("dsl", "from .types import TEXT", []),
        ("rsa", "from scipy.special import logsumexp", []),
        ("rsa", "import dsl.task", ["line 1: rsa imports dsl"]),
        ("pbe", "import networkx, z3, llm_bridge", ["line 1: pbe imports llm_bridge"]),
        ("pbe", "import app.cli", ["line 1: pbe imports app"]),
        ("llm_bridge", "import dsl.grammar, pbe", ["line 1: llm_bridge imports pbe"]),
        ("llm_bridge", "import requests", ["line 1: llm_bridge imports requests"]),
        ("pbe", "from importlib.resources import files\nimport importlib.resources", []),
        ("pbe", "from importlib import resources", []),
        ("pbe", "import importlib", ["line 1: pbe reaches outside with importlib"]),
        ("dsl", "import importlib.resources", ["line 1: dsl reaches outside with importlib.resources"]),
        ("pbe", "import os.path\nfrom urllib.request import urlopen",
         ["line 1: pbe reaches outside with os.path", "line 2: pbe reaches outside with urllib.request.urlopen"]),
        ("dsl", "x = open('f').read()", ["line 1: dsl calls open()"]),
        ("pbe", "path.write_text('x')", ["line 1: pbe calls write_text()"]),
        ("app", "import os, pbe, llm_bridge\nopen('f')", []),
        ("app", "eval('1')", ["line 1: eval() runs text as code"]),
        ("rsa", "exec('1')", ["line 1: exec() runs text as code"]),
        ("dsl", "re.compile('x'); model.eval()", []),
    ],
)  # fmt: skip
def test_the_check_itself(room: str, source: str, expected: list[str]) -> None:
    assert offences(room, source) == expected
