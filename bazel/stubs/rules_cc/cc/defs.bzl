"""Forwards the C++ rules to those that Bazel 4 has built in.

The packaged rules_cc of Debian 12 does not fit its Bazel; nothing more than
this is needed by Cupel and its third parties.
"""

_TAG = "__CC_RULES_MIGRATION_DO_NOT_USE_WILL_BREAK__"

def _tagged(kwargs):
    kwargs["tags"] = (kwargs.get("tags") or []) + [_TAG]
    return kwargs

def cc_library(**kwargs):
    native.cc_library(**_tagged(kwargs))

def cc_binary(**kwargs):
    native.cc_binary(**_tagged(kwargs))

def cc_test(**kwargs):
    native.cc_test(**_tagged(kwargs))

def cc_import(**kwargs):
    native.cc_import(**_tagged(kwargs))

def cc_proto_library(**kwargs):
    native.cc_proto_library(**_tagged(kwargs))

def cc_toolchain(**kwargs):
    native.cc_toolchain(**_tagged(kwargs))

def cc_toolchain_suite(**kwargs):
    native.cc_toolchain_suite(**_tagged(kwargs))

def objc_library(**kwargs):
    native.objc_library(**_tagged(kwargs))
