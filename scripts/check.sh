#!/usr/bin/env bash
# What needs no running: format, lints on both targets, documentation, the fuzz targets' build.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
. scripts/steps.sh

scripts/setup.sh compile
wasm=(--target wasm32-unknown-unknown)
step 'lock file' cargo fetch --quiet --locked
step 'format' cargo fmt --all --check
step 'clippy, native' cargo clippy --quiet --workspace --all-targets -- -D warnings
# Not --all-targets: the native test tools (proptest, criterion) are not meant for wasm32.
step 'clippy, wasm32' cargo clippy --quiet --workspace --exclude hpa-sim --exclude hpa-controller --lib --bins "${wasm[@]}" -- -D warnings
step 'clippy, browser tests' cargo clippy --quiet -p hpa-wasm-tests --tests "${wasm[@]}" -- -D warnings
step 'documentation' env RUSTDOCFLAGS='-D warnings' cargo doc --quiet --workspace --no-deps
step 'fuzz targets build' scripts/fuzz.sh build
summary 'make check'
