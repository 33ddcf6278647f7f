# Every target does its own set-up: uv makes .venv from uv.lock; where uv is missing, it comes into .venv-uv.
MAKEFLAGS += --no-print-directory
unexport VIRTUAL_ENV
unexport PYTHONDONTWRITEBYTECODE # many tests start a process of their own: it reads what another compiled

UV := $(if $(shell uv --version 2>/dev/null),uv,.venv-uv/bin/uv)
UV_HERE := $(filter .venv-uv/bin/uv,$(UV))
RUN := $(UV) run --quiet --frozen
DEV := $(RUN) --extra proof --extra web --extra postgres --extra otel --extra population --extra audit --extra dask --group dev --group docs
SPARK := $(DEV) --extra spark
# Three on two cores: many tests wait for a server or a browser.
PYTEST := pytest -n 3 --dist worksteal

.DEFAULT_GOAL := help
.PHONY: help demo test check-all bench mutants docs screenshots site release messages css judges renderer java checks types style imports

help:
	@echo "make demo       the website, on this computer"
	@echo "make test       all checks and the quick tests"
	@echo "make check-all  all checks and every test whole, and the figures of the README measured anew; takes longer"
	@echo "make bench      measure how fast all of it is"
	@echo "make mutants    make every small mistake in every edition, and see who notices"
	@echo "make docs       write the generated pages anew"
	@echo "make screenshots  photograph the website anew, in docs/pictures"
	@echo "make site       the documentation as a website, in build/site"
	@echo "make release    build what is published, in dist"
	@echo "make messages   gather the words of the interface and compile their Dutch"
	@echo "make css        make the style of the website from its sources"

demo: $(UV_HERE)
	@$(RUN) --extra web rug demo

# What does not wait for one another goes two at a time. pytest comes last: its own summary line closes the output.
test: $(UV_HERE)
	@$(MAKE) -j 2 checks judges
	@echo "== tests"
	@$(DEV) $(PYTEST) -m "not slow"

# Spark is 400 MB and needs Java: make test only compares what it would be asked.
check-all: checks judges renderer java
	@echo "== figures"
	@$(SPARK) --group bench python benchmarks/measure.py
	@$(DEV) python benchmarks/deviation.py --write
	@$(DEV) python docs/making/proofs.py
	@$(DEV) python docs/making/population.py
	@$(DEV) python tests/mutation.py --jobs 2 --record
	@$(DEV) python docs/making/generate.py
	@echo "== tests, whole"
	@RUG_CHECK=whole $(SPARK) $(PYTEST)

checks: types style imports

style: $(UV_HERE)
	@echo "== ruff check"
	@$(DEV) ruff check --quiet
	@echo "== ruff format"
	@$(DEV) ruff format --check --quiet

types: $(UV_HERE)
	@echo "== mypy"
	@$(DEV) mypy --no-error-summary

imports: $(UV_HERE)
	@echo "== imports"
	@$(DEV) lint-imports --no-logo

# Debian's packages, where we may install them; else it says how.
get = if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	    apt-get update -qq && apt-get install -y -qq --no-install-recommends $(1) >/dev/null; \
	  else \
	    echo "For all tests: sudo apt-get install $(1)"; \
	  fi

# What looks at the pages (Debian's browser, axe from npm), at what we exchange (FHIR and CQL, from npm) and at what
# reaches the disk (strace); libatomic is for what steers the browser. Without them the tests that need them say what to install.
JUDGES := chromium poppler-utils strace libatomic1
judges:
	@if ! { command -v chromium && command -v pdftotext && command -v strace && ldconfig -p | grep libatomic; } >/dev/null; \
	  then $(call get,$(JUDGES)); fi
	@if command -v npm >/dev/null; then \
	  for judges in tests/web/judges tests/judges; do npm ci --prefix $$judges --silent --no-audit --no-fund || exit; done; \
	  else echo "For the tests with a browser or with others' FHIR: npm (Node.js)"; fi

# LHC-Forms, somebody else's screen for our questions. 250 MB, so only make check-all has it.
renderer:
	@if command -v npm >/dev/null; then npm ci --prefix tests/judges/lforms --silent --no-audit --no-fund; fi

# On it Spark runs.
java:
	@if ! command -v java >/dev/null; then $(call get,default-jre-headless); fi

bench: $(UV_HERE) java
	@$(DEV) --group bench python benchmarks/ten_inputs.py
	@$(DEV) --group bench python benchmarks/decide.py
	@$(DEV) python benchmarks/pdf.py
	@$(DEV) python benchmarks/load.py
	@$(DEV) python benchmarks/practice.py
	@$(DEV) python benchmarks/cds.py
	@$(DEV) --group bench python benchmarks/population_peers.py
	@$(DEV) python benchmarks/population_life.py
	@$(DEV) python benchmarks/audit.py --loop 1000000
	@$(DEV) python benchmarks/imaging_rule.py
	@$(DEV) python benchmarks/ndjson.py
	@$(DEV) python benchmarks/hedis.py
	@$(SPARK) python benchmarks/engines.py

mutants: $(UV_HERE)
	@$(DEV) python tests/mutation.py --jobs 2

docs: $(UV_HERE)
	@$(DEV) python docs/making/generate.py

# The website as pictures, in docs/pictures.
screenshots: $(UV_HERE)
	@$(DEV) python docs/making/screenshots.py

site: $(UV_HERE)
	@$(DEV) sphinx-build -q -W --keep-going -n -j auto -d build/doctrees -c docs . build/site
	@echo "build/site/index.html"

# The same commit gives the same bytes: all dates are the commit's.
DIST := dist
release: export SOURCE_DATE_EPOCH = $(shell git log -1 --format=%ct)
release: $(UV_HERE)
	@[ -z "$$(git status --porcelain)" ] || echo "This is of no commit: what is changed here is in it too."
	@rm -rf $(DIST)
	@$(UV) build --quiet --out-dir $(DIST) && rm -f $(DIST)/.gitignore
	@UV=$(UV) $(RUN) python docs/making/sbom.py > $(DIST)/ruggespraak.cdx.json
	@cp docs/device/traceability.md $(DIST)
	@cd $(DIST) && sha256sum * > SHA256SUMS && cat SHA256SUMS

# Gathers the words of the interface, and compiles what locale/ says of them in Dutch.
WEB := src/ruggespraak/web
PO := $(WEB)/locale/nl/LC_MESSAGES/django
messages: $(UV_HERE)
	@$(DEV) pybabel -q extract -k gettext_lazy -F $(WEB)/locale/babel.cfg --no-location --omit-header -o $(PO).pot $(WEB)
	@$(DEV) pybabel -q update -N --ignore-obsolete --ignore-pot-creation-date -w 120 -l nl -i $(PO).pot -o $(PO).po
	@rm $(PO).pot
	@$(DEV) pybabel -q compile -i $(PO).po -o $(PO).mo

# The style of the website, from its sources; needs Node.
css:
	@cd $(WEB)/look && npm ci --silent --no-audit --no-fund && npm run --silent css

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
