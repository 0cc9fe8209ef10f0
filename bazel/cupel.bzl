"""The rules of Cupel's BUILD files.

  cupel_library         a header (pair), included as "cupel/<package>/<header>"
  cupel_test            a googletest, main included
  cupel_nocompile_test  code that the compiler must reject, with its message
  cupel_docs_test       the ```cpp blocks of a document, compiled and run
  cupel_binary          a program
  cupel_benchmark       a Google Benchmark program, and its smoke test

Tests tagged "once" are not run again with sanitizers.

All compile with our warnings, as errors in our own workspace, and check at load
time that dependencies follow the layers (//bazel:layers.bzl).
"""

load("//bazel:facade.bzl", "cc_facade")
load("//bazel:layers.bzl", "LAYERS", "check_layers", "is_public", "layer_of")
load("//bazel:nocompile.bzl", "nocompile_test")

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

def _linkstatic():
    # Shared objects link faster; for benchmarks everything is in one piece.
    return select({
        "//bazel:opt": True,
        "//conditions:default": False,
    })

def _union(deps, more):
    return deps + [dep for dep in more if dep not in deps]

def _features():
    if native.repository_name() != "@":
        return []

    # Clang then accepts only includes of what deps declare; GCC ignores it.
    # Without supports_pic //... compiles each library once, not twice: only
    # others link ours into shared objects.
    return ["layering_check"] + select({
        "//bazel:opt": ["-supports_pic"],
        "//conditions:default": [],
    })

def _visibility(name, visibility):
    if visibility != None:
        return visibility
    package = native.package_name()
    if is_public("//%s:%s" % (package, name)) or layer_of(package) == "testing":
        return ["//visibility:public"]
    if layer_of(package) in LAYERS:
        return ["//%s:__subpackages__" % layer_of(package)]
    return ["//visibility:private"]

def _check_headers_compile_alone(name, srcs, hdrs, **kwargs):
    """Compiles each header that no .cc of its own includes first."""
    sources = []
    for header in hdrs:
        stem = header.lstrip(":").rpartition(".")[0]
        if stem + ".cc" in srcs:
            continue
        source = "%s_%s_alone.cc" % (name, stem.replace("/", "_"))
        native.genrule(
            name = source + "_source",
            outs = [source],
            cmd = "echo '#include \"cupel/%s/%s.h\"' > $@" %
                  (native.package_name(), stem),
            visibility = ["//visibility:private"],
        )
        sources.append(source)
    if sources:
        native.cc_library(
            name = name + "_headers_compile_alone",
            srcs = sources,
            deps = [":" + name],
            features = _features(),
            linkstatic = True,
            visibility = ["//visibility:private"],
            **kwargs
        )

def cupel_library(
        name,
        srcs = [],
        hdrs = [],
        deps = [],
        copts = [],
        testonly = False,
        visibility = None,
        linkstatic = None,
        **kwargs):
    """A library whose headers are included as "cupel/<package>/<header>".

    It is visible to its own layer; facades and the targets of PUBLIC_TARGETS
    (bazel/layers.bzl) are visible to everybody, like all of //testing. The
    facade of a layer, the target that is named like its folder, hands on the
    headers of its dependencies.
    """
    package = native.package_name()
    check_layers(package, name, deps, testonly or layer_of(package) == "testing")
    visibility = _visibility(name, visibility)
    is_facade = package in LAYERS and name == package
    library = name + "_umbrella" if is_facade else name
    native.cc_library(
        name = library,
        srcs = srcs,
        hdrs = hdrs,
        deps = deps,
        copts = _copts(copts),
        features = _features(),
        include_prefix = "cupel/" + package,
        strip_include_prefix = "/" + package,
        linkstatic = _linkstatic() if linkstatic == None else linkstatic,
        testonly = testonly,
        visibility = ["//visibility:private"] if is_facade else visibility,
        **kwargs
    )
    if is_facade:
        cc_facade(
            name = name,
            exports = [":" + library] +
                      [dep for dep in deps if not dep.startswith("@")],
            visibility = visibility,
        )
    _check_headers_compile_alone(
        library,
        srcs,
        hdrs,
        copts = _copts(copts) + ["-O0"],
        tags = kwargs.get("tags", []),
        testonly = testonly,
    )

def _test_copts(copts):
    # What is tested is optimised, what tests it is not: it runs once.
    return _copts(copts) + select({
        "//bazel:opt": ["-O0"],
        "//conditions:default": [],
    })

