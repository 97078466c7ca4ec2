"""Requests that are refused: each gets the status, headers and problem that the document promises."""

import gzip
import json
import socket
from urllib.parse import urlsplit

import schemathesis

from known_good import CHECKS
from service import DEADLINE, DOCUMENT, EVENTS, MEMBER, TOKEN, send, url_of

JSON = {"Content-Type": "application/json"}
BOOKMARK = "/v1/members/{m}/titles/{t}/bookmark"
SESSION = "/v1/members/{m}/sessions/{s}"
HISTORY = "/v1/members/{m}/history"
EXPORT = "/v1/members/{m}/history/export"
LIVE = "/v1/members/{m}/history/live"
ROW = "/v1/members/{m}/continue-watching"
STATS = "/v1/titles/{t}/stats"
NOBODY = f"/v1/members/{MEMBER}"

# Method, documented path, path, request, status, last part of the problem's type.
EDGE = [
    ("POST", EVENTS, EVENTS, {"data": "{", "headers": JSON}, 400, "malformed-json"),
    ("POST", EVENTS, EVENTS, {"data": "17", "headers": JSON}, 400, "malformed-body"),
    ("POST", EVENTS, EVENTS, {"data": '{"events":{}}', "headers": JSON}, 400, "malformed-body"),
    ("POST", EVENTS, EVENTS, {"data": '{"sentAt":"now","events":[]}', "headers": JSON}, 400, "malformed-body"),
    ("POST", EVENTS, EVENTS, {"data": "[" + "{}," * 1000 + "{}]", "headers": JSON}, 413, "too-many-events"),
    ("POST", EVENTS, EVENTS, {"data": " " * (1 << 20) + "[]", "headers": JSON}, 413, "too-large"),
    ("POST", EVENTS, EVENTS, {"data": "a=1", "headers": {"Content-Type": "text/plain"}}, 415, "unsupported-media-type"),
    ("POST", EVENTS, EVENTS, {"data": b"[]"}, 415, "unsupported-media-type"),
    ("POST", EVENTS, EVENTS, {"data": gzip.compress(b"[]"), "headers": {**JSON, "Content-Encoding": "gzip"}}, 415, "unsupported-media-type"),
    ("POST", EVENTS, EVENTS, {"data": '{"kind":"dance"}', "headers": JSON}, 422, "no-event-accepted"),
    ("POST", EVENTS, EVENTS, {"data": "no JSON\n\n{}", "headers": {"Content-Type": "application/x-ndjson"}}, 422, "no-event-accepted"),
]
QUERY = [
    ("GET", HISTORY, f"{NOBODY}/history?limit=0", {}, 400, "invalid-parameter"),
    ("GET", HISTORY, f"{NOBODY}/history?limit=1001", {}, 400, "invalid-parameter"),
    ("GET", HISTORY, f"{NOBODY}/history?limit=some", {}, 400, "invalid-parameter"),
    ("GET", HISTORY, f"{NOBODY}/history?cursor=x", {}, 400, "invalid-parameter"),
    ("GET", HISTORY, f"{NOBODY}/history?from=yesterday", {}, 400, "invalid-parameter"),
    ("GET", HISTORY, f"{NOBODY}/history?to=2026-02-30T00:00:00Z", {}, 400, "invalid-parameter"),
    ("GET", HISTORY, f"{NOBODY}/history?titleId=", {}, 400, "invalid-parameter"),
    ("GET", HISTORY, "/v1/members/%00/history", {}, 400, "invalid-parameter"),
    ("GET", HISTORY, "/v1/members/%FF/history", {}, 400, "invalid-parameter"),
    ("GET", HISTORY, f"/v1/members/{'%C3%A9' * 129}/history", {}, 400, "invalid-parameter"),
    ("GET", ROW, f"{NOBODY}/continue-watching?limit=-1", {}, 400, "invalid-parameter"),
    ("GET", EXPORT, f"{NOBODY}/history/export?format=xml", {}, 400, "invalid-parameter"),
    ("GET", LIVE, f"{NOBODY}/history/live", {"headers": {"Last-Event-ID": "yesterday"}}, 400, "invalid-parameter"),
    ("GET", BOOKMARK, f"{NOBODY}/titles/never-played/bookmark", {}, 404, "not-found"),
    ("GET", SESSION, f"{NOBODY}/sessions/never-begun", {}, 404, "not-found"),
    ("GET", STATS, "/v1/titles/x/stats?from=2026-02-30", {}, 400, "invalid-parameter"),
    ("GET", STATS, "/v1/titles/x/stats?from=2026-02-02&to=2026-02-01", {}, 400, "invalid-parameter"),
    ("GET", STATS, "/v1/titles/x/stats?from=2000-01-01&to=2026-01-01", {}, 400, "invalid-parameter"),
    ("GET", STATS, "/v1/titles/%00/stats", {}, 400, "invalid-parameter"),
    ("DELETE", "/v1/members/{m}", f"/v1/members/{'m' * 257}", {}, 400, "invalid-parameter"),
]
# No operation answers these: they are checked without the document.
NO_OPERATION = [
    ("PUT", EVENTS, 405, "method-not-allowed"),
    ("GET", f"{NOBODY}", 405, "method-not-allowed"),
    ("POST", f"{NOBODY}/history", 405, "method-not-allowed"),
    ("GET", "/v2/members", 404, "not-found"),
    ("GET", f"{NOBODY}/history/", 404, "not-found"),
    ("GET", "/v1/members//history", 404, "not-found"),
    ("DELETE", "/v1/members//history", 404, "not-found"),
]
WITHOUT_TOKEN = [("POST", EVENTS, EVENTS), ("GET", HISTORY, f"{NOBODY}/history"), ("DELETE", "/v1/members/{m}", NOBODY)]


