#!/usr/bin/env python3
"""Prints cupel/<layer>/version.h: version_header.py LAYER VERSION_FILE."""

import sys

_HEADER = """\
// The version of the {layer} layer. Generated from {layer}/VERSION.

#ifndef CUPEL_{upper}_VERSION_H_
#define CUPEL_{upper}_VERSION_H_

namespace cupel::{layer} {{

inline constexpr char kVersion[] = "{version}";
inline constexpr int kVersionMajor = {major};
inline constexpr int kVersionMinor = {minor};
inline constexpr int kVersionPatch = {patch};

}}  // namespace cupel::{layer}

#endif  // CUPEL_{upper}_VERSION_H_
"""


def main(layer, path):
    with open(path, encoding="utf-8") as file:
        version = file.read().strip()
    major, minor, patch = (int(part) for part in version.split("."))
    print(_HEADER.format(layer=layer, upper=layer.upper(), version=version,
                         major=major, minor=minor, patch=patch), end="")


if __name__ == "__main__":
    main(*sys.argv[1:])
