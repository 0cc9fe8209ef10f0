"""Tests of the order of layers: layers.bzl is Python, too."""

import unittest


def _fail(message):
    raise ValueError(message)


_LAYERS = {"fail": _fail}
with open("bazel/layers.bzl", encoding="utf-8") as file:
    exec(file.read(), _LAYERS)  # pylint: disable=exec-used


def _check(package, deps, test=False):
    _LAYERS["check_layers"](package, "target", deps, test)


class LayersTest(unittest.TestCase):

    def test_accepts_a_lower_layer_and_its_own(self):
        _check("session", [":other", "//query", "//engine", "@absl//strings"])

    def test_rejects_a_higher_layer(self):
        with self.assertRaisesRegex(ValueError, "may not depend on the higher"):
            _check("query", ["//session"])

    def test_rejects_what_another_layer_keeps_to_itself(self):
        with self.assertRaisesRegex(ValueError, "is private to layer engine"):
            _check("query", ["//engine:pool"])

    def test_rejects_test_support_in_a_library(self):
        with self.assertRaisesRegex(ValueError, "only tests may depend on"):
            _check("query", ["//testing:golden"])
        _check("query", ["//testing:golden"], test=True)

    def test_rejects_an_example(self):
        with self.assertRaisesRegex(ValueError, "may depend on examples"):
            _check("orm", ["//examples/quickstart"], test=True)


if __name__ == "__main__":
    unittest.main()
