# Commands of HPA Playground; `make help` lists them. Programs are in xtask/: `cargo xtask help`.
.DEFAULT_GOAL := help
.PHONY: help serve dev test check build parts bench lighthouse fuzz setup
PORT ?= 8080
TIME ?= 60

help: ## list the commands
	@awk -F ':.*## ' '/^[a-z]+:.*## /{printf "make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

serve: ## set everything up, serve the playground on 127.0.0.1:8080 (PORT=...) and rebuild on changes
	@scripts/serve.sh $(PORT) --release

dev: ## the same, unoptimized: rebuilds in seconds, runs slower
	@scripts/serve.sh $(PORT)

test: ## set everything up and run all tests: native, in the browser, end to end
	@scripts/setup.sh
	@cargo xtask test

check: ## format, clippy (native and wasm32), documentation, fuzz targets: no warning allowed
	@scripts/setup.sh compile
	@cargo xtask check

build: ## build the static site into dist/
	@scripts/setup.sh build
	@cargo xtask build

parts: ## find anew what the first part of the page has to hold: writes web/later.txt
	@scripts/setup.sh
	@cargo xtask build
	@node e2e/parts.mjs
	@cargo xtask build

bench: ## measure the core natively, and the page in a browser
	@scripts/setup.sh
	@cargo xtask bench

lighthouse: ## ask Lighthouse about the built page on a phone
	@scripts/setup.sh
	@cargo xtask build
	@node e2e/lighthouse.mjs

fuzz: ## fuzz each target for TIME=60 seconds
	@cargo xtask fuzz $(TIME)

setup: ## only set everything up
	@scripts/setup.sh
