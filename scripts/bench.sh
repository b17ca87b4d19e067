#!/usr/bin/env bash
# Measures: the core natively (criterion), the page in headless Chromium.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

scripts/setup.sh
cargo bench -p hpa-core
trunk --quiet build --release
node --test --test-reporter=spec e2e/size.test.mjs | grep 'gzip:'
node e2e/bench.mjs
