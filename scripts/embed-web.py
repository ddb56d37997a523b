#!/usr/bin/env python3
"""embed-web.py --dist DIR --out FILE.c --depfile FILE.d

Writes the built web pages as a C table (src/http/static.h), sorted by path, compressed where that
pays. Where DIR does not exist the table holds one page that says how to build it, so that the
program builds without Node. The same input always gives the same bytes."""
import argparse
import gzip
import hashlib
import pathlib
import re

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
    ".jpg": "image/jpeg",
    ".webp": "image/webp",
    ".woff2": "font/woff2",
    ".wasm": "application/wasm",
    ".txt": "text/plain; charset=utf-8",
}

# Vite's names: assets/phone-DiwrgTda.js
HASHED = re.compile(r"^assets/(?:.*/)?[^/]+-[A-Za-z0-9_-]{8}\.[a-z0-9]+$")

ABSENT = """<!doctype html>
<html lang="zh-CN"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>守望 Shouwang</title>
<h1>网页尚未构建</h1>
<p>本程序构建时没有找到 <code>web/dist</code>。请在源代码目录运行 <code>make</code>，然后重新启动。
接口 <code>/api/v1</code> 可以照常使用。</p>
<h1 lang="en">The web pages were not built</h1>
<p lang="en">This program was built without <code>web/dist</code>. Run <code>make</code> in the source
folder and start it again. The interface <code>/api/v1</code> works all the same.</p>
</html>
"""


def literal(data):
    lines = []
    for at in range(0, len(data), 40):
        lines.append('  "' + "".join("\\%03o" % byte for byte in data[at:at + 40]) + '"')
    return "\n".join(lines) or '  ""'


def collect(dist):
    """path below dist -> bytes, and everything whose change must run this again"""
    if not dist.is_dir():
        nearest = dist
        while not nearest.exists():
            nearest = nearest.parent
        return {"index.html": ABSENT.encode()}, [nearest]
    files, watched = {}, [dist]
    for path in sorted(dist.rglob("*")):
        watched.append(path)
        if path.is_file() and path.suffix != ".map":
            files[path.relative_to(dist).as_posix()] = path.read_bytes()
    return files, watched


def render(files):
    arrays, rows = [], []
    for number, name in enumerate(sorted(files, key=lambda n: ("/" + n).encode())):
        data = files[name]
        kind = TYPES.get(pathlib.PurePosixPath(name).suffix)
        if kind is None:
            raise SystemExit(f"embed-web: no content type for {name}")
        packed = gzip.compress(data, 9, mtime=0)
        zipped = len(packed) < len(data) * 9 // 10
        arrays.append(f"static const unsigned char file_{number}[] =\n"
                      f"{literal(packed if zipped else data)};\n")
        raw, gz = ("NULL", f"file_{number}") if zipped else (f"file_{number}", "NULL")
        etag = hashlib.sha256(data).hexdigest()[:20]
        rows.append(f'  {{"/{name}", "{kind}", {raw}, {len(data)}u, {gz}, '
                    f'{len(packed) if zipped else 0}u, "W/\\"{etag}\\"", '
                    f'{"true" if HASHED.match(name) else "false"}}},')
    return ('#include "http/static.h"\n\n' + "\n".join(arrays) +
            "\nconst struct web_file web_files[] = {\n" + "\n".join(rows) + "\n};\n" +
            f"const size_t web_files_n = {len(rows)};\n")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--dist", type=pathlib.Path, required=True)
    parser.add_argument("--out", type=pathlib.Path, required=True)
    parser.add_argument("--depfile", type=pathlib.Path, required=True)
    args = parser.parse_args()
    files, watched = collect(args.dist)
    args.out.write_text(render(files), encoding="utf-8")
    escaped = " ".join(str(path).replace(" ", "\\ ") for path in watched)
    args.depfile.write_text(f"{args.out}: {escaped}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
