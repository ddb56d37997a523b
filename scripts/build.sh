#!/usr/bin/env bash
# build.sh [all]: the release program build/shouwang, web pages inside, one file without symbols; with
# "all" also the programs of bench/.
set -euo pipefail
source "$(dirname "$0")/lib.sh"

"$top/scripts/install-deps.sh" build
"$top/scripts/build-web.sh"

cd "$top"
options=(-Dbuildtype=release -Doptimization=2 -Db_lto=true -Dstrip=true -Dunit_tests=false)
if [ -f build/build.ninja ]; then
  options+=(--reconfigure) # areas are found by looking at the folders: look again
fi
mkdir -p build
meson setup build "${options[@]}" >build/configure.log || { cat build/configure.log >&2; exit 1; }
ninja -C build "${1:-shouwang}"
