#!/usr/bin/env bash
# Builds the targets of fuzz and fuzzes each in turn: scripts/fuzz.sh SECONDS | build
#
# No cargo-fuzz, hence no nightly compiler: the options below are the coverage instrumentation
# that it asks for. Its address sanitizer would find nothing here, where no code is unsafe.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

[[ -f fuzz/Cargo.toml ]] || { echo 'there are no fuzz targets (fuzz)' >&2; exit 1; }
target=${CARGO_TARGET_DIR:-target}/fuzz
build() { cargo build --quiet --release --manifest-path fuzz/Cargo.toml --target-dir "$target" "$@"; }

if [[ $1 == build ]]; then
  cargo build --quiet --manifest-path fuzz/Cargo.toml --target-dir "$target"
  exit
fi

# With --target, so that build scripts are not instrumented.
host=$(rustc -vV | sed -n 's/^host: //p')
RUSTFLAGS='--cfg fuzzing -Cdebug-assertions -Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table -Cllvm-args=-sanitizer-coverage-trace-compares' \
  build --target "$host"
# What the shipped experiments and their schema say is where the search begins, and what it says it with.
words=$target/words.dict
grep -ohE '[A-Za-z][A-Za-z0-9]+"?:' simulation/experiments/*.yaml simulation/experiments/schema.json \
  | tr -d '":' | sort -u | sed 's/.*/"&: "/' > "$words"
printf '"%s"\n' 4294967295 2147483647 1e400 -1 .nan 744h 1ms 0x9999 '&a ' '*a' '- ' '---' >> "$words"
for target_with_text in manifest experiment; do
  mkdir -p "fuzz/corpus/$target_with_text"
  cp -u simulation/experiments/*.yaml "fuzz/corpus/$target_with_text/"
done
for source in fuzz/fuzz_targets/*.rs; do
  name=$(basename "$source" .rs)
  corpus=fuzz/corpus/$name
  mkdir -p "$corpus" "fuzz/artifacts/$name"
  echo "==> $name for $1 s"
  words_of=()
  if [[ $name == manifest || $name == experiment ]]; then words_of=(-dict="$words"); fi
  "$target/$host/release/$name" "${words_of[@]}" -max_total_time="$1" -timeout=5 -artifact_prefix="fuzz/artifacts/$name/" "$corpus"
done
