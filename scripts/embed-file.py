#!/usr/bin/env python3
"""Writes a text file into a C source as one constant: embed-file.py FILE NAME OUT."""
import pathlib
import sys

text = pathlib.Path(sys.argv[1]).read_bytes()
rows = [", ".join(str(b if b < 128 else b - 256) for b in text[i:i + 24]) for i in range(0, len(text), 24)]
pathlib.Path(sys.argv[3]).write_text(
    f"#include <stddef.h>\nextern const char {sys.argv[2]}[];\nextern const size_t {sys.argv[2]}_n;\n"
    f"const char {sys.argv[2]}[] = {{\n" + ",\n".join("  " + r for r in rows)
    + f"}};\nconst size_t {sys.argv[2]}_n = sizeof {sys.argv[2]};\n",
    encoding="utf-8")
