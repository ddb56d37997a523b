#!/usr/bin/env python3
"""run_all.py BUILD SECONDS_EACH: each fuzzer for so long on its seeds. Inputs that it finds
interesting are kept only in the temporary folder; one that breaks it is copied beside the logs, to
be added to corpus/<x>/ together with the repair."""
import concurrent.futures
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
SPARE_S = 60
AT_A_TIME = 2


def fuzz(build, name, seconds, folder):
    program = build / "tests" / "fuzz" / name
    if not program.exists():
        return False, "was not built"
    found = folder / f"{name}-found"
    found.mkdir()
    command = [str(program), f"-max_total_time={seconds}", "-timeout=10", "-rss_limit_mb=2048",
               f"-artifact_prefix={folder}/{name}-", "-print_final_stats=1", str(found)]
    seeds = HERE / "corpus" / name.removeprefix("fuzz_")
    if seeds.is_dir():
        command.append(str(seeds))
    try:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, timeout=seconds + SPARE_S, check=False)
    except subprocess.TimeoutExpired:
        return False, "did not stop in time"
    text = done.stdout.decode("utf-8", "replace")
    if done.returncode != 0:
        print("\n".join(text.splitlines()[-60:]))
        return False, f"status {done.returncode}{kept(build, folder, name)}"
    runs = re.search(r"stat::number_of_executed_units:\s*(\d+)", text)
    count = int(runs.group(1)) if runs else 0
    return count > 0, f"{count} inputs in {seconds} s"


def kept(build, folder, name):
    """Where the inputs that broke it are now."""
    target = build.parent / "logs"
    target.mkdir(exist_ok=True)
    names = []
    for path in folder.glob(f"{name}-*"):
        if path.is_file():
            shutil.copy(path, target / path.name)
            names.append(str(target / path.name))
    return "; input: " + ", ".join(names) if names else ""


def main():
    build, seconds = pathlib.Path(sys.argv[1]), max(1, int(float(sys.argv[2])))
    names = [p.stem for p in sorted(HERE.glob("fuzz_*.c"))]
    failed = False
    with tempfile.TemporaryDirectory(prefix="shouwang-fuzz.") as folder, \
            concurrent.futures.ThreadPoolExecutor(max_workers=AT_A_TIME) as pool:
        results = pool.map(lambda name: fuzz(build, name, seconds, pathlib.Path(folder)), names)
        for name, (good, what) in zip(names, results):
            print(f"{'ok' if good else 'not ok'} - {name}: {what}", flush=True)
            failed = failed or not good
    return 1 if failed or not names else 0


if __name__ == "__main__":
    os.environ.setdefault("ASAN_OPTIONS", "detect_leaks=1")
    sys.exit(main())
