# `make check` is what a fresh clone needs to prove itself: it installs what the tests need and is missing, builds, and
# runs every check. The work is in scripts/, so that it can be read and run by hand.

.PHONY: help check check-clouds guests format lint java python e2e bench soak clean venv

SEEDS ?= 5000
ROUNDS ?= 3

help: ## Show the targets
	@sed -n 's/^\([a-z0-9-]*\):.*## /  make \1|/p' Makefile | column -t -s '|'

check: ## Install what tests need, build, lint, run all tests
	@scripts/check.sh all

check-clouds: ## Install and start OpenStack, run the tests that need clouds, end it (Debian 12, root)
	@scripts/check-clouds.sh

guests: ## Tests with machines of their own: workers that join from containers, hosts reached by ssh (installs docker.io)
	@scripts/check.sh guests

java: ## Java only: formatting, architecture and tests
	@scripts/check.sh java

lint: ## Python formatting, lint and types
	@scripts/check.sh lint

python: ## Python tests
	@scripts/check.sh python

e2e: ## Tests of the command line, end to end
	@scripts/check.sh cli

bench: venv ## Measure the table of benchmarks/README.md, with peers (ROUNDS=3)
	@.venv/bin/python benchmarks/run.py --rounds $(ROUNDS)

soak: venv ## Compare SEEDS (5000) random programs with CPython, on 1, 2 and 4 slots
	@./pydron version > /dev/null
	@for slots in 1 2 4; do \
	  .venv/bin/python tests/random/soak.py --seeds $(SEEDS) --slots $$slots || exit 1; \
	done

venv: ## The virtual environment of the Python tests, in .venv
	@scripts/venv.sh

format: ## Format Java and Python
	@scripts/format.sh

clean: ## Remove everything that was built
	rm -rf build .venv */target python/build python/*.egg-info
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
