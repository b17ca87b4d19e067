#!/usr/bin/env bash
# Measures: the core natively (criterion), memory and hpa-sim, the controller under load, the page
# and the npm package in headless Chromium. Ends with a table of aims.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

scripts/setup.sh
target=${CARGO_TARGET_DIR:-target}
cargo bench -p hpa-core --bench decide
cargo bench -p hpa-simulation --bench simulation
cargo bench -p hpa-simulation --bench memory | tee "$target/resources.txt"
cargo bench -p hpa-sim --bench check | tee -a "$target/resources.txt"
cargo bench -p hpa-controller --bench controller | tee -a "$target/resources.txt"
trunk --quiet build --release
wasm-pack --quiet build npm --target web
node e2e/bench.mjs "$target/criterion" "$target/resources.txt"
