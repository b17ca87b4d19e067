# Commands of HPA Playground; `make help` lists them. Most call xtask/: `cargo xtask help`.
.DEFAULT_GOAL := help
.PHONY: help serve dev test check build bench record lighthouse fuzz setup
PORT ?= 8080
TIME ?= 60

help: ## list the commands
	@awk -F ':.*## ' '/^[a-z]+:.*## /{printf "make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

serve: ## install what is missing, serve the playground on 127.0.0.1:8080 (PORT=...) and rebuild on changes
	@scripts/serve.sh $(PORT) --release

dev: ## the same, unoptimized: rebuilds in seconds, runs slower
	@scripts/serve.sh $(PORT)

test: ## install what is missing and run all tests: native, in the browser, end to end
	@scripts/setup.sh
	@cargo xtask test

check: ## check format, clippy (native and wasm32), documentation and fuzz targets; warnings are errors
	@scripts/setup.sh compile
	@cargo xtask check

build: ## build the static site into dist/
	@scripts/setup.sh compile
	@cargo xtask build

bench: ## run the benchmarks, native and in a browser
	@scripts/setup.sh
	@cargo xtask bench

record: ## ask Kubernetes RELEASE=1.37.2 the recorded cases and write its answers; CHECK=1 compares them instead
	@conformance/record.sh $(if $(CHECK),--check) $(RELEASE)

lighthouse: ## audit the built page with Lighthouse, as on a phone
	@scripts/setup.sh
	@cargo xtask build
	@node e2e/lighthouse.mjs

fuzz: ## fuzz each target for TIME=60 seconds
	@cargo xtask fuzz $(TIME)

setup: ## only install what is missing
	@scripts/setup.sh
