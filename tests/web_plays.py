"""Plays tests/web/*.test.mjs in Chromium, each against a served copy of the model case of its own.
Words in WEB_TESTS choose among the files."""
import os
import pathlib
import subprocess

import serving

TOP = pathlib.Path(os.environ["TOP"])
WITH_NODE = str(TOP / "scripts" / "with-node.sh")
# How tests/web/browser.mjs ends when a test failed and said so; anything else broke off.
TOLD = 2
# The desk has two suites of about the same length.
DESK_GATES = {f"desk-{what}.test.mjs" for what in ("buildings", "clashes", "duty", "gate")}
failed = False


def say(good, name, remark=""):
    global failed
    if not good:
        failed = True
        for line in remark.splitlines()[:30]:
            print(f"# {line}")
    print(f"{'ok' if good else 'not ok'} - {name}", flush=True)


def run_script(argv, env=None):
    """Its lines are results already; its status counts where they do not explain it."""
    global failed
    done = subprocess.run([WITH_NODE, *argv], stdin=subprocess.DEVNULL, check=False, env=env)
    if done.returncode != 0:
        failed = True
    return done.returncode


def play(belongs):
    """The files whose names `belongs` takes; what a suite returns."""
    wanted = os.environ.get("WEB_TESTS", "").split()
    scripts = [s for s in sorted((TOP / "tests" / "web").glob("*.test.mjs"))
               if belongs(s.name) and (not wanted or any(word in s.name for word in wanted))]
    if not scripts:
        print("skip - no file of this suite is wanted")
        return 0
    fixture = serving.Fixture("sqlite")
    for script in scripts:
        place = fixture.copy()
        with serving.Server(place, program=os.environ["SHOUWANG_RELEASE"]) as server:
            env = {**os.environ, "BASE": f"http://127.0.0.1:{server.port}"}
            if run_script(["node", str(script)], env) not in (0, TOLD):
                say(False, f"{script.name} ran to its end", server.tail())
        fixture.drop(place)
    return 1 if failed else 0

