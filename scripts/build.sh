#!/usr/bin/env bash
# Builds the static site into dist/. Options are passed to scripts/exactness.sh.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

scripts/setup.sh build
# Before the site, whose service worker knows all of its files.
scripts/exactness.sh target/exactness "$@"
trunk --quiet build --release
