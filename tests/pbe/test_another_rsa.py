"""A package named rsa from elsewhere is noticed at import, in one clear sentence."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_a_foreign_rsa_is_refused_with_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "rsa").mkdir()
    (tmp_path / "rsa" / "__init__.py").write_text("def encrypt(): ...\n", encoding="utf-8")
    paths = os.pathsep.join([str(tmp_path), str(ROOT)])
    code = f"import sys; sys.path[:0] = {[str(tmp_path), str(ROOT)]!r}; import pbe"
    env = {**os.environ, "PYTHONPATH": paths}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=tmp_path, env=env)
    assert done.returncode == 1
    last = done.stderr.strip().splitlines()[-1]
    assert last.startswith("ImportError: the package `rsa` found at") and "virtual environment of its own" in last
