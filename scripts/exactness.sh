#!/usr/bin/env bash
# Replays the recorded cases and writes what came of it as a page: scripts/exactness.sh FOLDER
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

to=$1
log=$(mktemp)
trap 'rm -f "$log"' EXIT
cargo test -p hpa-core --no-default-features --test upstream_vectors >"$log" 2>&1 || { cat "$log" >&2; exit 1; }
mkdir -p "$to"
cargo run --quiet -p hpa-core --no-default-features --example exactness <"$log" >"$to/exactness.html"
cp web/static/exactness.css "$to"
