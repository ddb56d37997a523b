#!/usr/bin/env bash
# pg-temp.sh [COMMAND...]: a private PostgreSQL in a temporary folder, on a free loopback port and a
# unix socket. With a command, runs it with PG_URL set and ends with its status; without, prints the
# URL and stays until its input closes or a signal comes. Stopped and removed in every case.
# The sync is on, as the durability tests need it; PG_FSYNC=off is for where only speed counts.
set -euo pipefail
source "$(dirname "$0")/lib.sh"

bin=${PG_BIN:-$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -n 1)}
[ -n "$bin" ] && [ -x "$bin/postgres" ] || die 3 "PostgreSQL is missing (package postgresql-15)."

# Not under TMPDIR, which may lie in a folder that only root can enter.
dir=$(mktemp -d /tmp/shouwang-pg.XXXXXX)
server=""

cleanup() {
  local status=$?
  trap - EXIT
  if [ -n "$server" ] && kill -INT "$server" 2>/dev/null; then
    for _ in $(seq 100); do
      kill -0 "$server" 2>/dev/null || break
      sleep 0.1
    done
    kill -KILL "$server" 2>/dev/null || true
    wait "$server" 2>/dev/null || true
  fi
  rm -rf "$dir"
  exit "$status"
}
trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

# PostgreSQL refuses to run as root; it dies with this script even when the script is killed.
as_server=(setpriv --pdeathsig INT)
if [ "$(id -u)" -eq 0 ]; then
  as_server=(setpriv --reuid=postgres --regid=postgres --clear-groups --pdeathsig INT)
  chown postgres: "$dir"
fi
chmod 700 "$dir"

password=$(od -An -tx1 -N16 /dev/urandom | tr -d ' \n')
printf '%s\n' "$password" >"$dir/password"
[ "$(id -u)" -ne 0 ] || chown postgres: "$dir/password"

cd "$dir"
"${as_server[@]}" "$bin/initdb" -D "$dir/data" -U shouwang -E UTF8 --no-locale --no-sync \
  --auth-local=trust --auth-host=scram-sha-256 --pwfile="$dir/password" >"$dir/initdb.log" 2>&1 ||
  { cat "$dir/initdb.log" >&2; die 3 "initdb failed."; }

settings=(-c "listen_addresses=127.0.0.1" -c "unix_socket_directories=$dir" -c max_connections=200
  -c shared_buffers=128MB -c log_min_messages=warning)
if [ "${PG_FSYNC:-on}" = off ]; then
  settings+=(-c fsync=off -c synchronous_commit=off -c full_page_writes=off)
fi

free_port() {
  python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

for attempt in 1 2 3 4 5; do
  port=$(free_port)
  "${as_server[@]}" "$bin/postgres" -D "$dir/data" -p "$port" "${settings[@]}" \
    >"$dir/server.log" 2>&1 </dev/null &
  server=$!
  for _ in $(seq 300); do
    if "$bin/pg_isready" -q -h "$dir" -p "$port" -d postgres; then break 2; fi
    kill -0 "$server" 2>/dev/null || break
    sleep 0.1
  done
  kill -KILL "$server" 2>/dev/null || true
  wait "$server" 2>/dev/null || true
  server=""
  [ "$attempt" -lt 5 ] || { cat "$dir/server.log" >&2; die 3 "PostgreSQL did not start."; }
done

export PG_URL="postgresql://shouwang:$password@127.0.0.1:$port/postgres"
export PG_BIN="$bin"
if [ $# -gt 0 ]; then
  cd "$OLDPWD"
  status=0
  "$@" || status=$?
  exit "$status"
fi
printf '%s\n' "$PG_URL"
# In the background, so that a signal is handled at once and not after the next line of input.
cat >/dev/null <&0 &
wait $! || true
