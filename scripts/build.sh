#!/usr/bin/env bash
# build.sh: the release program build/shouwang, web pages inside, one file without symbols.
set -euo pipefail
source "$(dirname "$0")/lib.sh"

"$top/scripts/install-deps.sh" build
"$top/scripts/build-web.sh"

cd "$top"
if [ ! -f build/build.ninja ]; then
  progress "Configuring build/" meson setup build \
    -Dbuildtype=release -Doptimization=2 -Db_lto=true -Dstrip=true -Dunit_tests=false
fi
ninja -C build
