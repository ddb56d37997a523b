#!/usr/bin/env python3
"""live.py sqlite|postgresql: live figures. A stream begins with what is, tells what changes and nothing
else, at most once a second, and only what its reader may see; hundreds of them neither slow the
writer nor stay behind when their readers are gone."""
import json
import os
import pathlib
import re
import socket
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent)]
import serving

COMMUNITY, CITY, ELSEWHERE = "110102013005", "110000000000", "110114000000"
PATIENCE_S = 30
MANY = 300


class Stream:
    """One event stream over a plain socket."""

    def __init__(self, port, token, unit, extra=""):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=10)
        self.socket.sendall((f"GET /api/v1/figures/stream?unit={unit} HTTP/1.1\r\nHost: test\r\n"
                             f"Authorization: Bearer {token}\r\n{extra}\r\n").encode())
        self.text = ""
        self.seen = 0

    def events(self, seconds, enough=None):
        """What came in that time, from where the last look ended; sooner when there is enough."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            self.socket.settimeout(max(0.01, min(0.2, until - time.monotonic())))
            try:
                data = self.socket.recv(65536)
            except (socket.timeout, BlockingIOError):
                data = None
            if data == b"":
                break
            if data:
                self.text += data.decode()
            if enough and len(self.all()) - self.seen >= enough:
                break
        found = self.all()[self.seen:]
        self.seen += len(found)
        return found

    def all(self):
        return [json.loads(m) for m in re.findall(r"event: figures\n(?:id: \d+\n)?data: (.*)\n\n",
                                                  self.text.replace("\r\n", "\n"))]

    def close(self):
        self.socket.close()


def uuid7(n):
    ms = int(time.time() * 1000)
    return f"{ms >> 16:08x}-{ms & 0xffff:04x}-7{n >> 24 & 0xfff:03x}-8{n >> 16 & 0xff:03x}-{n:012x}"


class Gate:
    def __init__(self, port):
        self.client = serving.Client(port).sign_in("gate")
        posts = self.client.request("GET", "/api/v1/posts?filter[kind]=gate&limit=1").json()
        self.post = posts["items"][0]["id"]
        self.n = 0

    def enter(self, count):
        items = []
        for _ in range(count):
            self.n += 1
            items.append({"id": uuid7(self.n), "path": "/api/v1/gate-events",
                          "body": {"post": self.post, "direction": "in", "outcome": "admitted"}})
        got = self.client.request("POST", "/api/v1/batch", {"items": items})
        if got.status != 200 or any(i["status"] != 201 for i in got.json()["items"]):
            raise RuntimeError(f"the events were not taken: {got.status} {got.body[:300]!r}")

    def figures(self):
        return self.client.request("GET", f"/api/v1/figures?unit={COMMUNITY}").json()["figures"]


def metric(client, name):
    text = client.request("GET", "/metrics").body.decode()
    return int(re.search(rf"^shouwang_{name} (\d+)$", text, re.M).group(1))


def check(ok, name, remark=""):
    if not ok and remark:
        print("# " + str(remark).replace("\n", "\n# "))
    print(f"{'ok' if ok else 'not ok'} - {name}", flush=True)
    return bool(ok)


def changes_arrive(server, gate, city):
    good = True
    before = gate.figures()
    own = Stream(server.port, gate.client.token, COMMUNITY)
    top = Stream(server.port, city.token, CITY, "Last-Event-ID: 999999\r\n")
    other = Stream(server.port, city.token, ELSEWHERE)
    first = own.events(PATIENCE_S, 1)
    good &= check(first and first[0]["figures"] == before and first[0]["unit"] == COMMUNITY,
                  "a stream begins with what is", f"{first} {before}")
    good &= check(top.events(PATIENCE_S, 1) and other.events(PATIENCE_S, 1), "whatever was heard last")
    gate.enter(1)
    told = own.events(PATIENCE_S, 1)
    good &= check(told and told[0]["figures"] == {"gate.in": before["gate.in"] + 1,
                                                  "gate.inside": before["gate.inside"] + 1},
                  "what changes is told, and nothing else", str(told))
    told = top.events(PATIENCE_S, 1)
    good &= check(told and set(told[0]["figures"]) == {"gate.in", "gate.inside"},
                  "at every level of the tree", str(told))
    good &= check(other.events(1.5) == [], "elsewhere nothing has changed")
    own.events(1.2)
    for _ in range(30):
        gate.enter(5)
        time.sleep(0.1)
    told = own.events(2.5)
    good &= check(1 <= len(told) <= 7, "at most once a second", f"{len(told)} events")
    good &= check(told and told[-1]["figures"]["gate.in"] == gate.figures()["gate.in"],
                  "the last word is the right one", str(told[-1:]))
    for stream in (own, top, other):
        stream.close()
    return good


def many(server, gate, city):
    good = True
    units = [u["code"] for u in city.request("GET", "/api/v1/units?limit=500").json()["items"]]
    streams = [Stream(server.port, city.token, CITY if i % 2 else units[i % len(units)])
               for i in range(MANY)]
    started = sum(1 for s in streams if s.events(PATIENCE_S, 1))
    good &= check(started == MANY, "hundreds at once", f"{started} of {MANY} began")
    start = time.monotonic()
    for _ in range(40):
        gate.enter(50)
    took = time.monotonic() - start
    good &= check(took < 20, "the writer goes on", f"2,000 events took {took:.1f} s")
    value = city.request("GET", f"/api/v1/figures?unit={CITY}").json()["figures"]["gate.in"]
    last = [(s.events(PATIENCE_S, 1), s.all()[-1]["figures"].get("gate.in"))[1] for s in streams[1:20:2]]
    time.sleep(1.5)
    last = [(s.events(0.2), s.all()[-1]["figures"].get("gate.in"))[1] for s in streams[1:20:2]]
    good &= check(all(v == value for v in last), "each hears the end", f"{last} {value}")
    for s in streams:
        s.close()
    for _ in range(100):
        gate.enter(1)
        if metric(city, "figure_streams") == 0:
            break
        time.sleep(0.2)
    left = metric(city, "figure_streams")
    good &= check(left == 0, "none is left behind", f"{left} streams")
    return good


def main():
    engine = sys.argv[1]
    fixture = serving.Fixture(engine)
    place = fixture.copy()
    with serving.Server(place, os.environ["SHOUWANG"]) as server:
        gate, city = Gate(server.port), serving.Client(server.port).sign_in("city")
        try:
            good = changes_arrive(server, gate, city)
            good &= many(server, gate, city)
        except OSError as gone:
            return 0 if check(False, "the server stays", f"{gone}\n{server.tail(300)}") else 1
        status = server.stop()
        good &= check(status == 0, "the server ends well", f"{status}\n{server.tail()}")
    fixture.drop(place)
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
