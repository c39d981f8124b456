# nn_viz. Two commands do all the set-up there is: `make run` and `make test`.
# The logic lives in scripts/ (POSIX sh), so that this file stays a table and works with every make since 3.81.

PY := .venv/bin/python
CODE := app.py nn_viz tests benchmarks scripts
SHELL_SCRIPTS := scripts/*.sh .ci/run

.DEFAULT_GOAL := help
.PHONY: help run test quick lint format types bench screenshots docker pins clean setup setup-dev setup-lint

help: ## show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' Makefile

run: setup ## start the app on http://localhost:8501 (PORT=8502 for another port, HOST=0.0.0.0 for a classroom)
	@$(PY) -m nn_viz

test: setup-dev ## run every test, those in a real browser included (ARGS='-k name' for some)
	@NN_VIZ_CHROMIUM="$$(scripts/browser.sh)" && export NN_VIZ_CHROMIUM && scripts/with-digits.sh scripts/test.sh all $(ARGS)

quick: setup-dev ## run the tests that need no browser, side by side
	@scripts/with-digits.sh scripts/test.sh quick $(ARGS)

lint: setup-lint ## check style, types, the floors of the house, scripts and the Dockerfile
	$(PY) -m ruff check $(CODE)
	$(PY) -m ruff format --check $(CODE)
	$(PY) -m mypy
	$(PY) -m mypy --platform win32 --no-warn-unreachable --cache-dir .mypy_cache/win32 app.py nn_viz
	$(PY) -c 'from importlinter.cli import lint_imports_command as lint; lint()'
	scripts/js.sh biome check --error-on-warnings .
	scripts/js.sh tsc
	.venv/bin/shellcheck -x $(SHELL_SCRIPTS)
	.venv/bin/hadolint Dockerfile

format: setup-lint ## put the code into its format
	$(PY) -m ruff check --fix $(CODE)
	$(PY) -m ruff format $(CODE)
	scripts/js.sh biome check --write .

bench: setup-dev ## measure training, the ledger, the experiments, fairness, kills, memory, drawings, convolution, pages, a class (half an hour)
	scripts/with-digits.sh $(PY) -m benchmarks.training
	scripts/with-digits.sh $(PY) -m benchmarks.steps
	scripts/with-digits.sh $(PY) -m benchmarks.ledger
	scripts/with-digits.sh $(PY) -m benchmarks.experiments
	scripts/with-digits.sh $(PY) -m benchmarks.fairness
	scripts/with-digits.sh $(PY) -m benchmarks.kills
	scripts/with-digits.sh $(PY) -m benchmarks.memory
	scripts/with-digits.sh $(PY) -m benchmarks.convolution
	scripts/with-digits.sh $(PY) -m benchmarks.drawing
	@NN_VIZ_CHROMIUM="$$(scripts/browser.sh)" && export NN_VIZ_CHROMIUM && scripts/with-digits.sh $(PY) -m benchmarks.page
	@NN_VIZ_CHROMIUM="$$(scripts/browser.sh)" && export NN_VIZ_CHROMIUM && scripts/with-digits.sh $(PY) -m benchmarks.pen
	@NN_VIZ_CHROMIUM="$$(scripts/browser.sh)" && export NN_VIZ_CHROMIUM && scripts/with-digits.sh $(PY) -m benchmarks.walk
	@NN_VIZ_CHROMIUM="$$(scripts/browser.sh)" && export NN_VIZ_CHROMIUM && scripts/with-digits.sh $(PY) -m benchmarks.classroom

docker: ## build the image (TORCH_VARIANT=cu130 for NVIDIA)
	@command -v docker >/dev/null 2>&1 || { echo "nn_viz: docker is not installed: see https://docs.docker.com/engine/install" >&2; exit 1; }
	docker build --build-arg TORCH_VARIANT=$(or $(TORCH_VARIANT),cpu) -t nn_viz:$(or $(TORCH_VARIANT),cpu) .

screenshots: setup-dev ## take the README's screenshots anew
	@NN_VIZ_CHROMIUM="$$(scripts/browser.sh)" && export NN_VIZ_CHROMIUM && scripts/with-digits.sh $(PY) -m scripts.screenshots

types: setup ## write the TypeScript types of the messages anew from their dataclasses
	$(PY) -m scripts.message_types

pins: setup-lint ## write constraints.txt anew from what is installed
	$(PY) scripts/pins.py > constraints.new && mv constraints.new constraints.txt

clean: ## remove what the other commands made, the packages included
	rm -rf .venv .venv.lock node_modules .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis build *.egg-info
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

setup:
	@scripts/setup.sh

setup-dev:
	@scripts/setup.sh dev

setup-lint:
	@scripts/setup.sh lint
