"""What the tests of the daily return share: a form of their own with two equations, enterprises that owe
it, links, and the figures of a day, over HTTP as people's pages ask."""
import json
import os
import subprocess
import time
import uuid
import random

DAY = "2020-05-08"
DISTRICT = "110102000000"
FIELDS = (
    ("total", "职工总数", "enterprise", "staff.total", True),
    ("present", "到岗人数", None, "staff.present", True),
    ("home", "居家办公", None, None, True),
    ("away", "离京未返", "staff_lines", "staff.away", True),
    ("fever", "新发热人数", None, None, False),
)


def report(good, name, remark=""):
    for line in str(remark).splitlines()[:30] if not good else []:
        print(f"# {line}")
    print(f"{'ok' if good else 'not ok'} - {name}", flush=True)
    return good


class Refused(Exception):
    """Something that had to be taken was not."""


def must(client, method, path, body=None, headers=()):
    got = client.request(method, path, body, headers)
    if got.status not in (200, 201):
        raise Refused(f"{method} {path}: {got.status} {got.body[:400].decode('utf-8', 'replace')}")
    return got.json() if got.body else None


def new_id():
    n = int(time.time() * 1000) << 80 | 7 << 76 | 2 << 62
    return str(uuid.UUID(int=n | random.getrandbits(12) << 64 | random.getrandbits(62)))


def template(client, code, deadline, unit=DISTRICT):
    """present + home + away = total, fever within those at work."""
    made = must(client, "POST", "/api/v1/return-templates", {
        "code": code, "name": f"试报{code}", "unit": unit, "valid_from": "2020-05-01",
        "deadline": deadline, "cutoff": "17:00"})
    for place, (field, label, source, key, carries) in enumerate(FIELDS, 1):
        body = {"template": made["id"], "code": field, "place": place, "label_zh": label,
                "label_en": field, "definition_zh": label, "definition_en": field,
                "carries": carries}
        if source:
            body["source"] = source
        if key:
            body["key"] = key
        must(client, "POST", "/api/v1/template-fields", body)
    for left, op, right in (("present + home + away", "eq", "total"), ("fever", "le", "present")):
        must(client, "POST", "/api/v1/template-checks", {
            "template": made["id"], "left_side": left, "operator": op, "right_side": right,
            "words_zh": f"{left} {op} {right}", "words_en": f"{left} {op} {right}"})
    must(client, "POST", f"/api/v1/return-templates/{made['id']}/publish", {})
    return made


def balanced(values):
    return values["present"] + values["home"] + values["away"] == values["total"] and \
        values["fever"] <= values["present"]


def figures(client, unit, day=DAY):
    return must(client, "GET", f"/api/v1/figures?unit={unit}&date={day}")["figures"]


def missing_of(client, unit, code, status="missing,draft"):
    """By id of the enterprise, page after page."""
    found, after = [], None
    while True:
        path = f"/api/v1/enterprises/due?unit={unit}&template={code}&status={status}&limit=200"
        page = must(client, "GET", path + (f"&after={after}" if after else ""))
        found += [item["enterprise"]["id"] for item in page["items"]]
        after = page["next"]
        if not after:
            return found


def verify(place):
    """What the program says of its own records; empty where all is well."""
    done = subprocess.run([os.environ["SHOUWANG_RELEASE"], "verify", *place.options()],
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, check=False)
    return "" if done.returncode == 0 else done.stdout.decode("utf-8", "replace")[-2000:]


def csv_of(names, unit, headcount):
    rows = ["企业名称,所在街道（社区）,职工总数"]
    rows += [f"{name},{unit},{headcount}" for name in names]
    return ("\n".join(rows) + "\n").encode()


def import_enterprises(client, names, unit, headcount):
    got = client.request("POST", "/api/v1/imports?kind=enterprise&filename=e.csv",
                         csv_of(names, unit, headcount), {"Content-Type": "text/csv"})
    if got.status != 200:
        raise Refused(f"the register was not imported: {got.status} {got.body[:600]!r}")
    return json.loads(got.body)
