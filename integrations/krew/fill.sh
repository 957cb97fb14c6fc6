#!/usr/bin/env bash
# Prints the plugin manifest of a release: fill.sh VERSION REPOSITORY-ADDRESS SHA256SUMS
set -euo pipefail
version=$1 repository=$2 sums=$3
edits=(-e "s|VERSION|$version|g" -e "s|REPOSITORY|$repository|g" -e '/^#/d')
while read -r sum archive; do
  target=${archive#palisade-}
  edits+=(-e "s|SHA256_${target%.tar.gz}\"|$sum\"|")
done <"$sums"
sed "${edits[@]}" "$(dirname "$0")/palisade.yaml"
