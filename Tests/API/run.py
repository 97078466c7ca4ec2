#!/usr/bin/env python3
"""Holds the running edge and query services to docs/api/openapi.yaml.

EDGE_URL and QUERY_URL say where they are; MEMBER_TOKEN is a token of member m-api with all scopes, and absent where they run without authentication.
"""

import sys

import yaml
from openapi_spec_validator import validate

import known_good
import refusals
from faults import Faults
from fuzzing import fuzz
from seeding import seed
from service import DOCUMENT, send


def main():
    validate(yaml.safe_load(DOCUMENT.read_text()))
    seeds = seed()
    faults = Faults()
    if send("GET", "/openapi.yaml", token=None).content != DOCUMENT.read_bytes():
        faults.append("/openapi.yaml is not docs/api/openapi.yaml")
    # Fails for every operation that is not answered 2xx.
    known_good.call_all(seeds, faults)
    refusals.refuse_all(faults)
    went_well, answered = fuzz(seeds)
    if not went_well:
        faults.append("fuzzing found what the document does not say; see above")
    for what, count in sorted(answered.items()):
        print(f"{count:6} {what}")
        # It is documented, and no excuse here: everything that an answer needs is there.
        if what.endswith(" 503"):
            faults.append(f"{what}, {count} times")
    for fault in faults:
        print(f"API: {fault}", file=sys.stderr)
    print(f"API: {len(known_good.operations())} operations, {sum(answered.values())} requests, {len(faults)} faults")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
