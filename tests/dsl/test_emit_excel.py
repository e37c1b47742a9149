"""Every formula that is written must calculate, in an independent engine, what the interpreter says."""

from __future__ import annotations

import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from programs import BY_NAME, MARKS, PLAIN, SCRIPTS, SPECIAL, cells, programs

from dsl.emit import Unsupported, excel
from dsl.interpreter import outputs
