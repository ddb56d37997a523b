#!/usr/bin/env bash
# demo.sh: builds, loads the model case into DATA unless it is there, serves it on PORT.
set -euo pipefail
source "$(dirname "$0")/lib.sh"

port=${PORT:-8420} data=${DATA:-demo-data}
case $port in '' | *[!0-9]*) die 2 "PORT must be a number, not '$port'." ;; esac
case $data in /*) ;; *) data="$top/$data" ;; esac

"$top/scripts/build.sh"
exec "$top/build/shouwang" demo --data "$data" --listen "127.0.0.1:$port"
