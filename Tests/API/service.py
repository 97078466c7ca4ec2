"""The running services, and the document that describes them."""

import os
from pathlib import Path

import requests

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "api" / "openapi.yaml"
EDGE_URL = os.environ.get("EDGE_URL", "http://127.0.0.1:8080")
QUERY_URL = os.environ.get("QUERY_URL", "http://127.0.0.1:8081")
# For the member below, with all scopes. Without one the services run without authentication.
TOKEN = os.environ.get("MEMBER_TOKEN")
MEMBER = "m-api"

DEADLINE = 10
EVENTS = "/v1/events"


def url_of(path):
    return EDGE_URL if path == EVENTS else QUERY_URL


def send(method, path, *, token=TOKEN, headers=None, **options):
    headers = dict(headers or {})
    if token:
        headers["Authorization"] = f"Bearer {token}"
    return requests.request(method, url_of(path.partition("?")[0]) + path, headers=headers, timeout=DEADLINE, **options)