def _googletest(name, srcs, deps, copts, size, **kwargs):
    check_layers(native.package_name(), name, deps, True)
    native.cc_test(
        name = name,
        srcs = srcs,
        copts = _test_copts(copts),
        features = _features(),
        size = size,
        linkstatic = _linkstatic(),
        deps = _union(deps, [
            "//testing:sanitizers",
            "@com_google_googletest//:gtest",
            "@com_google_googletest//:gtest_main",
        ]),
        **kwargs
    )

# Tags of a test that runs alone: what else runs would use up the time of its
# deadlines.
MEASURES_TIME = ["exclusive"]

def cupel_test(
        name,
        srcs = None,
        deps = [],
        copts = [],
        size = "small",
        servers = [],
        **kwargs):
    """A googletest program; srcs defaults to <name>.cc. Main is included.

    `servers` are folders of //testing/dialects that provide the databases of a
    server: the test runs on those, too, as <name>_<server>.
    """
    srcs = srcs or [name + ".cc"]
    if not servers:
        _googletest(name, srcs, deps, copts, size, **kwargs)
        return
    check_layers(native.package_name(), name, deps, True)
    code = name + "_code"
    native.cc_library(
        name = code,
        testonly = True,
        srcs = srcs,
        copts = _test_copts(copts),
        features = _features(),
        deps = _union(deps, ["@com_google_googletest//:gtest"]),
        linkstatic = True,
        alwayslink = True,
        visibility = ["//visibility:private"],
    )
    _googletest(name, [], [":" + code], copts, size, **kwargs)
    for server in servers:
        _googletest(
            name = "%s_%s" % (name, server),
            srcs = [],
            deps = [
                ":" + code,
                "//testing/dialects/%s:test_databases" % server,
            ],
            copts = copts,
            size = "medium",
            tags = kwargs.get("tags", []) + ["no-sandbox"],
            **{key: value for key, value in kwargs.items() if key != "tags"}
        )

def cupel_nocompile_test(name, src = None, deps = [], size = "small", **kwargs):
    """Proves that the compiler rejects each case of src, and with which message.

    src (by default <name>.cc) compiles as it is, and holds cases like

      // EXPECT: regular expression, to be found in the compiler's output
      #if defined(LIKE_ON_AN_INTEGER)
      auto condition = col<&User::id>.Like("x");
      #endif

    Several EXPECT lines must all be met.
    """
    check_layers(native.package_name(), name, deps, True)
    nocompile_test(
        name = name,
        src = src or name + ".cc",
        deps = deps,
        size = size,
        tags = kwargs.pop("tags", []) + ["once"],
        **kwargs
    )

def cupel_docs_test(name, doc, deps = [], fixtures = [], **kwargs):
    """Compiles and runs the ```cpp blocks of a Markdown file.

    How a block may use a fixture or continue the block before it says
    //bazel:docs_snippets.py.
    """
    native.genrule(
        name = name + "_source",
        testonly = True,
        srcs = [doc] + fixtures,
        outs = [name + ".cc"],
        cmd = "$(location //bazel:docs_snippets.py) $(location %s) $@ %s" %
              (doc, " ".join(["$(locations %s)" % label for label in fixtures])),
        exec_tools = ["//bazel:docs_snippets.py"],
        visibility = ["//visibility:private"],
    )
    cupel_test(
        name = name,
        srcs = [name + ".cc"],
        deps = _union(deps, ["@com_google_absl//absl/status"]),
        tags = kwargs.pop("tags", []) + ["once"],
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
        features = _features(),
        deps = deps,
        **kwargs
    )

def cupel_benchmark(name, srcs = None, deps = [], copts = [], size = "small", **kwargs):
    """A benchmark program, and <name>_smoke_test: one short pass of each.

    The program finds CUPEL_BENCHMARK_SMOKE set in the smoke test, to use small
    data there.
    """
    check_layers(native.package_name(), name, deps, True)
    native.cc_library(
        name = name + "_code",
        srcs = srcs or [name + ".cc"],
        copts = _copts(copts),
        features = _features(),
        testonly = True,
        alwayslink = True,
        linkstatic = True,
        deps = _union(deps, ["@com_github_google_benchmark//:benchmark"]),
        visibility = ["//visibility:private"],
        **kwargs
    )
    linked = dict(
        testonly = True,
        deps = [
            ":" + name + "_code",
            "@com_github_google_benchmark//:benchmark_main",
        ],
    )
    native.cc_binary(name = name, **linked)
    native.cc_test(
        name = name + "_smoke_test",
        size = size,
        args = ["--benchmark_min_time=0"],
        env = {"CUPEL_BENCHMARK_SMOKE": "1"},
        linkstatic = True,
        tags = ["once"],
        **linked
    )
