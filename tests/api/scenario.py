"""Scenario files: what is sent and exactly what comes back, in plain text (docs/testing.md).

    == a title, which is the test's name
    as LOGIN                     who asks from here on; `as nobody` for no session
    POST /api/v1/units           a request; headers on the next lines, the body indented
    If-Match: "1"
      {"code": "110102012015"}
    201                          the answer: status, headers, exact body indented
    ETag: "1"
      {"id": "<unit=uuid>", "rev": 1, "...": true}

In an expected body "<uuid>", "<moment>", "<day>", "<int>", "<text>", "<any>" stand for a value of that
form and "<name=uuid>" keeps it as {name} for what follows; an object with "...": true may have more
members, an array that ends in "..." more items; "<name+1>" is one more than the number kept under the
name, and {"<json>": …} is a text that holds such JSON. `Content-Type` of a problem is checked by itself. In a sent body <x*N> stands for N times x, for what
is too long to be written out, and {uuid1}, {uuid2} … are new ids of the sender's. A body that is no JSON
stands on lines that begin with `|`; the header `Encoding: gb18030` (or another, or `xlsx`: cells separated
by commas, those with a # in front are numbers) says what it is sent as; `Merge: A1:B1 C1:C2` merges cells
of such a workbook."""
import csv
import io
import json
import os
import re
import zipfile

FORMS = {
    "uuid": re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"),
    "moment": re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,3})?([+-]\d\d:\d\d|Z)"),
    "day": re.compile(r"\d{4}-\d\d-\d\d"),
    "text": re.compile(r".+", re.S),
}
WILDCARD = re.compile(r"<(?:([a-z]\w*)=)?(uuid|moment|day|text|int|any)>")
SUM = re.compile(r"<([a-z]\w*)([+-]\d+)>")
REQUEST = re.compile(r"(GET|POST|PUT|PATCH|DELETE) (/\S*)$")
STATUS = re.compile(r"[1-5]\d\d$")
HEADER = re.compile(r"([A-Za-z][A-Za-z-]*): (.*)$")


class Wrong(Exception):
    """Something else came back than was expected."""


class Step:
    def __init__(self, line, user, method, path):
        self.line = line
        self.user = user
        self.method = method
        self.path = path
        self.headers = []
        self.body = []
        self.raw = []
        self.status = None
        self.want_headers = []
        self.want = []


class Scenario:
    def __init__(self, title, line):
        self.title = title
        self.line = line
        self.steps = []


def parse(text, name):
    scenarios, user, step = [], "nobody", None
    for number, line in enumerate(text.splitlines(), 1):
        def bad(why):
            return SyntaxError(f"{name}:{number}: {why}: {line}")
        if line.startswith("== "):
            scenarios.append(Scenario(line[3:].strip(), number))
            user, step = "nobody", None
        elif not line.strip() or line.startswith("#"):
            continue
        elif not scenarios:
            raise bad("before the first title")
        elif line.startswith("as "):
            user, step = line[3:].strip(), None
        elif REQUEST.match(line):
            step = Step(number, user, *REQUEST.match(line).groups())
            scenarios[-1].steps.append(step)
        elif step is None:
            raise bad("no request yet")
        elif STATUS.match(line) and step.status is None:
            step.status = int(line)
        elif line[0] in " \t":
            (step.body if step.status is None else step.want).append(line)
        elif line[0] == "|" and step.status is None:
            step.raw.append(line[2:])
        elif HEADER.match(line):
            headers = step.headers if step.status is None else step.want_headers
            headers.append(HEADER.match(line).groups())
        else:
            raise bad("not understood")
    for scenario in scenarios:
        if not scenario.steps or any(s.status is None for s in scenario.steps):
            raise SyntaxError(f"{name}:{scenario.line}: a request without an expected status")
    return scenarios


def new_id():
    """A UUIDv7 of the model case's day."""
    moment, rest = 1588930200000, os.urandom(10)
    tail = bytes([0x70 | rest[0] & 0x0F, rest[1], 0x80 | rest[2] & 0x3F]) + rest[3:]
    text = (moment.to_bytes(6, "big") + tail).hex()
    return "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:]))


def fill(text, kept):
    """{name} by what was kept under the name; JSON's own braces never look like that."""
    for name in re.findall(r"\{(uuid\d+)\}", text):
        kept.setdefault(name, new_id())
    return re.sub(r"\{([a-z]\w*)\}", lambda m: str(kept.get(m.group(1), m.group(0))), text)


def repeat(text):
    return re.sub(r"<(.)\*(\d+)>", lambda m: m.group(1) * int(m.group(2)), text)


SHEET = """<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{}</sheetData>{}
</worksheet>"""
PARTS = {
    "[Content_Types].xml": """<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">
<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>
<Default Extension="xml" ContentType="application/xml"/>
<Override PartName="/xl/workbook.xml"
 ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>
<Override PartName="/xl/worksheets/sheet1.xml"
 ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>""",
    "_rels/.rels": """<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">
<Relationship Id="rId1" Target="xl/workbook.xml"
 Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument"/>
</Relationships>""",
    "xl/workbook.xml": """<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"
 xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships">
<sheets><sheet name="1" sheetId="1" r:id="rId1"/></sheets></workbook>""",
    "xl/_rels/workbook.xml.rels": """<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">
<Relationship Id="rId1" Target="worksheets/sheet1.xml"
 Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet"/>
</Relationships>""",
}


