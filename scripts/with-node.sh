#!/usr/bin/env bash
# with-node.sh COMMAND...: runs it in web/ with a Node that is new enough, and web's own programs in
# PATH.
set -euo pipefail
source "$(dirname "$0")/lib.sh"
[ $# -gt 0 ] || die 2 "usage: with-node.sh COMMAND..."
use_node
cd "$top/web"
export PATH="$top/web/node_modules/.bin:$PATH"
exec "$@"
