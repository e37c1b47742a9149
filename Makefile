# Everything runs in an environment of its own, .venv, made on first use.
PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready

.PHONY: fill app test lint types clean

fill: $(READY)  ## the main job: fill the example workbook and show the result
	@mkdir -p out
	@$(BIN)/pbe fill examples/contacts.xlsx --out out/contacts-filled.xlsx --overwrite

app: $(READY)  ## open the pages in the browser: fill a sheet, the robot game, why
	@$(BIN)/pbe app

test: lint types  ## all checks and tests
	@$(BIN)/python -m pytest -n 2 -rs

lint: $(READY)
	@$(BIN)/ruff check .

types: $(READY)
	@$(BIN)/mypy

$(READY): pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "pbe needs Python 3.11 or newer; name one with PYTHON=…")'
	@echo "setting up .venv (once; a minute or two)"
	@$(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $(READY)

clean:
	rm -rf .venv out .mypy_cache .pytest_cache .ruff_cache .hypothesis
