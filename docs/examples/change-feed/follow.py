"""Follows the change feed with a consumer group of its own, as a recommendation or analytics service does.

    python follow.py REDIS_URL [GROUP]

It prints a line for each change that is new to it. What it keeps in `latest` would be a table of its own database.
"""

import socket
import sys

import redis

import playhead_pb2

PARTITIONS = "playhead:partitions"
# How long another consumer of the group may hold an entry before it is taken over.
CLAIM_IDLE_MS = 60_000


class Follower:
    def __init__(self, url, group):
        self.redis = redis.Redis.from_url(url)
        self.group = group
        self.consumer = socket.gethostname()
        count = int(self.redis.get(PARTITIONS) or 16)
        self.streams = [f"playhead:{{{partition:02}}}:changes" for partition in range(count)]
        # By member and session, or title: the greatest revision seen.
        self.latest = {}
        # By member and title, or "" for all: what was watched until then is hidden.
        self.hidden = {}
        for stream in self.streams:
            try:
                # From now on: what was before is read over the API. Not from 0, for the feed keeps minutes only.
                self.redis.xgroup_create(stream, group, id="$", mkstream=True)
            except redis.ResponseError as error:
                if not str(error).startswith("BUSYGROUP"):
                    raise

    def run(self):
        print(f"following {len(self.streams)} streams as {self.group}", flush=True)
        self.look_for_gaps()
        # What this consumer had not finished when it died comes first.
        self.take(self.redis.xreadgroup(self.group, self.consumer, {stream: "0" for stream in self.streams}))
        while True:
            new = self.redis.xreadgroup(self.group, self.consumer, {stream: ">" for stream in self.streams}, count=100, block=1000)
            self.take(new)
            self.look_for_gaps()
            if not new:
                self.take_over()

    def take_over(self):
        """What other consumers of the group hold for too long."""
        for stream in self.streams:
            _, entries, *gone = self.redis.xautoclaim(stream, self.group, self.consumer, CLAIM_IDLE_MS, "0-0", count=100)
            self.take([(stream, entries)])
            if gone and gone[0]:
                self.resynchronise(stream)

    def look_for_gaps(self):
        """The feed is trimmed by age: what a group that was away for longer has not read may be gone."""
        for stream in self.streams:
            group = next(group for group in self.redis.xinfo_groups(stream) if group["name"].decode() == self.group)
            # The lag counts entries that are gone, too. It is unknown to a Redis that cannot tell.
            if group["lag"] is None or group["lag"] > self.redis.xlen(stream):
                self.resynchronise(stream)
                # What is still there is newer than what is read over the API now, or a repetition.
                self.redis.xgroup_setid(stream, self.group, "0")

    def resynchronise(self, stream):
        """A service would now read the histories that it needs over the API: GET /v1/members/{m}/history/export."""
        print(f"{stream}: changes were missed", flush=True)

    def take(self, found):
        for stream, entries in found:
            for entry, fields in entries:
                if not fields:
                    # It was trimmed while this consumer was away.
                    self.resynchronise(stream)
                    self.redis.xack(stream, self.group, entry)
                    continue
                for change in playhead_pb2.HistoryChangeBatch.FromString(fields[b"c"]).changes:
                    self.apply(change)
                # After it was applied, never before: a crash between repeats it, and the revision tells.
                self.redis.xack(stream, self.group, entry)

    def apply(self, change):
        kind = change.WhichOneof("change")
        if kind is None:
            return  # of a later version
        member, detail = change.member_id, getattr(change, kind)
        what = detail.session_id if kind == "session" else getattr(detail, "title_id", "")
        if change.revision <= max(self.latest.get((member, kind, what), -1), self.latest.get((member, "erased", ""), -1)):
            return
        if kind == "session" and self.is_hidden(member, detail):
            return
        self.latest[member, kind, what] = change.revision
        if kind == "hidden":
            self.hidden[member, what] = max(detail.hidden_until, self.hidden.get((member, what), detail.hidden_until))
        shown = f"{detail.title_id} at {detail.position_ms // 1000} s" if kind == "session" else what
        print(f"{member}: {kind} {shown}", flush=True)

    def is_hidden(self, member, session):
        """A session may come after what hides it."""
        times = (self.hidden.get((member, title)) for title in (session.title_id, ""))
        return any(until is not None and session.last_watched_at <= until for until in times)


if __name__ == "__main__":
    Follower(sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else "example").run()
