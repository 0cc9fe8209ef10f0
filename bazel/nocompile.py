#!/usr/bin/env python3
"""Checks that code which must not compile fails with the message it should.

  nocompile.py REPORT SOURCE COMPILER ARGUMENT...

SOURCE holds cases, each behind the messages that the compiler must print:

  // EXPECT: cupel: a message of ours, word by word, to its end: what
  //     does not fit on the line goes on indented
  // EXPECT: or a regular expression
  #if defined(CASE_NAME)
  ...
  #endif

Without any case the file must compile. The report starts with PASSED or FAILED.
What the file includes is compiled once, ahead of the cases.
"""

import pathlib
import re
import subprocess
import sys
import tempfile

_EXPECT = re.compile(r"\s*// EXPECT: (.+?)\s*$")
_MORE = re.compile(r"\s*//     (\S.*?)\s*$")
_CASE = re.compile(r"\s*#\s*if(?:def\s+|\s+defined\s*\(?\s*)(\w+)")


def read_cases(text):
    """Returns a list of (case, expected expressions) and a list of errors."""
    cases, errors, expected = [], [], []
    for number, line in enumerate(text.splitlines(), 1):
        expect = _EXPECT.match(line)
        if expect:
            expected.append(expect.group(1))
            continue
        more = _MORE.match(line)
        if more and expected:
            expected[-1] += " " + more.group(1)
            continue
        case = _CASE.match(line)
        if case:
            name = case.group(1)
            if not expected:
                errors.append(f"line {number}: {name} has no // EXPECT: before it")
            if name in [known for known, _ in cases]:
                errors.append(f"line {number}: {name} is defined twice")
            cases.append((name, expected))
            expected = []
        elif line.strip() and expected:
            errors.append(f"line {number}: // EXPECT: without #if defined(...)")
            expected = []
    if not cases:
        errors.append("no case found: #if defined(CASE_NAME)")
    return cases, errors


def _is_met(expected, output):
    if expected.startswith("cupel: "):  # one compiler adds quotes
        return re.search(re.escape(expected) + '"?$', output, re.MULTILINE)
    return re.search(expected, output)


class Compiler:
    """Compiles a source again and again, with its headers precompiled."""

    def __init__(self, source, text, command, folder):
        self._command = command
        self._text = f'#line 1 "{source}"\n{text}'
        self._case = pathlib.Path(folder) / "case.cc"
        includes = "\n".join(re.findall(r"^#include .*$", text, re.MULTILINE))
        header = pathlib.Path(folder) / "headers.h"
        header.write_text(includes + "\n", encoding="utf-8")
        self._include = ["-include", str(header)]
        self._run("-x", "c++-header", str(header), "-o", f"{header}.gch")

    def compile_with(self, macro=""):
        """Whether and with which messages the source compiles."""
        define = f"#define {macro} 1\n" if macro else ""
        self._case.write_text(define + self._text, encoding="utf-8")
        return self._run(*self._include, "-fsyntax-only", str(self._case))

    def _run(self, *arguments):
        return subprocess.run(
            [*self._command, "-fdiagnostics-color=never", *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            check=False,
        )


def check(source, command):
    """Returns report lines and the number of failures."""
    with open(source, encoding="utf-8") as file:
        text = file.read()
    cases, errors = read_cases(text)
    with tempfile.TemporaryDirectory() as folder:
        compiler = Compiler(source, text, command, folder)
        return compile_cases(compiler, source, cases, errors)


def compile_cases(compiler, source, cases, errors):
    """Returns report lines and the number of failures, beside `errors`."""
    lines = [f"{source}: {error}" for error in errors]
    failures = len(errors)
    plain = compiler.compile_with()
    if plain.returncode != 0:
        failures += 1
        lines += ["FAILED: does not compile without any case", plain.stdout]
    for name, expected in cases:
        result = compiler.compile_with(name)
        missing = [e for e in expected if not _is_met(e, result.stdout)]
        if result.returncode == 0:
            failures += 1
            lines.append(f"FAILED: {name} compiles, but must not")
        elif missing:
            failures += 1
            lines += [f"FAILED: {name} lacks this message: {e}" for e in missing]
            lines.append(result.stdout)
        else:
            lines.append(f"passed: {name}")
    return lines, failures


def main(arguments):
    report, source, *command = arguments
    lines, failures = check(source, command)
    with open(report, "w", encoding="utf-8") as file:
        print("FAILED" if failures else "PASSED", *lines, sep="\n", file=file)


if __name__ == "__main__":
    main(sys.argv[1:])
