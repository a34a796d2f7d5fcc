# Needs Python 3.11 or newer with venv, and make. VENV is where the environment lives, PYTHON what it is made with.
PYTHON ?= python3
VENV ?= .venv
OLDEST ?= .venv-oldest
INSTALL = -m pip install --quiet --disable-pip-version-check
# The tests of a file share what they compile, so each file runs in one process; the longest come first (conftest.py).
TESTS = -m pytest -q -n 2 --dist loadfile --no-loadscope-reorder

.PHONY: hunt test check slow format docs bench prove check-oldest clean

# A hunt of one minute and its report. New findings (exit code 1) are what a hunt is for.
hunt: $(VENV)/installed
	$(VENV)/bin/python -m fuzzer --seconds 60 || [ $$? -eq 1 ]

test: check

check: $(VENV)/installed-dev
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/ruff check .
	$(VENV)/bin/mypy
	$(VENV)/bin/python $(TESTS)

# The tests that are too long for CI, some five minutes.
slow: $(VENV)/installed-dev
	$(VENV)/bin/python -m pytest -q -n 2 -m slow

format: $(VENV)/installed-dev
	$(VENV)/bin/ruff check --fix-only --quiet .
	$(VENV)/bin/ruff format .

# What the README lists is generated from tables.
docs: $(VENV)/installed
	$(VENV)/bin/python -m reports.found README.md

bench: $(VENV)/installed-dev
	$(VENV)/bin/python -m tests.quality.bench

# Plant each fault of a folder in Warp and hunt: FAULTS=DIR.
prove: $(VENV)/installed-dev
	@[ -n "$(FAULTS)" ] || { echo "make prove needs FAULTS=DIR, a folder of faults" >&2; exit 2; }
	$(VENV)/bin/python -m tests.quality.prove "$(FAULTS)"

# The tests with the oldest versions that pyproject.toml allows.
check-oldest: $(OLDEST)/installed-oldest
	$(OLDEST)/bin/python $(TESTS)

clean:
	rm -rf $(VENV) $(OLDEST) build *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis

$(VENV)/installed: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(VENV)/bin/python $(INSTALL) --editable .
	@touch $@

$(VENV)/installed-dev: $(VENV)/installed
	$(VENV)/bin/python $(INSTALL) --editable '.[dev]'
	@touch $@

$(OLDEST)/installed-oldest: pyproject.toml .ci/oldest.py
	$(PYTHON) -m venv $(OLDEST)
	$(PYTHON) .ci/oldest.py >$(OLDEST)/constraints.txt
	$(OLDEST)/bin/python $(INSTALL) --editable '.[dev]' --constraint $(OLDEST)/constraints.txt
	@touch $@
