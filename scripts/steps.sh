# Sourced by test.sh, check.sh and .ci/run: runs commands as named steps, all of them even when
# one fails, and counts what their test runners report.

set -o pipefail
passed=0 failed=0 broken=()
log=$(mktemp)
trap 'rm -f "$log"' EXIT

# count FILE: prints "PASSED FAILED". Sums the closing lines of cargo test (also in a browser), of
# node's test runner, and lines such as "calculator.jsonl: 5 passed, 0 failed"; or, where there are
# closing lines of summary(), those alone.
count() {
  sed 's/\x1b\[[0-9;]*m//g' "$1" | awk '
    /^test result: / { for (i = 2; i <= NF; i++) { if ($i ~ /^passed/) p += $(i - 1); if ($i ~ /^failed/) f += $(i - 1) } }
    /^(ℹ|#) pass [0-9]+$/ { p += $3 }
    /^(ℹ|#) (fail|cancelled) [0-9]+$/ { f += $3 }
    /^[^ ]+\.[^ ]+: [0-9]+ passed, [0-9]+ failed$/ { p += $2; f += $4 }
    /^(make test|make check): [0-9]+ passed, [0-9]+ failed$/ { sp += $3; sf += $5; summed = 1 }
    END { if (summed) print sp, sf; else print p + 0, f + 0 }'
}

# step NAME COMMAND...: a command that fails without a counted failure counts as one, a command
# without counts that succeeds counts as one passed.
step() {
  local name=$1 start=$SECONDS status=0 p f
  shift
  printf '\n==> %s\n' "$name"
  "$@" </dev/null 2>&1 | tee "$log" || status=${PIPESTATUS[0]}
  read -r p f < <(count "$log")
  if ((status != 0 && f == 0)); then f=1; fi
  if ((status == 0 && p + f == 0)); then p=1; fi
  if ((f > 0)); then broken+=("$name"); fi
  passed=$((passed + p)) failed=$((failed + f))
  printf '==> %s: %ss\n' "$name" "$((SECONDS - start))"
}

# summary [COMMAND]: the closing line; the exit status says whether all went well.
summary() {
  local name
  echo
  for name in ${broken[@]+"${broken[@]}"}; do printf 'FAILED: %s\n' "$name"; done
  printf '%s%s passed, %s failed\n' "${1:+$1: }" "$passed" "$failed"
  ((failed == 0 && passed > 0))
}
