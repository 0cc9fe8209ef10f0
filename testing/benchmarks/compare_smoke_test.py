"""Runs the comparison once on small data: the contestants must agree."""

import json
import os
import subprocess
import tempfile

with tempfile.TemporaryDirectory() as folder:
    path = os.path.join(folder, "result.json")
    subprocess.run(
        ["testing/benchmarks/compare", "--divide_sizes=100", "--rounds=1",
         "--json=" + path],
        check=True)
    with open(path, encoding="utf-8") as file:
        ids = [line["id"] for line in json.load(file)]
    assert ids[0] == "W1" and ids[-1] == "W11" and len(ids) == 13, ids
