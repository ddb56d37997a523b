"""Part `returns` of bench/run: a subdistrict with 50,000 enterprises on its register, who is missing page by
page, and returns submitted over the whole stack by several processes at once, beside the bare run of gate
events in the same minutes."""
import json
import multiprocessing
import statistics
import sys
import pathlib
import random
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "tests" / "returns"))
import office  # noqa: E402
import serving  # noqa: E402

BRANCH = "110102097000"
CODE = "bench"
HEAD = 40
CHUNK = 1000
PAGE = 50  # as the desk asks
LOOKS = 40
CONNECTIONS = 8


def register(port, n):
    """The register of n enterprises, each of which owes today's return."""
    city = serving.Client(port, timeout=600).sign_in("city")
    desk = serving.Client(port, timeout=600).sign_in("xicheng")
    office.must(city, "POST", "/api/v1/units", {"code": BRANCH, "name": "试报街道",
                                                "kind": "subdistrict", "parent": office.DISTRICT})
    office.template(desk, CODE, "23:59", BRANCH)
    began = time.monotonic()
    for first in range(0, n, CHUNK):
        names = [f"试忙{i:05d}号企业" for i in range(first, min(first + CHUNK, n))]
        office.import_enterprises(desk, names, BRANCH, HEAD)
    return desk, time.monotonic() - began


def looks(client, query, times=LOOKS):
    """Milliseconds of a page, the next one asked where the last one ended."""
    took, after = [], None
    for _ in range(times):
        path = f"/api/v1/enterprises/due?unit={BRANCH}&template={CODE}&limit={PAGE}{query}"
        began = time.monotonic()
        page = office.must(client, "GET", path + (f"&after={after}" if after else ""))
        took.append((time.monotonic() - began) * 1000)
        after = page["next"]
    return took


def submit(port, token, ids, seconds, out):
    client = serving.Client(port, token)
    r = random.Random(ids[0])
    end, took = time.monotonic() + seconds, []
    for one in ids:
        home = r.randint(0, 15)
        body = {"id": office.new_id(), "enterprise": one, "template": CODE, "channel": "phone",
                "values": {"total": HEAD, "present": HEAD - home, "home": home, "away": 0, "fever": 0}}
        began = time.monotonic()
        if began > end:
            break
        got = client.request("POST", "/api/v1/daily-returns", body)
        if got.status != 201:
            out.put([f"{got.status} {got.body[:200]!r}"])
            return
        took.append(time.monotonic() - began)
    out.put(took)


def submissions(port, token, ids, seconds):
    out = multiprocessing.Queue()
    began = time.monotonic()
    people = [multiprocessing.Process(target=submit,
                                      args=(port, token, ids[i::CONNECTIONS], seconds, out))
              for i in range(CONNECTIONS)]
    for one in people:
        one.start()
    took = []
    for _ in people:
        some = out.get(timeout=seconds + 120)
        if some and isinstance(some[0], str):
            raise RuntimeError(some[0])
        took += some
    for one in people:
        one.join()
    return took, time.monotonic() - began


def ids_of(client, n):
    found, after = [], None
    while len(found) < n:
        page = office.must(client, "GET", f"/api/v1/enterprises/due?unit={BRANCH}&template={CODE}"
                           "&limit=500" + (f"&after={after}" if after else ""))
        found += [item["enterprise"]["id"] for item in page["items"]]
        after = page["next"]
        if not after:
            break
    return found


def at(values, share):
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


QUERIES = (("who is missing", ""), ("sorted by name", "&sort=name"), ("by a piece of the name", "&q=49"),
           ("everybody who is due", "&status=missing,draft,submitted,late,returned,accepted"))


def measure(bench, tools, engine, fixture):
    """`tools` is bench/run itself: its servers and its Markdown."""
    n, seconds, rounds = bench.options.enterprises, bench.options.seconds, bench.options.rounds
    places = fixture.copy(), fixture.copy()
    tools.say_progress(f"{engine}: a register of {n} enterprises")
    product = tools.Product(bench.base, places[1], bench.root)
    bare = tools.Bare(bench.base, places[0])
    desk, imported = register(product.port, n)
    pages = {name: looks(desk, query) for name, query in QUERIES}
    ids = ids_of(desk, n)
    random.shuffle(ids)
    share = len(ids) // rounds
    rates, bares, p50, p99, cpu = [], [], [], [], []
    for one in range(rounds):
        tools.say_progress(f"{engine}: returns, round {one + 1} of {rounds}")
        bares.append(bench.post(bare, bench.dummy, CONNECTIONS, 0)["per_second"])
        before = tools.cpu_us(product.process.pid)
        took, whole = submissions(product.port, desk.token, ids[one * share:(one + 1) * share], seconds)
        cpu.append((tools.cpu_us(product.process.pid) - before) / max(len(took), 1))
        rates.append(len(took) / whole)
        p50.append(at(took, 0.5) * 1000)
        p99.append(at(took, 0.99) * 1000)
    bare.stop()
    product.stop()
    for place in places:
        fixture.drop(place)
    middle = statistics.median
    tools.say(f"## Daily returns, {engine}, {tools.number(n)} enterprises on one register\n")
    tools.table(f"{CONNECTIONS} connections", "bare gate events/s", "returns/s", "p50, p99 ms",
                "CPU µs/return", "returns / bare")
    tools.row("", tools.number(middle(bares)), tools.number(middle(rates)),
              f"{middle(p50):.1f}, {middle(p99):.1f}", f"{middle(cpu):.0f}",
              f"**{middle(rates) / middle(bares):.2f}**")
    tools.say(f"\nThe register was imported in {imported:.0f} s.\n")
    tools.table(f"a page of {PAGE} of `enterprises/due`", "p50 ms", "p99 ms")
    for name, took in pages.items():
        tools.row(name, f"{at(took, 0.5):.1f}", f"{at(took, 0.99):.1f}")
    tools.say()
