#!/usr/bin/env bash
# build-tests.sh asan|tsan|clang|fuzz: one of the test builds, in build-test/<name>. As much as can be
# built is built; the status tells whether that was everything.
#   asan   gcc, address and undefined-behaviour sanitizers: unit tests and the program under test
#   tsan   gcc, thread sanitizer: the same unit tests, and nothing else
#   clang  clang -Werror without sanitizers: what gcc lets pass; also feeds clang-tidy
#   fuzz   clang, libFuzzer: the fuzzers, and nothing else
set -euo pipefail
source "$(dirname "$0")/lib.sh"
cd "$top"

# A sanitizer's report wants lines, not variables; those cost a fifth of the compiler's time. For a debugger:
# meson configure build-test/asan -Dc_args=-g
lines_only=(-Ddebug=false -Dc_args=-g1)

name=${1:-}
wanted=all
case $name in
  asan) compiler=gcc options=(-Db_sanitize=address,undefined -Doptimization=1 "${lines_only[@]}") ;;
  tsan) compiler=gcc options=(-Db_sanitize=thread -Doptimization=1 "${lines_only[@]}") wanted=units ;;
  clang) compiler=clang options=(-Doptimization=1 -Ddebug=false) ;;
  fuzz) compiler=clang options=(-Dfuzz=true -Doptimization=1 "${lines_only[@]}" -Db_lundef=false -Dunit_tests=false) wanted=fuzzers ;;
  *) die 2 "usage: build-tests.sh asan|tsan|clang|fuzz" ;;
esac

dir=build-test/$name
if [ -f "$dir/build.ninja" ]; then
  # Tests and areas are found by looking at the folders: look again.
  meson setup --reconfigure "$dir" "${options[@]}" >"$dir/configure.log" ||
    { cat "$dir/configure.log" >&2; exit 1; }
else
  mkdir -p "$dir"
  CC=$compiler meson setup "$dir" "${options[@]}" >"$dir.log" || { cat "$dir.log" >&2; exit 1; }
fi
exec ninja -k 0 -C "$dir" "$wanted"