def check_problem(answer, status, kind):
    assert answer.status_code == status, f"{answer.status_code}, not {status}: {answer.text}"
    assert answer.headers["Content-Type"] == "application/problem+json", answer.headers
    problem = answer.json()
    assert (problem["type"], problem["status"]) == (f"urn:playhead:problem:{kind}", status), problem


def refuse_all(faults):
    schema = schemathesis.openapi.from_path(str(DOCUMENT))

    def documented(method, described, path, options, status, kind, **more):
        answer = send(method, path, **options, **more)
        check_problem(answer, status, kind)
        schema[described][method].Case(path_parameters=dict.fromkeys("mts", "x")).validate_response(answer, checks=CHECKS)

    def undocumented(method, path, status, kind):
        answer = send(method, path)
        check_problem(answer, status, kind)
        assert status != 405 or method not in answer.headers["Allow"].split(", "), answer.headers["Allow"]

    def unauthorized(method, described, path, token):
        documented(method, described, path, {}, 401, "unauthorized", token=token)

    for request in EDGE + QUERY:
        method, _, path, options, _, _ = request
        faults.attempt(f"{method} {path[:60]} {str(options)[:60]}", documented, *request)
    for request in NO_OPERATION:
        faults.attempt(" ".join(request[:2]), undocumented, *request)
    for request in WITHOUT_TOKEN if TOKEN else []:
        for token in [None, "x.y.z"]:
            faults.attempt(f"{request[0]} {request[2]} with token {token}", unauthorized, *request, token)
    for path in ["/nothing", f"{NOBODY}/history?limit=0", EVENTS]:
        faults.attempt(f"HEAD {path}", has_no_body, path)


def has_no_body(path):
    """A body after the answer to a HEAD would be read as the beginning of the next answer."""
    service = urlsplit(url_of(path))
    with socket.create_connection((service.hostname, service.port), DEADLINE) as connection:
        token = f"Authorization: Bearer {TOKEN}\r\n" if TOKEN else ""
        connection.sendall(f"HEAD {path} HTTP/1.1\r\nHost: {service.netloc}\r\n{token}Connection: close\r\n\r\n".encode())
        answer = b"".join(iter(lambda: connection.recv(65536), b""))
    _, _, body = answer.partition(b"\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 4"), answer[:60]
    assert not body, f"it has a body: {body[:60]}"
