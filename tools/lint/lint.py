#!/usr/bin/env python3
"""Checks on the text of Cupel's files that no compiler makes.

  lint.py [WORKSPACE]

Every check is a function from a Tree to the violations it found, as
"path:line: what is wrong". CHECKS at the end lists them.
"""

import functools
import os
import re
import subprocess
import sys

LAYERS = ("engine", "schema", "query", "session", "orm")
DIALECTS = "engine/dialects/"
CONSUMER = "examples/consumer/"  # a workspace of its own, with own includes
LONG_FILES = "tools/lint/long_files.txt"
FEATURES = "docs/sqlalchemy.md"
MAX_LINES = {".h": 400, ".cc": 600}

_INCLUDE = re.compile(r'\s*#\s*include\s+(["<])([^">]+)[">]')
_DATABASE = re.compile(
    r"sqlite|postgres|mariadb|mysql|\blibpq\b", re.IGNORECASE)
_TEST_FILE = re.compile(r"_(test|benchmark|fuzz)\.cc$|_test_\w+\.(h|cc)$")
_MACHINE_PATH = re.compile(r"(?<![\w.~-])/(?:home|root|work|Users)/\w")
_REGISTRY = re.compile(
    r"\b(?:deb\.debian|snapshot\.debian|security\.debian|archive\.ubuntu|"
    r"registry\.npmjs|registry\.yarnpkg|pypi|files\.pythonhosted|crates|"
    r"static\.crates|proxy\.golang|repo\.maven)\.(?:org|com|io)\b")
_UNFINISHED = re.compile(r"\b(?:TO" r"DO|FIX" r"ME|XX" r"X|HA" r"CK)\b")
_FOREIGN_RULE = re.compile(r"^\s*(cc_\w+|py_\w+|sh_\w+|native\.\w+)\(")
_FEATURE = re.compile(r"\| ([A-Z]+-\d+) \| .* \| (?:done|different) \| (.*) \|$")
_PROOF = re.compile(r"`(//[\w/]+:\w+)([^`]*)`")
_MENTION = re.compile(r"\b[A-Z]\w*Test\.\w+")
_CASE = re.compile(r"^TEST(?:_[FP])?\(\s*(\w+),\s*(\w+)\s*\)"
                   r"|^#if defined\((\w+)\)", re.MULTILINE)
_LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)")


class Tree:
    """The files of a workspace; texts are read once."""

    def __init__(self, root, paths=None):
        self.root = root
        self.paths = sorted(paths if paths is not None else _list_files(root))

    @functools.lru_cache(maxsize=None)
    def lines(self, path):
        """Lines of a file; none where it is not text."""
        with open(os.path.join(self.root, path), "rb") as file:
            data = file.read()
        try:
            return data.decode("utf-8").splitlines()
        except UnicodeDecodeError:
            return []

    def select(self, *suffixes):
        return [path for path in self.paths if path.endswith(suffixes)]

    def sources(self):
        return [path for path in self.select(".h", ".cc")
                if not path.startswith(CONSUMER)]

    def exists(self, path):
        return os.path.exists(os.path.join(self.root, path))


def _list_files(root):
    result = subprocess.run(
        ["git", "-C", root, "ls-files", "-co", "--exclude-standard"],
        capture_output=True, text=True, check=False)
    if result.returncode == 0:
        found = result.stdout.splitlines()
    else:  # a source archive without its history
        found = []
        for folder, folders, files in os.walk(root):
            folders[:] = [name for name in folders
                          if name != ".git" and not name.startswith("bazel-")]
            found += [os.path.relpath(os.path.join(folder, name), root)
                      for name in files]
    return [path for path in found
            if os.path.isfile(os.path.join(root, path))]


def _code(line):
    """The line without its comment; good enough for what is searched here."""
    return re.sub(r'(^|[^:"])//.*', r"\1", line)


def _grep(tree, paths, expression, message, filtered=lambda line: line):
    found = []
    for path in paths:
        for number, line in enumerate(tree.lines(path), 1):
            match = expression.search(filtered(line))
            if match:
                found.append(f"{path}:{number}: {message}: {match.group(0)}")
    return found


def _includes(tree, path):
    for number, line in enumerate(tree.lines(path), 1):
        match = _INCLUDE.match(line)
        if match:
            yield number, match.group(2)


def check_include_prefix(tree):
    """Own headers are included as "cupel/..."."""
    found = []
    for path in tree.sources():
        folder = os.path.dirname(path)
        for number, name in _includes(tree, path):
            if name.startswith("cupel/"):
                continue
            if tree.exists(name) or tree.exists(os.path.join(folder, name)):
                found.append(f'{path}:{number}: write "cupel/..." for {name}')
    return found


