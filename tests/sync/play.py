#!/usr/bin/env python3
"""play.py sqlite|postgresql ROUNDS|MINUTESm [SEED]: phones at two gates play at random against the real
server: they write offline, send in pieces, lose answers, send again, mix each other's exported items,
have wrong clocks, are revoked in between, while the server is killed and started again.

Then: what was acknowledged is there once, and nothing else; each phone's events are in the order of its
own numbers; the figures have grown by exactly what is there; what came after a revocation is held and
was not carried out; `verify` is clean. The seed of a run that failed is printed."""
import contextlib
import datetime
import http.client
import os
import pathlib
import random
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import serving  # noqa: E402

import phone  # noqa: E402

UNIT = "110102013005"
DAY = "2020-05-08"
PHONES = 5
STEPS = 120
FIGURES = ("gate.in", "gate.out", "gate.refused", "gate.abnormal")


def report(good, name, remark=""):
    for line in str(remark).splitlines()[:30] if not good else []:
        print(f"# {line}")
    print(f"{'ok' if good else 'not ok'} - {name}", flush=True)
    return good


class Counts:
    """What the figures must grow by: an account of what was carried out, apart from the server's."""

    def __init__(self):
        self.n = dict.fromkeys(FIGURES, 0)

    def add(self, body, sign):
        hot = any(body.get(k) and body[k] >= 37.3 for k in ("temperature", "first_temperature"))
        if hot:
            self.n["gate.abnormal"] += sign
        if body["outcome"] in ("admitted", "remeasured"):
            self.n["gate." + body["direction"]] += sign
        else:
            self.n["gate.refused"] += sign


