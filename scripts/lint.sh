#!/usr/bin/env bash
# lint.sh [FILE.c...]: the rules of the tree, layout, clang-tidy, and the pages' own linter. Without
# files, everything. Status 1 when something was found.
set -euo pipefail
source "$(dirname "$0")/lib.sh"

"$top/scripts/install-deps.sh" test
cd "$top"
status=0

scripts/check-layers.py || status=1
scripts/check-dependencies.py || status=1
scripts/check-docs.py || status=1

mapfile -t layout < <(if [ $# -gt 0 ]; then printf '%s\n' "$@"; else
  find src tests bench -name '*.[ch]' 2>/dev/null | LC_ALL=C sort; fi)
clang-format --dry-run -Werror --ferror-limit=3 "${layout[@]}" || status=1

# clang-tidy reads how each file is compiled from the clang build; generated headers must exist.
progress "The build that clang-tidy reads" scripts/build-tests.sh clang || status=1
mapfile -t sources < <(printf '%s\n' "${layout[@]}" | grep '\.c$' | grep -v '^tests/fuzz/' || true)
say "clang-tidy: ${#sources[@]} files"
printf '%s\0' "${sources[@]}" |
  xargs -0 -n 4 -P "$(nproc)" clang-tidy --quiet -p build-test/clang 2>/dev/null || status=1

if [ -f web/package.json ] && grep -q '"lint"' web/package.json && [ $# -eq 0 ]; then
  use_node
  (cd web && "${npm[@]}" run --silent lint) || status=1
fi

if [ "$status" -eq 0 ]; then say "lint: nothing found"; else say "lint: see above"; fi
exit "$status"
