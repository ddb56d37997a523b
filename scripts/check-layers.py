#!/usr/bin/env python3
"""The rules of the tree that a machine can check: layers, sizes, banned calls, headers that explain
themselves, no unfinished work, lock files that name no host. Speaks the tests' protocol."""
import json
import pathlib
import re
import subprocess
import sys

TOP = pathlib.Path(__file__).resolve().parent.parent
LAYERS = ["base", "json", "store", "output", "kind", "auth", "http", "core", "figures", "notify",
          "api", "sheets", "sync", "forms", "duties", "intake", "apidoc", "domain", "modules", "cli",
          "main"]
# Which areas an area may lean on (docs/architecture.md).
AREAS = {"units": [], "rosters": ["units"], "residents": ["units", "rosters"],
         "gate": ["units", "rosters", "residents"], "hazards": ["units", "rosters"],
         "enterprises": ["units", "rosters", "residents", "hazards"],
         "daily_returns": ["enterprises", "units", "rosters", "residents", "hazards"]}
BANNED = ["strcpy", "strcat", "stpcpy", "sprintf", "vsprintf", "strtok", "gets", "atoi", "atol",
          "atoll", "atof", "alloca", "tmpnam", "mktemp"]
LINES_MAX = 1000
HEADER_WORDS_MIN = 12
# Joined here, so that this file does not find itself.
UNFINISHED = ["TO" + "DO", "FIX" + "ME", "X" + "XX", "HA" + "CK", "not " + "implemented",
              "un" + "implemented"]
SIZED = {".c", ".h", ".py", ".sh", ".ts", ".vue", ".css", ".md", ".mjs", ".js"}


def tracked():
    out = subprocess.run(["git", "-C", TOP, "ls-files", "-z", "--cached", "--others",
                          "--exclude-standard"], capture_output=True, check=False)
    if out.returncode == 0:
        names = out.stdout.decode().split("\0")
    else:  # an unpacked archive
        skip = ("build", "build-test", "demo-data", ".git")
        names = [str(p.relative_to(TOP)) for p in TOP.rglob("*")
                 if p.relative_to(TOP).parts[0] not in skip and "node_modules" not in p.parts]
    return [TOP / n for n in names if n and (TOP / n).is_file()]


def text_of(path):
    return path.read_text(encoding="utf-8", errors="replace")


def name_of(path):
    return str(path.relative_to(TOP))


def without_comments_and_strings(source):
    """The code alone, line numbers kept."""
    pattern = re.compile(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.S)
    return pattern.sub(lambda m: "\n" * m.group(0).count("\n") + " ", source)


def layer_of(path):
    parts = path.relative_to(TOP / "src").parts
    return parts[0] if len(parts) > 1 else path.stem


def check_layers(files):
    for path in files:
        if not name_of(path).startswith("src/") or path.suffix not in (".c", ".h"):
            continue
        mine = layer_of(path)
        if mine not in LAYERS:
            yield f"{name_of(path)}: no layer is called {mine}"
            continue
        for number, line in enumerate(text_of(path).splitlines(), 1):
            found = re.match(r'\s*#\s*include\s+"([^"]+)"', line)
            if not found:
                continue
            target = found.group(1)
            theirs = target.split("/")[0] if "/" in target else pathlib.Path(target).stem
            if theirs not in LAYERS:
                yield f"{name_of(path)}:{number}: write {target} with its path from src/"
            elif LAYERS.index(theirs) > LAYERS.index(mine):
                yield f"{name_of(path)}:{number}: {mine} includes {target}, which lies above it"


def check_areas(files):
    for path in files:
        parts = path.relative_to(TOP).parts
        if parts[:2] != ("src", "domain") or len(parts) < 4 or path.suffix not in (".c", ".h"):
            continue
        mine = parts[2]
        if mine not in AREAS:
            yield f"{name_of(path)}: say in AREAS what the area {mine} leans on"
            continue
        for number, line in enumerate(text_of(path).splitlines(), 1):
            found = re.match(r'\s*#\s*include\s+"domain/(\w+)/', line)
            if found and found.group(1) not in [mine] + AREAS[mine]:
                yield f"{name_of(path)}:{number}: {mine} does not lean on {found.group(1)}"


