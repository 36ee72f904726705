"""Writes each shell script inside the given pipeline files into a folder, for shellcheck."""

import pathlib
import re
import sys

import ruamel.yaml

folder = pathlib.Path(sys.argv[1])
count = 0


def scripts(node):
    """Everything below `run`, `script` and `before_script`."""
    if isinstance(node, list):
        for item in node:
            yield from scripts(item)
    elif isinstance(node, dict):
        for key, value in node.items():
            if key in ("run", "script") and isinstance(value, str):
                yield value
            elif key in ("before_script", "script") and isinstance(value, list):
                yield "\n".join(value)
            else:
                yield from scripts(value)


for file in map(pathlib.Path, sys.argv[2:]):
    text = file.read_text()
    if file.name == "Jenkinsfile":
        # Groovy takes a pair of backslashes for one.
        found = [script.replace("\\\\", "\\") for script in re.findall(r"sh '''(.*?)'''", text, re.DOTALL)]
    else:
        found = [script for document in ruamel.yaml.YAML(typ="safe").load_all(text) for script in scripts(document)]
    if not found:
        sys.exit(f"{file}: no script in it")
    for script in found:
        count += 1
        (folder / f"{count:02}-{file.name}.sh").write_text("#!/bin/sh\nset -eu\n" + script)
