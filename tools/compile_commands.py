#!/usr/bin/env python3
"""Writes compile_commands.json for clangd: ./bazelw run //tools:compile_commands.

Arguments are options of Bazel, as --config=clang.
"""

import json
import os
import subprocess
import sys


def _bazel(workspace, *arguments):
    return subprocess.run(
        [os.path.join(workspace, "bazelw"), *arguments],
        cwd=workspace, check=True, stdout=subprocess.PIPE, text=True).stdout


def _commands(actions, workspace, execution_root):
    for action in actions:
        arguments = action["arguments"]
        if "-c" not in arguments:
            continue
        file = arguments[arguments.index("-c") + 1]
        if file.startswith("external/"):
            continue
        real = os.path.join(workspace, file)
        yield {
            # Paths of generated files and third parties are relative to this.
            "directory": execution_root,
            "file": real if os.path.exists(real)
                    else os.path.join(execution_root, file),
            "arguments": [argument for argument in arguments
                          if not argument.startswith("-fmodule")],
        }


def main(options):
    workspace = os.environ["BUILD_WORKSPACE_DIRECTORY"]
    output = _bazel(workspace, "aquery", "--noshow_progress",
                    "--output=jsonproto", *options,
                    'mnemonic("CppCompile", //...)')
    execution_root = _bazel(workspace, "info", "execution_root").strip()
    commands = {c["file"]: c for c in _commands(
        json.loads(output).get("actions", []), workspace, execution_root)}
    path = os.path.join(workspace, "compile_commands.json")
    with open(path, "w", encoding="utf-8") as file:
        json.dump(list(commands.values()), file, indent=1)
    print(f"{len(commands)} files in compile_commands.json; "
          "build once, so that generated headers exist")


if __name__ == "__main__":
    main(sys.argv[1:])
