# `make demo` and `make test` are all one needs. Each sets up what it needs in .venv, and can be run again.
PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check
AUDIO ?=
ONCE := $(if $(CI),--once)

PAGE := entrypoints/web/static/index.html

.PHONY: demo test test-everywhere test-containers bench check setup ffmpeg page clean
.DELETE_ON_ERROR:

# The tests start hundreds of processes: what Python compiles is kept, even where the environment asks for nothing of the kind.
export PYTHONDONTWRITEBYTECODE :=

demo: setup
	@$(BIN)/greenroom demo $(ONCE) $(if $(AUDIO),"$(AUDIO)")

test: check page
	@$(BIN)/pytest -n 5 --dist worksteal

# What asks HTTP alone, on every other store and storage; many servers and workers on Redis; then at length what `make test` does
# in part: the engine on the other ffmpeg, chance against the calls, jobs whose servers and workers are killed.
test-everywhere: .venv/dev
	@set -e; for on in sqlite+s3 redis+local redis+s3; do \
		echo "on $$on:"; $(BIN)/pytest -q -n 2 --on $$on tests/web tests/integration/server/test_main_job.py; \
	done
	@$(BIN)/pytest -q --on redis+s3 tests/integration/server/test_fleet.py
	@$(BIN)/pytest -q -n 2 -m 'another_ffmpeg and not each_ffmpeg' tests/contracts/audio tests/integration/audio
	@EXAMPLES=25 GREENROOM_TEST_JOBS=100 $(BIN)/pytest -q -n 2 tests/integration/openapi tests/integration/replicas

# What uses real servers, on MinIO and Redis in containers alone.
test-containers: .venv/dev
	@$(BIN)/python -m tests.services.containers
	@GREENROOM_TEST_SERVICES=containers $(BIN)/pytest -n 2 tests/contracts tests/integration tests/deploy -k 'redis or bucket or r2 or s3 or replicas or services'

# Ours beside its rivals. BENCH has options: make bench BENCH='--only callback --rounds 3'
bench: .venv/bench
	@$(BIN)/python -m tests.benchmarks $(BENCH)

check: .venv/dev
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/pyright --pythonpath $(BIN)/python
	@$(BIN)/python page/build.py check test

setup: .venv/app ffmpeg page

# The page, by the machine's Node or the one that PyPI ships. Without either it is left out, and the server says so.
page: $(PAGE)

$(PAGE): $(shell find page -type f -not -path 'page/node_modules/*') | .venv/app
	@$(BIN)/python page/build.py

# ffmpeg from the PATH where there is one, else the one that PyPI ships.
ffmpeg: .venv/app
	@command -v "$${FFMPEG_PATH:-ffmpeg}" >/dev/null || $(PIP) install --editable '.[ffmpeg]'

clean:
	rm -rf .venv page/node_modules entrypoints/web/static

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Greenroom needs Python 3.11 or later: make PYTHON=python3.11")'
	@$(PYTHON) -m venv .venv

.venv/app: pyproject.toml | .venv/bin/python
	@$(PIP) install --editable .
	@touch $@

.venv/dev: .venv/app
	@$(PIP) install --upgrade 'pip>=25.1'
	@$(PIP) install --group dev
	@touch $@

.venv/bench: .venv/dev
	@$(PIP) install --group bench
	@touch $@
