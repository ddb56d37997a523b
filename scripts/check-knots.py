#!/usr/bin/env python3
"""Knots: files of one folder that all need one another, by what they call and name. A folder reads from
bottom to top only where there are none. No knot is larger than KNOT_MAX files. Speaks the tests' protocol."""
import pathlib
import re
import sys

TOP = pathlib.Path(__file__).resolve().parent.parent
KNOT_MAX = 5

COMMENT = re.compile(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.S)
# What a file gives to others: functions and tables at the margin that are not static.
FUNCTION = re.compile(r"^(?!static|extern|typedef|#|QUERY)[a-z][\w \t*]*?\b(\w+)\([^;{]*\{", re.M)
TABLE = re.compile(r"^(?!static|extern|typedef)[a-z][\w \t*]*?\b(\w+)(?:\[\w*\])? =", re.M)
MACRO = re.compile(r"^INDICATOR_ROW\((\w+)", re.M)


def code(path):
    return COMMENT.sub(" ", path.read_text(encoding="utf-8"))


def needs(folder):
    """Each file of a folder with the others that it needs."""
    text = {p.name: code(p) for p in sorted(folder.glob("*.c"))}
    home = {}
    for name, body in text.items():
        for pattern in (FUNCTION, TABLE, MACRO):
            for found in pattern.finditer(body):
                home.setdefault(found.group(1), name)
    edges = {}
    for name, body in text.items():
        words = set(re.findall(r"\b[a-z_]\w+\b", body))
        edges[name] = {home[w] for w in words if w in home} - {name}
    return edges


def knots(edges):
    """Strongly connected files, by Tarjan's walk."""
    index, low, stack, found = {}, {}, [], []

    def walk(node):
        index[node] = low[node] = len(index)
        stack.append(node)
        for other in sorted(edges[node]):
            if other not in index:
                walk(other)
                low[node] = min(low[node], low[other])
            elif other in stack:
                low[node] = min(low[node], index[other])
        if low[node] == index[node]:
            knot = []
            while not knot or knot[-1] != node:
                knot.append(stack.pop())
            if len(knot) > 1:
                found.append(sorted(knot))

    for node in edges:
        if node not in index:
            walk(node)
    return found


def folders():
    for path in sorted((TOP / "src").rglob("*")):
        if path.is_dir() and any(path.glob("*.c")):
            yield path


def main():
    wrong = []
    for folder in folders():
        name = str(folder.relative_to(TOP))
        sizes = [(len(k), k) for k in knots(needs(folder))]
        for size, knot in sizes:
            if "--list" in sys.argv:
                print(f"# {name}: {size}: {' '.join(knot)}")
            if size > KNOT_MAX:
                wrong.append(f"{name}: {size} files need one another: {' '.join(knot)}")
    for line in wrong:
        print(f"# {line}")
    print(f"{'not ok' if wrong else 'ok'} - no knot of files is larger than {KNOT_MAX}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
