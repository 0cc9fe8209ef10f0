#!/usr/bin/env python3
"""Counts test cases in the build event files that Bazel wrote.

  test_counts.py EVENTS_JSON...

Prints the failed and skipped ones, then "N passed, N failed, N skipped". The
cases of a googletest count one by one, every other test counts as one; a test
that did not build, crashed or timed out is a failure. Cases of the dialect suite
that a database is declared not to have do not count: they can run nowhere.
"""

import json
import re
import sys
import urllib.parse
import xml.etree.ElementTree as ElementTree


# How the dialect suite says that a case is not for this dialect.
_DECLARED = re.compile(r"^(needs |declared gap: )", re.MULTILINE)


def _is_declared(case):
    skipped = case.find("skipped")
    return skipped is not None and _DECLARED.search(skipped.get("message", ""))


class Counts:

    def __init__(self):
        self.passed = 0
        self.failed = []
        self.skipped = []

    def add_case(self, test, case):
        name = f"{test} {case.get('classname', '')}.{case.get('name', '')}"
        if case.find("failure") is not None or case.find("error") is not None:
            self.failed.append(name)
        elif _is_declared(case):
            return
        elif (case.find("skipped") is not None or case.get("status") == "notrun"
              or case.get("result") in ("skipped", "suppressed")):
            self.skipped.append(name)
        else:
            self.passed += 1

    def add_result(self, test, status, xml):
        failed_before = len(self.failed)
        if xml is not None:
            for case in xml.iter("testcase"):
                self.add_case(test, case)
        if status not in ("PASSED", "FLAKY"):
            if len(self.failed) == failed_before:
                self.failed.append(f"{test} ({status.lower()})")


def _read_xml(outputs):
    for output in outputs:
        if output.get("name") == "test.xml":
            path = urllib.parse.unquote(urllib.parse.urlparse(output["uri"]).path)
            try:
                return ElementTree.parse(path).getroot()
            except (OSError, ElementTree.ParseError):
                return None
    return None


def count(events):
    """Counts an iterable of build events."""
    counts = Counts()
    attempts = {}  # (test, shard, run) -> the last attempt's (status, outputs)
    for event in events:
        key = event.get("id", {})
        if "testResult" in event:
            result, of = event["testResult"], key["testResult"]
            attempts[of["label"], of.get("shard"), of.get("run")] = (
                result.get("status", "NO_STATUS"),
                result.get("testActionOutput", []))
        elif "testSummary" in event:
            status = event["testSummary"].get("overallStatus", "NO_STATUS")
            label = key["testSummary"]["label"]
            if status in ("NO_STATUS", "FAILED_TO_BUILD"):
                counts.failed.append(f"{label} (not built)")
        elif "aborted" in event and "targetCompleted" in key:
            counts.failed.append(
                f"{key['targetCompleted']['label']} (aborted)")
        elif "completed" in event and not event["completed"].get("success"):
            label = key["targetCompleted"]["label"]
            counts.failed.append(f"{label} (not built)")
    for (test, _, _), (status, outputs) in sorted(
            attempts.items(), key=lambda item: str(item[0])):
        counts.add_result(test, status, _read_xml(outputs))
    counts.failed = list(dict.fromkeys(counts.failed))
    return counts


def main(paths):
    total = Counts()
    for path in paths:
        with open(path, encoding="utf-8") as file:
            counts = count(json.loads(line) for line in file if line.strip())
        total.passed += counts.passed
        total.failed += counts.failed
        total.skipped += counts.skipped
    for name in total.failed:
        print(f"failed: {name}")
    for name in total.skipped:
        print(f"skipped: {name}")
    print(f"{total.passed} passed, {len(total.failed)} failed, "
          f"{len(total.skipped)} skipped")


if __name__ == "__main__":
    main(sys.argv[1:])
