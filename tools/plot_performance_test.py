"""Draws invented measurements into a document of their own."""

import json
import os
import subprocess
import tempfile
import xml.etree.ElementTree as xml

MEASURE = {"cpu_seconds": 1.25, "max_rss_bytes": 2e8, "object_bytes": 3e4}
LINE = {"n": 100000, "raw_seconds": 0.1, "cupel_seconds": 0.09, "ratio": 0.9,
        "heap_allocations_per_item": 2.0,
        "raw_heap_allocations_per_item": 2.0, "nanoseconds": 900.0}
DOCUMENT = """# Title
<!-- measured: workloads -->
old
<!-- end: workloads -->
between
<!-- measured: compile_time -->
<!-- end: compile_time -->
"""


def write(folder, name, value):
    path = os.path.join(folder, name)
    with open(path, "w", encoding="utf-8") as file:
        file.write(value if isinstance(value, str) else json.dumps(value))
    return path


def plot(folder, *options):
    return subprocess.run(
        ["tools/plot_performance", "--root", folder, "--date", "2026-01-02",
         "--machine", "a machine", *options],
        capture_output=True, text=True, check=False)


with tempfile.TemporaryDirectory() as folder:
    os.mkdir(os.path.join(folder, "docs"))
    document = write(folder, "docs/performance.md", DOCUMENT)
    compare = write(folder, "compare.json", [
        {"id": "W2", **LINE}, {"id": "W3h", **LINE, "nanoseconds": 41.0},
        {"id": "W10", **LINE, "memory_growth_bytes": 1 << 20}])
    growth = write(folder, "growth.json", [
        {"id": f"{series}/{size}", **LINE, "cupel_seconds": 0.1 * size}
        for series in ("load", "insert", "get", "flush")
        for size in (1, 10, 100)])
    compile_time = write(folder, "compile_time.json", {
        "probe": {"plain": {**MEASURE, "O0": MEASURE}},
        "tables": [{"tables": n, **MEASURE} for n in (1, 10, 100)],
        "growth": 0.1})
    result = plot(folder, "--compare", compare, "--growth", growth,
                  "--compile_time", compile_time)
    assert result.returncode == 0, result.stderr
    with open(document, encoding="utf-8") as file:
        text = file.read()
    assert "old" not in text and "\nbetween\n" in text, text
    assert text.count("2026-01-02, a machine:") == 2, text
    for row in ("| W2 | 100,000 | load all posts as entities | 0.90 | 0.95 | yes",
                "| 41 ns | 40 ns | no |", "| grows by 1.0 MiB | 8 MiB | yes |",
                "| plain | 1.25 | 1.25 | 200 | 30 |"):
        assert row in text, text
    for name in ("ratios", "rows", "entities", "compile_time"):
        path = os.path.join(folder, "docs", "performance", name + ".svg")
        assert xml.parse(path).getroot().tag.endswith("svg"), path
        assert os.path.getsize(path) < 30000, path
    # A document without the place is left alone.
    write(folder, "docs/performance.md", "nothing\n")
    assert plot(folder, "--compare", compare).returncode != 0
