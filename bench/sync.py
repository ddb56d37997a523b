"""What a gate's phone asks of the server after days without a network: 20,000 sealed events, sent one
batch after the other over one connection; and the first pull of a whole community."""
import datetime
import gzip
import json
import pathlib
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "tests" / "sync"))
import phone  # noqa: E402

EVENTS, BATCH = 20000, 200
HOUSEHOLDS, A_HOUSEHOLD = 1408, 3  # 4,224 residents
BUILDINGS, DOORS = 22, 64
PLAIN_BATCH = 500


def in_batches(client, items):
    for n in range(0, len(items), PLAIN_BATCH):
        got = client.request("POST", "/api/v1/batch", {"items": items[n:n + PLAIN_BATCH]})
        wrong = [i for i in got.json().get("items", [{"status": got.status}]) if i["status"] != 201]
        if wrong:
            raise RuntimeError(f"{len(wrong)} items were refused: {wrong[0]}")


def item(path, body, now):
    body["id"] = phone.new_id(now)
    return {"id": body["id"], "path": f"/api/v1/{path}", "body": body}


def fill(client, unit, now):
    """A compound of 22 buildings with everybody in it, and a pass for each."""
    got = client.request("POST", "/api/v1/compounds", {"unit": unit, "name": "试验小区"})
    if got.status != 201:
        raise RuntimeError(f"no compound: {got.status} {got.body[:300]}")
    compound = got.json()["id"]
    buildings = [item("buildings", {"compound": compound, "name": f"{n + 1}号楼"}, now)
                 for n in range(BUILDINGS)]
    in_batches(client, buildings)
    homes = [item("households", {"building": buildings[n // DOORS]["id"],
                                 "stairwell": str(n % DOORS // 16 + 1),
                                 "door": f"{n % 16 // 2 + 1}0{n % 2 + 1}"}, now)
             for n in range(HOUSEHOLDS)]
    in_batches(client, homes)
    people = [item("residents", {"household": home["id"], "name": f"试验{n}号"}, now)
              for home in homes for n in range(A_HOUSEHOLD)]
    in_batches(client, people)
    for building in buildings:
        got = client.request("POST", "/api/v1/passes/issue", {
            "building": building["id"], "class": "person", "valid_from": "2020-05-08",
            "valid_to": "2020-06-08"})
        if got.status not in (200, 201):
            raise RuntimeError(f"no passes: {got.status} {got.body[:300]}")
    return len(people), len(homes)


def prepare(client, port, name):
    gates = client.request("GET", "/api/v1/posts?limit=1&filter[kind]=gate&filter[state]=open&q=bench")
    post = gates.json()["items"][0]
    now = client.request("GET", "/api/v1/me/day").json()["now"]
    ms = int(datetime.datetime.fromisoformat(now).timestamp() * 1000)
    one = phone.Phone(port, client.token, name, post["id"], ms)
    one.author("me", client.token)
    return one, post["unit"]["code"]


def push(port, one):
    """Seconds for all, and what was answered. Sealing is the phone's work and is not counted."""
    import http.client
    for n in range(EVENTS):
        one.now += 25
        one.event("me", "out" if n % 2 else "in", temperature=36.5)
    bodies = []
    while one.outbox:
        bodies.append(json.dumps(one.body(BATCH)).encode())
        one.outbox = one.outbox[BATCH:]
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    headers = {"Authorization": f"Device {one.token}", "Content-Type": "application/json"}
    taken, began = 0, time.monotonic()
    for body in bodies:
        connection.request("POST", "/api/v1/batch", body, headers)
        got = connection.getresponse()
        answer = json.loads(got.read())
        taken += sum(i["status"] == 201 for i in answer.get("items", []))
    seconds = time.monotonic() - began
    connection.close()
    if taken != EVENTS:
        raise RuntimeError(f"{taken} of {EVENTS} events were taken")
    return seconds


def pull(one):
    began = time.monotonic()
    got = one.ask("GET", f"/api/v1/changes?form=rows&unit={one.unit}")
    seconds = time.monotonic() - began
    if got.status != 200 or got.json()["more"]:
        raise RuntimeError(f"the first pull: {got.status} {got.body[:200]}")
    rows = {t["kind"]: len(t["rows"]) for t in got.json()["tables"] if t["rows"]}
    return seconds, len(got.body), len(gzip.compress(got.body, 6)), rows
