#!/usr/bin/env python3
"""play.py sqlite|postgresql ROUNDS|MINUTESm [SEED]: enterprises that register, move, close and come back,
report by telephone, link and chat, twice and at once, right and wrong; returns that are sent back,
accepted, locked above; imports that are taken back; the server killed in between. In any order.

After every step, for each unit and those above it: due = submitted + missing, both as an account kept
apart from the server says; the list of who is missing is that account's; rates lie within 0 and 1000. At
the end every return that was taken balances, each version is there once, and `verify` is clean. The seed
of a run that failed is printed."""
import os
import pathlib
import random
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import serving  # noqa: E402

import office  # noqa: E402
from office import DAY, DISTRICT, must, report  # noqa: E402

# A subdistrict of the test's own, where its forms apply, with two communities; and one outside.
BRANCH, HERE, THERE, OUTSIDE = "110102098000", "110102098001", "110102098002", "110102013005"
UNITS = (BRANCH, HERE, THERE, OUTSIDE)
ABOVE = {BRANCH: (), HERE: (BRANCH,), THERE: (BRANCH,), OUTSIDE: ()}
LOOKED = (BRANCH, HERE, THERE, OUTSIDE)
FORMS = {"play_early": "23:59", "play_late": "00:01"}  # what comes is late by the second
STEPS = 60
OPEN = ("missing", "draft")


class Row:
    def __init__(self, unit):
        self.unit = unit
        self.state = "missing"
        self.versions = []   # (number, values, nil) of those that count, oldest first
        self.written = 0     # all that were ever written
        self.beside = 0

    @property
    def values(self):
        return self.versions[-1][1] if self.versions else None


class Enterprise:
    def __init__(self, record, name, unit):
        self.id = record["id"]
        self.name = name
        self.unit = unit
        self.closed = False
        self.state = "open"
        self.rows = {}
        self.stands()

    def stands(self):
        """Where it stands now is where it owes: what is still open follows it, or is not due."""
        asked = self.unit != OUTSIDE and not self.closed
        for code in FORMS:
            row = self.rows.get(code)
            if row is None and asked:
                self.rows[code] = Row(self.unit)
            elif row and row.state in (*OPEN, "exempt"):
                row.state = "missing" if asked else "exempt"
                row.unit = self.unit if asked else row.unit


