#!/usr/bin/env bash
# Replays the recorded cases and writes what came of it as a page:
#   scripts/exactness.sh FOLDER [CARGO OPTION...]    options that say which build of the core replays
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

to=$1
build=("${@:2}")
((${#build[@]})) || build=(-p hpa-core)
log=$(mktemp)
trap 'rm -f "$log"' EXIT
cargo test "${build[@]}" --test upstream_vectors >"$log" 2>&1 || { cat "$log" >&2; exit 1; }
mkdir -p "$to"
cargo build --quiet "${build[@]}" --example exactness
"${CARGO_TARGET_DIR:-target}/debug/examples/exactness" <"$log" >"$to/exactness.html"
cp web/static/exactness.css "$to"
