#!/usr/bin/env python3
"""embed-pages.py DIST OUT.c OUT.S OUT.bin: the files below DIST, each compressed where that pays, one
behind the other in OUT.bin; OUT.S brings them into the program and OUT.c is the table of them
(src/http/pages.h). Without DIST the table is empty. Outputs are written only when they change."""
import gzip
import hashlib
import pathlib
import re
import sys

TYPES = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".mjs": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".json": "application/json",
    ".webmanifest": "application/manifest+json",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".ico": "image/x-icon",
    ".woff2": "font/woff2",
    ".wasm": "application/wasm",
    ".txt": "text/plain; charset=utf-8",
}
ALIGN = 16
# Vite puts a digest of the content into every name below assets/.
IMMUTABLE = re.compile(r"^/assets/.*-[A-Za-z0-9_-]{8}\.\w+$")


def write_if_changed(path, data):
    if not path.exists() or path.read_bytes() != data:
        path.write_bytes(data)


def pack(path, dist):
    content = path.read_bytes()
    packed = gzip.compress(content, 9, mtime=0)
    pays = len(packed) < len(content) * 0.95
    name = "/" + path.relative_to(dist).as_posix()
    if path.suffix not in TYPES:
        sys.exit(f"{path}: what media type is {path.suffix}? Add it to {sys.argv[0]}")
    return {
        "path": name,
        "type": TYPES[path.suffix],
        "etag": hashlib.sha256(content).hexdigest()[:24],
        "data": packed if pays else content,
        "n": len(content),
        "gzip": "true" if pays else "false",
        "immutable": "true" if IMMUTABLE.match(name) else "false",
    }


def table(pages):
    rows, at = [], 0
    for page in pages:
        rows.append(
            f'    {{"{page["path"]}", "{page["type"]}", "\\"{page["etag"]}\\"", web_pages_data + {at}, '
            f'{len(page["data"])}, {page["n"]}, {page["gzip"]}, {page["immutable"]}}},')
        at += -(-len(page["data"]) // ALIGN) * ALIGN
    lines = ["/* Made by scripts/embed-pages.py. */", '#include "http/pages.h"', ""]
    if rows:
        lines += ["extern const uint8_t web_pages_data[] __attribute__((visibility(\"hidden\")));", "",
                  "static const struct page list[] = {", *rows, "};",
                  "const struct pages web_pages = {list, sizeof list / sizeof list[0]};"]
    else:
        lines += ["const struct pages web_pages = {0};"]
    return "\n".join(lines) + "\n"


def assembly(blob, blob_path):
    digest = hashlib.sha256(blob).hexdigest()
    return f"""/* Made by scripts/embed-pages.py of content {digest}. */
    .section .rodata
    .balign {ALIGN}
    .globl web_pages_data
    .hidden web_pages_data
    .type web_pages_data, %object
web_pages_data:
    .incbin "{blob_path}"
    .byte 0
    .size web_pages_data, . - web_pages_data
    .section .note.GNU-stack, "", %progbits
"""


def main():
    dist, out_c, out_s, out_bin = (pathlib.Path(a).resolve() for a in sys.argv[1:5])
    files = [p for p in dist.rglob("*") if p.is_file() and not p.name.startswith(".")]
    pages = sorted((pack(p, dist) for p in files), key=lambda page: page["path"].encode())
    blob = b"".join(p["data"] + b"\0" * (-len(p["data"]) % ALIGN) for p in pages)
    write_if_changed(out_bin, blob)
    write_if_changed(out_c, table(pages).encode())
    write_if_changed(out_s, assembly(blob, out_bin).encode())


if __name__ == "__main__":
    main()
