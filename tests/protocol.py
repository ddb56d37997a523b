"""The protocol of docs/testing.md: running a program that speaks it, and adding up what it said."""
import os
import re
import selectors
import signal
import subprocess
import time

LINE = re.compile(r"^(ok|not ok|skip) - (.*\S)\s*$")


class Tally:
    """Counts, and the names of what failed."""

    def __init__(self):
        self.passed = 0
        self.skipped = []
        self.failures = []

    def count(self, word, name):
        if word == "ok":
            self.passed += 1
        elif word == "skip":
            self.skipped.append(name)
        else:
            self.failures.append(name)

    def add(self, other):
        self.passed += other.passed
        self.skipped += other.skipped
        self.failures += other.failures

    def last_line(self):
        line = f"{self.passed} passed, {len(self.failures)} failed"
        return line + (f", {len(self.skipped)} skipped" if self.skipped else "")


def lines_of(process, deadline, tick):
    """Yields lines as they come; calls tick() every second; raises TimeoutError at the deadline."""
    with selectors.DefaultSelector() as selector:
        selector.register(process.stdout, selectors.EVENT_READ)
        rest = b""
        while True:
            if time.monotonic() > deadline:
                raise TimeoutError
            tick()
            if not selector.select(1.0):
                if process.poll() is not None:
                    # Ended, but a grandchild holds the pipe: what it still says is nobody's result.
                    break
                continue
            data = os.read(process.stdout.fileno(), 65536)
            if not data:
                break
            *full, rest = (rest + data).split(b"\n")
            for line in full:
                yield line.decode("utf-8", "replace")
        if rest:
            yield rest.decode("utf-8", "replace")


def kill_group(process):
    """Ends a program and what it started, asking first."""
    for sign, patience in ((signal.SIGTERM, 5.0), (signal.SIGKILL, 5.0)):
        try:
            os.killpg(process.pid, sign)
        except ProcessLookupError:
            break
        try:
            process.wait(patience)
        except subprocess.TimeoutExpired:
            continue
    process.wait()


def run(argv, label, timeout, on_line=lambda line: None, tick=lambda: None, **popen):
    """Runs a program that speaks the protocol. A crash, a status that no `not ok` explains, silence
    and a time-out each count as one failure under the label."""
    tally = Tally()
    said = 0
    why = None
    process = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                               stderr=subprocess.STDOUT, start_new_session=True, **popen)
    try:
        for line in lines_of(process, time.monotonic() + timeout, tick):
            on_line(line)
            match = LINE.match(line)
            if match:
                said += 1
                tally.count(*match.groups())
        status = process.wait(10)
    except TimeoutError:
        status = 0
        why = f"not done after {timeout} s"
    except subprocess.TimeoutExpired:
        status = 0
        why = "closed its output and did not end"
    finally:
        kill_group(process)
        process.stdout.close()
    if why is None and status < 0:
        why = f"killed by signal {-status}"
    elif why is None and status > 0 and not tally.failures:
        why = f"status {status} without a `not ok`"
    elif why is None and said == 0:
        why = "reported nothing"
    if why is not None:
        on_line(f"not ok - {label}: {why}")
        tally.count("not ok", f"{label}: {why}")
    return tally
