"""The layers of Cupel, lowest first: the one place of their order.

A library may depend on its own layer and on lower ones; from another layer it
may use the facade (//engine, //schema, ...) and the targets of PUBLIC_TARGETS
only. //testing and //examples stand above all layers.
"""

LAYERS = [
    "engine",
    "schema",
    "query",
    "session",
    "orm",
]

# What a layer offers to others besides its facade. Public by visibility, too.
PUBLIC_TARGETS = [
    "//engine:json",
    "//engine:status_macros",
    "//engine:thread_stack",
    "//engine/dialects/mariadb:mariadb",
    "//engine/dialects/postgresql:postgresql",
    "//engine/dialects/sqlite:sqlite",
]

# Databases with a server that tests of the upper layers run on, too: folders of
# //testing/dialects that provide them.
SERVERS = [
    "mariadb",
    "postgresql",
]

def layer_of(package):
    """The layer (or testing, examples, ...) that a package belongs to."""
    return package.split("/")[0]

def is_public(label):
    """Whether a target, spelt //package:name, is open to other layers."""
    package, _, name = label[2:].partition(":")
    return label in PUBLIC_TARGETS or (package in LAYERS and name == package)

def _canonical(package, label):
    if label.startswith("@"):
        return None
    if not label.startswith("//"):
        return "//%s:%s" % (package, label.lstrip(":"))
    if ":" not in label:
        return label + ":" + label.split("/")[-1]
    return label

def check_layers(package, name, deps, test):
    """Fails when a dependency turns the arrow or reaches into another layer.

    Args:
      package: the package of the depending target.
      name: its name.
      deps: its deps as written in the BUILD file.
      test: whether the target is a test or testonly.
    """
    own = layer_of(package)
    for dep in deps:
        label = _canonical(package, dep)
        if not label:
            continue
        other = layer_of(label[2:].partition(":")[0])
        if other == own:
            continue
        where = "//%s:%s: " % (package, name)
        if other == "examples":
            fail(where + "nothing may depend on examples (%s)" % label)
        if other == "testing" and not test and own != "examples":
            fail(where + "only tests may depend on %s" % label)
        if other not in LAYERS:
            continue
        if own in LAYERS and LAYERS.index(other) > LAYERS.index(own):
            fail(where + "layer %s may not depend on the higher layer %s (%s)" %
                 (own, other, label))
        if not is_public(label):
            fail(where + ("%s is private to layer %s: use //%s, or add the " +
                          "target to PUBLIC_TARGETS in bazel/layers.bzl") %
                 (label, other, other))
