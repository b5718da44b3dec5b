# The commands that people use. Each does its own set-up and says what it installs.

.PHONY: help demo test check fmt lint unit e2e test-long bench fuzz console

help: ## what there is
	@grep -E '^[a-z0-9-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

demo: ## collector, sensor and the demo capture on this machine; SPEED=20 is 20 times packet time, LIVE=1 the lab
	@demo/demo.sh

test: ## all that a change must pass
	@scripts/setup.sh test
	@scripts/test.sh

check: ## the quick part of it: format, lints, unit tests
	@scripts/test.sh quick

test-long: ## the slow suites: hours of mutation, a thousand kills
	@scripts/setup.sh test
	@scripts/test.sh long

fuzz: ## mutated conversations through every decoder in the background; FUZZ_HOURS=8, the log is target/fuzz.log
	@scripts/fuzz.sh

bench: ## the tables of benches/RESULTS.md
	@benches/run.sh

console: ## rebuild console/dist (needs Node 20)
	cd console && npm ci && npm run build
