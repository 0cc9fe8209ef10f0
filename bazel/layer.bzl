"""What makes a folder a versioned layer."""

load("//bazel:cupel.bzl", "cupel_library")
load("//bazel:layers.bzl", "LAYERS")
load("//bazel:python_test.bzl", "python_test")

def cupel_layer(name, requires = {}):
    """Version header and checks of a layer; call it once in the layer's BUILD.

    Defines :version ("cupel/<layer>/version.h": kVersion, kVersionMajor, ...)
    and :layer_check_test (VERSION, CHANGELOG.md and README.md exist and agree,
    the layers below are of the versions that are needed).

    Args:
      name: the layer, which is its folder.
      requires: lower layer -> the least version needed, as "0.1" or "0.1.2".
        Before 1.0 the minor version must be the same, afterwards the major.
    """
    if native.package_name() != name:
        fail("cupel_layer(%s) belongs into //%s" % (name, name))
    for lower in requires:
        if LAYERS.index(lower) >= LAYERS.index(name):
            fail("layer %s may not require %s" % (name, lower))
    native.exports_files(["VERSION"], visibility = ["//visibility:public"])
    native.genrule(
        name = "version_header",
        srcs = ["VERSION"],
        outs = ["version.h"],
        cmd = "$(location //bazel:version_header.py) %s $< > $@" % name,
        exec_tools = ["//bazel:version_header.py"],
    )
    cupel_library(
        name = "version",
        hdrs = ["version.h"],
    )
    python_test(
        name = "layer_check_test",
        size = "small",
        args = [name] + ["%s=%s" % item for item in requires.items()],
        data = native.glob(["VERSION", "CHANGELOG.md", "README.md"]) +
               ["//%s:VERSION" % lower for lower in requires],
        main = "//bazel:layer_check.py",
    )
