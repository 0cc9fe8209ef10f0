"""The rule behind cupel_nocompile_test."""

load("@bazel_tools//tools/cpp:toolchain_utils.bzl", "find_cpp_toolchain")

_COMPILE = "c++-compile"

def _compile_command(ctx, context):
    toolchain = find_cpp_toolchain(ctx)
    features = cc_common.configure_features(
        ctx = ctx,
        cc_toolchain = toolchain,
        requested_features = ctx.features,
        # The command is not Bazel's own: no dependency files, no module maps.
        unsupported_features = ctx.disabled_features + [
            "layering_check",
            "module_maps",
            "dependency_file",
        ],
    )
    variables = cc_common.create_compile_variables(
        feature_configuration = features,
        cc_toolchain = toolchain,
        user_compile_flags = ctx.fragments.cpp.copts +
                             ctx.fragments.cpp.cxxopts + ctx.attr.copts,
        include_directories = context.includes,
        quote_include_directories = context.quote_includes,
        system_include_directories = context.system_includes,
        preprocessor_defines = context.defines,
    )
    return [cc_common.get_tool_for_action(
        feature_configuration = features,
        action_name = _COMPILE,
    )] + cc_common.get_memory_inefficient_command_line(
        feature_configuration = features,
        action_name = _COMPILE,
        variables = variables,
    ), toolchain

def _nocompile_test_impl(ctx):
    context = cc_common.merge_cc_infos(
        cc_infos = [dep[CcInfo] for dep in ctx.attr.deps],
    ).compilation_context
    command, toolchain = _compile_command(ctx, context)
    report = ctx.actions.declare_file(ctx.label.name + ".report")
    ctx.actions.run(
        executable = ctx.executable._checker,
        arguments = [report.path, ctx.file.src.path] + command,
        inputs = depset(
            [ctx.file.src],
            transitive = [context.headers, toolchain.all_files],
        ),
        outputs = [report],
        mnemonic = "Nocompile",
        progress_message = "Checking what must not compile in %s" %
                           ctx.file.src.short_path,
        use_default_shell_env = True,
    )
    script = ctx.actions.declare_file(ctx.label.name)
    ctx.actions.write(
        script,
        "#!/bin/sh\ncat '{0}'\nhead -n 1 '{0}' | grep -qx PASSED\n".format(
            report.short_path,
        ),
        is_executable = True,
    )
    return [DefaultInfo(
        executable = script,
        runfiles = ctx.runfiles([report]),
    )]

nocompile_test = rule(
    implementation = _nocompile_test_impl,
    test = True,
    fragments = ["cpp"],
    toolchains = ["@bazel_tools//tools/cpp:toolchain_type"],
    attrs = {
        "src": attr.label(allow_single_file = [".cc"], mandatory = True),
        "deps": attr.label_list(providers = [CcInfo]),
        "copts": attr.string_list(),
        "_checker": attr.label(
            default = "//bazel:nocompile.py",
            allow_single_file = True,
            executable = True,
            cfg = "exec",
        ),
        "_cc_toolchain": attr.label(
            default = "@bazel_tools//tools/cpp:current_cc_toolchain",
        ),
    },
)
