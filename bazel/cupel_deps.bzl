"""The third parties of Cupel, for its own workspace and for a consumer's.

A repository that the workspace has defined before is left alone, so a consumer
brings its own abseil, googletest, RE2 or SQLite under the usual names.
"""

load("@bazel_tools//tools/build_defs/repo:http.bzl", "http_archive")
load("//bazel:system_library.bzl", "system_library")

def _maybe(rule, name, **kwargs):
    if not native.existing_rule(name):
        rule(name = name, **kwargs)

def cupel_deps():
    """Defines every third-party repository that is not yet defined."""
    _maybe(
        http_archive,
        name = "com_google_absl",
        sha256 = "91ac87d30cc6d79f9ab974c51874a704de9c2647c40f6932597329a282217ba8",
        strip_prefix = "abseil-cpp-20220623.1",
        urls = ["https://github.com/abseil/abseil-cpp/archive/refs/tags/20220623.1.tar.gz"],
    )
    _maybe(
        http_archive,
        name = "com_google_googletest",
        sha256 = "81964fe578e9bd7c94dfdb09c8e4d6e6759e19967e397dbea48d1c10e45d0df2",
        strip_prefix = "googletest-release-1.12.1",
        urls = ["https://github.com/google/googletest/archive/refs/tags/release-1.12.1.tar.gz"],
    )
    _maybe(
        http_archive,
        name = "com_github_google_benchmark",
        sha256 = "6430e4092653380d9dc4ccb45a1e2dc9259d581f4866dc0759713126056bc1d7",
        strip_prefix = "benchmark-1.7.1",
        urls = ["https://github.com/google/benchmark/archive/refs/tags/v1.7.1.tar.gz"],
    )
    _maybe(
        http_archive,
        name = "bazel_skylib",
        sha256 = "1c531376ac7e5a180e0237938a2536de0c54d93f5c278634818e0efc952dd56c",
        urls = ["https://github.com/bazelbuild/bazel-skylib/releases/download/1.0.3/bazel-skylib-1.0.3.tar.gz"],
    )
    _maybe(
        system_library,
        name = "com_googlesource_code_re2",
        target = "re2",
        headers = ["re2"],
        linkopts = ["-lre2"],
        package = "libre2-dev",
    )
    _maybe(
        system_library,
        name = "sqlite3",
        target = "sqlite3",
        headers = ["sqlite3.h"],
        linkopts = ["-lsqlite3"],
        package = "libsqlite3-dev",
    )
    _maybe(
        system_library,
        name = "libpq",
        target = "libpq",
        headers = [
            "postgresql/libpq-fe.h",
            "postgresql/pg_config_ext.h",
            "postgresql/postgres_ext.h",
        ],
        folder = "postgresql",
        linkopts = ["-lpq"],
        package = "libpq-dev",
    )
    _maybe(
        system_library,
        name = "nlohmann_json",
        target = "json",
        headers = ["nlohmann"],
        package = "nlohmann-json3-dev",
    )
    _maybe(
        system_library,
        name = "boost",
        target = "multiprecision",
        probe = "boost/multiprecision/cpp_int.hpp",
        package = "libboost-dev",
    )
    _maybe(
        system_library,
        name = "mariadb",
        target = "mariadb",
        headers = ["mariadb"],
        linkopts = ["-lmariadb"],
        package = "libmariadb-dev",
    )
