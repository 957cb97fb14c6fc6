#!/usr/bin/env bash
# Puts the `palisade` of a release on the PATH of the steps that follow, once its checksum and its
# attestation hold.
# In: VERSION (or `installed`), REF and REPOSITORY of the action, GH_TOKEN for gh.
set -euo pipefail

# shellcheck disable=SC2153
if [ "$VERSION" = installed ]; then
  palisade --version
  exit
fi
version=${VERSION:-${REF:-}}
version=${version#v}
if [[ ! "$version" =~ ^[0-9]+\.[0-9]+\.[0-9]+ ]]; then
  echo "::error::'$version' is no release; pin the action to a tag such as v0.1.0, or set the input version"
  exit 2
fi

case "$(uname -s)-$(uname -m)" in
  Linux-x86_64) target=x86_64-unknown-linux-gnu ;;
  Linux-aarch64) target=aarch64-unknown-linux-gnu ;;
  Darwin-x86_64) target=x86_64-apple-darwin ;;
  Darwin-arm64) target=aarch64-apple-darwin ;;
  MINGW*-x86_64 | MSYS*-x86_64) target=x86_64-pc-windows-msvc ;;
  *)
    echo "::error::there is no release for $(uname -s) on $(uname -m); build palisade and set the input version to installed"
    exit 2
    ;;
esac

folder=$RUNNER_TEMP/palisade-$version
archive=palisade-$target.tar.gz
mkdir -p "$folder"
cd "$folder"
gh release download "v$version" --repo "$REPOSITORY" --clobber --pattern "$archive" --pattern SHA256SUMS
# A Mac has shasum, the others sha256sum.
sum=sha256sum
command -v sha256sum >/dev/null || sum='shasum --algorithm 256'
grep --fixed-strings "  $archive" SHA256SUMS | $sum --check -
gh attestation verify "$archive" --repo "$REPOSITORY"
tar --extract --gzip --file "$archive"
echo "$folder/palisade-$target" >>"$GITHUB_PATH"
