"""The rules of Cupel's BUILD files.

  cupel_library    a header (pair), included as "cupel/<package>/<header>"
  cupel_test       a googletest, main included
  cupel_binary     a program
  cupel_benchmark  a Google Benchmark program, and its smoke test

All compile with our warnings, as errors in our own workspace, and check at load
time that dependencies follow the layers (//bazel:layers.bzl).
"""

load("//bazel:layers.bzl", "LAYERS", "check_layers", "is_public", "layer_of")

_WARNINGS = [
    "-Wall",
    "-Wextra",
    "-Wnon-virtual-dtor",
    "-Woverloaded-virtual",
    # Designated initialisers name what they mean and leave out the rest.
    "-Wno-missing-field-initializers",
    # GCC 12 sees these where they are not (std::optional, std::string).
    "-Wno-unknown-warning-option",
    "-Wno-maybe-uninitialized",
    "-Wno-restrict",
]

def _copts(copts):
    # A consumer's newer compiler may warn about more: never break its build.
    errors = ["-Werror"] if native.repository_name() == "@" else []
    return _WARNINGS + errors + copts

def _visibility(name, visibility):
    if visibility != None:
        return visibility
    package = native.package_name()
    if is_public("//%s:%s" % (package, name)) or layer_of(package) == "testing":
        return ["//visibility:public"]
    if layer_of(package) in LAYERS:
        return ["//%s:__subpackages__" % layer_of(package)]
    return ["//visibility:private"]

def cupel_library(
        name,
        srcs = [],
        hdrs = [],
        deps = [],
        copts = [],
        testonly = False,
        visibility = None,
        **kwargs):
    """A library whose headers are included as "cupel/<package>/<header>".

    It is visible to its own layer; facades and the targets of PUBLIC_TARGETS
    (bazel/layers.bzl) are visible to everybody, like all of //testing.
    """
    package = native.package_name()
    check_layers(package, name, deps, testonly or layer_of(package) == "testing")
    native.cc_library(
        name = name,
        srcs = srcs,
        hdrs = hdrs,
        deps = deps,
        copts = _copts(copts),
        include_prefix = "cupel/" + package,
        strip_include_prefix = "/" + package,
        testonly = testonly,
        visibility = _visibility(name, visibility),
        **kwargs
    )

def cupel_test(name, srcs = None, deps = [], copts = [], size = "small", **kwargs):
    """A googletest program; srcs defaults to <name>.cc. Main is included."""
    check_layers(native.package_name(), name, deps, True)
    native.cc_test(
        name = name,
        srcs = srcs or [name + ".cc"],
        copts = _copts(copts),
        size = size,
        # Shared objects link faster; optimised objects are compiled once only.
        linkstatic = select({
            "//bazel:opt": True,
            "//conditions:default": False,
        }),
        deps = deps + ["@com_google_googletest//:gtest_main"],
        **kwargs
    )

def cupel_binary(name, srcs = None, deps = [], copts = [], **kwargs):
    """A program; srcs defaults to <name>.cc."""
    check_layers(
        native.package_name(),
        name,
        deps,
        kwargs.get("testonly", False),
    )
    native.cc_binary(
        name = name,
        srcs = srcs or [name + ".cc"],
        copts = _copts(copts),
        deps = deps,
        **kwargs
    )

def cupel_benchmark(name, srcs = None, deps = [], copts = [], size = "small", **kwargs):
    """A benchmark program, and <name>_smoke_test: one short pass of each.

    The program finds CUPEL_BENCHMARK_SMOKE set in the smoke test, to use small
    data there.
    """
    check_layers(native.package_name(), name, deps, True)
    attrs = dict(
        srcs = srcs or [name + ".cc"],
        copts = _copts(copts),
        testonly = True,
        deps = deps + ["@com_github_google_benchmark//:benchmark_main"],
        **kwargs
    )
    native.cc_binary(name = name, **attrs)
    native.cc_test(
        name = name + "_smoke_test",
        size = size,
        args = ["--benchmark_min_time=0"],
        env = {"CUPEL_BENCHMARK_SMOKE": "1"},
        linkstatic = True,
        **attrs
    )
