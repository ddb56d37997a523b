#!/usr/bin/env python3
"""rush.py sqlite|postgresql N [WORKERS]: N enterprises report at once, as fast as the machine allows, one
in ten by its link; the server is killed in the middle and started again, and whoever had no answer asks
again with the same id.

While they do: due = submitted + missing at each look, and the list of who is missing is right: nobody on a
page had his receipt before the page was asked for, and whoever stands on no page of a round had sent his.
In the end each is there once, nobody is missing, and `verify` is clean. Says how long a submission took."""
import http.client
import multiprocessing
import os
import pathlib
import random
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import serving  # noqa: E402

import office  # noqa: E402
from office import DISTRICT, must, report  # noqa: E402

BRANCH = "110102097000"
CODE = "rush"
HEAD = 40
LINKS = 10       # one in so many reports by its link
CHUNK = 1000      # enterprises per file
PATIENCE = 120


def prepare(server, n):
    desk = serving.Client(server.port, timeout=600).sign_in("xicheng")
    city = serving.Client(server.port).sign_in("city")
    must(city, "POST", "/api/v1/units", {"code": BRANCH, "name": "试报街道", "kind": "subdistrict",
                                         "parent": DISTRICT})
    office.template(desk, CODE, "23:59", BRANCH)
    for first in range(0, n, CHUNK):
        names = [f"试忙{i:05d}号企业" for i in range(first, min(first + CHUNK, n))]
        office.import_enterprises(desk, names, BRANCH, HEAD)
    ids = office.missing_of(desk, BRANCH, CODE)
    if len(set(ids)) != n:
        raise office.Refused(f"{len(ids)} are due, not {n}")
    links = {}
    for one in ids[::max(LINKS, n // 500)]:
        links[one] = must(desk, "POST", f"/api/v1/enterprises/{one}/link")["token"]
    return desk, ids, links


def report_one(box, clients, one, link, body):
    """Until it is acknowledged; the moments of sending and of the receipt, and the answer's time."""
    sent = time.monotonic()
    end = sent + PATIENCE
    while time.monotonic() < end:
        port, token = box["port"], box["token"]
        try:
            if clients.get("port") != port:
                clients["port"], clients["client"] = port, serving.Client(port, None, 20)
            began = time.monotonic()
            if link:
                got = clients["client"].request("POST", f"/api/v1/returns/{link}", body)
            else:
                got = clients["client"].request("POST", "/api/v1/daily-returns",
                                                {**body, "enterprise": one, "channel": "phone"},
                                                {"Authorization": f"Bearer {token}"})
        except (OSError, http.client.HTTPException):
            clients.clear()
            time.sleep(0.02)
            continue
        now = time.monotonic()
        if got.status in (200, 201):
            return sent, now, now - began
        if got.status not in (429, 503):
            raise office.Refused(f"{got.status} {got.body[:300]}")
        time.sleep(0.02)
    raise office.Refused("no receipt in time")


def work(box, mine, links, seed, out):
    r = random.Random(seed)
    clients, done = {}, []
    try:
        for one in mine:
            home, away = r.randint(0, 15), r.randint(0, 5)
            body = {"id": office.new_id(), "template": CODE,
                    "values": {"total": HEAD, "present": HEAD - home - away, "home": home,
                               "away": away, "fever": 0}}
            done.append((one, body["values"]["present"],
                         *report_one(box, clients, one, links.get(one), body)))
        out.put((done, ""))
    except office.Refused as refused:
        out.put((done, str(refused)))


class Looker(threading.Thread):
    """Looks at the figures and the list while they come in; what it saw is judged afterwards."""

    def __init__(self, box):
        super().__init__()
        self.box, self.over, self.wrong = box, False, ""
        self.pages, self.rounds, self.looks = [], [], 0

    def run(self):
        while not self.over and not self.wrong:
            try:
                self.look(serving.Client(self.box["port"], self.box["token"], 20))
            except (OSError, http.client.HTTPException):
                time.sleep(0.05)
            except office.Refused as refused:
                if " 503 " not in str(refused):
                    self.wrong = str(refused)

    def look(self, client):
        n = office.figures(client, BRANCH)
        self.looks += 1
        if n["daily.due"] != n["daily.submitted"] + n["daily.missing"]:
            self.wrong = f"due {n['daily.due']} is not {n['daily.submitted']} + {n['daily.missing']}"
        seen, after = set(), None
        while not self.over:
            asked = time.monotonic()
            page = must(client, "GET", f"/api/v1/enterprises/due?unit={BRANCH}&template={CODE}"
                        "&limit=200" + (f"&after={after}" if after else ""))
            listed = [item["enterprise"]["id"] for item in page["items"]]
            self.pages.append((asked, listed))
            seen.update(listed)
            after = page["next"]
            if not after:
                self.rounds.append((time.monotonic(), seen))
                return


def judge(looker, done):
    sent = {one: at for one, _, at, _, _ in done}
    receipt = {one: at for one, _, _, at, _ in done}
    for asked, listed in looker.pages:
        for one in listed:
            if receipt[one] < asked:
                return f"{one} was called missing after its receipt"
    for over, seen in looker.rounds:
        for one, at in sent.items():
            if one not in seen and at > over:
                return f"{one} was not called missing before it had reported"
    return ""


def rush(place, n, workers):
    server = serving.Server(place, program=os.environ["SHOUWANG_RELEASE"]).start()
    try:
        desk, ids, links = prepare(server, n)
        random.shuffle(ids)
        out = multiprocessing.Queue()
        with multiprocessing.Manager() as manager:
            box = manager.dict(port=server.port, token=desk.token)
            looker = Looker(box)
            began = time.monotonic()
            people = [multiprocessing.Process(target=work, args=(box, ids[i::workers], links, i, out))
                      for i in range(workers)]
            for one in people:
                one.start()
            looker.start()
            until_half(box, n)
            server.kill()
            server = serving.Server(place, program=os.environ["SHOUWANG_RELEASE"]).start()
            box["port"] = server.port
            done, wrong = [], ""
            for _ in people:
                some, word = out.get(timeout=PATIENCE * 20)
                done += some
                wrong = wrong or word
            took = time.monotonic() - began
            looker.over = True
            looker.join()
            for one in people:
                one.join()
        return finish(server, place, n, done, looker, wrong), done, took, looker
    finally:
        server.kill()


def until_half(box, n):
    """Kills in the middle of the work, not of the clock."""
    end = time.monotonic() + PATIENCE * 10
    while time.monotonic() < end:
        try:
            client = serving.Client(box["port"], box["token"], 20)
            if office.figures(client, BRANCH)["daily.submitted"] >= n * 0.4:
                return
        except (OSError, http.client.HTTPException, office.Refused):
            pass
        time.sleep(0.05)


def finish(server, place, n, done, looker, wrong):
    if wrong or looker.wrong:
        return wrong or looker.wrong
    desk = serving.Client(server.port, timeout=600).sign_in("xicheng")
    figures = office.figures(desk, BRANCH)
    want = {"daily.due": n, "daily.submitted": n, "daily.missing": 0,
            "staff.present": sum(present for _, present, _, _, _ in done)}
    for name, value in want.items():
        if figures[name] != value:
            return f"{name} is {figures[name]}, not {value}"
    if office.missing_of(desk, BRANCH, CODE):
        return "somebody is missing"
    # one version each: whoever asked again after the kill was not written twice
    versions = must(desk, "GET", f"/api/v1/return-versions?filter[unit]={BRANCH}&limit=1&count=1")
    if versions.get("total") != n:
        return f"{versions.get('total')} versions of {n} returns"
    if not looker.rounds:
        return "nobody looked at the list meanwhile"
    wrong = judge(looker, done)
    status = server.stop()
    return wrong or (f"the server ended with {status}" if status else office.verify(place))


def main():
    engine, n = sys.argv[1], int(sys.argv[2])
    workers = int(sys.argv[3]) if len(sys.argv) > 3 else 8
    seed = random.randrange(1 << 30)
    random.seed(seed)
    fixture = serving.Fixture(engine)
    place = fixture.copy()
    took, done = 0, []
    try:
        wrong, done, took, looker = rush(place, n, workers)
    except office.Refused as refused:
        wrong = str(refused)
    good = report(not wrong, f"{n} enterprises report at once on {engine}, the server killed meanwhile",
                  f"{wrong}\nseed {seed}")
    if good:
        times = sorted(t for *_, t in done)
        print(f"# {len(done)} in {took:.1f} s with {workers} at once; a submission took "
              f"{times[len(times) // 2] * 1000:.1f} ms, p99 {times[int(len(times) * 0.99)] * 1000:.1f} ms; "
              f"{looker.looks} looks at the figures, {len(looker.pages)} pages of the list")
    fixture.drop(place)
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
