#!/usr/bin/env python3
"""run.py sqlite|postgresql [WORD...]: the scenario files of this folder, each file against a server and
an installation of its own (a copy of the model case)."""
import os
import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]
import document
import scenario
import serving


class Users:
    """One connection per user, signed in at first need."""

    def __init__(self, port):
        self.port = port
        self.clients = {}

    def __call__(self, login):
        if login not in self.clients:
            client = serving.Client(self.port)
            self.clients[login] = client if login == "nobody" else client.sign_in(login)
        return self.clients[login]


def report(word, name, remark=""):
    for line in remark.splitlines():
        print(f"# {line}")
    print(f"{word} - {name}", flush=True)


def run_file(path, fixture, said):
    failed = False
    place = fixture.copy()
    server = serving.Server(place)
    try:
        with server:
            users = Users(server.port)
            for one in scenario.parse(path.read_text(encoding="utf-8"), path.name):
                name = f"{path.stem}: {one.title}"
                try:
                    scenario.run(one, users, said)
                    report("ok", name)
                except (scenario.Wrong, RuntimeError, OSError) as wrong:
                    report("not ok", name, f"{type(wrong).__name__}: {wrong}")
                    failed = True
                    users = Users(server.port)
            status = server.stop()
            if status != 0:
                report("not ok", f"{path.stem}: the server ends well", f"{status}\n{server.tail()}")
                failed = True
    except RuntimeError as wrong:
        report("not ok", f"{path.stem}: the server runs", str(wrong))
        failed = True
    fixture.drop(place)
    return failed


def main():
    engine, words = sys.argv[1], sys.argv[2:]
    files = [p for p in sorted(HERE.glob("*.txt")) if not words or any(w in p.name for w in words)]
    fixture = serving.Fixture(engine)
    said = document.Document(os.environ["SHOUWANG"])
    return 1 if any([run_file(path, fixture, said) for path in files]) else 0


if __name__ == "__main__":
    sys.exit(main())
