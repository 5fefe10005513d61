# toolauthd. `make help` lists what can be made.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

# For `swift build` and `swift test`; the scripts look for the programs where it builds with them.
export SWIFT_BUILD_FLAGS ?=

.PHONY: help
help: ## List the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1\t\2/' | expand -t 20

.PHONY: setup
setup: ## Install what this machine lacks to build and test
	@scripts/setup.sh

.PHONY: build
build: ## Build the daemon and toolauthctl for release
	@scripts/setup.sh build
	@scripts/build-release.sh $(SWIFT_BUILD_FLAGS)

.PHONY: demo
demo: ## Watch it work: connect a user at a real server and see tokens refreshed ahead of expiry
	@scripts/setup.sh
	@scripts/demo.sh

# What the project's own sources are warned of is mended, here and not on the machines of those who only build.
test check sanitize fuzz soak: export TOOLAUTHD_WARNINGS_AS_ERRORS = 1

.PHONY: test
test: setup ## Run all tests: unit, integration, examples, catalogue, durability, system
	swift build --build-tests $(SWIFT_BUILD_FLAGS)
	@scripts/test-swift.sh $(SWIFT_BUILD_FLAGS)
	@scripts/test-servers.sh
	@scripts/test-adapter.sh "$$(scripts/bin-path.sh)"
	@scripts/test-catalogue.sh
	@scripts/test-durability.sh
	@scripts/test-system.sh

.PHONY: check
check: setup ## The stricter checks: format, warnings, shell, units, package, contract, simulation, sanitizers, fuzzing
	@scripts/check.sh

.PHONY: sanitize
sanitize: setup ## Transport, store, refresh and API suites under the thread and the address sanitizer
	@scripts/test-sanitized.sh thread
	@scripts/test-sanitized.sh address

# Seconds for each target.
FUZZ_SECONDS ?= 3600

.PHONY: fuzz
fuzz: ## Fuzz every parser of foreign bytes, an hour each; FUZZ_SECONDS=
	@scripts/fuzz.sh $(FUZZ_SECONDS)

.PHONY: soak
soak: setup ## Ten minutes of 50 users and impatient readers at a real server
	@scripts/soak.sh

.PHONY: bench
bench: build ## Measure the release build: against itself, and against what others use
	@scripts/bench.sh

.PHONY: deb
deb: build ## Make the Debian package and its debug symbols, in .build/deb
	@scripts/setup.sh deb
	@scripts/deb.sh

.PHONY: install
install: ## Install what `make build` made; DESTDIR= goes before every path, PREFIX= is /usr/local
	@scripts/install.sh

.PHONY: manual
manual: ## Make the manual pages and shell completions from the built programs, into .build/share
	@scripts/manual.sh

.PHONY: format
format: ## Format the sources
	swift format --in-place --recursive --parallel Package.swift Sources Tests Examples

.PHONY: clean
clean: ## Remove what was built
	rm -rf .build .build-*