def check_guards(tree):
    """Include guards spell the path: CUPEL_ENGINE_POOL_H_."""
    found = []
    for path in tree.sources():
        if not path.endswith(".h"):
            continue
        guard = "CUPEL_" + re.sub(r"\W", "_", path).upper() + "_"
        lines = tree.lines(path)
        if (f"#ifndef {guard}" not in lines or f"#define {guard}" not in lines
                or f"#endif  // {guard}" not in lines):
            found.append(f"{path}:1: the include guard must be {guard}")
    return found


def check_own_header_first(tree):
    """A .cc includes its own header first, which proves it self-contained."""
    found = []
    for path in tree.sources():
        header = path[:-len(".cc")] + ".h"
        if not path.endswith(".cc") or header not in tree.paths:
            continue
        first = next(_includes(tree, path), (1, None))
        if first[1] != "cupel/" + header:
            found.append(f'{path}:{first[0]}: include "cupel/{header}" first')
    return found


def check_no_database_names(tree):
    """Only a dialect knows the name of its database; comments may tell."""
    paths = [path for path in tree.sources()
             if path.startswith(tuple(layer + "/" for layer in LAYERS))
             and not path.startswith(DIALECTS) and not _TEST_FILE.search(path)]
    return _grep(tree, paths, _DATABASE,
                 "ask the dialect instead of naming a database", _code)


def check_file_length(tree):
    """Long files need a reason in long_files.txt: "path: reason"."""
    reasons = {}
    if tree.exists(LONG_FILES):
        for line in tree.lines(LONG_FILES):
            if line and not line.startswith("#"):
                path, _, reason = line.partition(": ")
                reasons[path] = reason
    found = []
    for path in tree.sources():
        limit = MAX_LINES[os.path.splitext(path)[1]]
        length = len(tree.lines(path))
        if length > limit and not reasons.pop(path, ""):
            found.append(f"{path}:{limit}: {length} lines; split it by noun, "
                         f"or give a reason in {LONG_FILES}")
    found += [f"{LONG_FILES}:1: {path} is not too long" for path in reasons]
    return found


def check_machine_paths(tree):
    """No path of somebody's machine."""
    return _grep(tree, tree.paths, _MACHINE_PATH, "a path of one machine")


def check_registry_hosts(tree):
    """Package registries are the machine's own configuration."""
    return _grep(tree, tree.paths, _REGISTRY, "names a package registry")


def check_unfinished(tree):
    """Nothing is left for later in the text."""
    return _grep(tree, tree.paths, _UNFINISHED, "unfinished")


def check_rules(tree):
    """BUILD files of layers use the macros of //bazel only."""
    places = tuple(p + "/" for p in (*LAYERS, "testing", "examples"))
    paths = [path for path in tree.paths if os.path.basename(path) == "BUILD"
             and path.startswith(places) and not path.startswith(CONSUMER)]
    return _grep(tree, paths, _FOREIGN_RULE, "use the macros of //bazel")


def _anchors(lines):
    """The anchors that GitHub makes from headings."""
    anchors = set()
    for line in lines:
        match = re.match(r"#+\s+(.*)", line)
        if match:
            text = re.sub(r"[^\w\- ]", "", match.group(1).lower())
            anchors.add(text.strip().replace(" ", "-"))
    return anchors


def check_links(tree):
    """Relative links of documents lead somewhere."""
    found = []
    for path in tree.select(".md"):
        in_code = False
        for number, line in enumerate(tree.lines(path), 1):
            if line.lstrip().startswith("```"):
                in_code = not in_code
            if in_code:
                continue
            for target in _LINK.findall(re.sub(r"`[^`]*`", "", line)):
                if re.match(r"\w+:", target):
                    continue
                file, _, anchor = target.partition("#")
                goal = os.path.normpath(
                    os.path.join(os.path.dirname(path), file)) if file else path
                if not tree.exists(goal):
                    found.append(f"{path}:{number}: dead link: {target}")
                elif (anchor and goal.endswith(".md")
                      and anchor not in _anchors(tree.lines(goal))):
                    found.append(f"{path}:{number}: no such heading: {target}")
    return found


