# Two commands matter: `make run` and `make test`. The only prerequisites are python3 (with venv) and make.
.DEFAULT_GOAL := run
.PHONY: setup run test coverage check sbom soak assets clean messages

VENV := .venv
PY := $(VENV)/bin/python
STAMP := $(VENV)/.ready
CATALOGUES := $(wildcard portal/translations/*/LC_MESSAGES/*.po)

setup: $(STAMP)

$(STAMP): requirements-dev.txt $(CATALOGUES)
	@test -x $(PY) || python3 -m venv $(VENV)
	@test -x $(VENV)/bin/uv || $(PY) -m pip install --quiet uv
	@$(VENV)/bin/uv pip sync --quiet --require-hashes --compile-bytecode --python $(PY) requirements-dev.txt
	@$(VENV)/bin/pybabel --quiet compile -d portal/translations
	@touch $(STAMP)

run: setup
	@$(PY) -m flask --app app serve

test: setup
	@$(PY) -m tests.support.needs
	@$(MAKE) --no-print-directory coverage
	@$(PY) -m pytest -n 3 --dist worksteal -m "not soak and not measured"

coverage: setup  ## rules and use cases on SQLite, with branches counted: the part of `make test` that is quick to measure
	@$(PY) -m pytest -n 2 --dist worksteal -m "measured and not soak" --cov --cov-report=term:skip-covered tests/domain tests/services

soak: setup
	@$(PY) -m tests.support.needs
	@$(PY) -m pytest -m soak -s

check: setup sbom
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/mypy --cache-dir=/dev/null
	$(VENV)/bin/lint-imports --no-cache
	$(VENV)/bin/djlint --lint --quiet portal/templates
	$(PY) -m flask --app app questionnaires check
	$(PY) -m flask --app app docs states --check
	$(PY) -m flask --app app docs alert-rules --check
	$(PY) -m flask --app app docs roles --check
	$(PY) -m flask --app app messages check >/dev/null

sbom: setup  ## list what is installed in production, as CycloneDX
	@mkdir -p build
	@PYTHONWARNINGS=ignore $(VENV)/bin/cyclonedx-py requirements requirements.txt --pyproject pyproject.toml --output-reproducible \
		--of JSON -o build/sbom.cdx.json
	@$(PY) -c 'import json; print("build/sbom.cdx.json:", len(json.load(open("build/sbom.cdx.json"))["components"]), "components")'

messages:  ## collect new texts into the catalogues
	$(VENV)/bin/pybabel extract -F babel.cfg -k _l -k N_ --no-location --sort-output -o portal/translations/messages.pot .
	$(VENV)/bin/pybabel update -i portal/translations/messages.pot -d portal/translations --no-fuzzy-matching --ignore-pot-creation-date

assets:  ## rebuild portal/static from assets/ (needs Node)
	npm ci
	npm run build

clean:
	rm -rf $(VENV) instance build .mypy_cache .ruff_cache .import_linter_cache
