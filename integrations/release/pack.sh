#!/usr/bin/env bash
# Packs what was built for a target into palisade-TARGET.tar.gz: binary, man pages, completions,
# licence. The pages come from the binary itself, so pack on a machine that can run it.
#   pack.sh TARGET [FOLDER-OF-THE-BINARY] [FOLDER-OF-THE-ARCHIVE]
set -euo pipefail
cd "$(dirname "$0")/../.."
target=$1
built=${2:-target/$target/release}
dist=${3:-dist}
binary=palisade
if [ -f "$built/palisade.exe" ]; then binary=palisade.exe; fi

name=palisade-$target
folder=$dist/$name
rm -rf "$folder"
mkdir -p "$folder/man" "$folder/completions"
cp "$built/$binary" LICENSE README.md CHANGELOG.md "$folder/"
"$built/$binary" man "$folder/man"
for shell in bash elvish fish powershell zsh; do
  "$built/$binary" completions "$shell" >"$folder/completions/palisade.$shell"
done
tar --create --gzip --file "$dist/$name.tar.gz" --directory "$dist" "$name"
