#!/usr/bin/env bash
# soak.sh: the long runs, MINUTES in all, shared evenly: each fuzzer, then each executable of
# tests/soak/ (given its own share as MINUTES). Same protocol and last line as the tests.
set -euo pipefail
source "$(dirname "$0")/lib.sh"

"$top/scripts/install-deps.sh" test
"$top/scripts/build.sh" all
exec python3 "$top/tests/run" --soak "${MINUTES:-10}" "$@"
