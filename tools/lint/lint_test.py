"""Every check passes on a sound tree, and fails once on each kind of fault."""

import os
import tempfile
import unittest

from tools.lint import lint

_SOUND = {
    ".clang-format": "BasedOnStyle: Google\n",
    "engine/pool.h": """\
// A comment may name SQLite, code may not.
#ifndef CUPEL_ENGINE_POOL_H_
#define CUPEL_ENGINE_POOL_H_

namespace cupel::engine {}

#endif  // CUPEL_ENGINE_POOL_H_
""",
    "engine/pool.cc": """\
#include "cupel/engine/pool.h"

#include <string>

#include "absl/status/status.h"
#include "cupel/engine/version.h"
""",
    "engine/pool_test.cc": 'const char kUrl[] = "sqlite://";\n'
                           "TEST(PoolTest, Opens) {}\n"
                           "TEST(PoolTest, Closes) {}\n",
    "engine/dialects/sqlite/driver.cc": "int sqlite_version = 3;\n",
    "engine/BUILD": 'cupel_library(name = "pool")\n',
    "README.md": "# Cupel\n\n## The pool\n\n[pool](engine/pool.h) "
                 "[below](#the-pool) [web](https://example.com)\n",
}

_TESTS = """\
[cupel_test(
    name = name,
    deps = [":pool"],
) for name in [
    "pool_test",
]]

cupel_test(
    name = "fault_test",
)

cupel_nocompile_test(
    name = "bad_nocompile_test",
)
"""


def _features(*cells):
    return "".join(f"| ENG-1 | Pool | done | {cell} |\n" for cell in cells)


class LintTest(unittest.TestCase):

    def run_check(self, check, **changes):
        with tempfile.TemporaryDirectory() as root:
            files = dict(_SOUND)
            for path, text in changes.items():
                files[path] = text
            for path, text in files.items():
                full = os.path.join(root, path)
                os.makedirs(os.path.dirname(full), exist_ok=True)
                with open(full, "w", encoding="utf-8") as file:
                    file.write(text)
            return check(lint.Tree(root, files))

    def fails(self, check, path, text):
        """Expects one violation, at the changed file, and returns it."""
        found = self.run_check(check, **{path: text})
        self.assertEqual(len(found), 1, found)
        return found[0]

    def test_every_check_passes_on_a_sound_tree(self):
        for check in lint.CHECKS:
            self.assertEqual(self.run_check(check), [], check.__name__)

    def test_plain_include(self):
        self.assertIn("engine/pool_test.cc:1", self.fails(
            lint.check_include_prefix, "engine/pool_test.cc",
            '#include "engine/pool.h"\n'))

    def test_include_beside(self):
        self.fails(lint.check_include_prefix, "engine/pool_test.cc",
                   '#include "pool.h"\n')

    def test_guard(self):
        self.assertIn("CUPEL_ENGINE_POOL_H_", self.fails(
            lint.check_guards, "engine/pool.h",
            _SOUND["engine/pool.h"].replace("CUPEL_ENGINE_POOL_H_", "POOL_H")))

    def test_own_header_not_first(self):
        self.assertIn("engine/pool.cc:1", self.fails(
            lint.check_own_header_first, "engine/pool.cc",
            "#include <string>\n" + _SOUND["engine/pool.cc"]))

    def test_database_name_in_code(self):
        self.assertIn("engine/pool.cc:1", self.fails(
            lint.check_no_database_names, "engine/pool.cc",
            "bool is_postgres = false;  // why\n"))

    def test_database_name_in_a_string(self):
        self.fails(lint.check_no_database_names, "engine/pool.cc",
                   'const char kUrl[] = "sqlite://";\n')

    def test_long_header(self):
        self.assertIn("lines", self.fails(
            lint.check_file_length, "engine/pool.h", "\n" * 401))

    def test_long_source_with_a_reason(self):
        self.assertEqual(self.run_check(lint.check_file_length, **{
            "engine/pool.cc": "\n" * 601,
            lint.LONG_FILES: "# reasons\nengine/pool.cc: one table\n",
        }), [])

    def test_reason_for_a_short_file(self):
        self.fails(lint.check_file_length, lint.LONG_FILES,
                   "engine/pool.cc: was long once\n")

    def test_machine_path(self):
        self.fails(lint.check_machine_paths, "README.md",
                   "see /" + "home/somebody/cupel\n")

    def test_registry_host(self):
        self.fails(lint.check_registry_hosts, "README.md",
                   "from pypi" + ".org\n")

    def test_unfinished(self):
        self.fails(lint.check_unfinished, "engine/pool.cc",
                   "// TO" + "DO: finish\n")

    def test_foreign_rule(self):
        self.fails(lint.check_rules, "engine/BUILD",
                   "cc_library" + '(name = "pool")\n')

    def test_dead_link(self):
        self.assertIn("dead link", self.fails(
            lint.check_links, "README.md", "[pool](engine/gone.h)\n"))

    def test_dead_anchor(self):
        self.assertIn("no such heading", self.fails(
            lint.check_links, "README.md", "# Cupel\n\n[below](#gone)\n"))

    def test_untested_document(self):
        self.fails(lint.check_docs_are_tested, "README.md",
                   "```cpp\nint x;\n```\n")

    def test_tested_document(self):
        self.assertEqual(self.run_check(lint.check_docs_are_tested, **{
            "docs/guide.md": "```cpp\nint x;\n```\n",
            "docs/BUILD": 'cupel_docs_test(\n    doc = "guide.md",\n)\n',
        }), [])

    def test_proven_features(self):
        self.assertEqual(self.run_check(lint.check_features_are_proven, **{
            "engine/BUILD": _TESTS,
            "engine/fault_test.cc": "TEST_P(FaultTest,\n       Ends) {}\n",
            "engine/bad_nocompile_test.cc": "#if defined(NO_KEY)\n#endif\n",
            lint.FEATURES: _features(
                "`//engine:pool_test PoolTest.Opens, PoolTest.Closes` and "
                "`//engine:fault_test All/FaultTest.Ends/0`",
                "`//engine:bad_nocompile_test NO_KEY` also PoolTest.Opens") +
                "| ENG-9 | later | open | soon |\n",
        }), [])

    def test_features_without_a_proof(self):
        for cell, message in (
                ("of course", "names no test"),
                ("`//engine:gone_test PoolTest.Opens`", "no test //engine:gone"),
                ("`//gone:pool_test PoolTest.Opens`", "no test //gone:pool"),
                ("`//engine:pool_test`", "say which case"),
                ("`//engine:pool_test PoolTest.Gone`", "has no PoolTest.Gone"),
                ("`//engine:pool_test PoolTest.Opens` and PoolTest.Gone",
                 "there is no PoolTest.Gone")):
            found = self.run_check(lint.check_features_are_proven, **{
                "engine/BUILD": _TESTS, lint.FEATURES: _features(cell)})
            self.assertEqual(len(found), 1, found)
            self.assertIn(f"{lint.FEATURES}:1: ENG-1", found[0])
            self.assertIn(message, found[0])

    def test_format(self):
        self.assertIn("engine/pool.cc:1", self.fails(
            lint.check_format, "engine/pool.cc", "int  x=1 ;\n"))


if __name__ == "__main__":
    unittest.main()
