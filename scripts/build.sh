#!/usr/bin/env bash
# Builds the static site into dist/.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

scripts/setup.sh build
trunk --quiet build --release
scripts/exactness.sh dist
