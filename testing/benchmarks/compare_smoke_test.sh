#!/usr/bin/env bash
# Runs the comparison once on small data: the contestants must agree.
set -euo pipefail
"$1" --divide_sizes=100 --rounds=1 --json="$TEST_TMPDIR/result.json"
grep -q '"id": "W9"' "$TEST_TMPDIR/result.json"
