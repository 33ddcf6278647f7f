# Every target does its own set-up: uv makes .venv from uv.lock; where uv is missing, it comes into .venv-uv.
MAKEFLAGS += --no-print-directory
unexport VIRTUAL_ENV

UV := $(if $(shell uv --version 2>/dev/null),uv,.venv-uv/bin/uv)
UV_HERE := $(filter .venv-uv/bin/uv,$(UV))
RUN := $(UV) run --quiet --frozen
DEV := $(RUN) --extra proof --extra web --group dev
PYTEST := $(DEV) pytest -n 2

.DEFAULT_GOAL := help
.PHONY: help demo test check-all bench mutants docs checks

help:
	@echo "make demo       a consult for back pain in the terminal (without a terminal: one worked patient)"
	@echo "make test       all checks and the quick tests"
	@echo "make check-all  all checks and every test whole, and the figures of the README measured anew; takes longer"
	@echo "make bench      measure the speed of decisions"
	@echo "make mutants    make every small mistake in every edition, and see who notices"
	@echo "make docs       write the generated pages anew"

demo: $(UV_HERE)
	@if [ -t 0 ] && [ -t 1 ]; then $(RUN) rug consult; else $(RUN) rug consult --example; fi

# pytest comes last: its own summary line closes the output.
test: checks
	@echo "== tests"
	@$(PYTEST) -m "not slow"

check-all: checks
	@echo "== figures"
	@$(DEV) python benchmarks/measure.py
	@$(DEV) python docs/proofs.py
	@$(DEV) python tests/mutation.py --jobs 2 --record
	@$(DEV) python docs/generate.py
	@echo "== tests, whole"
	@RUG_CHECK=whole $(PYTEST)

checks: $(UV_HERE)
	@echo "== ruff check"
	@$(DEV) ruff check --quiet
	@echo "== ruff format"
	@$(DEV) ruff format --check --quiet
	@echo "== mypy"
	@$(DEV) mypy --no-error-summary
	@echo "== imports"
	@$(DEV) lint-imports --no-logo

bench: $(UV_HERE)
	@$(DEV) --group bench python benchmarks/ten_inputs.py
	@$(DEV) --group bench python benchmarks/decide.py

mutants: $(UV_HERE)
	@$(DEV) python tests/mutation.py --jobs 2

docs: $(UV_HERE)
	@$(DEV) python docs/generate.py

.venv-uv/bin/uv:
	@echo "uv is not here: installing it into .venv-uv"
	@python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "Python 3.11 or newer is needed as python3."; exit 1; }
	@if ! python3 -c 'import ensurepip' 2>/dev/null; then \
	  if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	    apt-get update -qq && apt-get install -y -qq python3-venv >/dev/null; \
	  else \
	    echo "Python's venv is missing. Install it, then run make again: sudo apt-get install python3-venv"; exit 1; \
	  fi; \
	fi
	@python3 -m venv --clear .venv-uv
	@.venv-uv/bin/python -m pip install --quiet --disable-pip-version-check uv
