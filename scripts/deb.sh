#!/usr/bin/env bash
# deb.sh: build/shouwang_<version>_<architecture>.deb out of the release program: program, service,
# README, copyright. The service starts once `shouwang init` has made the keys.
set -euo pipefail
source "$(dirname "$0")/lib.sh"

"$top/scripts/build.sh"
cd "$top"
program=build/shouwang
[ -x "$program" ] || die 1 "$program was not built."

version=$(meson introspect --projectinfo build |
  python3 -c 'import json, sys; print(json.load(sys.stdin)["version"])')
if SOURCE_DATE_EPOCH=$(git log -1 --format=%ct 2>/dev/null); then export SOURCE_DATE_EPOCH; fi
arch=$(dpkg --print-architecture)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
root=$work/root

# The packages that hold the shared libraries that the program names itself.
library_packages() {
  local needed path
  for needed in $(objdump -p "$program" | awk '$1 == "NEEDED" { print $2 }'); do
    path=$(ldd "$program" | awk -v n="$needed" '$1 == n { print $3 }')
    [ -n "$path" ] || continue
    # Debian 12 records some libraries below /lib, others below /usr/lib: ask for both.
    path=$(readlink -f "$path")
    dpkg-query -S "$path" 2>/dev/null || dpkg-query -S "${path#/usr}" 2>/dev/null ||
      die 1 "no package holds $path"
  done | sed 's/:.*//' | LC_ALL=C sort -u
}

install -D -m 0755 "$program" "$root/usr/bin/shouwang"
install -D -m 0644 packaging/shouwang.service "$root/lib/systemd/system/shouwang.service"
install -D -m 0644 packaging/sysusers.conf "$root/usr/lib/sysusers.d/shouwang.conf"
install -D -m 0644 packaging/default "$root/etc/default/shouwang"
install -D -m 0644 packaging/copyright "$root/usr/share/doc/shouwang/copyright"
for text in README.md README.zh-CN.md; do
  [ ! -f "$text" ] || install -D -m 0644 "$text" "$root/usr/share/doc/shouwang/$text"
done

mkdir -p "$root/DEBIAN"
for step in postinst prerm postrm; do
  install -m 0755 "packaging/$step" "$root/DEBIAN/$step"
done
echo /etc/default/shouwang >"$root/DEBIAN/conffiles"
depends=$({ library_packages; echo fonts-noto-cjk; echo ca-certificates; } | paste -sd, | sed 's/,/, /g')
cat >"$root/DEBIAN/control" <<CONTROL
Package: shouwang
Version: $version
Architecture: $arch
Maintainer: the Shouwang authors <maintainers@shouwang.invalid>
Installed-Size: $(du -sk --exclude=DEBIAN "$root" | cut -f1)
Depends: $depends
Section: misc
Priority: optional
Description: community watch: people, posts, gates and figures of an operation
 One program with its pages inside: who was sent where, who stands at which gate,
 who went in and out, and the figures up to the city. Keeps its records in one
 folder (SQLite) or in PostgreSQL.
CONTROL
(cd "$root" && find . -type f ! -path './DEBIAN/*' -printf '%P\0' | LC_ALL=C sort -z |
  xargs -0 md5sum) >"$root/DEBIAN/md5sums"

package=build/shouwang_${version}_${arch}.deb
dpkg-deb --root-owner-group --build "$root" "$package" >/dev/null
say "$package: $(($(stat -c %s "$package") / 1024)) KiB; the program: $(($(stat -c %s "$program") / 1024)) KiB"
