#!/usr/bin/env python3
"""How long the disk takes to make 4 KiB durable: the least that any acknowledged write can take. Prints one JSON object."""

import json
import os
import sys
import tempfile
import time

COUNT = 1000


def main():
    block = os.urandom(4096)
    times = []
    with tempfile.NamedTemporaryFile(dir=sys.argv[1]) as file:
        for _ in range(COUNT):
            began = time.monotonic_ns()
            os.write(file.fileno(), block)
            os.fdatasync(file.fileno())
            times.append((time.monotonic_ns() - began) / 1e6)
    times.sort()
    print(json.dumps({"p50Ms": round(times[COUNT // 2], 3), "p99Ms": round(times[COUNT * 99 // 100], 3), "count": COUNT}))


main()
