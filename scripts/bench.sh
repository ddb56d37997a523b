#!/usr/bin/env bash
# bench.sh [ARGUMENTS]: runs each bench/run-* in turn with a release program; tables in Markdown. One that
# fails does not keep the next from running; the status tells.
set -euo pipefail
source "$(dirname "$0")/lib.sh"

"$top/scripts/install-deps.sh" test
"$top/scripts/build.sh" all
cd "$top"
export SHOUWANG="$top/build/shouwang"
found=""
status=0
for bench in bench/run bench/run-*; do
  [ -x "$bench" ] || continue
  found=yes
  "$top/scripts/pg-temp.sh" "$bench" "$@" || status=1
done
[ -n "$found" ] || die 1 "bench/ holds no executable run or run-*."
exit $status
