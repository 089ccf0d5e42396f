# `make demo` shows the main job, `make test` runs everything; both set up what they need.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
MADE := $(VENV)/.made

# The tests start the program hundreds of times; where Python keeps no compiled files, each start
# would compile it all anew.
export PYTHONDONTWRITEBYTECODE =

.PHONY: demo test check fix docs bench torture dist lock clean

demo: $(MADE)
	$(BIN)/glaciercli demo $(ARGS)

# One worker more than processors: many tests wait for a socket, a disk or another process.
test: check
	$(BIN)/pytest -n $$($(BIN)/python -c 'import os; print(os.cpu_count() + 1)') \
	  --dist worksteal $(ARGS)

check: $(MADE)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

fix: $(MADE)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# Man pages, completions and the reference are generated from the commands, and what the sessions
# of the documents print is written down anew where more than times and IDs changed.
docs: $(MADE)
	$(BIN)/python -m tests.transcripts
	$(BIN)/python -m glaciercli.cli.manual .

bench: $(MADE)
	$(BIN)/python benchmarks/run.py $(ARGS)

# Kill the program at every change of the disk that it makes; by chance and time with DURATION.
torture: $(MADE)
	$(BIN)/python -m tests.torture --seed $(or $(SEED),1) \
	  $(if $(DURATION),--duration $(DURATION)) $(ARGS)

# What is handed out: a wheel, a source archive, and one file that needs nothing but Python.
dist: $(MADE)
	rm -rf dist
	$(BIN)/python -m hatchling build -d dist
	$(BIN)/shiv --quiet -c glaciercli -p '/usr/bin/env python3' -o dist/glaciercli.pyz dist/*.whl
	dist/glaciercli.pyz --version

# Pin the newest versions of everything in requirements/dev.txt.
lock: $(MADE)
	$(BIN)/python -m pip install --quiet pip-tools
	cd requirements && ../$(BIN)/pip-compile --quiet --upgrade --allow-unsafe --generate-hashes --strip-extras \
	  --no-emit-index-url --no-emit-trusted-host --no-emit-find-links --no-header \
	  --output-file dev.txt dev.in ../pyproject.toml

clean:
	rm -rf $(VENV) dist build

$(MADE): requirements/dev.txt pyproject.toml tools/make-venv
	tools/make-venv "$(PYTHON)" $(VENV)
	touch $@
