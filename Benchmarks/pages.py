#!/usr/bin/env python3
"""Times pages of history over one connection, one request at a time: first pages, and pages from deep in the same histories.

Asks before and after compaction; the pages of both must say the same, which --expect checks. Prints one JSON object.
"""

import argparse
import hashlib
import http.client
import json
import random
import time
import urllib.parse

import cpu

PAGE = 20
DEEP_PAGES = 3


def quantile(times, part):
    return round(sorted(times)[min(int(len(times) * part), len(times) - 1)] * 1000, 3)


class Reader:
    def __init__(self, url):
        address = urllib.parse.urlsplit(url)
        self.connection = http.client.HTTPConnection(address.hostname, address.port, timeout=10)

    def page(self, member, cursor=None):
        """The page, and how long it took."""
        query = f"/v1/members/{member}/history?limit={PAGE}" + (f"&cursor={cursor}" if cursor else "")
        began = time.perf_counter()
        self.connection.request("GET", query)
        answer = self.connection.getresponse()
        body = answer.read()
        took = time.perf_counter() - began
        if answer.status != 200:
            raise SystemExit(f"pages: {query} was answered {answer.status}: {body[:200]!r}")
        return json.loads(body), took


def main():
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--url", required=True)
    options.add_argument("--pid", type=int, required=True)
    options.add_argument("--postmaster", type=int, required=True)
    options.add_argument("--members", type=int, required=True)
    options.add_argument("--asked", type=int, default=1000, help="members that are asked for")
    options.add_argument("--expect", help="digest of what the pages say")
    options = options.parse_args()

    reader, randomness, digest = Reader(options.url), random.Random(2), hashlib.sha256()
    for member in range(1, min(options.members, 100) + 1):
        reader.page(member)
    first, deep, requests, seconds = [], [], 0, time.perf_counter()
    meter = cpu.Meter({"server": options.pid}, options.postmaster)
    meter.start()
    for _ in range(options.asked):
        member = randomness.randrange(options.members) + 1
        page, took = reader.page(member)
        first.append(took)
        pages = [page]
        requests += 1
        for _ in range(DEEP_PAGES):
            if "nextCursor" not in page:
                break
            page, took = reader.page(member, page["nextCursor"])
            pages.append(page)
            requests += 1
        if len(pages) > 1:
            deep.append(took)
        for item in (item for page in pages for item in page["items"]):
            digest.update(json.dumps(item, sort_keys=True).encode())
    used = meter.stop(time.perf_counter() - seconds, requests)
    if options.expect and options.expect != digest.hexdigest():
        raise SystemExit("pages: WRONG RESULT: the pages say something else than before")
    print(json.dumps({
        "firstP50Ms": quantile(first, 0.5), "firstP99Ms": quantile(first, 0.99), "deepP50Ms": quantile(deep, 0.5), "deepP99Ms": quantile(deep, 0.99),
        "asked": len(first), "digest": digest.hexdigest(), **used,
    }))


main()
