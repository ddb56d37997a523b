"""The API's document held against what is really sent and answered: `Document(program)` reads
`schema --openapi`, `faults(...)` says what of one request and its answer the document does not. Stricter
than JSON Schema: a member that is not declared is a fault."""
import json
import re
import subprocess
import urllib.parse

FORMATS = {
    "uuid": re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"),
    "date": re.compile(r"\d{4}-\d\d-\d\d"),
    "date-time": re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,3})?)?([+-]\d\d:\d\d|Z)"),
}
TYPES = {"string": str, "integer": int, "number": (int, float), "boolean": bool, "null": type(None),
         "object": dict, "array": list}
# Spellings that are taken beside the published ones.
ALSO = {"day": "date", "count": "total"}
ALSO_PATHS = {"prevention-gaps": "hazards"}
# Whose members are judged each by itself: the request is accepted with wrong ones.
EACH = re.compile(r"sent\.(items|rows)\[")


def published(name, also):
    return also.get(name, name).replace("_", "-")


class Document:
    def __init__(self, program):
        text = subprocess.run([program, "schema", "--openapi"], capture_output=True, check=True).stdout
        self.root = json.loads(text)
        self.flattened = {}
        self.by_length = {}
        for path, methods in self.root["paths"].items():
            parts = path.split("/")
            self.by_length.setdefault(len(parts), []).append((parts, methods))

    def operation(self, method, path):
        """The one whose path names most parts as they stand."""
        asked, best, best_named = path.split("/"), None, -1
        for parts, methods in self.by_length.get(len(asked), []):
            same = [p == published(a, ALSO_PATHS) or p.startswith("{") and (p != "{id}" or "-" in a)
                    for p, a in zip(parts, asked)]
            named = sum(not p.startswith("{") for p in parts)
            if all(same) and named > best_named and method.lower() in methods:
                best, best_named = methods[method.lower()], named
        return best

    def faults(self, method, url, sent, answer):
        """`sent` is the request's JSON or None; only what was accepted says what is taken."""
        path, _, query = url.partition("?")
        op = self.operation(method, path)
        if op is None:
            return [] if answer.status >= 300 else [f"{method} {path} is not in the document"]
        found = self.answered(op, answer)
        if answer.status < 300:
            known = {p["name"] for p in op["parameters"] if p["in"] == "query"}
            for name, _ in urllib.parse.parse_qsl(query, keep_blank_values=True):
                if name not in known and published(name, ALSO) not in known:
                    found.append(f"?{name} is not in the document")
            media = op.get("requestBody", {}).get("content", {}).get("application/json")
            if sent is not None and media:
                found += [f for f in self.look(media["schema"], sent, "sent") if not EACH.match(f)]
        return found

    def answered(self, op, answer):
        kind = answer.headers.get("content-type", "").split(";")[0]
        responses = op["responses"]
        says = responses.get(str(answer.status)) or responses.get(f"{answer.status // 100}XX")
        if says is None and answer.status < 300:
            says = next((r for s, r in responses.items() if s[0] == "2"), None)
        says = self.resolve(says or responses["default"])
        if answer.status in (204, 304):
            return []
        content = says.get("content", {})
        if kind not in content:
            return [f"answered {answer.status} with {kind}, and the document has {sorted(content)}"]
        if "json" not in kind:
            return []
        return self.look(content[kind]["schema"], answer.json(), "$")

    def resolve(self, node):
        while "$ref" in node:
            ref = node["$ref"]
            node = self.root
            for part in ref.removeprefix("#/").split("/"):
                node = node[part]
        return node

    def flat(self, schema):
        """With what it refers to and takes in as its own."""
        key = id(schema)
        if key not in self.flattened:
            node = self.resolve(schema)
            if "allOf" in node:
                whole = {"type": "object", "properties": {}, "required": []}
                for part in map(self.flat, node["allOf"]):
                    whole["properties"] |= part.get("properties", {})
                    whole["required"] += part.get("required", [])
                    if "additionalProperties" in part:
                        whole["additionalProperties"] = part["additionalProperties"]
                node = whole
            self.flattened[key] = node
        return self.flattened[key]

    def look(self, schema, value, at):
        node = self.flat(schema)
        if "anyOf" in node:
            tried = [self.look(one, value, at) for one in node["anyOf"]]
            return min(tried, key=len) if all(tried) else []
        if "const" in node and value != node["const"]:
            return [f"{at}: {value!r} is not {node['const']!r}"]
        if "enum" in node and value not in node["enum"]:
            return [f"{at}: {value!r} is not listed"]
        types = node.get("type", [])
        types = types if isinstance(types, list) else [types]
        if types and not any(isinstance(value, TYPES[t]) and (t == "boolean" or not isinstance(value, bool))
                             for t in types):
            return [f"{at}: {value!r} is no {' or '.join(types)}"]
        form = FORMATS.get(node.get("format")) if isinstance(value, str) else None
        if form and not form.fullmatch(value):
            return [f"{at}: {value!r} is no {node['format']}"]
        if isinstance(value, list) and "items" in node:
            return [f for i, v in enumerate(value) for f in self.look(node["items"], v, f"{at}[{i}]")]
        return self.members(node, value, at) if isinstance(value, dict) else []

    def members(self, node, value, at):
        known, more = node.get("properties"), node.get("additionalProperties")
        if known is None and more is None:
            return []
        found = [f"{at}.{name} is missing" for name in node.get("required", []) if name not in value]
        for name, member in value.items():
            if name in (known or {}):
                found += self.look(known[name], member, f"{at}.{name}")
            elif isinstance(more, dict):
                found += self.look(more, member, f"{at}.{name}")
            else:
                found.append(f"{at}.{name} is not in the document")
        return found
