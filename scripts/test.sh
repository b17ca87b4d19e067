#!/usr/bin/env bash
# Sets everything up and runs every test there is, the quick ones first.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
. scripts/steps.sh

scripts/setup.sh
step 'native tests' cargo test --workspace --all-features --no-fail-fast
step 'tests in the browser' wasm-pack test --headless --chrome wasm-tests
step 'site' scripts/build.sh
step 'end-to-end tests' node --test --test-reporter=spec e2e/*.test.mjs
summary 'make test'
