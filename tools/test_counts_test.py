import os
import tempfile
import unittest

from tools import test_counts

_XML = """<testsuites><testsuite>
<testcase classname="A" name="Passes" status="run" result="completed"/>
<testcase classname="A" name="Skips" status="run" result="skipped"/>
<testcase classname="A" name="IsOff" status="notrun" result="suppressed"/>
<testcase classname="A" name="SkipsFor" status="run" result="skipped">
<skipped message="a.cc:1&#x0A;no server here"/></testcase>
<testcase classname="A" name="IsNotForIt" status="run" result="skipped">
<skipped message="a.cc:1&#x0A;needs sequences"/></testcase>
<testcase classname="A" name="IsAGap" status="run" result="skipped">
<skipped message="a.cc:1&#x0A;declared gap: why"/></testcase>
<testcase classname="A" name="Fails" status="run" result="completed">
<failure message="no"/></testcase>
</testsuite></testsuites>"""


def _result(label, status, path=None):
    outputs = [{"name": "test.xml", "uri": f"file://{path}"}] if path else []
    return {"id": {"testResult": {"label": label, "run": 1, "shard": 1}},
            "testResult": {"status": status, "testActionOutput": outputs}}


class TestCountsTest(unittest.TestCase):

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.xml = os.path.join(folder.name, "test.xml")
        with open(self.xml, "w", encoding="utf-8") as file:
            file.write(_XML)

    def test_counts_every_case_of_a_googletest(self):
        counts = test_counts.count([_result("//a", "FAILED", self.xml)])
        self.assertEqual(counts.passed, 1)
        self.assertEqual(counts.failed, ["//a A.Fails"])
        self.assertEqual(counts.skipped, ["//a A.Skips", "//a A.IsOff", "//a A.SkipsFor"])

    def test_a_crash_without_a_report_is_a_failure(self):
        counts = test_counts.count([_result("//a", "TIMEOUT")])
        self.assertEqual(counts.failed, ["//a (timeout)"])

    def test_only_the_last_attempt_counts(self):
        counts = test_counts.count(
            [_result("//a", "FAILED"), _result("//a", "PASSED")])
        self.assertEqual(counts.failed, [])

    def test_what_did_not_build_is_one_failure(self):
        counts = test_counts.count([
            {"id": {"targetCompleted": {"label": "//a"}}, "completed": {}},
            {"id": {"testSummary": {"label": "//a"}},
             "testSummary": {"overallStatus": "NO_STATUS"}},
        ])
        self.assertEqual(counts.failed, ["//a (not built)"])


if __name__ == "__main__":
    unittest.main()
