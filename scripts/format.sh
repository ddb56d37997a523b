#!/usr/bin/env bash
# format.sh [FILE...]: lays C files out as .clang-format says; without files, all of them.
set -euo pipefail
source "$(dirname "$0")/lib.sh"
cd "$top"
if [ $# -gt 0 ]; then
  exec clang-format -i "$@"
fi
find src tests bench -name '*.[ch]' -print0 2>/dev/null | xargs -0 clang-format -i
