"""What all tests share: where published data lies, and that CI skips nothing for want of a program."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import settings

settings.register_profile("ci", derandomize=True, deadline=None)
if os.environ.get("CI"):
    settings.load_profile("ci")  # the same cases every time: a landing does not hang on luck

DATA = Path(__file__).parents[2] / "shared" / "data"


@pytest.fixture
def data() -> Path:
    """Return the folder of published data beside the checkout; skip where it is absent."""
    if not DATA.is_dir():
        pytest.skip("needs the published data beside the checkout")
    return DATA


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):  # type: ignore[no-untyped-def]
    """In CI a test that skips because a program or package is not installed is a failure."""
    report = yield
    if report.skipped and os.environ.get("CI") and "not installed" in str(report.longrepr):
        report.outcome = "failed"
    return report
