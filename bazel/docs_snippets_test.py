import unittest

from bazel import docs_snippets

_FIXTURES = {"open": ("open.inc", """\
#include "fixture.h"
absl::Status RunSnippet() {
  // SNIPPET
  return absl::OkStatus();
}
""")}


def _generate(text):
    return docs_snippets.generate("guide.md", text, _FIXTURES)


class DocsSnippetsTest(unittest.TestCase):

    def test_declarations_get_a_namespace_and_their_own_line_numbers(self):
        code = _generate("# Guide\n\n```cpp\n#include <string>\nint x;\n```\n")
        self.assertIn('namespace snippet_4 {\n#line 4 "guide.md"\n\nint x;', code)
        self.assertLess(code.index("#include <string>"), code.index("namespace"))

    def test_a_program_is_run(self):
        code = _generate("```cpp\nint main() { return 0; }\n```\n")
        self.assertIn("int Main() { return 0; }", code)
        self.assertIn("EXPECT_EQ(Main(), 0)", code)

    def test_a_fixture_surrounds_the_block(self):
        code = _generate(
            "<!-- snippet: fixture=open -->\n```cpp\nUse();\n```\n")
        self.assertIn('RunSnippet() {\n#line 3 "guide.md"\nUse();', code)
        self.assertIn('#include "fixture.h"', code)

    def test_a_block_continues_the_one_before(self):
        code = _generate(
            "```cpp\nint x;\n```\n\nand\n\n<!-- snippet: continues -->\n"
            "```cpp\nint y;\n```\n")
        self.assertEqual(code.count("namespace snippet_"), 2)
        self.assertLess(code.index("int x"), code.index("int y"))

    def test_other_languages_are_left_alone(self):
        self.assertNotIn("int x", _generate("```\nint x;\n```\n"))

    def test_an_ignored_block_needs_a_reason(self):
        text = "<!-- snippet: ignore{} -->\n```cpp\nint x;\n```\n"
        self.assertNotIn("int x", _generate(text.format(" is a sketch")))
        with self.assertRaises(ValueError):
            _generate(text.format(""))

    def test_an_unknown_fixture_is_an_error(self):
        with self.assertRaises(ValueError):
            _generate("<!-- snippet: fixture=gone -->\n```cpp\nUse();\n```\n")

    def test_a_block_without_end_is_an_error(self):
        with self.assertRaises(ValueError):
            _generate("```cpp\nint x;\n")


if __name__ == "__main__":
    unittest.main()
