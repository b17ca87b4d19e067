#!/usr/bin/env bash
# Serves the playground on 127.0.0.1 and rebuilds it on changes: scripts/serve.sh PORT [--release]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

port=$1
scripts/setup.sh compile
cargo build --quiet --package xtask # Trunk's post_build hook, compiled before Trunk needs it
echo "HPA Playground: http://127.0.0.1:$port/ (once built; press Ctrl+C to stop)"
# Not into dist/, which `make build` and `make test` use.
mkdir -p target/serve
exec trunk --quiet serve --address 127.0.0.1 --port "$port" --open=false --dist target/serve "${@:2}"
