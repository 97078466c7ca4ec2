"""Both services under requests that are made from the document, good and bad ones."""

import json
import os
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

from service import DOCUMENT, EDGE_URL, QUERY_URL, TOKEN

HERE = Path(__file__).resolve().parent


def fuzz(seeds):
    """Returns whether all went well, and how often each operation was answered with each status."""
    # The stream never ends.
    query = run(seeds, QUERY_URL, ["--exclude-tag", "events", "--exclude-operation-id", "followHistory"])
    # Last, as it reports more of the sessions that are read.
    edge = run(seeds, EDGE_URL, ["--include-tag", "events"])
    return edge[0] and query[0], edge[1] + query[1]


def run(seeds, url, selection):
    read = seeds.read
    known = {"member": read.member, "title": read.title, "session": read.session, "cursor": seeds.cursor, "doomed": seeds.doomed.member}
    options = ["--url", url, "--workers", "2", *selection]
    if not TOKEN:
        options += ["--exclude-checks", "ignored_auth,missing_required_header"]
    with tempfile.TemporaryDirectory() as folder:
        answered = Path(folder, "answered.json")
        environment = {**os.environ, "SEEDS": json.dumps(known), "ANSWERED": str(answered), "MEMBER_TOKEN": TOKEN or "none", "PYTHONPATH": str(HERE)}
        command = [sys.executable, "-m", "schemathesis.cli", "--config-file", str(HERE / "schemathesis.toml"), "run", str(DOCUMENT), *options]
        ended = subprocess.run(command, cwd=folder, env=environment, timeout=600)
        counts = Counter(json.loads(answered.read_text())) if answered.exists() else Counter()
    return ended.returncode == 0, counts
