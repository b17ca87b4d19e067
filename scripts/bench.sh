#!/usr/bin/env bash
# Measures: the core natively (criterion), memory and hpa-sim, the page and the npm package in
# headless Chromium. Ends with a table of aims.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

scripts/setup.sh
target=${CARGO_TARGET_DIR:-target}
cargo bench -p hpa-core --bench decide --bench simulation
cargo bench -p hpa-core --bench resources | tee "$target/resources.txt"
trunk --quiet build --release
wasm-pack --quiet build core --target web -- --no-default-features --features js
node e2e/bench.mjs "$target/criterion" "$target/resources.txt"
