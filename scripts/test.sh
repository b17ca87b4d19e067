#!/usr/bin/env bash
# Sets everything up and runs every test there is, the quick ones first.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
. scripts/steps.sh

scripts/setup.sh
# Linking the page takes one processor half a minute. Begun here, it is done when the step 'site'
# comes, which waits for it otherwise, and tells what is wrong with it.
cargo build --quiet -p hpa-web --bin hpa-web --target wasm32-unknown-unknown --profile web >/dev/null 2>&1 &
step 'native tests' cargo test --workspace --no-fail-fast
step 'tests in the browser' wasm-pack test --headless --chrome wasm-tests
step 'site' scripts/build.sh --workspace # as the native tests were built
# As many files at a time as there are processors: of two, node's own choice uses one.
step 'end-to-end tests' node --test --test-concurrency="$(getconf _NPROCESSORS_ONLN)" --test-reporter=spec e2e/*.test.mjs
summary 'make test'
