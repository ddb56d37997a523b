#!/usr/bin/env bash
# test.sh [ARGUMENTS OF tests/run]: installs, builds, runs every test of correctness.
set -euo pipefail
source "$(dirname "$0")/lib.sh"

"$top/scripts/install-deps.sh" test
"$top/scripts/build.sh" all
exec python3 "$top/tests/run" "$@"
