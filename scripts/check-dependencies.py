#!/usr/bin/env python3
"""Compares docs/dependencies.md with what is installed: scripts/packages.txt and each package.json.
Also that npm versions are pinned
exactly, and locked. Speaks the tests' protocol."""
import json
import pathlib
import re
import sys

TOP = pathlib.Path(__file__).resolve().parent.parent
PAGE = TOP / "docs" / "dependencies.md"
NPM_FOLDERS = ["web", "scripts/node"]
SECTIONS = ["dependencies", "devDependencies", "optionalDependencies"]


def documented():
    """{'debian': names, 'npm': names} by the heading that a table stands under."""
    names = {"debian": set(), "npm": set()}
    kind = None
    for line in PAGE.read_text(encoding="utf-8").splitlines():
        if line.startswith("## "):
            kind = "debian" if line.startswith("## Debian") else \
                "npm" if line.startswith("## npm") else None
        row = re.match(r"\| `([^`]+)` \| (.*) \| (.*) \|$", line)
        if row and kind:
            names[kind].add(row.group(1))
    return names


def debian_used():
    rows = (TOP / "scripts" / "packages.txt").read_text(encoding="utf-8").splitlines()
    return {row.split()[1] for row in rows if row.strip() and not row.startswith("#")}


def npm_used():
    used = {}
    for folder in NPM_FOLDERS:
        path = TOP / folder / "package.json"
        if path.exists():
            package = json.loads(path.read_text(encoding="utf-8"))
            for section in SECTIONS:
                used.update(package.get(section, {}))
    return used


def stale_locks():
    for folder in NPM_FOLDERS:
        lock = TOP / folder / "package-lock.json"
        if not (TOP / folder / "package.json").exists():
            continue
        package = json.loads((TOP / folder / "package.json").read_text(encoding="utf-8"))
        locked = json.loads(lock.read_text(encoding="utf-8"))["packages"][""]
        for section in SECTIONS:
            if package.get(section, {}) != locked.get(section, {}):
                yield f"{folder}/package-lock.json: {section} differ from package.json"


def report(name, wrong):
    for line in wrong:
        print(f"# {line}")
    print(f"{'not ok' if wrong else 'ok'} - {name}")
    return bool(wrong)


def difference(page, used):
    return ([f"{n}: used, but without a reason in docs/dependencies.md" for n in sorted(used - page)]
            + [f"{n}: in docs/dependencies.md, but not used" for n in sorted(page - used)])


def main():
    page, npm = documented(), npm_used()
    failed = report("every Debian package has its reason", difference(page["debian"], debian_used()))
    failed |= report("every npm package has its reason", difference(page["npm"], set(npm)))
    loose = [f"{n}: {v}" for n, v in sorted(npm.items()) if not re.match(r"^\d+\.\d+\.\d+", v)]
    failed |= report("npm packages are pinned exactly", loose)
    failed |= report("lock files belong to their package.json", list(stale_locks()))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