class Play:
    def __init__(self, engine, fixture, seed):
        self.random = random.Random(seed)
        self.seed = seed
        self.place = fixture.copy()
        self.server = serving.Server(self.place, program=os.environ["SHOUWANG_RELEASE"]).start()
        self.sign_in()
        for unit, name, kind, parent in ((BRANCH, "试报街道", "subdistrict", DISTRICT),
                                         (HERE, "试报甲社区", "community", BRANCH),
                                         (THERE, "试报乙社区", "community", BRANCH)):
            must(self.city, "POST", "/api/v1/units",
                 {"code": unit, "name": name, "kind": kind, "parent": parent})
        for code, deadline in FORMS.items():
            office.template(self.desk, code, deadline, BRANCH)
        self.before = {unit: self.figures(unit) for unit in LOOKED}
        self.all = []
        self.locks = {}   # (unit, code) -> id of the consolidation
        self.imports = []
        self.kills = 0
        self.took = 0
        for unit in (HERE, THERE, BRANCH, HERE, THERE, OUTSIDE):
            self.register(unit)

    def sign_in(self):
        self.desk = serving.Client(self.server.port).sign_in("xicheng")
        self.city = serving.Client(self.server.port).sign_in("city")
        self.nobody = serving.Client(self.server.port)

    def figures(self, unit):
        return office.figures(self.desk, unit)

    # ---- what people do ----

    def values(self, head=30):
        r = self.random
        away = r.randint(0, 5)
        home = r.randint(0, 10)
        return {"total": head, "present": head - home - away, "home": home, "away": away,
                "fever": r.randint(0, 1)}

    def one(self, closed=False, here=False):
        fit = [e for e in self.all if e.closed == closed and not (here and e.unit == OUTSIDE)]
        return self.random.choice(fit) if fit else None

    def register(self, unit=None):
        unit = unit or self.random.choice(UNITS)
        name = f"试企{self.seed}第{len(self.all)}号商贸有限公司"
        record = must(self.desk, "POST", "/api/v1/enterprises",
                      {"name": name, "unit": unit, "headcount": 30})
        self.all.append(Enterprise(record, name, unit))

    def act(self, of, action, body=None):
        return self.desk.request("POST", f"/api/v1/enterprises/{of.id}/{action}", body or {})

    def move(self):
        of = self.one()
        unit = self.random.choice(UNITS)
        few = len([e for e in self.all if not e.closed and e.unit != OUTSIDE]) < 4
        if unit == OUTSIDE and few:
            return
        now = must(self.desk, "GET", f"/api/v1/enterprises/{of.id}")
        must(self.desk, "PATCH", f"/api/v1/enterprises/{of.id}", {"unit": unit},
             {"If-Match": f'"{now["rev"]}"'})
        of.unit = unit
        of.stands()

    def close(self):
        of = self.one()
        if len([e for e in self.all if not e.closed and e.unit != OUTSIDE]) < 4:
            return
        got = self.act(of, "close", {"closed_on": DAY, "reason": "迁出"})
        if got.status != 200:
            raise office.Refused(f"closing: {got.status} {got.body[:300]}")
        of.closed, of.state = True, "closed"
        of.stands()

    def reopen(self):
        of = self.one(closed=True)
        if not of:
            return
        got = self.act(of, "reopen")
        if got.status != 200:
            raise office.Refused(f"reopening: {got.status} {got.body[:300]}")
        of.closed, of.state = False, "open"
        of.stands()

    def resume(self):
        of = self.one()
        if of.state == "resumed":
            got = self.act(of, "suspend", {"reason": "楼内封控"})
            of.state = "suspended" if got.status == 200 else of.state
        else:
            how = ("restart", {"reason": "解封"}) if of.state == "suspended" else ("resume", {})
            got = self.act(of, how[0], {"resumed_on": DAY, **how[1]})
            of.state = "resumed" if got.status == 200 else of.state
        if got.status != 200:
            raise office.Refused(f"{of.state}: {got.status} {got.body[:300]}")

    def locked(self, row, code):
        return any((unit, code) in self.locks for unit in (row.unit, *ABOVE[row.unit]))

    def taken(self, of, code, answer, values, nil=False):
        """The account follows what was acknowledged."""
        row = of.rows[code]
        row.written += 1
        self.took += 1
        if answer["number"] != row.written:
            raise office.Refused(f"version {answer['number']} after {row.written - 1}: {of.name}")
        if answer["beside"] != self.locked(row, code):
            raise office.Refused(f"beside is {answer['beside']}: {of.name} {code}")
        if answer["late"] != (code == "play_late"):
            raise office.Refused(f"late is {answer['late']}: {of.name} {code}")
        if answer["beside"]:
            row.beside += 1
            return
        row.versions.append((row.written, values, nil))
        row.state = "late" if answer["late"] else "submitted"

    def send(self, of, code, values, by_link=False, **more):
        body = {"id": office.new_id(), "template": code, "values": values, **more}
        if by_link:
            link = must(self.desk, "POST", f"/api/v1/enterprises/{of.id}/link")
            return body["id"], serving.Client(self.server.port).request(
                "POST", f"/api/v1/returns/{link['token']}", body)
        body.update(enterprise=of.id, channel=self.random.choice(("phone", "qq", "wechat", "mail")))
        return body["id"], self.desk.request("POST", "/api/v1/daily-returns", body)

    @staticmethod
    def answer(got):
        one = got.json()
        return {"number": one["version"], "late": one["late"], "beside": one["beside"]}

    def submit(self):
        of, code = self.one(here=True), self.random.choice(list(FORMS))
        values = self.values()
        _, got = self.send(of, code, values, by_link=self.random.random() < 0.4)
        if got.status != 201:
            raise office.Refused(f"a return was refused: {got.status} {got.body[:300]}")
        self.taken(of, code, self.answer(got), values)

    def submit_wrong(self):
        """By how much it fails is said, and nothing is kept."""
        of, code = self.one(here=True), self.random.choice(list(FORMS))
        values = self.values()
        by = self.random.randint(1, 9)
        values["home"] += by
        _, got = self.send(of, code, values)
        said = [p for p in got.json().get("problems", ()) if p["code"] == "unbalanced"]
        if got.status != 422 or not said or said[0]["limit"] != str(by):
            raise office.Refused(f"{by} too many: {got.status} {got.body[:300]}")

    def submit_closed(self):
        of = self.one(closed=True)
        if of:
            _, got = self.send(of, "play_early", self.values())
            if got.status != 422:
                raise office.Refused(f"a closed one reported: {got.status} {got.body[:300]}")

    def twice(self):
        """The same again is one; by the id."""
        of, code = self.one(here=True), self.random.choice(list(FORMS))
        values = self.values()
        body = {"id": office.new_id(), "template": code, "values": values, "enterprise": of.id,
                "channel": "phone"}
        first = self.desk.request("POST", "/api/v1/daily-returns", body)
        again = self.desk.request("POST", "/api/v1/daily-returns", body)
        if first.status != 201 or again.status != 200 or not again.json().get("replayed"):
            raise office.Refused(f"twice: {first.status} {again.status} {again.body[:300]}")
        self.taken(of, code, self.answer(first), values)

    def at_once(self):
        """By link and by the caller in the same moment: both are kept, the later one holds."""
        of, code = self.one(here=True), self.random.choice(list(FORMS))
        link = must(self.desk, "POST", f"/api/v1/enterprises/{of.id}/link")
        sent = [self.values(), self.values()]
        got = [None, None]

        def by_link():
            got[0] = serving.Client(self.server.port).request(
                "POST", f"/api/v1/returns/{link['token']}", {"template": code, "values": sent[0]})

        thread = threading.Thread(target=by_link)
        thread.start()
        got[1] = self.desk.request("POST", "/api/v1/daily-returns", {
            "template": code, "enterprise": of.id, "channel": "phone", "values": sent[1]})
        thread.join()
        if [g.status for g in got] != [201, 201]:
            raise office.Refused(f"at once: {[(g.status, g.body[:200]) for g in got]}")
        for g, values in sorted(zip(got, sent), key=lambda pair: pair[0].json()["version"]):
            self.taken(of, code, self.answer(g), values)

    def review(self):
        of, code = self.one(here=True), self.random.choice(list(FORMS))
        row = of.rows.get(code)
        if not row or row.state not in ("submitted", "late"):
            return
        found = must(self.desk, "GET", f"/api/v1/daily-returns?filter[enterprise]={of.id}"
                     f"&filter[template_code]={code}")["items"][0]
        action = self.random.choice(("send_back", "accept"))
        got = self.desk.request("POST", f"/api/v1/daily-returns/{found['id']}/{action}",
                                {"reason": "请核对"} if action == "send_back" else {})
        if got.status != 200:
            raise office.Refused(f"{action}: {got.status} {got.body[:300]}")
        row.state = "returned" if action == "send_back" else "accepted"

    def lock(self):
        unit, code = self.random.choice(UNITS[:3]), self.random.choice(list(FORMS))
        if (unit, code) in self.locks or any((u, code) in self.locks for u in UNITS):
            return
        made = must(self.desk, "POST", "/api/v1/consolidations",
                    {"unit": unit, "template_code": code, "day": DAY})
        must(self.desk, "POST", f"/api/v1/consolidations/{made['id']}/check", {})
        must(self.city, "POST", f"/api/v1/consolidations/{made['id']}/accept", {})
        got = must(self.city, "POST", f"/api/v1/consolidations/{made['id']}/lock", {})
        totals = got["totals"]
        if totals["daily.due"] != totals["daily.submitted"] + totals["daily.missing"]:
            raise office.Refused(f"locked with {totals}")
        self.locks[unit, code] = made["id"]

    def by_chat(self):
        """A relay is shown, its good rows are taken as one import, and it is pasted again."""
        code = self.random.choice(list(FORMS))
        some = self.random.sample([e for e in self.all if not e.closed and e.unit != OUTSIDE], 2)
        sent = [self.values() for _ in some]
        text = "#接龙 日报\n" + "\n".join(
            f"{n}、{e.name} 到岗{v['present']}人 居家：{v['home']} 离京未返{v['away']} 发热{v['fever']}"
            for n, (e, v) in enumerate(zip(some, sent), 1))
        seen = must(self.desk, "POST", "/api/v1/daily-returns/paste", {"text": text, "template": code})
        rows = [{"n": row["n"], "enterprise": row["enterprise"]["id"], "values": row["values"],
                 "looked": True} for row in seen["rows"]]
        body = {"channel": "wechat", "template": code, "rows": rows}
        got = must(self.desk, "POST", "/api/v1/daily-returns/take", body)
        done = []
        for row, of, values in zip(got["rows"], some, sent):
            if row.get("receipt"):
                answer = {"number": row["version"], "late": row["late"], "beside": row["beside"]}
                self.taken(of, code, answer, values)
                done.append((of, code, of.rows[code].written, answer["beside"]))
            elif of.rows[code].values != values:
                raise office.Refused(f"not taken: {row}")
        again = must(self.desk, "POST", "/api/v1/daily-returns/take", body)
        if again["taken"] or again["refused"]:
            raise office.Refused(f"pasted twice: {again['taken']} taken, {again['refused']} refused")
        if got["import"]:
            self.imports.append((got["import"], done))

    def take_back(self):
        if not self.imports:
            return
        which, done = self.imports.pop(self.random.randrange(len(self.imports)))
        got = must(self.desk, "POST", f"/api/v1/imports/{which}/undo", {})
        undone = 0
        for of, code, number, beside in done:
            row = of.rows[code]
            newest = row.versions and row.versions[-1][0] == number
            if beside:
                undone += 1
                row.beside -= 1
            elif newest and len(row.versions) == 1 and (of.closed or of.unit != row.unit):
                continue  # nobody would be asked for it
            elif newest and row.state in ("submitted", "late") and not self.locked(row, code):
                undone += 1
                row.versions.pop()
                row.state = ("late" if code == "play_late" else "submitted") if row.versions \
                    else "missing"
        if got["undone"] != undone:
            raise office.Refused(f"{got['undone']} taken back, not {undone}: {got}")

    def kill(self):
        """A return is on its way when the server dies; sent again it is there once."""
        of, code = self.one(here=True), self.random.choice(list(FORMS))
        values = self.values()
        body = {"id": office.new_id(), "template": code, "values": values, "enterprise": of.id,
                "channel": "phone"}
        client = serving.Client(self.server.port, self.desk.token)
        thread = threading.Timer(self.random.random() * 0.01, self.server.kill)
        thread.start()
        try:
            client.request("POST", "/api/v1/daily-returns", body)
        except OSError:
            pass
        except Exception as cut:  # http.client has several words for a line that was cut
            if "http.client" not in type(cut).__module__:
                raise
        thread.join()
        self.server.kill()
        self.server = serving.Server(self.place, program=os.environ["SHOUWANG_RELEASE"]).start()
        self.sign_in()
        self.kills += 1
        got = self.desk.request("POST", "/api/v1/daily-returns", body)
        if got.status not in (200, 201):
            raise office.Refused(f"after a kill: {got.status} {got.body[:300]}")
        self.taken(of, code, self.answer(got), values)

    # ---- what must hold ----

    def account(self, unit):
        n = {"daily.due": 0, "daily.submitted": 0, "daily.missing": 0, "staff.present": 0,
             "enterprises.total": 0, "enterprises.resumed": 0}
        for of in self.all:
            if not of.closed and unit in (of.unit, *ABOVE[of.unit]):
                n["enterprises.total"] += 1
                n["enterprises.resumed"] += of.state == "resumed"
            for row in of.rows.values():
                if unit not in (row.unit, *ABOVE[row.unit]) or row.state == "exempt":
                    continue
                n["daily.due"] += 1
                if row.state in OPEN:
                    n["daily.missing"] += 1
                else:
                    n["daily.submitted"] += 1
                    n["staff.present"] += row.values["present"]
        return n

    def check(self):
        for unit in LOOKED:
            now = self.figures(unit)
            if now["daily.due"] != now["daily.submitted"] + now["daily.missing"]:
                return f"{unit}: due {now['daily.due']} is not {now['daily.submitted']} + " \
                    f"{now['daily.missing']}"
            if not 0 <= now["enterprises.resumption_permille"] <= 1000:
                return f"{unit}: a rate of {now['enterprises.resumption_permille']}"
            for name, n in self.account(unit).items():
                grown = now[name] - self.before[unit][name]
                if grown != n:
                    return f"{unit}: {name} has grown by {grown}, not {n}"
        mine = {e.id: e for e in self.all}
        for code in FORMS:
            unit = self.random.choice(LOOKED[:3])
            listed = [i for i in office.missing_of(self.desk, unit, code) if i in mine]
            account = {e.id for e in self.all if code in e.rows and e.rows[code].state in OPEN
                       and unit in (e.rows[code].unit, *ABOVE[e.rows[code].unit])}
            if len(listed) != len(set(listed)) or set(listed) != account:
                return f"{unit} {code}: missing are {len(listed)}, not {len(account)}"
        return ""

    def check_rows(self):
        for of in self.all:
            items = must(self.desk, "GET",
                         f"/api/v1/daily-returns?filter[enterprise]={of.id}&limit=50")["items"]
            ours = {item["template_code"]: item for item in items if item["template_code"] in FORMS}
            if len(ours) != sum(item["template_code"] in FORMS for item in items):
                return f"{of.name}: two rows for one day"
            for code, row in of.rows.items():
                item = ours[code]
                want = row.state
                if item["state"] != want:
                    return f"{of.name} {code}: {item['state']}, not {want}"
                if want in OPEN or want == "exempt":
                    continue
                if item["content"] != row.values or not office.balanced(item["content"]):
                    return f"{of.name} {code}: holds {item['content']}, not {row.values}"
                versions = must(self.desk, "GET", "/api/v1/return-versions?limit=100&filter"
                                f"[daily_return]={item['id']}")["items"]
                numbers = sorted(v["number"] for v in versions)
                if numbers != list(range(1, row.written + 1)):
                    return f"{of.name} {code}: versions {numbers}, not 1 to {row.written}"
        return ""

    def run(self):
        deeds = [(self.submit, 20), (self.submit_wrong, 4), (self.submit_closed, 2),
                 (self.twice, 4), (self.at_once, 8), (self.register, 6), (self.move, 10),
                 (self.close, 5), (self.reopen, 6), (self.resume, 8), (self.review, 10),
                 (self.by_chat, 6), (self.take_back, 5), (self.lock, 1), (self.kill, 1)]
        weights = [weight for _, weight in deeds]
        done = []
        try:
            for _ in range(STEPS):
                deed = self.random.choices([d for d, _ in deeds], weights)[0]
                done.append(deed.__name__)
                deed()
                wrong = self.check()
                if wrong:
                    raise office.Refused(wrong)
            wrong = self.check_rows()
            if wrong:
                raise office.Refused(wrong)
            status = self.server.stop()
            if status != 0:
                raise office.Refused(f"the server ended with {status}")
            wrong = office.verify(self.place)
        except office.Refused as refused:
            wrong = str(refused)
        finally:
            self.server.kill()
        return wrong and f"{wrong}\nafter {', '.join(done[-12:])}"


def main():
    engine, how_long = sys.argv[1], sys.argv[2]
    minutes = float(how_long[:-1]) if how_long.endswith("m") else None
    rounds = None if minutes is not None else int(how_long)
    seed = int(sys.argv[3]) if len(sys.argv) > 3 else random.randrange(1 << 30)
    fixture = serving.Fixture(engine)
    end = time.monotonic() + 60 * (minutes or 0)
    n = took = kills = 0
    good = True
    while good and (n < rounds if rounds is not None else time.monotonic() < end):
        play = Play(engine, fixture, seed + n)
        wrong = play.run()
        took += play.took
        kills += play.kills
        good = report(not wrong, f"returns on {engine}, in any order: seed {seed + n}", wrong)
        if good:
            fixture.drop(play.place)
        n += 1
    print(f"# {n} rounds, {took} returns taken, the server killed {kills} times, seeds from {seed}")
    return 0 if good and n else 1


if __name__ == "__main__":
    sys.exit(main())
