"""A C++ library that hands on the headers of its dependencies as its own.

Clang's layering check lets a target include only what its direct dependencies
declare; who depends on a facade may include every header that it exports.
"""

def _cc_facade_impl(ctx):
    exports = [dep[CcInfo] for dep in ctx.attr.exports]
    return [
        cc_common.merge_cc_infos(direct_cc_infos = exports),
        DefaultInfo(files = depset(
            transitive = [dep[DefaultInfo].files for dep in ctx.attr.exports],
        )),
    ]

cc_facade = rule(
    implementation = _cc_facade_impl,
    attrs = {"exports": attr.label_list(mandatory = True, providers = [CcInfo])},
)
