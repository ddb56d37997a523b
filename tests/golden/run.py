#!/usr/bin/env python3
"""run.py [--update] PROGRAM: what the program prints of its contract, against the copies kept here,
so that a change of contract is seen as a diff. --update writes the copies anew."""
import difflib
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
COPIES = {
    "openapi.json": ["schema", "--openapi"],
    "types.ts": ["schema", "--ts"],
    "rights.txt": ["schema", "--rights"],
    "sqlite.sql": ["schema", "--sql=sqlite"],
    "postgresql.sql": ["schema", "--sql=postgresql"],
}
SHOWN_LINES = 40


def main():
    update = "--update" in sys.argv
    program = [a for a in sys.argv[1:] if not a.startswith("--")][0]
    failed = False
    for name, command in COPIES.items():
        done = subprocess.run([program, *command], stdin=subprocess.DEVNULL, capture_output=True,
                              timeout=60, check=False)
        got = done.stdout.decode("utf-8")
        path = HERE / name
        if update and done.returncode == 0:
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
            print("# if that is meant: tests/golden/run.py --update build-test/asan/shouwang")
        print(f"{'ok' if good else 'not ok'} - {' '.join(command)} is what {name} holds")
        failed = failed or not good
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
