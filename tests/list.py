#!/usr/bin/env python3
"""list.py DIR PREFIX: prints `program layer,layer…` for each DIR/PREFIX*.c: the src/ folders that it
includes, with those that they include in turn. It links these and nothing else; `all` stands for
the whole program but its main()."""
import pathlib
import re
import sys

LAYERS = ["base", "json", "store", "output", "kind", "auth", "http", "core", "figures", "notify",
          "api", "sheets", "sync", "forms", "duties", "intake", "apidoc", "domain", "modules"]
TOP = pathlib.Path(__file__).resolve().parent.parent


def included(path):
    """The layers that one file includes."""
    text = path.read_text(encoding="utf-8")
    return {f for f in re.findall(r'^#include "(\w+)[/.]', text, re.M) if f in LAYERS}


def sources(layer):
    if layer == "modules":
        return list((TOP / "src").glob("modules.[ch]"))
    return [p for p in (TOP / "src" / layer).rglob("*") if p.suffix in (".c", ".h")]


def closures():
    """Each layer with all that it rests on; a layer only ever includes lower ones."""
    found = {}
    for layer in LAYERS:
        below = set().union(*(included(p) for p in sources(layer))) - {layer}
        found[layer] = {layer}.union(*(found[b] for b in below if b in found))
    return found


def local_headers(path):
    names = re.findall(r'^#include "(\w+\.h)"', path.read_text(encoding="utf-8"), re.M)
    return [path.parent / n for n in names if (path.parent / n).exists()]


def brings_modules(path):
    """A test with areas of its own in place of the product's."""
    text = path.read_text(encoding="utf-8")
    return re.search(r"^const struct module \*const modules\[\]", text, re.M) is not None


def main():
    folder = TOP / "tests" / sys.argv[1]
    rests_on = closures()
    for source in sorted(folder.glob(sys.argv[2] + "*.c")):
        direct = included(source).union(*(included(h) for h in local_headers(source)))
        layers = {"base"}.union(*(rests_on[d] for d in direct))
        if "core" in layers and not brings_modules(source):
            layers = {"all"}  # core and the areas need each other's tables: all but main()
        print(source.stem, ",".join(sorted(layers, key=(LAYERS + ["all"]).index)))


if __name__ == "__main__":
    main()
