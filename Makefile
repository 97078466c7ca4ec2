# What one does with Playhead, a command each. `make` alone lists them.
.DEFAULT_GOAL := help
SHELL := /bin/bash

# One build serves run, demo and tests.
build_flags := -c release -Xswiftc -enable-testing
binaries = $$(swift build $(build_flags) --show-bin-path)
swift_files = find $(wildcard Package.swift Services Shared Tests Benchmarks) -name .build -prune -o -name '*.swift' ! -name '*.pb.swift' -print0

.PHONY: help install build run demo prove chaos outage powerloss drill bench test test-outside test-tsan lint format compose-test protobuf clean

help: ## list these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

install: ## install the missing Debian or Ubuntu packages; check for a Swift toolchain
	@scripts/install-dependencies

build: install ## build services and tests, optimised
	swift build $(build_flags) --build-tests

run: build ## run everything from here with the sample evening, until Ctrl-C
	@BIN_DIR="$(binaries)" scripts/run

demo: build ## the same on an empty folder, compared with the history worked out by hand
	@BIN_DIR="$(binaries)" scripts/run --demo

prove: build ## simulated viewers with all faults on, processors killed meanwhile, every history compared with the truth
	@BIN_DIR="$(binaries)" scripts/prove $(if $(OPTIONS),$(OPTIONS),--kill-every 2)

chaos: build ## everything is killed, frozen, cut off and filled up while viewers watch; nothing may be lost: Chaos/README.md
	@scripts/install-dependencies python3 >/dev/null
	@BIN_DIR="$(binaries)" Chaos/run

outage: build ## Redis is away for a minute under 2,000 events a second: every request is answered 202, soon, and nothing is lost
	@scripts/install-dependencies python3 >/dev/null
	@BIN_DIR="$(binaries)" Chaos/outage/run

powerloss: build ## machines lose power while events are taken: every 202 survives, and does not where syncs are taken out
	@scripts/install-dependencies python3 >/dev/null
	@BIN_DIR="$(binaries)" Chaos/powerloss/run

drill: build ## what members notice when PostgreSQL is slow or stopped, with 0, 50 and 100 % of them on the asynchronous path: docs/drill.md
	@scripts/install-dependencies python3 >/dev/null
	@BIN_DIR="$(binaries)" Drill/run $(OPTIONS)

bench: build ## drain rates, freshness, how fast events are accepted histories read and compacted, beside floors of the same run: Benchmarks/README.md
	@scripts/install-dependencies python3 wrk nghttp2-client zstd >/dev/null
	@BIN_DIR="$(binaries)" Benchmarks/run $(OPTIONS)

test: build ## every test, against real servers on free ports, a browser and the API's description included
	@sync # else what was just compiled is written while the tests wait for their own syncs
	@# five at once: more of them wait for the disk and for each other
	SWT_EXPERIMENTAL_MAXIMUM_PARALLELIZATION_WIDTH=5 scripts/swift-test $(build_flags) --skip-build --skip RampTests
	@# by themselves, as they put the machine under load
	scripts/swift-test $(build_flags) --skip-build --filter RampTests
	@$(MAKE) --no-print-directory test-outside
	@$(MAKE) --no-print-directory test-tsan

test-outside: build ## the console in Chromium, the change feed's example, and the API held to docs/api/openapi.yaml
	@scripts/install-dependencies python3-venv chromium fonts-dejavu-core >/dev/null
	@BIN_DIR="$(binaries)" scripts/test-outside $(PART)

test-tsan: install ## the tests of the C clients under the thread sanitizer
	ONLY_CLIENTS=1 SWT_EXPERIMENTAL_MAXIMUM_PARALLELIZATION_WIDTH=8 scripts/swift-test --sanitize=thread --scratch-path .build-tsan

lint: install ## check the formatting of the Swift sources
	@$(swift_files) | xargs -0 swift format lint --strict --parallel

format: install ## format the Swift sources
	@$(swift_files) | xargs -0 swift format --in-place --parallel

compose-test: ## build the image, run it with docker compose and try it out; needs a running engine
	@scripts/compose-test

protobuf: ## regenerate the Swift of Shared/Wire/playhead.proto
	@scripts/generate-protobuf

clean: ## remove what was built; the data in .playhead stays
	rm -rf .build .build-tsan .build-protobuf