def check_sizes(files):
    for path in files:
        if path.suffix in SIZED and "golden" not in path.parts and "corpus" not in path.parts:
            count = text_of(path).count("\n")
            if count > LINES_MAX:
                yield f"{name_of(path)}: {count} lines, {LINES_MAX} at most"


def check_banned(files):
    pattern = re.compile(r"\b(" + "|".join(BANNED) + r")\s*\(")
    for path in files:
        if path.suffix not in (".c", ".h"):
            continue
        code = without_comments_and_strings(text_of(path))
        for number, line in enumerate(code.splitlines(), 1):
            for found in pattern.finditer(line):
                yield f"{name_of(path)}:{number}: {found.group(1)} is banned"


def check_headers(files):
    for path in files:
        if path.suffix != ".h":
            continue
        opening = re.match(r"/\*(.*?)\*/", text_of(path), re.S)
        if not opening or len(opening.group(1).split()) < HEADER_WORDS_MIN:
            yield f"{name_of(path)}: must open with a paragraph: what it is, who owns memory, threads"


def check_unfinished(files):
    pattern = re.compile(r"\b(" + "|".join(UNFINISHED) + r")\b")
    code = {".c", ".h", ".py", ".sh", ".ts", ".vue", ".mjs", ".js", ".build", ".txt", ".md"}
    for path in files:
        if path.suffix in code and "corpus" not in path.parts:
            for number, line in enumerate(text_of(path).splitlines(), 1):
                if pattern.search(line):
                    yield f"{name_of(path)}:{number}: unfinished by its own words"


def check_locks(files):
    for path in files:
        if path.name != "package-lock.json":
            continue
        packages = json.loads(text_of(path)).get("packages", {})
        hosts = [n for n, p in packages.items() if str(p.get("resolved", "")).startswith("http")]
        if hosts:
            yield (f"{name_of(path)}: {len(hosts)} packages name a host; write it with "
                   "npm install --omit-lockfile-registry-resolved")


def check_languages(files):
    """A sentence for people holds one language; the command line alone speaks both at once."""
    pattern = re.compile(r'"[^"\n]*[\u4e00-\u9fff][^"\n]* / [A-Za-z][^"\n]*"')
    for path in files:
        if path.suffix in (".c", ".h") and not name_of(path).startswith(("src/cli/", "tests/")):
            for number, line in enumerate(text_of(path).splitlines(), 1):
                if pattern.search(line):
                    yield f"{name_of(path)}:{number}: one sentence in two languages; keep them apart"


def check_limits(files):
    """A query that stops after so many rows says in a comment what becomes of the rest. LIMIT 1 asks for
    one, and $n is what the caller asked for: he knows whether there is more."""
    pattern = re.compile(r"\bLIMIT (?!1\b)(?=\d|%)")
    for path in files:
        if path.suffix not in (".c", ".h") or not name_of(path).startswith("src/"):
            continue
        lines = text_of(path).splitlines()
        for at, line in enumerate(lines):
            beside = lines[max(at - 2, 0):at + 2]
            if pattern.search(line) and not any("/* limit: " in near for near in beside):
                yield (f"{name_of(path)}:{at + 1}: what becomes of the rows behind that LIMIT? "
                       "Say it beside: /* limit: ... */ (docs/store.md)")


CHECKS = [
    ("a lower folder never includes a higher one", check_layers),
    ("an area includes only those that it leans on", check_areas),
    (f"no file is over {LINES_MAX} lines", check_sizes),
    ("no banned call", check_banned),
    ("every header explains itself", check_headers),
    ("nothing is unfinished by its own words", check_unfinished),
    ("lock files name no host", check_locks),
    ("no sentence holds two languages", check_languages),
    ("no LIMIT is silent", check_limits),
]


def main():
    files = tracked()
    failed = False
    for name, check in CHECKS:
        wrong = list(check(files))
        for line in wrong:
            print(f"# {line}")
        print(f"{'not ok' if wrong else 'ok'} - {name}")
        failed = failed or bool(wrong)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
