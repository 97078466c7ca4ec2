"""docs/examples/change-feed/follow.py as a process of its own, beside a whole pipeline: REDIS_URL, EDGE_URL and QUERY_URL say where."""

import json
import os
import queue
import signal
import subprocess
import sys
import tempfile
import threading
import time
import unittest
import urllib.request
import uuid
from datetime import datetime, timedelta, timezone
from pathlib import Path

import redis

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / "docs" / "examples" / "change-feed" / "follow.py"
REDIS_URL = os.environ["REDIS_URL"]
SECONDS = 30


class Follower:
    def __init__(self, messages, group):
        environment = {**os.environ, "PYTHONPATH": messages}
        self.process = subprocess.Popen(
            [sys.executable, str(EXAMPLE), REDIS_URL, group], stdout=subprocess.PIPE, text=True, env=environment)
        self.lines = queue.Queue()
        threading.Thread(target=self.read, daemon=True).start()

    def read(self):
        for line in self.process.stdout:
            self.lines.put(line.rstrip())

    def until(self, wanted):
        """The lines up to one that begins so."""
        seen = []
        while True:
            try:
                seen.append(self.lines.get(timeout=SECONDS))
            except queue.Empty:
                raise AssertionError(f"no line begins with {wanted!r}: {seen}, exit {self.process.poll()}") from None
            if seen[-1].startswith(wanted):
                return seen

    def end(self, number=signal.SIGKILL):
        self.process.send_signal(number)
        self.process.wait(SECONDS)
        self.process.stdout.close()


def call(method, url, body=None):
    request = urllib.request.Request(url, json.dumps(body).encode() if body else None, {"Content-Type": "application/json"}, method=method)
    with urllib.request.urlopen(request, timeout=10) as response:
        return response.status


class FollowTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.messages = folder.name
        subprocess.run(
            [sys.executable, "-m", "grpc_tools.protoc", f"--proto_path={ROOT}/Shared/Wire", f"--python_out={cls.messages}", "playhead.proto"],
            check=True)

    def setUp(self):
        self.member = f"feed-{uuid.uuid4()}"
        self.group = f"group-{uuid.uuid4()}"
        self.seq = 0

    def follow(self):
        follower = Follower(self.messages, self.group)
        self.addCleanup(lambda: follower.process.poll() is None and follower.end())
        groups = redis.Redis.from_url(REDIS_URL)
        # The last stream is the last that it joins.
        self.eventually(lambda: any(group["name"].decode() == self.group for group in self.groups(groups)))
        return follower

    def eventually(self, condition):
        deadline = time.monotonic() + SECONDS
        while not condition():
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.01)

    def groups(self, connection):
        return connection.xinfo_groups("playhead:{15}:changes") if connection.exists("playhead:{15}:changes") else []

    def watch(self, position):
        at = datetime.now(timezone.utc) - timedelta(hours=1) + timedelta(seconds=position)
        call("POST", os.environ["EDGE_URL"] + "/v1/events", {
            "memberId": self.member, "sessionId": "s", "seq": self.seq, "kind": "start" if self.seq == 0 else "progress", "titleId": "Quiet Rivers",
            "positionMs": position * 1000, "occurredAt": at.isoformat(timespec="milliseconds"),
        })
        self.seq += 1

    def erase(self, path=""):
        call("DELETE", f"{os.environ['QUERY_URL']}/v1/members/{self.member}{path}")

    def test_tells_what_is_watched_hidden_and_erased(self):
        follower = self.follow()
        self.watch(0)
        self.assertEqual(follower.until(self.member)[-1], f"{self.member}: session Quiet Rivers at 0 s")
        self.watch(10)
        self.assertEqual(follower.until(self.member)[-1], f"{self.member}: session Quiet Rivers at 10 s")
        self.erase("/history/Quiet%20Rivers")
        self.assertEqual(follower.until(self.member)[-1], f"{self.member}: hidden Quiet Rivers")
        self.erase()
        self.assertTrue(follower.until(self.member)[-1].startswith(f"{self.member}: erased"))

    def test_goes_on_after_it_was_killed(self):
        first = self.follow()
        self.watch(0)
        first.until(self.member)
        first.end()
        self.watch(10)
        second = self.follow()
        self.assertEqual(second.until(f"{self.member}: session Quiet Rivers at 10 s")[-1], f"{self.member}: session Quiet Rivers at 10 s")

    def test_notices_what_was_trimmed_while_it_was_away(self):
        first = self.follow()
        self.watch(0)
        first.until(self.member)
        first.end()
        connection = redis.Redis.from_url(REDIS_URL)
        streams = [f"playhead:{{{partition:02}}}:changes" for partition in range(16)]
        added = lambda: sum(connection.xinfo_stream(stream)["entries-added"] for stream in streams)
        before = added()
        self.watch(10)
        self.eventually(lambda: added() > before)
        for stream in streams:
            connection.xtrim(stream, maxlen=0, approximate=False)
        second = self.follow()
        self.assertRegex(second.until("playhead:")[-1], r"^playhead:\{\d\d\}:changes: changes were missed$")
        self.watch(20)
        second.until(f"{self.member}: session Quiet Rivers at 20 s")


if __name__ == "__main__":
    unittest.main()