def check_docs_are_tested(tree):
    """A document with C++ in it has a cupel_docs_test."""
    tested = set()
    for path in tree.paths:
        if os.path.basename(path) != "BUILD":
            continue
        text = "\n".join(tree.lines(path))
        for label in re.findall(r'cupel_docs_test\([^)]*?doc = "([^"]+)"', text):
            package, _, name = label.rpartition(":")
            package = package[2:] if package else os.path.dirname(path)
            tested.add(os.path.join(package, name))
    return [f"{path}:1: give this document a cupel_docs_test"
            for path in tree.select(".md")
            if "```cpp" in tree.lines(path) and path not in tested]


def _test_sources(tree, label):
    """The sources of a test; none where there is no such target."""
    package, _, name = label[2:].partition(":")
    build = f"{package}/BUILD"
    if not tree.exists(build):
        return []
    for rule in "\n".join(tree.lines(build)).split("\n\n"):
        if f'    name = "{name}",' in rule:
            files = re.findall(r'"(\w+\.(?:cc|md))"', rule) or [name + ".cc"]
        elif f'    "{name}",' in rule and " for name in " in rule:
            files = [name + ".cc"]
        else:
            continue
        return [path for path in (f"{package}/{file}" for file in files)
                if tree.exists(path)]
    return []


def _cases(tree, path):
    """What a test file holds: Suite.Case, or cases that must not compile."""
    return {f"{suite}.{case}" if suite else refused for suite, case, refused
            in _CASE.findall("\n".join(tree.lines(path)))}


def check_features_are_proven(tree):
    """What the table of features calls done is shown by tests that exist:
    `//layer:target Suite.Case, Suite.Case`, or `//layer:nocompile_test CASE`.
    Cases in a *_cases.cc are those of any test in //testing that links them.
    """
    if not tree.exists(FEATURES):
        return []
    shared = set().union(
        *(_cases(tree, path) for path in tree.select("_cases.cc")))
    everywhere = shared.union(
        *(_cases(tree, path) for path in tree.select("_test.cc")))
    found = []
    for number, line in enumerate(tree.lines(FEATURES), 1):
        row = _FEATURE.match(line)
        if not row:
            continue
        place = f"{FEATURES}:{number}: {row.group(1)}"
        proofs = _PROOF.findall(row.group(2))
        if not proofs:
            found.append(f"{place} names no test: `//layer:target Suite.Case`")
        for label, names in proofs:
            sources = _test_sources(tree, label)
            cases = set().union(*(_cases(tree, path) for path in sources))
            if label.startswith("//testing/"):
                cases |= shared
            wanted = re.findall(r"[\w./]+", names)
            if not sources:
                found.append(f"{place}: there is no test {label}")
            elif cases and not wanted:
                found.append(f"{place}: say which case of {label}")
            # Of a suite with parameters: Values/Suite.Case/0.
            found += [f"{place}: {label} has no {name}" for name in wanted
                      if sources
                      and re.sub(r"^\w+/|/\w+$", "", name) not in cases]
        found += [f"{place}: there is no {name}" for name
                  in _MENTION.findall(_PROOF.sub("", row.group(2)))
                  if name not in everywhere]
    return found


def check_format(tree):
    """clang-format 14 agrees with every C++ file."""
    paths = tree.select(".h", ".cc")
    if not paths:
        return []
    try:
        result = subprocess.run(
            ["clang-format-14", "--dry-run", "-Werror",
             "-ferror-limit=1", *paths],
            cwd=tree.root, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        return ["clang-format-14 is not installed: run ./bazelw once"]
    wrong = re.findall(r"^([^:\s]+):(\d+):\d+: error: code should be",
                       result.stderr, re.MULTILINE)
    found = {path: f"{path}:{number}: run clang-format-14 -i"
             for path, number in reversed(wrong)}
    if result.returncode != 0 and not found:
        return [result.stderr.strip()]
    return sorted(found.values())


CHECKS = (
    check_include_prefix,
    check_guards,
    check_own_header_first,
    check_no_database_names,
    check_file_length,
    check_machine_paths,
    check_registry_hosts,
    check_unfinished,
    check_rules,
    check_links,
    check_docs_are_tested,
    check_features_are_proven,
    check_format,
)


def main(arguments):
    # Among a test's files this one is a link into the real workspace.
    default = os.path.join(os.path.dirname(os.path.realpath(__file__)), "../..")
    tree = Tree(os.path.abspath(arguments[0] if arguments else default))
    failed = 0
    for check in CHECKS:
        found = check(tree)
        failed += bool(found)
        print(f"{'FAILED' if found else 'passed'}: {check.__name__}")
        for violation in found:
            print(f"  {violation}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
