"""The protocol of docs/testing.md: running a program that speaks it, and adding up what it said."""
import os
import re
import selectors
import signal
import subprocess
import time

LINE = re.compile(r"^(ok|not ok|skip) - (.*\S)\s*$")


class Tally:
    """Counts, the names of what failed, and the processor seconds that it took."""

    def __init__(self):
        self.passed = 0
        self.cpu_s = 0.0
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
        self.cpu_s += other.cpu_s

    def last_line(self):
        line = f"{self.passed} passed, {len(self.failures)} failed"
        return line + (f", {len(self.skipped)} skipped" if self.skipped else "")


PATIENCE = 6  # a program that goes on saying something has so many times its time-out in all


def lines_of(process, idle, tick):
    """Yields lines as they come; calls tick() every second. TimeoutError once it has said nothing for
    so long, or goes on without an end: how busy the machine is says nothing about a test."""
    start = said = time.monotonic()
    with selectors.DefaultSelector() as selector:
        selector.register(process.stdout, selectors.EVENT_READ)
        rest = b""
        while True:
            now = time.monotonic()
            if now > said + idle:
                raise TimeoutError(f"said nothing for {idle} s")
            if now > start + PATIENCE * idle:
                raise TimeoutError(f"not done after {PATIENCE * idle} s")
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
            if full:
                said = time.monotonic()
            for line in full:
                yield line.decode("utf-8", "replace")
        if rest:
            yield rest.decode("utf-8", "replace")


class Counted(subprocess.Popen):
    """A program whose processor seconds are known once it has ended: its own, and those of all that it
    and its children waited for (tests/counted.py waits for the rest)."""

    cpu_s = 0.0

    def _try_wait(self, wait_flags):
        # Where Popen asks waitpid(); only here the kernel tells what the child has used.
        try:
            pid, status, used = os.wait4(self.pid, wait_flags)
        except ChildProcessError:
            return self.pid, 0
        if pid == self.pid:
            self.cpu_s = used.ru_utime + used.ru_stime
        return pid, status


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
    for `timeout` seconds and no end at all each count as one failure under the label."""
    tally = Tally()
    said = 0
    why = None
    process = Counted(argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                      stderr=subprocess.STDOUT, start_new_session=True, **popen)
    try:
        for line in lines_of(process, timeout, tick):
            on_line(line)
            match = LINE.match(line)
            if match:
                said += 1
                tally.count(*match.groups())
        status = process.wait(10)
    except TimeoutError as late:
        status = 0
        why = str(late)
    except subprocess.TimeoutExpired:
        status = 0
        why = "closed its output and did not end"
    finally:
        kill_group(process)
        process.stdout.close()
    tally.cpu_s = process.cpu_s
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
