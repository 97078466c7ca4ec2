"""What fuzzing needs to know beside the document: formats, NDJSON, and what must not be taken out."""

import atexit
import json
import os
import unicodedata
from collections import Counter
from urllib.parse import unquote

import schemathesis
from hypothesis import strategies as st

SEEDS = json.loads(os.environ["SEEDS"])
# The methods that were answered, by status, for run.py.
answered = Counter()


def ids(known):
    """Most of them known, so that there is something to read. The document cannot bound bytes."""
    plain = st.characters(exclude_categories=["Cc", "Cs"])
    new = st.text(plain, min_size=1, max_size=80).filter(lambda text: len(text.encode()) <= 256 and text not in (".", ".."))
    return st.integers(0, 3).flatmap(lambda number: st.just(known) if number else new)


schemathesis.openapi.format("member-id", ids(SEEDS["member"]))
schemathesis.openapi.format("title-id", ids(SEEDS["title"]))
schemathesis.openapi.format("session-id", ids(SEEDS["session"]))
schemathesis.openapi.format("history-cursor", st.just(SEEDS["cursor"]))

event = st.fixed_dictionaries(
    {
        "memberId": ids(SEEDS["member"]),
        "sessionId": ids(SEEDS["session"]),
        "seq": st.integers(-1, 2**53 + 1),
        "kind": st.sampled_from(["start", "progress", "seek", "stop", "dance"]),
        "titleId": ids(SEEDS["title"]),
        "positionMs": st.integers(-1, 2**53 + 1),
        "occurredAt": st.sampled_from(["2025-11-14T20:15:00Z", 1763157900000, "yesterday"]),
    }
)
NDJSON = ["application/x-ndjson", "application/ndjson", "application/jsonl"]
line = st.one_of(event.map(lambda event: json.dumps(event).encode()), st.binary(max_size=40).filter(lambda line: b"\n" not in line))
schemathesis.openapi.media_type(
    NDJSON[0],
    st.lists(line, max_size=5).map(b"\n".join),
    aliases=NDJSON[1:],
)


@schemathesis.hook
def before_load_schema(context, raw_schema):
    """Media types with a strategy of their own take no examples that are text."""
    for media_type in NDJSON:
        raw_schema["paths"]["/v1/events"]["post"]["requestBody"]["content"][media_type].pop("example", None)


@schemathesis.hook
def filter_case(context, case):
    """A mutation of a path may break the pattern of an id, and be called valid all the same."""
    generated = case.meta.generation.mode if case.meta else None
    if generated is None or not generated.is_positive:
        return True
    return not any(unicodedata.category(character) == "Cc" for part in (case.path_parameters or {}).values() for character in unquote(str(part)))


@schemathesis.hook
def before_call(context, case, kwargs):
    """What the reads look for stays."""
    if case.method.upper() == "DELETE" and unquote(str((case.path_parameters or {}).get("m"))) == SEEDS["member"]:
        case.path_parameters["m"] = SEEDS["doomed"]


@schemathesis.hook
def after_call(context, case, response):
    answered[f"{case.operation.label} {response.status_code}" if case.method == case.operation.method.upper() else "other methods"] += 1


@atexit.register
def record():
    with open(os.environ["ANSWERED"], "w") as file:
        json.dump(answered, file)
