"""Part versus: the present program against that of another commit, built beside it, on the same disk in
the same rounds. The installation is made by the other one; this one upgrades its copy."""
import os
import pathlib
import subprocess
import time
import types

TOP = pathlib.Path(__file__).resolve().parent.parent
# As scripts/build.sh has them. Pages are left out: a post opens none.
OPTIONS = ("-Dbuildtype=release", "-Doptimization=2", "-Db_lto=true", "-Dstrip=true",
           "-Dunit_tests=false")


# The present program upgrades its copy, and then counts the figures anew: that is not what is compared.
SETTLE_S = 10


def build(commit, folder):
    """The program of that commit."""
    folder.mkdir()
    tree = subprocess.run(["git", "-C", str(TOP), "archive", commit], stdout=subprocess.PIPE, check=True)
    subprocess.run(["tar", "-x", "-C", str(folder)], input=tree.stdout, check=True)
    for command in (["meson", "setup", "build", *OPTIONS], ["ninja", "-C", "build", "shouwang"]):
        done = subprocess.run(command, cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, check=False)
        if done.returncode:
            raise RuntimeError(f"{commit} does not build: {done.stdout[-2000:]}")
    return str(folder / "build" / "shouwang")


def rounds(run, bench, fixture, programs, count):
    """Each shape's rates by program, in the order other, present, present, other."""
    rates, cpu = {}, {}
    for n in range(count):
        run.say_progress(f"{fixture.engine}: versus, round {n + 1} of {count}")
        places, servers = [], []
        for name, program in programs:
            root = bench.root / f"{fixture.engine}-{name}-{n}"
            root.mkdir()
            places.append(fixture.copy())
            servers.append((name, run.Product(types.SimpleNamespace(program=program), places[-1], root)))
        time.sleep(SETTLE_S)
        for shape, connections, batch in run.SHAPES:
            for name, server in servers + servers[::-1]:
                got = bench.post(server, server.tokens, connections, batch)
                rates.setdefault((shape, name), []).append(got["per_second"])
                cpu.setdefault((shape, name), []).append(got["cpu"])
        for _, server in servers:
            server.stop()
        for place in places:
            fixture.drop(place)
    return rates, cpu


def measure(run, options, root, engines):
    """`run` is the module bench/run, whose servers, shapes and tables this part shares."""
    root = root / "versus"
    root.mkdir()
    run.say_progress(f"building {options.against}")
    other = build(options.against, root / "other")
    present = os.environ["SHOUWANG_RELEASE"]
    base = run.Base(root, None, other)
    bench = run.Bench(options, base, root)
    for engine in engines:
        fixture = base.on(engine)
        rates, cpu = rounds(run, bench, fixture, (("other", other), ("present", present)),
                            options.rounds)
        run.say(f"## Against {options.against}, {engine}\n")
        run.table("connections", f"{options.against} events/s", "CPU µs/event", "present events/s",
                  "CPU µs/event", "present / other", "lowest, highest of the rounds")
        for shape, _, _ in run.SHAPES:
            was, now = rates[shape, "other"], rates[shape, "present"]
            # Two and two of a round were neighbours in time: their ratio holds what moved meanwhile.
            each = sorted((now[i] + now[i + 1]) / (was[i] + was[i + 1]) for i in range(0, len(was), 2))
            run.row(shape, run.number(run.statistics.median(was)),
                    f"{run.statistics.median(cpu[shape, 'other']):.0f}",
                    run.number(run.statistics.median(now)),
                    f"{run.statistics.median(cpu[shape, 'present']):.0f}",
                    f"**{run.statistics.median(each):.3f}**", f"{each[0]:.3f}, {each[-1]:.3f}")
        run.say()
