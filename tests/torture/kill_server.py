#!/usr/bin/env python3
"""kill_server.py sqlite|postgresql ROUNDS|MINUTESm: the server is killed (SIGKILL) under load, over and
over, and after each start everything that it had acknowledged must be there and nothing half.

The load: gate events one by one and in batches over many connections, and one post's remark counted up
with If-Match. Afterwards every event that was sent without an answer is sent again; then the figures
must have grown by exactly the number of different events, and `verify` must find nothing."""
import os
import pathlib
import random
import subprocess
import sys
import threading
import time
import uuid

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import serving

SENDERS = 12
BATCH_SENDERS = 4
BATCH = 25
LOAD_S = (0.3, 1.5)
CHECKED_EACH_ROUND = 200
UNIT = "110102013005"  # 石头社区, where the account `gate` stands
DAY = "2020-05-08"
BASE_MS = 1588930260000


def report(good, name, remark=""):
    for line in str(remark).splitlines() if not good else []:
        print(f"# {line}")
    print(f"{'ok' if good else 'not ok'} - {name}", flush=True)
    return good


class Ids:
    """UUIDv7 as a phone makes them: in the order of time."""

    def __init__(self):
        self.lock = threading.Lock()
        self.last = BASE_MS

    def new(self):
        with self.lock:
            self.last += 1
            ms = self.last
        low = int.from_bytes(os.urandom(10), "big")
        value = (ms << 80) | (7 << 76) | ((low >> 64 & 0xFFF) << 64) | (2 << 62) | (low & (1 << 62) - 1)
        return str(uuid.UUID(int=value))


class Load:
    """One round: senders until the server is gone."""

    def __init__(self, port, tokens, post, ids, remark):
        self.port = port
        self.tokens = tokens
        self.post = post
        self.ids = ids
        self.remark = remark
        self.lock = threading.Lock()
        self.sent = {}
        self.acknowledged = []
        self.refused = []
        self.stop = threading.Event()
        self.threads = [threading.Thread(target=self.quietly, args=(self.one_by_one,))
                        for _ in range(SENDERS)]
        self.threads += [threading.Thread(target=self.quietly, args=(self.in_batches,))
                         for _ in range(BATCH_SENDERS)]
        self.threads.append(threading.Thread(target=self.quietly, args=(self.count_up,)))

    def quietly(self, work):
        """A connection that breaks is what a kill looks like."""
        try:
            work()
        except (OSError, serving.http.client.HTTPException):
            pass

    def event(self):
        body = {"id": self.ids.new(), "post": self.post, "direction": random.choice(["in", "out"]),
                "who_kind": "resident", "who": "试验", "door": "3-2-101", "temperature": 36.5,
                "outcome": "admitted"}
        with self.lock:
            self.sent[body["id"]] = body
        return body

    def take(self, status, event_id, answer):
        with self.lock:
            if status == 201:
                self.acknowledged.append(event_id)
            elif status != 503:
                self.refused.append(f"{status} {answer}")

    def one_by_one(self):
        client = serving.Client(self.port, self.tokens["gate"], timeout=20)
        while not self.stop.is_set():
            body = self.event()
            got = client.request("POST", "/api/v1/gate-events", body)
            self.take(got.status, body["id"], got.body[:200])

    def in_batches(self):
        client = serving.Client(self.port, self.tokens["gate"], timeout=20)
        while not self.stop.is_set():
            events = [self.event() for _ in range(BATCH)]
            items = [{"id": e["id"], "seq": n, "method": "POST", "path": "/api/v1/gate-events",
                      "body": e} for n, e in enumerate(events)]
            got = client.request("POST", "/api/v1/batch", {"items": items})
            if got.status != 200:
                self.take(got.status, None, got.body[:200])
                continue
            for item in got.json()["items"]:
                self.take(item["status"], item["id"], item.get("body"))

    def count_up(self):
        """Each change carries the revision that the one before was answered with."""
        client = serving.Client(self.port, self.tokens["lead"], timeout=20)
        while not self.stop.is_set():
            rev, count = self.remark
            got = client.request("PATCH", f"/api/v1/posts/{self.post}", {"remark": f"{count + 1}"},
                                 {"If-Match": f'"{rev}"'})
            if got.status == 200:
                self.remark = (got.json()["rev"], count + 1)
            elif got.status != 503:
                self.take(got.status, None, got.body[:200])
                return

    def run(self, server, seconds):
        for thread in self.threads:
            thread.start()
        time.sleep(seconds)
        server.kill()
        self.stop.set()
        for thread in self.threads:
            thread.join()


