#!/usr/bin/env python3
"""Every link between pages leads somewhere, and every file of this tree that a page names is there.
Speaks the tests' protocol."""
import pathlib
import re
import sys

TOP = pathlib.Path(__file__).resolve().parent.parent
FOLDERS = ("src/", "scripts/", "tests/", "web/", "docs/", "bench/", "data/", "packaging/")
MADE = ("web/dist", "web/node_modules")


def pages():
    yield from sorted(TOP.glob("*.md"))
    yield from sorted((TOP / "docs").rglob("*.md"))


def links(text):
    prose = re.sub(r"^(```|~~~).*?^\1", "", text, flags=re.S | re.M)
    for target in re.findall(r"\]\(([^)\s]+)\)", prose):
        if not re.match(r"[a-z]+:|#", target):
            yield target.split("#")[0]


def named_files(text):
    for name in re.findall(r"`([^`\s]+)`", text):
        name = name.rstrip("/,.:")
        plain = re.fullmatch(r"[\w./-]+", name)
        if plain and name.startswith(FOLDERS) and not name.startswith(MADE):
            yield name


def report(what, wrong):
    for line in wrong:
        print(f"# {line}")
    print(f"{'not ok' if wrong else 'ok'} - {what}")
    return bool(wrong)


def main():
    dead, missing = [], []
    for page in pages():
        text = page.read_text(encoding="utf-8")
        name = page.relative_to(TOP)
        dead += [f"{name}: {t}" for t in links(text) if not (page.parent / t).exists()]
        missing += [f"{name}: {f}" for f in named_files(text) if not (TOP / f).exists()]
    index = TOP / "docs/README.md"
    listed = {(index.parent / t).resolve() for t in links(index.read_text(encoding="utf-8"))}
    lost = [str(p.relative_to(TOP)) for p in pages()
            if TOP / "docs" in p.parents and p != index and p.resolve() not in listed]
    failed = report("every page of docs/ stands in docs/README.md", lost)
    failed |= report("links between pages lead somewhere", dead)
    failed |= report("files that pages name are there", missing)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
