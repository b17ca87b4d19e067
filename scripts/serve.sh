#!/usr/bin/env bash
# Serves the playground on 127.0.0.1 and rebuilds it on changes: scripts/serve.sh PORT [--release]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

port=$1
scripts/setup.sh compile
cargo build --quiet --package xtask # Trunk's last step, compiled before Trunk needs it
echo "HPA Playground: http://127.0.0.1:$port/ (once built; Ctrl+C ends it)"
# Not into dist/, where `make build` and `make test` put theirs.
mkdir -p target/serve
exec trunk --quiet serve --address 127.0.0.1 --port "$port" --open=false --dist target/serve "${@:2}"