class Story:
    def __init__(self, engine, fixture):
        self.engine = engine
        self.place = fixture.copy()
        self.server = serving.Server(self.place, program=os.environ["SHOUWANG_RELEASE"])
        self.ids = Ids()
        self.sent = {}
        self.acknowledged = set()
        self.starts = []
        self.post = None
        self.remark = None
        self.before = None

    def start(self):
        began = time.monotonic()
        self.server.start()
        self.starts.append(time.monotonic() - began)

    def clients(self):
        port = self.server.port
        return {"gate": serving.Client(port).sign_in("gate"),
                "lead": serving.Client(port).sign_in("shitou")}

    def figures(self, client):
        got = client.request("GET", f"/api/v1/figures?unit={UNIT}&date={DAY}").json()["figures"]
        return got["gate.in"], got["gate.out"]

    def prepare(self):
        self.start()
        clients = self.clients()
        post = clients["lead"].request("GET", "/api/v1/posts?limit=1").json()["items"][0]
        self.post = post["id"]
        self.remark = (post["rev"], 0)
        self.before = self.figures(clients["lead"])

    def round(self, number):
        """Load, kill, start, look. Returns what is wrong."""
        clients = self.clients()
        tokens = {name: client.token for name, client in clients.items()}
        load = Load(self.server.port, tokens, self.post, self.ids, self.remark)
        load.run(self.server, random.uniform(*LOAD_S))
        self.sent.update(load.sent)
        self.acknowledged.update(load.acknowledged)
        wrong = load.refused[:5]
        if not load.acknowledged:
            wrong.append(f"round {number}: nothing was acknowledged")

        self.start()
        clients = self.clients()
        wrong += self.missing(clients["gate"], load.acknowledged)
        post = clients["lead"].request("GET", f"/api/v1/posts/{self.post}").json()
        count = int(post["remark"] or 0)
        # The last change may have been made without our hearing of it; none may be lost or doubled.
        if count - load.remark[1] not in (0, 1) or post["rev"] - load.remark[0] != count - load.remark[1]:
            wrong.append(f"round {number}: remark {count} at rev {post['rev']}, "
                         f"acknowledged {load.remark[1]} at rev {load.remark[0]}")
        self.remark = (post["rev"], count)
        return wrong

    def missing(self, client, acknowledged):
        """The last ones before the kill, and some of the rest."""
        chosen = acknowledged[-CHECKED_EACH_ROUND // 2:]
        rest = acknowledged[:-CHECKED_EACH_ROUND // 2]
        chosen = chosen + random.sample(rest, min(len(rest), CHECKED_EACH_ROUND // 2))
        wrong = []
        for event_id in chosen:
            got = client.request("GET", f"/api/v1/gate-events/{event_id}")
            if got.status != 200:
                wrong.append(f"{event_id} was acknowledged, and is {got.status}")
            elif got.json()["direction"] != self.sent[event_id]["direction"]:
                wrong.append(f"{event_id} came back different")
        return wrong[:10]

    def settle(self):
        """Sends again what had no answer, as a phone does, and some of what had one."""
        client = self.clients()["gate"]
        open_ids = [i for i in self.sent if i not in self.acknowledged]
        known = random.sample(sorted(self.acknowledged), min(200, len(self.acknowledged)))
        wrong = []
        for event_id in open_ids + known:
            got = client.request("POST", "/api/v1/gate-events", self.sent[event_id])
            if got.status != 201:
                wrong.append(f"{event_id} again: {got.status} {got.body[:200]}")
        return wrong[:10]

    def counts(self):
        """The figures against what was sent, each event once."""
        now = self.figures(self.clients()["lead"])
        grown = tuple(n - b for n, b in zip(now, self.before))
        want = tuple(sum(1 for e in self.sent.values() if e["direction"] == d) for d in ("in", "out"))
        return [] if grown == want else [f"figures grew by {grown}, different events sent {want}"]

    def verify(self):
        done = subprocess.run([os.environ["SHOUWANG_RELEASE"], "verify", *self.place.options()],
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, check=False)
        return done.returncode == 0, done.stdout.decode("utf-8", "replace")[-3000:]


def main():
    engine, amount = sys.argv[1:3]
    until = time.monotonic() + float(amount[:-1]) * 60 if amount.endswith("m") else None
    rounds = None if until else int(amount)
    random.seed(int(os.environ.get("SEED", "20200508")))
    story = Story(engine, serving.Fixture(engine))
    good = True
    story.prepare()
    number = 0
    while number < rounds if rounds else time.monotonic() < until:
        number += 1
        wrong = story.round(number)
        good &= report(not wrong, f"kill {number} on {engine}: all that was acknowledged is there",
                       "\n".join(wrong))
    wrong = story.settle()
    good &= report(not wrong, f"{engine}: what had no answer is taken once more", "\n".join(wrong))
    wrong = story.counts()
    good &= report(not wrong, f"{engine}: every event is counted once", "\n".join(wrong))
    status = story.server.stop()
    good &= report(status == 0, f"{engine}: the server ends well", f"{status}\n{story.server.tail()}")
    clean, text = story.verify()
    good &= report(clean, f"{engine}: verify finds nothing", text)
    print(f"# {number} kills, {len(story.sent)} events sent, {len(story.acknowledged)} acknowledged; "
          f"ready again after {max(story.starts):.2f} s at most")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
