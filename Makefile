# Two commands: `make demo` and `make test`. Each sets up what it needs in .venv, and can be run again.
PYTHON ?= python3
BIN := .venv/bin
AUDIO ?=
ONCE := $(if $(CI),--once)

.PHONY: demo test check clean
.DELETE_ON_ERROR:

demo: .venv/app .venv/ffmpeg
	@$(BIN)/greenroom demo $(ONCE) $(if $(AUDIO),"$(AUDIO)")

test: check
	@$(BIN)/pytest -n 2

check: .venv/dev .venv/ffmpeg
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/pyright --pythonpath $(BIN)/python

clean:
	rm -rf .venv

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Greenroom needs Python 3.11 or later: make PYTHON=python3.11 ...")'
	@$(PYTHON) -m venv .venv

.venv/app: pyproject.toml | .venv/bin/python
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	@touch $@

.venv/dev: .venv/app
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade 'pip>=25.1'
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --group dev
	@touch $@

# ffmpeg from the PATH where there is one, else the one that PyPI ships.
.venv/ffmpeg: .venv/app
	@command -v "$${FFMPEG_PATH:-ffmpeg}" >/dev/null || $(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[ffmpeg]'
	@touch $@
