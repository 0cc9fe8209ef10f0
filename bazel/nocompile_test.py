"""Tests of the test: every way in which a no-compile test must fail."""

import os
import tempfile
import unittest

from bazel import nocompile

_COMMAND = ["g++", "-std=c++20"]
_GOOD = """
// EXPECT: a message of ours
#if defined(CASE_ASSERT)
static_assert(false, "a message of ours");
#endif
"""


class NocompileTest(unittest.TestCase):

    def check(self, text):
        with tempfile.TemporaryDirectory() as folder:
            source = os.path.join(folder, "source.cc")
            with open(source, "w", encoding="utf-8") as file:
                file.write(text)
            lines, failures = nocompile.check(source, _COMMAND)
            return "\n".join(lines), failures

    def test_passes_when_every_case_fails_as_expected(self):
        report, failures = self.check(_GOOD)
        self.assertEqual(failures, 0, report)
        self.assertIn("passed: CASE_ASSERT", report)

    def test_fails_when_a_case_compiles(self):
        report, failures = self.check(_GOOD.replace("false", "true"))
        self.assertEqual(failures, 1)
        self.assertIn("CASE_ASSERT compiles", report)

    def test_fails_when_the_message_is_another(self):
        report, failures = self.check(_GOOD.replace("EXPECT: a", "EXPECT: no"))
        self.assertEqual(failures, 1)
        self.assertIn("lacks this message", report)

    def test_a_message_of_ours_is_given_in_full(self):
        good = _GOOD.replace("a message of ours", "cupel: do (not)")
        split = good.replace("EXPECT: cupel: do (not)",
                             "EXPECT: cupel: do\n//     (not)")
        for text in (good, split):
            report, failures = self.check(text)
            self.assertEqual(failures, 0, report)
        for shorter in ("EXPECT: cupel: do", "EXPECT: cupel: do (no"):
            _, failures = self.check(
                good.replace("EXPECT: cupel: do (not)", shorter))
            self.assertEqual(failures, 1, shorter)

    def test_fails_when_the_file_does_not_compile_by_itself(self):
        report, failures = self.check(_GOOD + "int broken = ;")
        self.assertEqual(failures, 1)
        self.assertIn("does not compile without any case", report)

    def test_fails_without_an_expectation(self):
        _, failures = self.check(_GOOD.replace("// EXPECT:", "//"))
        self.assertEqual(failures, 1)

    def test_fails_without_cases(self):
        _, failures = self.check("int number = 1;")
        self.assertEqual(failures, 1)


if __name__ == "__main__":
    unittest.main()
