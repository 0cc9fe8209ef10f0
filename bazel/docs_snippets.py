#!/usr/bin/env python3
"""Turns the ```cpp blocks of a Markdown file into one googletest program.

  docs_snippets.py MARKDOWN OUTPUT [FIXTURE_FILE...]

A block becomes, by what it holds and by the comment in front of it,

  <!-- snippet: fixture=NAME -->   statements: they take the place of the line
                                   `// SNIPPET` in docs/snippets/NAME.inc, whose
                                   function `absl::Status RunSnippet()` is run
                                   and must return OK
  <!-- snippet: continues -->      (also `continues fixture=NAME`) the same
                                   scope as the block before it
  <!-- snippet: ignore REASON -->  not compiled; the reason is required
  int main() in it                 a program: run, must `return 0`
  nothing of it                    declarations at namespace scope

Every block, with those that continue it, has a namespace of its own; its
includes move to the top of the file. Line numbers are those of the document.
"""

import os
import re
import sys

_DIRECTIVE = re.compile(r"\s*<!--\s*snippet:\s*(.*?)\s*-->\s*$")
_MAIN = re.compile(r"\bint\s+main\s*\(([^)]*)\)")
_MARK = "// SNIPPET"


class Snippet:
    """A block: first line number, lines, and what its directive says."""

    def __init__(self, line, lines, directive):
        self.line = line
        self.lines = lines
        words = directive.split()
        self.ignored = words[:1] == ["ignore"]
        if self.ignored and len(words) < 2:
            raise ValueError(f"line {line}: `ignore` needs a reason")
        self.continues = "continues" in words
        self.fixture = next(
            (w[len("fixture="):] for w in words if w.startswith("fixture=")), "")


def read_snippets(text):
    """Returns the ```cpp blocks of a Markdown text."""
    snippets, directive, block = [], "", None
    for number, line in enumerate(text.splitlines(), 1):
        if block is not None:
            if line.strip() == "```":
                snippets.append(Snippet(start, block, directive))
                block, directive = None, ""
            else:
                block.append(line)
        elif line.strip() == "```cpp":
            block, start = [], number + 1
        elif _DIRECTIVE.match(line):
            directive = _DIRECTIVE.match(line).group(1)
        elif line.strip():
            directive = ""
    if block is not None:
        raise ValueError(f"line {start}: block without end")
    return snippets


def _split_includes(lines):
    includes = [l for l in lines if re.match(r"\s*#\s*include\b", l)]
    return includes, ["" if l in includes else l for l in lines]


def generate(document, text, fixtures):
    """Returns C++ for the snippets; fixtures maps a name to (path, text)."""
    includes = ['#include "gtest/gtest.h"']
    groups = []  # [first line, fixture, code lines]
    for snippet in read_snippets(text):
        if snippet.ignored:
            continue
        more, lines = _split_includes(snippet.lines)
        includes += more
        code = [f'#line {snippet.line} "{document}"', *lines]
        if snippet.continues:
            if not groups:
                raise ValueError(f"line {snippet.line}: nothing to continue")
            groups[-1][2] += code
        else:
            groups.append([snippet.line, snippet.fixture, code])
    body = []
    for line, fixture, code in groups:
        test = f"TEST(SnippetTest, Line{line})"
        if fixture:
            if fixture not in fixtures:
                raise ValueError(f"line {line}: no docs/snippets/{fixture}.inc")
            path, wrapper = fixtures[fixture]
            if _MARK not in wrapper:
                raise ValueError(f"{path}: no line `{_MARK}`")
            more, lines = _split_includes(wrapper.splitlines())
            includes += more
            at = next(i for i, l in enumerate(lines) if l.strip() == _MARK)
            code = [f'#line 1 "{path}"', *lines[:at], *code,
                    f'#line {at + 2} "{path}"', *lines[at + 1:]]
            code += [test + " {", "  const absl::Status status = RunSnippet();",
                     "  EXPECT_TRUE(status.ok()) << status;", "}"]
        else:
            main = _MAIN.search("\n".join(code))
            if main:
                if main.group(1).strip() not in ("", "void"):
                    raise ValueError(f"line {line}: main takes no arguments")
                code = [_MAIN.sub("int Main()", l) for l in code]
                code += [test + " { EXPECT_EQ(Main(), 0); }"]
            else:
                code += [test + " {}"]
        body += [f"namespace snippet_{line} {{", *code,
                 f"}}  // namespace snippet_{line}", ""]
    unique = list(dict.fromkeys(line.strip() for line in includes))
    return "\n".join([
        f"// Generated from {document}.", *unique, "",
        '#pragma GCC diagnostic ignored "-Wunused"', *body])


def main(arguments):
    document, output, *paths = arguments
    fixtures = {}
    for path in paths:
        with open(path, encoding="utf-8") as file:
            name = os.path.splitext(os.path.basename(path))[0]
            fixtures[name] = (path, file.read())
    with open(document, encoding="utf-8") as file:
        text = file.read()
    try:
        code = generate(document, text, fixtures)
    except ValueError as error:
        sys.exit(f"{document}: {error}")
    with open(output, "w", encoding="utf-8") as file:
        file.write(code)


if __name__ == "__main__":
    main(sys.argv[1:])
