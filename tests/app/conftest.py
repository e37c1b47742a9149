"""Workbooks that several test files write to."""

from __future__ import annotations

from pathlib import Path

import pytest
from workbooks import ROWS, sheet_xml, write_book


@pytest.fixture
def book(tmp_path: Path) -> Path:
    return write_book(tmp_path / "book.xlsx", sheet_xml(ROWS))


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "out.xlsx"
