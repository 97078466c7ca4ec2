"""The streams that the edge writes, for programs that count, read or empty them."""

import time

import resp

# Up to 1,000 entries from an id on: how many, the sum of their n, the last id. In Redis, so that no payload travels.
COUNT_SCRIPT = b"""
local entries = redis.call('XRANGE', KEYS[1], ARGV[1], '+', 'COUNT', 1000)
local sum = 0
for _, entry in ipairs(entries) do
    for at = 1, #entry[2], 2 do
        if entry[2][at] == 'n' then sum = sum + tonumber(entry[2][at + 1]) end
    end
end
return {#entries, sum, #entries > 0 and entries[#entries][1] or ''}
"""
EVENTS = b"playhead:{*}:events"
REWRITE_SECONDS = 60


class Streams:
    def __init__(self, url):
        self.redis = resp.Redis(url)

    def keys(self, pattern):
        return sorted(self.redis.send([b"KEYS", pattern])[0])

    def count(self):
        """Entries and events in all streams."""
        entries = events = 0
        for key in self.keys(EVENTS):
            start = b"-"
            while True:
                found, sum_of_n, last = self.redis.send([b"EVAL", COUNT_SCRIPT, b"1", key, start])[0]
                if not found:
                    break
                entries += found
                events += sum_of_n
                start = b"(" + last
        return entries, events

    def payload_of(self, count):
        """The payload of the newest entry of its stream that holds exactly so many events, if there is one."""
        for key in self.keys(EVENTS):
            for _, words in self.redis.send([b"XREVRANGE", key, b"+", b"-", b"COUNT", b"1"])[0]:
                entry = resp.fields(words)
                if int(entry[b"n"]) == count:
                    return entry[b"b"]
        return None

    def empty(self):
        """Leaves no entry. Keeps the keys, for the edge looks each second whether all is as it was agreed."""
        for key in self.keys(EVENTS):
            self.redis.send([b"XTRIM", key, b"MAXLEN", b"0"])
        self._rewrite()

    def drop(self, pattern):
        for key in self.keys(pattern):
            self.redis.send([b"DEL", key])
        self._rewrite()

    def _rewrite(self):
        """Takes what is gone out of the append-only file too, so that it does not grow from run to run."""
        self.redis.send([b"BGREWRITEAOF"])
        deadline = time.monotonic() + REWRITE_SECONDS
        while True:
            state = self.redis.send([b"INFO", b"persistence"])[0]
            if b"aof_rewrite_in_progress:0" in state and b"aof_rewrite_scheduled:0" in state:
                return
            if time.monotonic() > deadline:
                raise RuntimeError("Redis is still rewriting its append-only file")
            time.sleep(0.02)