def workbook(lines, merges=()):
    """An XLSX of these rows; a cell with # in front is a number as a spreadsheet keeps it."""
    rows = []
    for number, cells in enumerate(csv.reader(lines), 1):
        text = ""
        for at, cell in enumerate(cells):
            place = f'r="{chr(ord("A") + at)}{number}"'
            if cell.startswith("#"):
                text += f"<c {place}><v>{cell[1:]}</v></c>"
            else:
                text += f'<c {place} t="inlineStr"><is><t>{cell}</t></is></c>'
        rows.append(f'<row r="{number}">{text}</row>')
    merged = "".join(f'<mergeCell ref="{ref}"/>' for ref in merges)
    merged = merged and f"<mergeCells>{merged}</mergeCells>"
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as book:
        for name, content in PARTS.items():
            book.writestr(name, content)
        book.writestr("xl/worksheets/sheet1.xml", SHEET.format("".join(rows), merged))
    return out.getvalue()


def body_of(step, kept, headers):
    encoding = headers.pop("Encoding", "utf-8")
    merges = headers.pop("Merge", "").split()
    if step.raw:
        lines = [fill(line, kept) for line in step.raw]
        if encoding == "xlsx":
            return workbook(lines, merges)
        return ("\n".join(lines) + "\n").encode(encoding)
    if not step.body:
        return None
    headers.setdefault("Content-Type", "application/json")
    return repeat(fill("\n".join(step.body), kept)).encode(encoding)


def compare(want, got, at, kept):
    total = SUM.fullmatch(want) if isinstance(want, str) else None
    if total:
        if not isinstance(kept.get(total[1]), int):
            raise Wrong(f"{at}: no number is kept as {total[1]}")
        want = kept[total[1]] + int(total[2])
    wildcard = WILDCARD.fullmatch(want) if isinstance(want, str) else None
    if wildcard:
        keep, form = wildcard.groups()
        if form == "int":
            good = isinstance(got, int) and not isinstance(got, bool)
        else:
            good = form == "any" or isinstance(got, str) and FORMS[form].fullmatch(got)
        if not good:
            raise Wrong(f"{at}: want {want}, got {json.dumps(got, ensure_ascii=False)}")
        if keep:
            kept[keep] = got
    elif isinstance(want, dict) and set(want) == {"<json>"} and isinstance(got, str):
        compare(want["<json>"], json.loads(got), at, kept)
    elif isinstance(want, dict) and isinstance(got, dict):
        open_end = "..." in want
        for key in want:
            if key == "...":
                continue
            if key not in got:
                raise Wrong(f"{at}.{key}: missing")
            compare(want[key], got[key], f"{at}.{key}", kept)
        more = sorted(set(got) - set(want))
        if more and not open_end:
            raise Wrong(f"{at}: not expected: {', '.join(more)}")
    elif isinstance(want, list) and isinstance(got, list):
        open_end = bool(want) and want[-1] == "..."
        items = want[:-1] if open_end else want
        if len(got) < len(items) or (len(got) > len(items) and not open_end):
            raise Wrong(f"{at}: want {len(items)} items, got {len(got)}")
        for i, item in enumerate(items):
            compare(item, got[i], f"{at}[{i}]", kept)
    elif type(want) is not type(got) or want != got:
        raise Wrong(f"{at}: want {json.dumps(want, ensure_ascii=False)}, "
                    f"got {json.dumps(got, ensure_ascii=False)}")


def check(step, answer, kept):
    if answer.status != step.status:
        raise Wrong(f"want status {step.status}, got {answer.status}")
    for name, value in step.want_headers:
        compare(fill(value, kept), answer.headers.get(name.lower()), name, kept)
    if answer.status >= 400:
        kind = answer.headers.get("content-type", "")
        if not kind.startswith("application/problem+json"):
            raise Wrong(f"a problem must be application/problem+json, not {kind!r}")
    if step.want:
        want = json.loads(fill("\n".join(step.want), kept))
        try:
            got = answer.json()
        except ValueError:
            raise Wrong("the body is not JSON") from None
        compare(want, got, "$", kept)


def check_document(step, path, body, headers, answer, document):
    """What the document does not say of the request and its answer is wrong, too."""
    json_sent = body and headers.get("Content-Type") == "application/json"
    try:
        sent = json.loads(body) if json_sent else None
    except ValueError:
        sent = None
    faults = document.faults(step.method, path, sent, answer)
    if faults:
        raise Wrong("the document says otherwise: " + "; ".join(faults[:20]))


def run(scenario, client_for, document):
    """Sends all of it; raises Wrong with the line, the reason and what came back."""
    kept = {}
    for step in scenario.steps:
        headers = {name: fill(value, kept) for name, value in step.headers}
        body = body_of(step, kept, headers)
        path = fill(step.path, kept)
        answer = client_for(step.user).request(step.method, path, body, headers)
        try:
            check(step, answer, kept)
            check_document(step, path, body, headers, answer, document)
        except Wrong as wrong:
            text = answer.body.decode("utf-8", "replace")[:2000]
            raise Wrong(f"line {step.line}, {step.method} {step.path}: {wrong}\n{text}") from None
