# Commands of HPA Playground; `make help` lists them. Whatever is longer than a line stands in scripts/.
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
	@scripts/test.sh

check: ## format, clippy (native and wasm32), documentation, fuzz targets: no warning allowed
	@scripts/check.sh

build: ## build the static site into dist/
	@scripts/build.sh

parts: ## find anew what the first part of the page has to hold: writes web/later.txt
	@scripts/setup.sh
	@scripts/build.sh
	@node e2e/parts.mjs
	@scripts/build.sh

bench: ## measure the core natively, and the page in a browser
	@scripts/bench.sh

lighthouse: ## ask Lighthouse about the built page on a phone
	@scripts/build.sh
	@node e2e/lighthouse.mjs

fuzz: ## fuzz each target of fuzz for TIME=60 seconds
	@scripts/fuzz.sh $(TIME)

setup: ## only set everything up
	@scripts/setup.sh
