#!/usr/bin/env bash
# Prints the manifest by which krew installs a released hpa-sim as a kubectl plugin:
# scripts/krew-manifest.sh OWNER/REPOSITORY TAG CHECKSUMS, the last one as sha256sum prints them.
set -euo pipefail
repository=$1 tag=$2 checksums=$3

cat <<MANIFEST
apiVersion: krew.googlecontainertools.github.com/v1alpha2
kind: Plugin
metadata:
  name: hpa-sim
spec:
  version: $tag
  homepage: https://github.com/$repository
  shortDescription: Simulate HorizontalPodAutoscalers
  description: |
    Runs the algorithm of the HorizontalPodAutoscaler on your manifests and a simulated
    cluster: how many replicas, when, and why. Needs no cluster.
  platforms:
MANIFEST
while read -r sum file; do
  [[ $file == hpa-sim-* ]] || continue
  platform=${file#hpa-sim-} platform=${platform%.tar.gz}
  os=${platform%-*} arch=${platform##*-} binary=hpa-sim
  if [[ $os == windows ]]; then binary=hpa-sim.exe; fi
  cat <<PLATFORM
  - selector:
      matchLabels:
        os: $os
        arch: $arch
    uri: https://github.com/$repository/releases/download/$tag/$file
    sha256: $sum
    bin: $binary
PLATFORM
done <"$checksums"
