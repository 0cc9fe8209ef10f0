"""Runs the comparison once on small data, on each kind of database: the
contestants must agree."""

import json
import os
import subprocess
import tempfile

WORKLOADS = ("W1 W2 W2v W3 W3h W4 W5 W6 W6b W7 W8 W9 W10 W11"
             " W12.0 W12.1 W12.100").split()
KEYS = {"id", "n", "raw_seconds", "cupel_seconds", "ratio", "nanoseconds",
        "heap_allocations_per_item", "raw_heap_allocations_per_item"}


def compare(*options):
    """Returns the lines of the JSON, by id."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "result.json")
        subprocess.run(
            ["testing/benchmarks/compare", "--divide_sizes=100", "--rounds=1",
             "--json=" + path, *options],
            check=True)
        with open(path, encoding="utf-8") as file:
            lines = {line["id"]: line for line in json.load(file)}
    for line in lines.values():
        assert KEYS <= line.keys(), line
        assert line["cupel_seconds"] > 0 and line["n"] > 0, line
    return lines


lines = compare()
assert list(lines) == WORKLOADS, list(lines)
assert "memory_growth_bytes" in lines["W10"], lines["W10"]
assert list(compare("--filter=W3,W12")) == ["W3", *WORKLOADS[-3:]]

growth = compare("--growth")
assert {id.split("/")[0] for id in growth} == {
    "load", "insert", "get", "flush"}, list(growth)
assert "flush/10000" in growth, list(growth)

ON_SERVERS = "W1 W2 W3 W4 W5 W8 W9 W10".split()
for server in ("postgresql", "mariadb"):
    lines = compare("--server=" + server, "--filter=" + ",".join(ON_SERVERS))
    assert list(lines) == ON_SERVERS, (server, list(lines))
    assert "memory_growth_bytes" in lines["W10"], lines["W10"]
