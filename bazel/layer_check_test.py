import os
import tempfile
import unittest

from bazel import layer_check


class LayerCheckTest(unittest.TestCase):

    def setUp(self):
        self._folder = tempfile.TemporaryDirectory()
        self.addCleanup(self._folder.cleanup)
        self.write("engine/VERSION", "0.1.3\n")
        self.write("query/VERSION", "0.2.0\n")
        self.write("query/CHANGELOG.md", "# Changes\n\n## 0.2.0\n")
        self.write("query/README.md", "# query\n")

    def write(self, path, text):
        path = os.path.join(self._folder.name, path)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)

    def check(self, **requires):
        return layer_check.check(os.path.join(self._folder.name, "query"), requires)

    def test_accepts_a_compatible_version(self):
        self.assertEqual(self.check(engine="0.1"), [])
        self.assertEqual(self.check(engine="0.1.3"), [])

    def test_rejects_a_lower_version(self):
        self.assertEqual(
            self.check(engine="0.1.4"), ["query needs engine 0.1.4, found 0.1.3"])

    def test_rejects_another_minor_version_before_one(self):
        self.assertEqual(len(self.check(engine="0.0.9")), 1)
        self.assertEqual(len(self.check(engine="0.2")), 1)

    def test_accepts_a_higher_minor_version_after_one(self):
        self.assertTrue(layer_check.is_compatible("1.4.0", "1.2"))
        self.assertFalse(layer_check.is_compatible("2.0.0", "1.2"))

    def test_rejects_a_missing_file(self):
        os.remove(os.path.join(self._folder.name, "query/README.md"))
        self.assertEqual(self.check(), ["query/README.md is missing"])

    def test_rejects_a_version_without_a_changelog_entry(self):
        self.write("query/VERSION", "0.2.1\n")
        self.assertIn("no heading", self.check()[0])


if __name__ == "__main__":
    unittest.main()
