# Shared by the scripts of this folder; sourced, never run. Wants `set -euo pipefail` from its caller.

top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
web_node_min="20.19.0"
export PYTHONUTF8=1 LC_ALL=C.UTF-8

say() { printf '%s\n' "$*"; }

die() { # status, message
  local status=$1
  shift
  printf '%s\n' "$*" >&2
  exit "$status"
}

# Runs a command that says nothing of itself, shows how long it has been at it, and shows what it
# printed only when it fails.
progress() { # label, command...
  local label=$1 log status=0 start=$SECONDS last=0 pid
  shift
  log=$(mktemp "${TMPDIR:-/tmp}/shouwang-step.XXXXXX")
  "$@" >"$log" 2>&1 </dev/null &
  pid=$!
  while kill -0 "$pid" 2>/dev/null; do
    sleep 0.2
    local spent=$((SECONDS - start))
    if [ -t 1 ]; then
      printf '\r%s … %d s' "$label" "$spent"
    elif [ $((spent - last)) -ge 10 ]; then
      printf '%s … %d s\n' "$label" "$spent"
      last=$spent
    fi
  done
  wait "$pid" || status=$?
  if [ -t 1 ]; then printf '\r'; fi
  if [ "$status" -eq 0 ]; then
    printf '%s: done in %d s\n' "$label" $((SECONDS - start))
  else
    printf '%s: FAILED (status %d) after %d s; it said:\n' "$label" "$status" $((SECONDS - start)) >&2
    cat "$log" >&2
  fi
  rm -f "$log"
  return "$status"
}

# Runs as root: directly, through sudo, or not at all.
as_root() {
  if [ "$(id -u)" -eq 0 ]; then
    "$@"
  else
    sudo -- "$@"
  fi
}

can_be_root() {
  [ "$(id -u)" -eq 0 ] && return 0
  command -v sudo >/dev/null 2>&1 || return 1
  sudo -n true 2>/dev/null || [ -t 0 ]
}

version_at_least() { # have, want
  [ "$(printf '%s\n%s\n' "$2" "$1" | sort -V | head -n 1)" = "$2" ]
}

node_new_enough() {
  command -v node >/dev/null 2>&1 && version_at_least "$(node --version | tr -d v)" "$web_node_min"
}

# Puts a Node that vite accepts first in PATH, and sets `npm` to the way npm is called with it.
use_node() {
  local own
  npm=(npm)
  node_new_enough && return 0
  for own in "$top"/scripts/node/node_modules/node-linux-*/bin; do
    if [ -x "$own/node" ]; then
      export PATH="$own:$PATH"
      # Debian's npm names its interpreter by full path; give it the newer one.
      npm=("$own/node" "$(readlink -f "$(command -v npm)")")
      return 0
    fi
  done
  die 3 "Node $web_node_min or later is missing; scripts/install-deps.sh brings one."
}
