# Permanence. `make run` and `make test` each work as the only command in a fresh clone:
# they make .venv with pip alone, and redo a step only when the file it comes from has changed.

.NOTPARALLEL:
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help

VENV := .venv
BIN := $(VENV)/bin
PY := $(BIN)/python
PIP := $(PY) -m pip --disable-pip-version-check install --quiet

PORT ?= 8000
# DEMO=0: without the demonstration.
DEMO ?= 1
# Anything for pytest: make test ARGS="-k hold"
ARGS ?=
# A folder of .po files by other translators, taken in by `make messages`.
TRANSLATIONS ?= var/translations

MO := $(patsubst %.po,%.mo,$(wildcard locale/*/LC_MESSAGES/*.po))

.PHONY: help
help: ## say what there is
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))

# ---- what the other targets stand on -----------------------------------------------------

# A stamp, since an interrupted run leaves a python without pip; made anew where its Python has gone.
$(VENV)/.made: scripts/venv.sh $(if $(realpath $(PY)),,force)
	@sh scripts/venv.sh $(VENV)
	@touch $@

.PHONY: force
force:

$(VENV)/.base: requirements/base.txt $(VENV)/.made
	@echo "Installing what the application needs"
	@$(PIP) --require-hashes -r requirements/base.txt
	@touch $@

# dev.txt contains base.txt, pin for pin.
$(VENV)/.dev: requirements/dev.txt $(VENV)/.made
	@echo "Installing what the application and its tests need"
	@$(PIP) --require-hashes -r requirements/dev.txt
	@touch $(VENV)/.base $@

%.mo: %.po $(VENV)/.base scripts/messages.py
	@$(PY) scripts/messages.py compile $<

.PHONY: base dev
base: $(VENV)/.base $(MO)
dev: $(VENV)/.dev $(MO)

# ---- what one does ------------------------------------------------------------------------

.PHONY: setup
setup: dev ## make .venv with everything for development
	@echo "Ready. Now: make run"

.PHONY: run
run: base ## start web and worker with the demonstration commune (PORT=8000; DEMO=0: without it)
	@PORT=$(PORT) ANEW=$(ANEW) DEMO=$(DEMO) exec $(PY) scripts/run.py

.PHONY: test
test: dev ## run the tests of every day: SQLite, and the booking journey in a browser
	@ARGS='$(ARGS)' sh scripts/test.sh

.PHONY: test-rest
test-rest: dev ## run what make test leaves out, PostgreSQL too where TEST_DATABASE_URL is set
	@ARGS='$(ARGS)' sh scripts/test.sh rest

.PHONY: test-all
test-all: dev ## run both of these
	@ARGS='$(ARGS)' sh scripts/test.sh all

.PHONY: test-long
test-long: dev ## try thousands of examples, and say which branches the tests leave out
	@ARGS='$(ARGS)' sh scripts/test.sh long

.PHONY: test-install
test-install: base ## run docs/install-debian.md in an empty Debian (as root; SUITE=bookworm: Debian 12)
	@exec $(PY) -m scripts.installation

.PHONY: check
check: dev ## lint, types, import contract, translations, deployment settings
	@sh scripts/check.sh

.PHONY: contract
contract: dev ## check our requests against the SMS provider's own description (needs npm)
	@sh scripts/contract.sh

.PHONY: format
format: dev ## format Python and templates
	@$(BIN)/ruff check --fix --quiet . || true
	@$(BIN)/ruff format --quiet .
	@find templates -name '*.html' -print0 2>/dev/null | xargs -0 -r $(BIN)/djade

.PHONY: bench
bench: dev ## measure the pages and the searches that have a bound
	@$(PY) -m bench.run $(ARGS)

.PHONY: race
race: dev ## book the same slot from several processes
	@$(PY) -m bench.race $(ARGS)

.PHONY: soak
soak: dev ## leave screens running and watch memory, connections and timers
	@$(PY) -m bench.soak $(ARGS)

.PHONY: screens
screens: dev ## photograph every page, at desk and at phone width
	@CHROMIUM="$$(sh scripts/chromium.sh)" && export CHROMIUM && $(PY) -m scripts.screens $(ARGS)

# ---- what is renewed now and then ------------------------------------------------------------

.PHONY: messages
messages: dev ## collect the texts to translate, take in var/translations, compile
	@command -v xgettext >/dev/null || { echo 'This needs gettext, to read the sources: apt-get install gettext (as root).' >&2; exit 1; }
	@DEBUG=1 $(PY) manage.py makemessages --locale fr --no-obsolete --no-wrap --add-location file \
		--ignore 'static/*' --ignore 'tests/*' --ignore 'var/*'
	@$(PY) scripts/messages.py merge locale/fr/LC_MESSAGES/django.po $(wildcard $(TRANSLATIONS)/*.po)
	@$(PY) scripts/messages.py compile locale/fr/LC_MESSAGES/django.po

.PHONY: requirements
requirements: $(VENV)/.made ## pin the dependencies of pyproject.toml again, with hashes
	@sh scripts/requirements.sh

.PHONY: vendor
vendor: ## renew the front-end files in static/vendor from their packages
	@$(if $(realpath $(PY)),$(PY),python3) scripts/vendor.py

.PHONY: clean
clean: ## remove what the other targets made, the development database included
	@rm -rf $(VENV) var staticfiles .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis htmlcov
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
	@find locale -name '*.mo' -delete 2>/dev/null || true
