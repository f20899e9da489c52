# make run [PORT=8000] [SMTP_PORT=8025] [VAR=folder]   the whole system in one process, demos in the browser
# make test                          the whole suite; AMQP_URI and MONGO_URI bring in what needs them
# make lint | make docs | make wheel | make corpus | make bench | make coverage | make lock
#
# PYTHON=python3.12 chooses an interpreter; without it the newest supported one that is found makes the environment.

SUPPORTED := 3.13 3.12 3.11
# The first interpreter of the versions $(1) that is there and complete: on the path, or one of pyenv's.
find_python = $(shell for version in $(1); do \
	for python in "python$$version" "$${PYENV_ROOT:-$$HOME/.pyenv}/versions/$$version".*/bin/python3; do \
	"$$python" -c 'import ensurepip, venv' >/dev/null 2>&1 && { echo "$$python"; exit; }; done; done)
PYTHON ?= $(or $(call find_python,$(SUPPORTED)),python3)
VENV ?= .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
# Nothing is resolved here: the locks are complete, and what has no wheel is built by what build.lock holds.
PIP_INSTALL := -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --use-pep517

# Processes in which author code runs write nothing, and where PYTHONDONTWRITEBYTECODE is set no process does: each would compile
# anew all that it imports, which doubles the time it takes to start. What has not changed is not compiled again.
COMPILE_SOURCES = $(BIN)/python -m compileall -q services shared || true

.PHONY: run test coverage pythons lint docs wheel test-wheel corpus bench lock clean
.DEFAULT_GOAL := run

include scripts.mk

# Two workers; one that dies is a failure that ends the tier at once (pytest-xdist waits for ever for what a new one would take over).
SPREAD := -n 2 --max-worker-restart=0
# One more where tests wait for servers, processes and browsers most of the time.
WAITING := -n 3 --max-worker-restart=0

run: $(STAMP)
	@exec $(BIN)/parley run $(if $(PORT),--port "$(PORT)") $(if $(SMTP_PORT),--smtp-port "$(SMTP_PORT)") $(if $(VAR),--var "$(VAR)")

# The files whose tests take long go first, so that no worker sits idle at the end while another has three of them before it.
PARTS = tests/faults tests/attacks tests/e2e tests/fuzz tests/contract

# The unit tier (`make coverage` tells what it covers), what talks to servers and processes, and what drives a browser (whose
# event loop would get in the way of the others in one process). All three are run whatever the ones before say.
test: $(STAMP)-dev
	@$(COMPILE_SOURCES)
	@$(MAKE) --no-print-directory test-scripts; scripts=$$?; \
	$(BIN)/python -m pytest tests/unit $(SPREAD) -q $(ARGS); unit=$$?; \
	$(BIN)/python -m pytest $(PARTS) -m "not browser" $(WAITING) --dist loadfile --no-loadscope-reorder -q $(ARGS); parts=$$?; \
	$(BIN)/python -m pytest tests/e2e/browser tests/attacks -m browser $(WAITING) --dist loadfile -q $(ARGS); pages=$$?; \
	exit $$(( scripts | unit | parts | pages ))

# Two figures: the lines that the unit tier runs, and those that all tiers run, in the processes of services that they start too.
# Not counted are children in which author code runs: they have no environment of ours, and may write nothing.
COVERAGE = COVERAGE_FILE="$(CURDIR)/build/coverage/$(1)" $(BIN)/python -m
coverage: $(STAMP)-dev
	@rm -rf build/coverage && mkdir -p build/coverage
	@-$(call COVERAGE,unit) pytest tests/unit $(SPREAD) -q --cov --cov-report= $(ARGS)
	@-$(call COVERAGE,rest) pytest tests/contract tests/e2e tests/faults -m "not browser" $(SPREAD) --dist loadfile -q \
	--cov --cov-config=tests/processes.coveragerc --cov-report= $(ARGS)
	@-$(call COVERAGE,pages) pytest tests/e2e/browser -m browser $(SPREAD) --dist loadfile -q \
	--cov --cov-config=tests/processes.coveragerc --cov-report= $(ARGS)
	@$(call COVERAGE,all) coverage combine --quiet --keep build/coverage/unit $$(ls build/coverage/rest* build/coverage/pages* 2>/dev/null)
	@echo "The unit tier runs $$($(call COVERAGE,unit) coverage report --format=total) % of the lines of services/ and shared/,"
	@echo "all tiers $$($(call COVERAGE,all) coverage report --format=total) %."

# The versions of SUPPORTED that this machine has.
pythons:
	@echo $(foreach version,$(SUPPORTED),$(if $(call find_python,$(version)),$(version)))

# The interpreter of one version: make python-3.12
python-%:
	@echo "$(call find_python,$*)"

