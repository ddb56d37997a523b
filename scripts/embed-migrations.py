#!/usr/bin/env python3
"""Writes the SQL files of src/core/migrations into one C source: numbered, named, per engine."""
import pathlib
import re
import sys

folder, out = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
steps = {}
for path in sorted(folder.glob("*.sql")):
    m = re.fullmatch(r"(\d{4})-([a-z0-9-]+)\.(sqlite|postgresql)\.sql", path.name)
    if not m:
        sys.exit(f"{path.name}: expected NNNN-name.sqlite.sql or NNNN-name.postgresql.sql")
    steps.setdefault((int(m[1]), m[2]), {})[m[3]] = path.read_text(encoding="utf-8")


def literal(text):
    lines = text.splitlines(keepends=True)
    quoted = (line.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") for line in lines)
    return "\n".join(f'    "{line}"' for line in quoted) or '    ""'


rows = []
for at, ((number, name), sql) in enumerate(sorted(steps.items()), 1):
    if number != at or set(sql) != {"sqlite", "postgresql"}:
        sys.exit(f"migration {number:04} {name}: numbers have a gap, or an engine's file is missing")
    rows.append(f'    {{{number}, "{name}",\n{literal(sql["sqlite"])},\n{literal(sql["postgresql"])}}},')
out.write_text('#include "core/migrations.h"\n\nconst struct migration migrations[] = {\n'
               + "\n".join(rows) + "\n};\nconst size_t n_migrations = sizeof migrations / "
               "sizeof migrations[0];\n", encoding="utf-8")
