# SPDX-License-Identifier: Apache-2.0
# make demo    installs into .venv and extracts from examples/
# make test    the same set-up, and the tests;  PYTEST_ARGS="tests/schema -x" runs a part, by one process
# make lint    ruff and mypy
# make docs    writes docs/cli.md from the commands' help
# make clean   removes .venv and what tools left behind

PYTHON ?= python3
VENV ?= .venv
PYTEST_ARGS ?= -n auto

# The stamp's name holds what was installed and where, so that a second run installs nothing.
STATE := $(shell { pwd; cat pyproject.toml constraints.txt; } | cksum | cut -d ' ' -f 1)
LOCAL := $(VENV)/.installed-local-$(STATE)
DEV := $(VENV)/.installed-dev-$(STATE)

NEWS = person, organization, location, \
	works_for(person, organization), lives_in(person, location), \
	organization_based_in(organization, location), kills(person, person)
CASES = chemical, disease, adverse_event!(subject, treatment, effect)

export HF_HUB_OFFLINE = 1
export PIP_DISABLE_PIP_VERSION_CHECK = 1

.PHONY: help demo test lint docs clean
.DEFAULT_GOAL := help

help:
	@sed -n 's/^# make/make/p' Makefile

demo: $(LOCAL)
	@$(VENV)/bin/loremill extract --input examples/news.txt --min-score 0.3 --schema "$(NEWS)"
	@echo
	@$(VENV)/bin/loremill extract --input examples/side_effects.txt --min-score 0.3 --schema "$(CASES)"

test: $(DEV)
	$(VENV)/bin/python -m pytest $(PYTEST_ARGS)

lint: $(DEV)
	$(VENV)/bin/python -m ruff check .
	$(VENV)/bin/python -m ruff format --check .
	$(VENV)/bin/python -m mypy

docs: $(DEV)
	$(VENV)/bin/python docs/write_cli.py

clean:
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis build dist
	find src tests recipes docs benchmarks -name __pycache__ -type d -prune -exec rm -rf {} +

$(LOCAL):
	$(call install,.[local])
	@touch $@

$(DEV):
	$(call install,.[local$(,)dev])
	@touch $@ $(LOCAL)

, := ,

# A virtual environment of our own, made again if pip does not run in it.
define install
	@command -v $(PYTHON) > /dev/null || { echo "make: no $(PYTHON) here; the fix: apt install python3 python3-venv" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "make: Python 3.11 or later is wanted, $$($(PYTHON) --version) is here; give another: make PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2> /dev/null || \
		{ echo "make: python3 -m venv does not work here; the fix: apt install python3-venv" >&2; exit 1; }
	@$(VENV)/bin/python -m pip --version > /dev/null 2>&1 || $(PYTHON) -m venv --clear $(VENV)
	@echo "installing loremill into $(VENV); the first time this takes some minutes"
	@rm -f $(VENV)/.installed-*
	@$(VENV)/bin/python -m pip install --quiet --constraint constraints.txt --editable "$(1)"
endef
