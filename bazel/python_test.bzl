"""A test in Python 3 without a Python toolchain: the machine's own python3."""

def _python_test_impl(ctx):
    script = ctx.actions.declare_file(ctx.label.name)
    ctx.actions.write(
        script,
        "#!/bin/sh\nPYTHONDONTWRITEBYTECODE=1 PYTHONPATH=. " +
        "exec python3 '%s' \"$@\"\n" % ctx.file.main.short_path,
        is_executable = True,
    )
    return [DefaultInfo(
        executable = script,
        runfiles = ctx.runfiles([ctx.file.main] + ctx.files.srcs + ctx.files.data),
    )]

python_test = rule(
    implementation = _python_test_impl,
    doc = "Runs main with args in the runfiles folder; modules are imported " +
          "by their path in the workspace.",
    test = True,
    attrs = {
        "main": attr.label(allow_single_file = [".py"], mandatory = True),
        "srcs": attr.label_list(allow_files = [".py"]),
        "data": attr.label_list(allow_files = True),
    },
)