class Play:
    def __init__(self, engine, fixture, seed):
        self.random = random.Random(seed)
        self.place = fixture.copy()
        self.server = serving.Server(self.place, program=os.environ["SHOUWANG_RELEASE"]).start()
        self.engine = engine
        self.sign_in()
        day = self.gate.request("GET", "/api/v1/me/day").json()
        self.now = int(datetime.datetime.fromisoformat(day["now"]).timestamp() * 1000)
        self.posts = [p["id"] for p in day["gates"]]
        self.before = self.figures()
        self.phones = []
        self.revoked = set()
        self.everything = {}  # id -> (phone, item, what): all that was ever written
        self.kills = 0
        for n in range(PHONES):
            self.add_phone(n)

    def sign_in(self):
        self.gate = serving.Client(self.server.port).sign_in("gate")
        self.lead = serving.Client(self.server.port).sign_in("shitou")

    def add_phone(self, n):
        skew = self.random.choice([0, 0, 700, -700, 3600_000, -3600_000, 5 * 86400_000])
        p = phone.Phone(self.server.port, self.gate.token, f"phone {n}",
                        self.posts[n % len(self.posts)], self.now, skew)
        p.author("gate", self.gate.token)
        p.author("lead", self.lead.token)
        p.late = set()  # ids whose first sending came after the revocation
        p.log = []
        self.phones.append(p)

    def figures(self):
        got = self.lead.request("GET", f"/api/v1/figures?unit={UNIT}&date={DAY}")
        if got.status != 200:
            raise RuntimeError(f"figures: {got.status} {got.body[:200]}")
        return {k: got.json()["figures"].get(k, 0) for k in FIGURES}

    # ---- what people do ----

    def write(self, p):
        r = self.random
        for _ in range(r.randint(1, 12)):
            p.now += r.randint(0, 400)
            author = r.choice(["gate", "gate", "lead"])
            body = {"direction": r.choice(["in", "out"]), "temperature": 36.5}
            what = "good"
            kind = r.random()
            if kind < 0.08:
                body.update(outcome="refused", temperature=38.1)
            elif kind < 0.14:
                body.update(outcome="remeasured", first_temperature=37.6)
            elif kind < 0.2:
                body["temperature"] = 99
                what = "bad"
            elif kind < 0.4:
                own = [i for i in p.log if i.what == "good" and not i.corrected]
                if own:
                    first = r.choice(own[-6:])
                    first.corrected = True
                    body = {"direction": first.body["direction"], "corrects": first.id}
                    what = "correction"
                    item = p.event(first.author, **{k: v for k, v in body.items()})
                    self.note(p, item, what, first.author, first)
                    continue
            item = p.event(author, **body)
            self.note(p, item, what, author)

    def note(self, p, item, what, author, first=None):
        item.what, item.author, item.first, item.corrected = what, author, first, False
        p.log.append(item)
        self.everything[item.id] = (p, item)

    def post(self, sender, body):
        """The batch is sent; the answer may be lost, and so may the server."""
        fate = self.random.random()
        try:
            if fate < 0.12:
                self.cut(sender, body)
                return None
            got = sender.ask("POST", "/api/v1/batch", body)
        except (OSError, http.client.HTTPException):
            return None
        if got.status == 503:
            return None
        if got.status != 200:
            raise RuntimeError(f"a batch was refused: {got.status} {got.body[:300]}")
        return None if fate < 0.25 else got.json()

    def cut(self, sender, body):
        """Hangs up without reading the answer."""
        client = serving.Client(self.server.port, None, 30)
        import json
        client.connection.request("POST", "/api/v1/batch", json.dumps(body).encode(),
                                  {"Authorization": f"Device {sender.token}",
                                   "Content-Type": "application/json"})
        time.sleep(self.random.random() * 0.02)
        client.connection.close()

    def send(self, p):
        body = p.body(self.random.choice([1, 3, 10, 200]))
        self.mark(p, body)
        answer = self.post(p, body)
        if answer:
            self.check_answer(p, answer)
            p.take(answer)

    def mark(self, p, body):
        for wire in body["items"]:
            owner, item = self.everything[wire["id"]]
            if owner.id in self.revoked and not item.sent_before:
                owner.late.add(item.id)
            item.sent_before = item.sent_before or owner.id not in self.revoked

    def check_answer(self, p, answer):
        for got in answer["items"]:
            owner, item = self.everything[got["id"]]
            item.status = got["status"]
            good = {"good": (201,), "bad": (422,), "correction": (201, 422)}[item.what]
            held = owner.id in self.revoked
            if got["status"] not in good + ((202,) if held else ()):
                raise RuntimeError(f"{item.what} {got}")

    def repeat(self, p):
        """Something that had been answered long ago is sent once more."""
        if not p.answered:
            return
        again = self.random.sample(p.answered, min(len(p.answered), 5))
        body = p.body(0)
        body["items"] = [i.wire() for i in sorted(again, key=lambda i: i.seq)]
        self.mark(p, body)
        answer = self.post(p, body)
        if answer:
            self.check_answer(p, answer)

    def carry(self, p):
        """A phone must be replaced: its items travel by another one, and it sends them too."""
        other = self.random.choice([q for q in self.phones if q.id not in self.revoked] or [p])
        body = other.body(0)
        body["items"] = [i.wire() for i in p.outbox[:30]]
        if not body["items"]:
            return
        self.mark(p, body)
        answer = self.post(other, body)
        if answer:
            self.check_answer(p, answer)

    def pull(self, p):
        with contextlib.suppress(OSError, http.client.HTTPException):
            got = p.pull_all(self.random.choice([None, 7, 50]))
            want = (401,) if p.id in self.revoked else (200, 503)
            if got.status not in want:
                raise RuntimeError(f"a pull by {p.id in self.revoked}: {got.status} {got.body[:200]}")

    def revoke(self, p):
        if len(self.revoked) >= 2 or p.id in self.revoked:
            return
        got = self.lead.request("POST", f"/api/v1/devices/{p.id}/revoke", {})
        if got.status != 200:
            raise RuntimeError(f"not revoked: {got.status} {got.body[:200]}")
        self.revoked.add(p.id)

    def kill(self, _p):
        if self.kills >= 4:
            return
        self.kills += 1
        self.server.kill()
        self.server.start()
        for p in self.phones:
            p.port = self.server.port
        self.gate = serving.Client(self.server.port, self.gate.token)
        self.lead = serving.Client(self.server.port, self.lead.token)

    # ---- the play ----

    def run(self):
        actions = [(self.write, 30), (self.send, 30), (self.repeat, 8), (self.carry, 5),
                   (self.pull, 8), (self.revoke, 1), (self.kill, 2)]
        chosen, weights = zip(*actions)
        for _ in range(STEPS):
            action = self.random.choices(chosen, weights)[0]
            action(self.random.choice(self.phones))
        for p in self.phones:
            self.drain(p)

    def drain(self, p):
        for _ in range(400):
            if not p.outbox:
                return
            self.send(p)
        raise RuntimeError(f"the outbox does not empty: {len(p.outbox)} of {[i.status for i in p.outbox[:5]]}")

    # ---- what must be so at the end ----

    def events(self):
        rows, after = {}, None
        while True:
            path = f"/api/v1/gate-events?unit={UNIT}&limit=500&filter[device]=" + \
                ",".join(p.id for p in self.phones)
            got = self.lead.request("GET", path + (f"&after={after}" if after else ""))
            if got.status != 200:
                raise RuntimeError(f"events: {got.status} {got.body[:300]}")
            page = got.json()
            for row in page["items"]:
                if row["id"] in rows:
                    raise RuntimeError(f"{row['id']} is there twice")
                rows[row["id"]] = row
            after = page["next"]
            if not after:
                return rows

    def expected(self, rows):
        """Of all that was written: what must be there, and what must not."""
        wrong = []
        for item_id, (owner, item) in self.everything.items():
            there = item_id in rows
            late = item_id in owner.late
            if item.what == "bad" or late:
                good = not there
            elif item.what == "correction":
                good = there or owner.id in self.revoked or item.first.id not in rows
            else:
                good = there or owner.id in self.revoked
            if item.status == 201 and not there:
                good = False
            if not good:
                wrong.append(f"{item.what} seq {item.seq} status {item.status} late {late} there {there}")
        extra = set(rows) - set(self.everything)
        return wrong + [f"{len(extra)} events that nobody wrote"] * bool(extra)

    def in_order(self, rows):
        """By the server's order, a phone's own numbers only grow."""
        wrong = []
        for p in self.phones:
            mine = sorted((r for r in rows.values() if r["device"] == p.id), key=lambda r: r["seq"])
            numbers = [r["device_seq"] for r in mine if r["id"] not in self.carried()]
            if numbers != sorted(numbers) or len(set(numbers)) != len(numbers):
                wrong.append(f"{p.id}: {numbers}")
            for r in mine:
                if r["device_seq"] != self.everything[r["id"]][1].seq:
                    wrong.append(f"{r['id']} has number {r['device_seq']}")
        return wrong

    def carried(self):
        return set()

    def counts(self, rows):
        total = Counts()
        for row in rows.values():
            total.add(row, -1 if row["corrects"] else 1)
        now = self.figures()
        # of which day an event is follows from its moment: all are of the day or the one after
        return {k: now[k] - self.before[k] - total.n[k] for k in FIGURES
                if now[k] - self.before[k] != total.n[k]}

    def held(self):
        got, after = {}, None
        while True:
            page = self.lead.request("GET", "/api/v1/quarantines?limit=500" +
                                     (f"&after={after}" if after else "")).json()
            got.update({r["id"]: r for r in page["items"]})
            after = page["next"]
            if not after:
                return got

    def release(self, held):
        """The lead lets in what is held: each good one becomes an event, once, in his name."""
        wrong = []
        for item_id in sorted(held, key=lambda i: self.everything[i][1].seq):
            item = self.everything[item_id][1]
            got = self.lead.request("POST", f"/api/v1/quarantines/{item_id}/release", {})
            want = {"good": (200,), "bad": (422,), "correction": (200, 422)}[item.what]
            if got.status not in want:
                wrong.append(f"{item.what}: {got.status} {got.body[:200]}")
            if got.status == 200 and self.lead.request(
                    "POST", f"/api/v1/quarantines/{item_id}/release", {}).status != 409:
                wrong.append(f"{item_id} was released twice")
        rows = self.events()
        absent = [i for i in held if self.everything[i][1].what == "good" and i not in rows]
        return wrong + [f"{i} is absent" for i in absent] + [
            f"figures: {difference}" for difference in [self.counts(rows)] if difference]

    def copies(self, rows):
        """A working copy that followed the changes holds what a fresh one does."""
        wrong = []
        live = [p for p in self.phones if p.id not in self.revoked]
        for p in live:
            p.pull_all()
            mine = p.rows
            p.cursor, p.rows = None, {}
            p.pull_all()
            for kind, fresh in p.rows.items():
                missing = set(fresh) - set(mine.get(kind, {}))
                differ = [i for i in fresh if i in mine.get(kind, {}) and fresh[i] != mine[kind][i]]
                if missing or differ:
                    wrong.append(f"{kind}: {len(missing)} missing, {len(differ)} differ")
        return wrong

    def verify(self):
        status = self.server.stop()
        done = subprocess.run([os.environ["SHOUWANG_RELEASE"], "verify", *self.place.options()],
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, check=False)
        return status, done.returncode, done.stdout.decode("utf-8", "replace")

    def judge(self, label):
        rows = self.events()
        written = len(self.everything)
        wrong = self.expected(rows)
        good = report(not wrong, f"{label}: of {written} written, each is there once or was refused",
                      "\n".join(wrong))
        wrong = self.in_order(rows)
        good &= report(not wrong, f"{label}: in each phone's order", "\n".join(wrong))
        wrong = self.counts(rows)
        good &= report(not wrong, f"{label}: the figures are what is there", wrong)
        held = self.held()
        late = set().union(*(p.late for p in self.phones))
        missing = [i for i in late if i not in held]
        both = [i for i in held if i in rows]
        good &= report(not missing and not both,
                       f"{label}: what came after a revocation is held, and only held",
                       f"{len(missing)} of {len(late)} not held, {len(both)} held and carried out")
        wrong = self.release(held)
        good &= report(not wrong, f"{label}: {len(held)} held, released into the figures once",
                       "\n".join(wrong))
        wrong = self.copies(rows)
        good &= report(not wrong, f"{label}: copies that followed equal fresh ones", "\n".join(wrong))
        status, code, text = self.verify()
        good &= report(status == 0 and code == 0, f"{label}: verify is clean",
                       f"{status} {code}\n{text[-1500:]}")
        return good


def play(engine, fixture, seed):
    game = Play(engine, fixture, seed)
    label = f"{engine} seed {seed}"
    try:
        game.run()
        return game.judge(label)
    except RuntimeError as wrong:
        return report(False, label, f"{wrong}\n{game.server.tail(15)}")
    finally:
        game.server.kill()
        fixture.drop(game.place)


def main():
    engine, length = sys.argv[1], sys.argv[2]
    first = int(sys.argv[3]) if len(sys.argv) > 3 else random.SystemRandom().randrange(1 << 30)
    until = time.monotonic() + float(length[:-1]) * 60 if length.endswith("m") else None
    fixture = serving.Fixture(engine)
    good, n = True, 0
    while (time.monotonic() < until if until else n < int(length)):
        good &= play(engine, fixture, first + n)
        n += 1
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
