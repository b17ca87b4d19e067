#!/usr/bin/env bash
# Asks one release of Kubernetes the recorded cases.
# usage: conformance/record.sh [--check] [RELEASE] [ARGUMENT OF THE TEST…]
# Writes its answers to target/conformance/RELEASE/, or with --check compares them with the recorded ones and prints
# one line for each kind: `kind: N passed, M failed`. Without a release it is that of conformance/go.mod.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

check=
if [[ ${1:-} == --check ]]; then check=1 && shift; fi
own=$(sed -n 's/.*k8s\.io\/kubernetes v//p' go.mod)
release=${1:-$own}
if (($#)); then shift; fi
if [[ ! $release =~ ^1\.[0-9]+\.[0-9]+(-[a-z0-9.]+)?$ ]]; then
  echo "$release is no release of Kubernetes: RELEASE=1.37.2" >&2 && exit 2
fi
if ! command -v go >/dev/null; then
  echo 'Go is not installed, and Kubernetes is written in it: https://go.dev/dl' >&2 && exit 2
fi
export GOTOOLCHAIN=local # no other Go is downloaded

vectors=$(cd .. && pwd)/core/tests/vectors
target=$(cd .. && pwd)/target/conformance
mkdir -p "$target"
# Another release is the same module with another go.mod, in a folder of its own. Kubernetes requires its staging
# modules as v0.0.0; each has the release's number.
if [[ $release != "$own" ]]; then
  module=$target/module-$release
  mkdir -p "$module"
  rm -rf "$module"/*.go "$module/cases"
  cp ./*.go "$module"
  cp -r cases "$module"
  cd "$module"
  if [[ ! -f go.mod ]]; then
    printf 'module github.com/hpa-playground/hpa-playground/conformance\n\ngo 1.26.0\n' >go.mod
    upstream=$(go list -m -f '{{.GoMod}}' "k8s.io/kubernetes@v$release") || {
      rm go.mod && echo "k8s.io/kubernetes@v$release cannot be fetched" >&2 && exit 2
    }
    {
      printf '\ngodebug default=go1.26\n\nrequire k8s.io/kubernetes v%s\n\nreplace (\n' "$release"
      awk -v version="v0.${release#1.}" '$1 ~ /^k8s\.io\// && $2 == "v0.0.0" {print "\t" $1 " => " $1 " " version}' "$upstream"
      printf ')\n'
    } >>go.mod
  fi
  export GOFLAGS="-mod=mod ${GOFLAGS:-}"
fi

# Without a package, go test prints the lines of tests that pass.
run=(go test -count=1 -timeout=60m -run '^TestConformance$' -release="$release" -cases="$vectors")
if [[ -n $check ]]; then
  go test ./cases
  "${run[@]}" "$@"
else
  "${run[@]}" -record="$target/$release" "$@"
  echo "The answers of $release are in target/conformance/$release/."
fi