# The unit tier, or the TIER that is named, on one more interpreter, in an environment of its own: make test-on-3.12
test-on-%:
	@$(MAKE) --no-print-directory VENV=.venv-$* PYTHON="$(or $(call find_python,$*),python$*)" .venv-$*/.installed-dev
	@.venv-$*/bin/python -m pytest $(or $(TIER),tests/unit) $(SPREAD) -q -p no:cacheprovider $(ARGS)

lint: $(STAMP)-dev lint-scripts
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

docs: $(STAMP)-dev
	$(BIN)/sphinx-build --quiet --fail-on-warning --keep-going --doctree-dir build/doctrees docs build/site
	@echo "The documentation is at build/site/index.html"

wheel: $(STAMP)-dev
	@rm -rf build/wheel build/lib build/bdist.*
	$(BIN)/python -m pip wheel --quiet --disable-pip-version-check --no-deps --no-build-isolation --wheel-dir build/wheel .

# The wheel, in an empty environment elsewhere, walks the demos and shows its pages: all that it needs is in it.
test-wheel: wheel
	@rm -rf build/elsewhere && mkdir -p build/elsewhere && cp -r tests bench build/elsewhere
	@$(BIN)/python -m venv build/elsewhere/venv
	@cd build/elsewhere && for lock in build requirements requirements-dev; do \
	venv/bin/python $(PIP_INSTALL) --require-hashes -r ../../$$lock.lock || exit; done
	@cd build/elsewhere && venv/bin/python $(PIP_INSTALL) ../wheel/parley-*.whl
	@cd build/elsewhere && venv/bin/python -m pytest -q -p no:cacheprovider $(SPREAD) --dist loadfile \
	tests/e2e/test_demos.py tests/e2e/test_command_line.py -k "walk or page_finds or state_folder"

CORPUS ?= ./var/corpus
corpus: $(STAMP)-dev
	@$(BIN)/python -m tests.corpus --corpus "$(CORPUS)" $(ARGS)

# The lines of docs/performance.md that take minutes, with goals and ratios; what else there is, bench/__init__.py lists.
bench: $(STAMP)-dev
	@mkdir -p build
	$(BIN)/python -m bench.table build/performance.md

$(BIN)/python:
	@"$(PYTHON)" -c 'import sys; sys.exit(0 if "%d.%d" % sys.version_info[:2] in "$(SUPPORTED)".split() else "Parley needs Python 3.11, 3.12 or 3.13; this is " + sys.version.split()[0] + ". Try: make PYTHON=python3.13")'
	@"$(PYTHON)" -c 'import ensurepip, venv' 2>/dev/null || { echo "Python has no venv module. On Debian: apt-get install python3-venv" >&2; exit 1; }
	@"$(PYTHON)" -m venv $(VENV)

$(STAMP): $(BIN)/python build.lock requirements.lock pyproject.toml
	@echo "Installing Parley into $(VENV) (once) …"
	@$(BIN)/python $(PIP_INSTALL) --require-hashes -r build.lock
	@$(BIN)/python $(PIP_INSTALL) --require-hashes -r requirements.lock
	@PYTHONWARNINGS=ignore $(BIN)/python $(PIP_INSTALL) --editable .  # setuptools warns whoever installs a working tree
	@$(COMPILE_SOURCES)
	@touch $@

$(STAMP)-dev: $(STAMP) requirements-dev.lock
	@$(BIN)/python $(PIP_INSTALL) --require-hashes -r requirements-dev.lock
	@touch $@

# The locks from pyproject.toml: one each for all supported versions of Python and all platforms. What is locked stays as it is
# unless it must move: make lock ARGS=--upgrade moves everything. uv comes into an environment of its own, so that this works
# whatever state the others are in. Behind a mirror that pip knows, uv asks it too.
BUILD_NEEDS := setuptools setuptools-scm[toml] wheel
UV := build/lock/bin/uv
COMPILE = UV_DEFAULT_INDEX="$${UV_DEFAULT_INDEX:-$$(build/lock/bin/pip config get global.index-url 2>/dev/null)}"; \
	if [ -n "$$UV_DEFAULT_INDEX" ]; then export UV_DEFAULT_INDEX; else unset UV_DEFAULT_INDEX; fi; \
	$(UV) pip compile --quiet --universal --generate-hashes --python-version 3.11 --no-header --no-annotate --no-emit-index-url $(ARGS)
lock:
	@"$(PYTHON)" -m venv build/lock
	@build/lock/bin/python -m pip install --quiet --disable-pip-version-check --only-binary :all: 'uv>=0.5,<1'
	@$(COMPILE) pyproject.toml -o requirements.lock
	@$(COMPILE) pyproject.toml --extra dev -c requirements.lock -o requirements-dev.lock
	@printf '%s\n' $(BUILD_NEEDS) | { $(COMPILE) - -c requirements.lock -o build.lock; }

clean:
	rm -rf .venv .venv-* build
