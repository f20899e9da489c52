# make run [PORT=8000] [VAR=./var]   the whole system in one process, demos in the browser
# make test                          the whole suite; AMQP_URI and MONGO_URI bring in what needs them
# make lint | make corpus | make bench

PORT ?= 8000
VAR ?= ./var
PYTHON ?= python3
BIN := .venv/bin
STAMP := .venv/.installed

.PHONY: run test lint corpus bench clean
.DEFAULT_GOAL := run

run: $(STAMP)
	@exec $(BIN)/parley run --port "$(PORT)" --var "$(VAR)"

# The unit tier with its coverage, what talks to servers and processes, and what drives a browser (whose event loop would
# get in the way of the others in one process). All three are run whatever the ones before say.
test: .venv/.installed-dev
	@$(BIN)/python -m pytest tests/unit -n 2 -q --cov --cov-report=term:skip-covered $(ARGS); unit=$$?; \
	$(BIN)/python -m pytest tests/contract tests/e2e tests/faults -m "not browser" -n 2 --dist loadfile -q $(ARGS); parts=$$?; \
	$(BIN)/python -m pytest tests/e2e/browser -m browser -n 2 --dist loadfile -q $(ARGS); pages=$$?; \
	exit $$(( unit | parts | pages ))

lint: .venv/.installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

CORPUS ?= ./var/corpus
corpus: .venv/.installed-dev
	@$(BIN)/python -m tests.corpus --corpus "$(CORPUS)" $(ARGS)

bench: .venv/.installed-dev
	$(BIN)/python -m bench.answer
	$(BIN)/python -m bench.background

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info[:2] == (3, 11) else "Parley needs Python 3.11; this is " + sys.version.split()[0] + ". Try: make PYTHON=python3.11")'
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { echo "Python has no venv module. On Debian: apt-get install python3-venv" >&2; exit 1; }
	@$(PYTHON) -m venv .venv

$(STAMP): .venv/bin/python requirements.lock pyproject.toml
	@echo "Installing Parley into .venv (once) …"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

.venv/.installed-dev: $(STAMP) requirements-dev.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@touch $@

clean:
	rm -rf .venv build

.PHONY: lock
lock: .venv/.installed-dev
	$(BIN)/uv pip compile -q --generate-hashes --python-version 3.11 --no-header --no-annotate --no-emit-index-url pyproject.toml -o requirements.lock
	$(BIN)/uv pip compile -q --generate-hashes --python-version 3.11 --no-header --no-annotate --no-emit-index-url --extra dev pyproject.toml -o requirements-dev.lock
