"""Every operation called once with good values: each must answer 2xx, as the document says."""

import json
from urllib.parse import quote

import jsonschema_rs
import requests
import schemathesis
import yaml
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from seeding import Viewing
from service import DEADLINE, DOCUMENT, TOKEN, url_of

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
METHODS = {"get", "head", "post", "delete"}


def operations():
    """(path, method) by operationId."""
    paths = yaml.safe_load(DOCUMENT.read_text())["paths"]
    return {
        item[method]["operationId"]: (path, method.upper()) for path, item in paths.items() for method in METHODS & item.keys()
    }


def calls(seeds):
    """What each operation is called with: members, titles and sessions that are there."""
    read, doomed = seeds.read, seeds.doomed
    member = at(m=read.member)
    title = at(m=read.member, t=read.title)
    session = at(m=read.member, s=read.session)
    page = {**member, "query": {"limit": 1, "cursor": seeds.cursor, "from": "2020-01-01T00:00:00+02:00"}}
    export = {**member, "query": {"format": "ndjson"}}
    gone = at(m=doomed.member)
    hidden = at(m=doomed.member, t=doomed.title)
    return {
        "reportEvents": {"body": Viewing.fresh(read.member).events(), "media_type": "application/json"},
        "readHistory": page,
        "headHistory": page,
        "exportHistory": export,
        "headExport": export,
        "followHistory": member,
        "headLive": member,
        "readContinueWatching": {**member, "query": {"limit": 5}},
        "headContinueWatching": member,
        "readBookmark": title,
        "headBookmark": title,
        "readSession": session,
        "headSession": session,
        "readTitleStatistics": {**at(t=read.title), "query": {"from": "2026-01-01", "to": "2026-02-01"}},
        "headTitleStatistics": at(t=read.title),
        "readPipeline": {},
        "headPipeline": {},
        "readDescription": {},
        "headDescription": {},
        "hideContinueWatching": hidden,
        "hideTitle": hidden,
        "hideTitleExport": gone,
        "hideTitleLive": gone,
        "hideHistory": gone,
        # Last, as nothing of the member is taken after it.
        "eraseMember": gone,
    }


def at(**parts):
    return {"path_parameters": {name: quote(part, safe="") for name, part in parts.items()}}


def call_all(seeds, faults):
    schema = schemathesis.openapi.from_path(str(DOCUMENT))
    documented, planned = operations(), calls(seeds)
    faults += [f"{name}: is documented, and not tried" for name in documented.keys() - planned.keys()]
    for name, values in planned.items():
        path, method = documented[name]
        faults.attempt(name, call, schema[path][method], name, values)


def call(operation, name, values):
    case = operation.Case(**values)
    headers = {"Authorization": f"Bearer {TOKEN}"} if TOKEN else {}
    if name == "followHistory":
        follow(case, headers)
        return
    answer = case.call(base_url=url_of(operation.path), headers=headers, timeout=DEADLINE)
    assert 200 <= answer.status_code < 300, f"{answer.status_code} {answer.text}"
    case.validate_response(answer, checks=CHECKS)
    if name == "exportHistory":
        check_lines(operation, answer.text)


def check_lines(operation, text):
    """The document describes a line of the export, which no media type can."""
    schemas = operation.schema.raw_schema["components"]["schemas"]
    lines = [json.loads(line) for line in text.splitlines()]
    assert lines, "the export is empty"
    validator = jsonschema_rs.Draft202012Validator({"$ref": "#/components/schemas/ExportedSession", "components": {"schemas": schemas}})
    for line in lines:
        validator.validate(line)


def follow(case, headers):
    """The stream has no end: its head and its first frame are looked at."""
    request = case.as_transport_kwargs(base_url=url_of(case.operation.path), headers=headers)
    with requests.request(**request, stream=True, timeout=DEADLINE) as answer:
        assert answer.status_code == 200, answer.status_code
        assert answer.headers["Content-Type"] == "text/event-stream", answer.headers
        lines = answer.iter_lines(decode_unicode=True)
        assert next(lines) == ": hello"
        assert next(lines).startswith("id: ")
