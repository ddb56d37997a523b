#!/usr/bin/env python3
"""run_all.py BUILD [WORD...]: the unit tests of one build, two programs at a time; each of their
lines comes out with the program's name in front. A program that was not built has failed."""
import concurrent.futures
import os
import pathlib
import re
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import protocol

HERE = pathlib.Path(__file__).resolve().parent
TIMEOUT_S = 180


def wants_database(name):
    """Whether the test, or a header beside it that it includes, asks for PG_URL."""
    text = (HERE / f"{name}.c").read_text(encoding="utf-8")
    for header in re.findall(r'^#include "(\w+\.h)"', text, re.M):
        if (HERE / header).exists():
            text += (HERE / header).read_text(encoding="utf-8")
    return "PG_URL" in text


def database_for(name):
    """A database of its own for a test that wants one, so that two can run at a time."""
    url = os.environ.get("PG_ADMIN_URL")
    if not url or not wants_database(name):
        return {}
    database = f"u_{name}_{os.getpid()}"
    subprocess.run(["psql", "-q", "-X", "-d", url, "-c", f'CREATE DATABASE "{database}"'],
                   check=True)
    return {"PG_URL": url.rsplit("/", 1)[0] + "/" + database}


def run_one(build, name):
    program = build / "tests" / name
    if not program.exists():
        return [f"not ok - {name}: was not built"]
    lines = []
    env = dict(os.environ, **database_for(name))
    protocol.run([str(program)], name, TIMEOUT_S, lines.append, env=env)
    return [renamed(line, name) for line in lines]


def renamed(line, name):
    match = protocol.LINE.match(line)
    if not match or match.group(2).startswith(name):
        return line
    return f"{match.group(1)} - {name}: {match.group(2)}"


def main():
    build, words = pathlib.Path(sys.argv[1]), sys.argv[2:]
    names = [p.stem for p in sorted(HERE.glob("test_*.c"))]
    names = [n for n in names if not words or any(w in n for w in words)]
    failed = False
    with concurrent.futures.ThreadPoolExecutor(max_workers=2) as pool:
        for lines in pool.map(lambda name: run_one(build, name), names):
            for line in lines:
                print(line)
                failed = failed or line.startswith("not ok")
            sys.stdout.flush()
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
