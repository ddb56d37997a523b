#!/usr/bin/env python3
"""run.py [--update] PROGRAM: what the program prints of its contract, against the copies kept here,
so that a change of contract is seen as a diff. --update writes the copies anew."""
import difflib
import json
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
COPIES = {
    "openapi.json": ["schema", "--openapi"],
    "types.ts": ["schema", "--ts"],
    "numbers.txt": ["schema", "--numbers"],
    "rights.txt": ["schema", "--rights"],
    "schema.sqlite.sql": ["schema", "--sql=sqlite"],
    "schema.postgresql.sql": ["schema", "--sql=postgresql"],
}
SHOWN_LINES = 40


def readable(name, text):
    """JSON comes on one line; the copy has one member to a line, so that a diff says something."""
    if not name.endswith(".json"):
        return text
    return json.dumps(json.loads(text), ensure_ascii=False, indent=1) + "\n"


def main():
    update = "--update" in sys.argv
    programs = [a for a in sys.argv[1:] if not a.startswith("--")]
    if len(programs) != 1:
        sys.exit("usage: tests/golden/run.py [--update] PROGRAM")
    program = programs[0]
    failed = False
    for name, command in COPIES.items():
        done = subprocess.run([program, *command], stdin=subprocess.DEVNULL, capture_output=True,
                              timeout=60, check=False)
        got = readable(name, done.stdout.decode("utf-8")) if done.returncode == 0 else ""
        path = HERE / name
        if update and got:
            path.write_text(got, encoding="utf-8")
        want = path.read_text(encoding="utf-8") if path.exists() else ""
        good = done.returncode == 0 and got == want and got != ""
        if done.returncode != 0:
            print(f"# status {done.returncode}: {done.stderr.decode('utf-8', 'replace')}")
        elif not good:
            diff = difflib.unified_diff(want.splitlines(), got.splitlines(), "kept", "printed",
                                        lineterm="", n=1)
            for line in list(diff)[:SHOWN_LINES]:
                print(f"# {line}")
            print("# if that is meant: tests/golden/run.py --update build/shouwang")
        print(f"{'ok' if good else 'not ok'} - {' '.join(command)} is what {name} holds")
        failed = failed or not good
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
