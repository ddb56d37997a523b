#!/usr/bin/env python3
"""areas.py MODULES_C OUTPUT: the product's table of areas with one line more, as a newcomer would add it."""
import pathlib
import sys

text = pathlib.Path(sys.argv[1]).read_text(encoding="utf-8")
head, found, tail = text.rpartition(", NULL};")
if not found or ", NULL};" in head:
    sys.exit(f"{sys.argv[1]} does not end as a table of areas does")
own = "extern const struct module keys_module;\n\nconst struct module *const modules[]"
head = head.replace("const struct module *const modules[]", own)
pathlib.Path(sys.argv[2]).write_text(f"{head}, &keys_module, NULL}};{tail}", encoding="utf-8")
