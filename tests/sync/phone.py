"""A gate's phone as the server sees it, in Python: registers, seals what it writes to the server's key
(libsodium through ctypes), keeps it until it is answered, sends it by batch, pulls its working copy."""
import base64
import ctypes
import ctypes.util
import json
import os
import uuid

import serving

SEAL_BYTES = 48
KEEP = (200, 201, 202)  # answers after which the phone may forget an item


def sodium():
    name = ctypes.util.find_library("sodium") or "libsodium.so.23"
    library = ctypes.CDLL(name)
    if library.sodium_init() < 0:
        raise RuntimeError("libsodium does not start")
    return library


SODIUM = sodium()


def b64(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def unb64(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def seal(plain, public):
    out = ctypes.create_string_buffer(len(plain) + SEAL_BYTES)
    SODIUM.crypto_box_seal(out, plain, ctypes.c_ulonglong(len(plain)), public)
    return out.raw


def new_id(ms):
    """A UUIDv7 of that moment."""
    low = int.from_bytes(os.urandom(10), "big")
    value = ((ms & (1 << 48) - 1) << 80) | (7 << 76) | ((low >> 64 & 0xFFF) << 64) | (2 << 62) | \
        (low & (1 << 62) - 1)
    return str(uuid.UUID(int=value))


class Item:
    """Sealed as it was written; what is open beside it is what the phone needs to send it."""

    def __init__(self, item_id, seq, sealed, body):
        self.id = item_id
        self.seq = seq
        self.sealed = sealed
        self.body = body  # the test's, never the phone's
        self.status = None
        self.sent_before = False

    def wire(self):
        return {"id": self.id, "seq": self.seq, "sealed": self.sealed}


class Phone:
    def __init__(self, port, session, name, post, now_ms, skew_ms=0):
        """`session` is somebody signed in, who registers the phone at the post."""
        client = serving.Client(port, session)
        got = client.request("POST", "/api/v1/devices/register", {"name": name, "post": post})
        if got.status != 201:
            raise RuntimeError(f"{name} was not registered: {got.status} {got.body[:300]}")
        facts = got.json()
        self.port = port
        self.id = facts["device"]["id"]
        self.token = facts["token"]
        self.unit = facts["unit"]["code"]
        self.key = unb64(facts["box_key"])
        self.post = post
        self.now = now_ms  # the phone's own clock, moved by whoever plays
        self.skew = skew_ms
        self.seq = 0
        self.outbox = []
        self.answered = []
        self.authors = {}
        self.cursor = None
        self.rows = {}

    # ---- asking ----

    def ask(self, method, path, body=None, timeout=60):
        client = serving.Client(self.port, None, timeout)
        try:
            return client.request(method, path, body, {"Authorization": f"Device {self.token}",
                                                       "Accept-Encoding": "identity"})
        finally:
            client.connection.close()

    def author(self, name, session):
        """Somebody signed in proves on this phone who writes."""
        client = serving.Client(self.port, session)
        got = client.request("POST", f"/api/v1/devices/{self.id}/authors", None,
                             {"X-Device": self.token})
        if got.status != 201:
            raise RuntimeError(f"no author's token: {got.status} {got.body[:300]}")
        self.authors[name] = got.json()["author"]
        return got.json()

    # ---- writing ----

    def write(self, author, path, body, method="POST", item_id=None):
        item_id = item_id or body.get("id") or new_id(self.now)
        self.seq += 1
        content = {"method": method, "path": path, "body": body, "at": self.now,
                   "author": self.authors[author] if author in self.authors else author}
        plain = json.dumps(content, ensure_ascii=False).encode()
        item = Item(item_id, self.seq, b64(seal(plain, self.key)), body)
        self.outbox.append(item)
        return item

    def event(self, author, direction="in", **more):
        body = {"id": new_id(self.now), "post": self.post, "direction": direction,
                "outcome": "admitted", "device_at": self.clock_text(), **more}
        return self.write(author, "/api/v1/gate-events", body)

    def clock_text(self):
        seconds, ms = divmod(self.now + self.skew, 1000)
        import datetime
        at = datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc)
        return at.strftime("%Y-%m-%dT%H:%M:%S") + f".{ms:03d}Z"

    # ---- sending ----

    def body(self, count=200):
        items = self.outbox[:count]
        return {"device": self.id, "sent_at": self.now + self.skew, "waiting": len(self.outbox),
                "oldest_waiting_at": self.now, "app_version": "test",
                "items": [item.wire() for item in items]}

    def take(self, answer):
        """What was answered leaves the outbox; a refused item stays for a person to mend."""
        by_id = {item.id: item for item in self.outbox}
        for got in answer["items"]:
            item = by_id.get(got["id"])
            if item is None:
                continue
            item.status = got["status"]
            item.answer = got["body"]
            if got["status"] in KEEP or got["status"] in (409, 422, 403, 404, 405):
                self.outbox.remove(item)
                self.answered.append(item)

    def send(self, count=200, timeout=60):
        got = self.ask("POST", "/api/v1/batch", self.body(count), timeout)
        if got.status == 200:
            self.take(got.json())
        return got

    # ---- pulling ----

    def pull(self, limit=None):
        """One page of changes; the working copy follows it."""
        path = f"/api/v1/changes?form=rows&unit={self.unit}"
        if self.cursor:
            path += f"&after={self.cursor}"
        if limit:
            path += f"&limit={limit}"
        got = self.ask("GET", path)
        if got.status != 200:
            return got
        page = got.json()
        if page["full"] and not (self.cursor or "").count("-") == 4:
            self.rows = {}
        for table in page["tables"]:
            mine = self.rows.setdefault(table["kind"], {})
            for row in table["rows"]:
                mine[row[0]] = dict(zip(table["fields"], row))
            for gone in table["gone"]:
                mine.pop(gone, None)
        self.cursor = page["next"]
        return got

    def pull_all(self, limit=None):
        while True:
            got = self.pull(limit)
            if got.status != 200 or not got.json()["more"]:
                return got
