"""Checks a layer's files and the versions of the layers below.

  layer_check.py FOLDER [LOWER_LAYER=VERSION...]
"""

import os
import re
import sys


def parse(version):
    """Returns (major, minor, patch) of "1.2.3" or "1.2"."""
    match = re.fullmatch(r"(\d+)\.(\d+)(?:\.(\d+))?", version.strip())
    if not match:
        raise ValueError(f"not a version: {version!r}")
    return tuple(int(part or 0) for part in match.groups())


def is_compatible(version, required):
    """Semantic versioning: before 1.0 every minor version may break."""
    have, want = parse(version), parse(required)
    same = 1 if want[0] > 0 else 2
    return have[:same] == want[:same] and have >= want


def check(folder, requires):
    """Returns what is wrong, as a list of sentences."""
    layer = os.path.basename(folder)
    errors = []
    texts = {}
    for name in ("VERSION", "CHANGELOG.md", "README.md"):
        path = os.path.join(folder, name)
        if not os.path.isfile(path):
            errors.append(f"{layer}/{name} is missing")
            continue
        with open(path, encoding="utf-8") as file:
            texts[name] = file.read()
    version = texts.get("VERSION", "").strip()
    if "VERSION" in texts and "CHANGELOG.md" in texts:
        parse(version)
        if not re.search(rf"^## {re.escape(version)}\b", texts["CHANGELOG.md"], re.M):
            errors.append(f"{layer}/CHANGELOG.md has no heading '## {version}'")
    for lower, required in requires.items():
        path = os.path.join(os.path.dirname(folder), lower, "VERSION")
        with open(path, encoding="utf-8") as file:
            found = file.read().strip()
        if not is_compatible(found, required):
            errors.append(f"{layer} needs {lower} {required}, found {found}")
    return errors


def main(arguments):
    folder, *requires = arguments
    errors = check(os.path.abspath(folder), dict(r.split("=") for r in requires))
    for error in errors:
        print(error, file=sys.stderr)
    return 1 if errors else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
