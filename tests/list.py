#!/usr/bin/env python3
"""list.py DIR PREFIX: prints `program layer` for each DIR/PREFIX*.c; the layer is the highest src/
folder that the file includes, so that it links that one and what lies below."""
import pathlib
import re
import sys

LAYERS = ["base", "json", "store", "output", "kind", "auth", "http", "app", "domain", "modules"]


def layer(source):
    found = re.findall(r'^#include "(\w+)[/.]', source.read_text(encoding="utf-8"), re.M)
    return LAYERS[max([LAYERS.index(f) for f in found if f in LAYERS], default=0)]


def main():
    folder = pathlib.Path(__file__).resolve().parent / sys.argv[1]
    for source in sorted(folder.glob(sys.argv[2] + "*.c")):
        print(source.stem, layer(source))


if __name__ == "__main__":
    main()
