# Each target is a few plain commands; the README has those of run and test for Windows too.

PYTHON ?= python3

.PHONY: run train site lint check test audit

run: .venv/serve
	.venv/bin/python app.py

train: .venv/train
	.venv/bin/python train.py

site: .venv/serve node_modules
	.venv/bin/python -m pad.site

lint: .venv/dev
	.venv/bin/python -m ruff check
	.venv/bin/python -m ruff format --check
	.venv/bin/oxlint pad

check: lint
	.venv/bin/python -m pytest -m "not slow"

# A worker that has finished takes tests from the other, but mostly they are neighbours, which share what is slow to start.
test: .venv/dev
	.venv/bin/python -m pytest -n 2 --dist worksteal

# Fails as well where a package cannot be looked up.
audit: .venv/dev
	.venv/bin/python -m pip_audit --strict -r requirements.txt

# What the image installs: all packages with their hashes. Needs the image's version of Python, on Linux.
requirements-image.txt: requirements-serve.txt | .venv/dev
	CUSTOM_COMPILE_COMMAND="make $@" .venv/bin/python -m piptools compile --quiet --generate-hashes --strip-extras \
	    --no-annotate --no-emit-options --no-emit-index-url --no-emit-find-links --output-file $@ $<

# Each file records that its requirements are installed; run needs the fewest, so it downloads no TensorFlow.
.venv/serve: requirements-serve.txt
	$(PYTHON) -m venv .venv
	.venv/bin/python -m pip install -r requirements-serve.txt
	touch $@

.venv/train: .venv/serve requirements.txt
	.venv/bin/python -m pip install -r requirements.txt
	touch $@

.venv/dev: .venv/train requirements-dev.txt
	.venv/bin/python -m pip install -r requirements-dev.txt
	touch $@

# What runs the networks in the static site; its tests are skipped without.
node_modules: package-lock.json
	npm ci --ignore-scripts --no-audit --no-fund
	touch $@
