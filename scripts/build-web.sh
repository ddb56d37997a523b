#!/usr/bin/env bash
# build-web.sh: web/dist, when a source of the pages is newer than it. Wants the npm packages there.
set -euo pipefail
source "$(dirname "$0")/lib.sh"

[ -f "$top/web/package.json" ] || exit 0
cd "$top/web"

# By content, not by time: a fresh checkout has no meaningful times.
sources=$(find . \( -name node_modules -o -name dist -o -name .built-from \) -prune -o -type f -print0 |
  LC_ALL=C sort -z | xargs -0 sha256sum | sha256sum)
# Beside what it speaks of: the packages may be shared between work trees, the pages are not.
stamp=.built-from
if [ -f dist/index.html ] || compgen -G 'dist/*' >/dev/null; then
  if [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$sources" ]; then exit 0; fi
fi
use_node
progress "Web pages" "${npm[@]}" run build
printf '%s\n' "$sources" >"$stamp"
