# Two commands do all the set-up: `make demo` renders the example set, `make test` passes the tests.

SUPPORTED := import sys; sys.exit(sys.version_info[:2] not in ((3, 11), (3, 12)))
PYTHON ?= $(shell for python in python3 python3.12 python3.11; do \
	$$python -c '$(SUPPORTED)' 2>/dev/null && echo $$python && break; done)
UV_VERSION := 0.13.9
BIN := .venv/bin
INSTALL := $(BIN)/uv pip install --quiet --compile-bytecode --python $(BIN)/python
SOURCES := ttv_dagster illustrations tests benchmarks tools

.PHONY: help gpu demo ui dev shell test test-fast test-browser test-docker soak coverage lint docs reference format lock bench clean

help: ## List what can be made
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

.venv/.created:
	@test -n "$(PYTHON)" || { echo "ttv_dagster needs Python 3.11 or 3.12: install one, or name it: make PYTHON=/path/to/python3.12" >&2; exit 1; }
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet uv==$(UV_VERSION)
	@touch $@

.venv/.base: .venv/.created requirements/base.txt pyproject.toml illustrations/pyproject.toml dagster.yaml workspace.yaml
	$(INSTALL) --require-hashes -r requirements/base.txt
	$(INSTALL) --no-deps --no-build-isolation --editable . --editable illustrations
	@touch $@

# pip takes a CPU build of torch from a configured index or folder (PIP_EXTRA_INDEX_URL, PIP_FIND_LINKS), and
# otherwise the CUDA build, which also works without a GPU.
.venv/.dev: .venv/.base requirements/dev.txt
	$(BIN)/python -m pip install --quiet torch==2.13.0
	$(INSTALL) --no-deps --require-hashes -r requirements/dev.txt
	@touch $@

gpu: .venv/.created requirements/gpu.txt ## Install with FastVideo, for NVIDIA GPUs (Linux, Python 3.12)
	$(BIN)/python -c 'import sys; sys.exit(sys.version_info[:2] != (3, 12) or sys.platform != "linux")' || \
		{ echo "FastVideo's kernels need Linux and Python 3.12: make clean gpu PYTHON=python3.12" >&2; exit 1; }
	$(INSTALL) --require-hashes -r requirements/gpu.txt
	$(INSTALL) --no-deps --no-build-isolation --editable . --editable illustrations

demo: .venv/.base ## Render the example prompt set to a film
	@$(BIN)/ttv render examples/lighthouse.yaml

ui: .venv/.base ## Open the Dagster UI on what was rendered
	$(BIN)/ttv ui

dev: ## Run the containers on this folder's code, restarted when it changes
	TTV_SOURCE=$(CURDIR) docker compose -f docker-compose.yml -f docker-compose.dev.yml up --build --watch

shell: ## Open a shell in the render image, with the volumes and the GPU
	docker compose --profile gpu run --rm render bash

test-fast: .venv/.dev ## Run the tests that take under a minute together
	$(BIN)/python -m pytest -n 2 --dist loadfile -m "not slow and not browser and not docker and not prometheus and not soak"

test: .venv/.dev ## Run the tests that need no program beside Python and git
	$(BIN)/python -m pytest -n 2 --dist loadfile -m "not browser and not docker and not prometheus and not soak"

test-browser: .venv/.dev ## Run the tests that look at the UI in Chromium (Debian: apt-get install chromium)
	$(BIN)/python -m pytest -m "browser and not docker"

test-docker: .venv/.dev ## Run the tests on a Docker engine and a Prometheus of their own (Debian: docker.io debootstrap iptables prometheus)
	$(BIN)/python -m pytest -m "docker or prometheus"

soak: .venv/.dev ## Run the long tests: hundreds of dropped files, killed processes (an hour)
	$(BIN)/python -m pytest -m soak

coverage: .venv/.dev ## Measure which lines and branches `make test` runs
	$(BIN)/python -m pytest -n 2 --dist loadfile -m "not browser and not docker and not prometheus and not soak" --cov --cov-report=term

lint: .venv/.dev docs ## Check style, types, imports and docs
	$(BIN)/ruff check $(SOURCES)
	$(BIN)/ruff format --check $(SOURCES)
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python tools/generate.py --check
	$(BIN)/hadolint Dockerfile

docs: .venv/.dev ## Build the documentation site into site/; any warning is an error
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet

reference: .venv/.dev ## Write what is generated from the code: the reference pages, and the settings in the files of the deployment
	$(BIN)/typer ttv_dagster.cli.app utils docs --name ttv --title "ttv" --output docs/reference/cli.md
	$(BIN)/python tools/generate.py

format: .venv/.dev ## Format the code
	$(BIN)/ruff check --fix $(SOURCES)
	$(BIN)/ruff format $(SOURCES)

COMPILE := $(BIN)/uv pip compile --quiet --generate-hashes --custom-compile-command "make lock" pyproject.toml
lock: .venv/.created ## Pin the newest versions that pyproject.toml admits
	$(COMPILE) --universal --python-version 3.11 --group build --output-file requirements/base.txt $(LOCK_FLAGS)
	$(COMPILE) --universal --python-version 3.11 --config-file requirements/dev.toml --extra wan --group dev \
		--no-emit-package torch --constraints requirements/base.txt --output-file requirements/dev.txt $(LOCK_FLAGS)
	$(COMPILE) --universal --python-version 3.11 --extra docker --extra alerts --extra metrics --group build --constraints requirements/base.txt \
		--output-file requirements/docker.txt $(LOCK_FLAGS)
	$(COMPILE) --python-platform x86_64-manylinux_2_28 --python-version 3.12 --extra gpu --extra docker --group build \
		--output-file requirements/gpu.txt $(LOCK_FLAGS)

bench: .venv/.dev ## Measure what the docs claim
	$(BIN)/python benchmarks/overhead.py
	$(BIN)/python benchmarks/scale.py
	$(BIN)/python benchmarks/warm.py

clean: ## Delete the environment and caches, not what was rendered
	rm -rf .venv .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache .coverage* site
