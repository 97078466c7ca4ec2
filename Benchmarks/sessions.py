#!/usr/bin/env python3
"""Viewing to be compacted, as rows of `playback_session` for COPY, and as CSV by member for the floor.

Each member watched some 60 titles in sessions of up to two hours over two years, all of them long ago. Ids are random UUIDs. One session in ten
lost an event on the way, so that it has two runs. The state is a `SessionState` of Shared/Wire/playhead.proto.
"""

import argparse
import datetime
import itertools
import pathlib
import random
import uuid

TITLES_OF_A_MEMBER = 60
TITLES = 20_000
# The most popular title is watched by twice as many members as the second, three times as many as the third, and so on (Zipf's law).
POPULARITY = list(itertools.accumulate(1 / rank for rank in range(1, TITLES + 1)))
BEGIN_MS = 1_640_995_200_000
SPAN_MS = 2 * 365 * 86_400_000
HEARTBEAT_MS = 10_000
START, PROGRESS, STOP = 1, 2, 6
EPOCH = datetime.datetime(1970, 1, 1)


def varint(value):
    data = bytearray()
    while value > 0x7F:
        data.append(value & 0x7F | 0x80)
        value >>= 7
    data.append(value)
    return bytes(data)


def number(field, value):
    return varint(field << 3) + varint(value) if value else b""


def message(field, data):
    return varint(field << 3 | 2) + varint(len(data)) + data


def end(seq, position, at, kind):
    return number(1, seq) + number(2, position) + number(3, at) + number(4, kind)


def run(first, last):
    """Of heartbeats from first to last, each (seq, position, at, kind): all of the way is credit."""
    credit = number(4, last[1] - first[1]) + varint(5 << 3) + varint(last[2])
    return message(1, end(*first)) + message(3, end(*last)) + credit


def text(field, value, seq):
    return message(field, message(1, value.encode()) + number(2, seq))


def session(randomness, member, title):
    """When it began, the columns, and the line of CSV."""
    at = BEGIN_MS + randomness.randrange(SPAN_MS)
    position = randomness.choice((0, 0, randomness.randrange(1_800_000)))
    runtime = 1_200_000 + title % 97 * 60_000
    beats = randomness.randrange(3, 720)
    stop = (beats, position + beats * HEARTBEAT_MS, at + beats * HEARTBEAT_MS, STOP)
    first = (0, position, at, START)
    lost = randomness.random() < 0.1
    if lost:
        gap = randomness.randrange(1, beats - 1)
        before = (gap - 1, position + (gap - 1) * HEARTBEAT_MS, at + (gap - 1) * HEARTBEAT_MS, PROGRESS if gap > 1 else START)
        after = (gap + 1, position + (gap + 1) * HEARTBEAT_MS, at + (gap + 1) * HEARTBEAT_MS, PROGRESS)
        one = message(1, end(*first)) if gap == 1 else run(first, before)
        runs = message(1, one) + message(1, run(after, stop))
    else:
        runs = message(1, run(first, stop))
    device, kind = f"device-{member}-{title % 3}", ("tv", "phone", "tablet")[title % 3]
    identifier = uuid.UUID(int=randomness.getrandbits(128), version=4)
    state = runs + number(2, beats + 1 - lost) + number(3, at) + varint(6 << 3) + varint(beats - 1)
    # Each attribute at the latest event that told it; a stop tells the title only.
    state += text(7, f"title-{title}", beats) + message(8, number(1, runtime) + number(2, beats - 1)) + text(9, device, beats - 1)
    state += text(10, kind, beats - 1)
    completed = stop[1] >= runtime * 0.9
    shown = [
        str(identifier), f"title-{title}", at, stop[2], stop[1], runtime, beats * HEARTBEAT_MS, int(lost), "t" if completed else "f", device, kind,
    ]
    columns = [
        member, *shown[:2], timestamp(at), timestamp(stop[2]), *shown[4:9], "f", device, kind, "\\\\x" + state.hex(), timestamp(stop[2]),
    ]
    return at, "\t".join(map(str, columns)), ",".join(map(str, shown))


def timestamp(milliseconds):
    return (EPOCH + datetime.timedelta(milliseconds=milliseconds)).isoformat(timespec="milliseconds") + "Z"


def main():
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--members", type=int, required=True)
    options.add_argument("--sessions", type=int, required=True, help="of each member")
    options.add_argument("--rows", required=True, help="file of the rows; lib/compaction.sh names their columns")
    options.add_argument("--csv", required=True, help="folder of the members' CSV")
    options = options.parse_args()

    randomness = random.Random(1)
    rows = []
    folder = pathlib.Path(options.csv)
    folder.mkdir(parents=True)
    for member in range(1, options.members + 1):
        titles = randomness.choices(range(TITLES), cum_weights=POPULARITY, k=TITLES_OF_A_MEMBER)
        sessions = [session(randomness, member, randomness.choice(titles)) for _ in range(options.sessions)]
        sessions.sort(reverse=True)
        (folder / f"{member}.csv").write_text("".join(line + "\n" for _, _, line in sessions))
        rows += [(at, row) for at, row, _ in sessions]
    # As they came in: a session's revision says when it was written, among those of all members.
    rows.sort()
    with open(options.rows, "w") as file:
        file.writelines(f"{row}\t{revision}\n" for revision, (_, row) in enumerate(rows, 1))


main()
