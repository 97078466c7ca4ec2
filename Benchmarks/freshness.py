#!/usr/bin/env python3
"""Sends single events at a fixed rate and measures how long a few of them take to be visible in GET history.

Every TAGGED_EVERYth event opens a session of a member of its own, whose history is polled from the moment its POST was
sent. The others are heartbeats of many sessions in turn, each as often as a player sends them. Prints one JSON object.
"""

import argparse
import gc
import json
import multiprocessing
import random
import select
import signal
import struct
import sys
import time

import cpu
import workload

TAGGED_EVERY = 100
WARM_UP_SECONDS = 5
POLL_NS = 500_000
# A tagged event that is still not there is lost.
LOST_NS = 10_000_000_000
# So many that the schedule holds through a stall of as many milliseconds at 1,000 events a second.
SENDING_CONNECTIONS = 64
# Each follows one tagged session at a time, so one that is slow to appear does not delay the next.
POLLERS = 4


def is_tagged(number):
    return number % TAGGED_EVERY == TAGGED_EVERY - 1


def tagged_member(number):
    return f"tagged-{number:07d}"


class Traffic:
    """Every request, made before the clock starts."""

    def __init__(self, edge, count, rate):
        source = random.Random(count)
        started_ms = workload.now_ms() - 3_600_000
        heartbeats = [
            workload.Session(source, f"m-{n // 6:06d}", started_ms) for n in range(rate * workload.STEP_MS // 1000)
        ]
        self.requests = []
        used = 0
        for n in range(count):
            if is_tagged(n):
                event = workload.Session(source, tagged_member(n), started_ms).event(0)
            else:
                event = heartbeats[used % len(heartbeats)].event(used // len(heartbeats))
                used += 1
            self.requests.append(workload.post(edge, "application/json", event.encode()))
        self.sessions = min(used, len(heartbeats)) + count // TAGGED_EVERY


def poll(query, inbox, outbox):
    """A poller: gets the sending time and number of a tagged event, answers with how long it took to be visible."""
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    connection = workload.Connection(query, timeout=10)
    while True:
        sent, number = struct.unpack("qq", inbox.recv_bytes())
        request = workload.get(query, f"/v1/members/{tagged_member(number)}/history")
        visible = 0
        while True:
            began = time.monotonic_ns()
            status, body = connection.exchange(request)
            now = time.monotonic_ns()
            if status != 200:
                raise RuntimeError(f"query answered {status}: {body[:500]!r}")
            if b'"sessionId"' in body:
                visible = now - sent
                break
            if now - sent > LOST_NS:
                break
            time.sleep(max(began + POLL_NS - now, 0) / 1e9)
        # What the same request costs when there is nothing to wait for: the resolution of all this.
        began = time.monotonic_ns()
        connection.exchange(request)
        outbox.send_bytes(struct.pack("qqq", number, visible, time.monotonic_ns() - began))


class Pollers:
    def __init__(self, query):
        self.inboxes = []
        self.outboxes = []
        for _ in range(POLLERS):
            far_in, near_in = multiprocessing.Pipe(duplex=False)
            near_out, far_out = multiprocessing.Pipe(duplex=False)
            multiprocessing.Process(target=poll, args=(query, far_in, far_out), daemon=True).start()
            far_out.close()
            self.inboxes.append(near_in)
            self.outboxes.append(near_out)
        self.asked = 0

    def follow(self, number, sent):
        self.inboxes[self.asked % POLLERS].send_bytes(struct.pack("qq", sent, number))
        self.asked += 1

    def results(self):
        """By the number of the event: time until visible (0 where it was lost), time of one request; nanoseconds."""
        found = {}
        for turn in range(self.asked):
            outbox = self.outboxes[turn % POLLERS]
            if not outbox.poll(LOST_NS / 1e9 + 10):
                sys.exit("freshness: a poller does not answer")
            number, visible, request = struct.unpack("qqq", outbox.recv_bytes())
            found[number] = visible, request
        return found


class Sender:
    """Keeps the schedule whatever the answers do, as long as a connection is free."""

    def __init__(self, edge, requests):
        self.requests = requests
        self.idle = [workload.Connection(edge, timeout=10) for _ in range(SENDING_CONNECTIONS)]
        self.busy = {}
        self.late = []
        self.answered = []

    def send(self, number, due):
        while not self.idle:
            self.receive(None)
        connection = self.idle.pop()
        sent = time.monotonic_ns()
        connection.socket.sendall(self.requests[number])
        self.busy[connection] = number, sent
        self.late.append(sent - due)
        return sent

    def receive(self, until):
        """Takes answers that are there, or waits for one until then."""
        wait = 10 if until is None else max(until - time.monotonic_ns(), 0) / 1e9
        for connection in select.select(list(self.busy), [], [], wait)[0]:
            answer = connection.receive()
            if not answer:
                continue
            number, sent = self.busy.pop(connection)
            self.idle.append(connection)
            if answer[0] != 202:
                sys.exit(f"freshness: the edge answered {answer[0]}: {answer[1][:500]!r}")
            self.answered.append((number, time.monotonic_ns() - sent))

    def finish(self):
        deadline = time.monotonic_ns() + LOST_NS
        while self.busy and time.monotonic_ns() < deadline:
            self.receive(deadline)
        if self.busy:
            sys.exit("freshness: the edge does not answer")


def percentiles(nanoseconds):
    ordered = sorted(nanoseconds)

    def at(fraction):
        """Nearest rank."""
        return round(ordered[max(-(-len(ordered) * fraction // 100), 1) - 1] / 1e6, 3)

    return {"p50Ms": at(50), "p99Ms": at(99), "maxMs": at(100), "count": len(ordered)}


def named_pid(text):
    name, pid = text.split("=")
    return name, int(pid)


def main():
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--edge", required=True)
    options.add_argument("--query", required=True)
    options.add_argument("--rate", type=int, required=True)
    options.add_argument("--seconds", type=int, required=True)
    options.add_argument("--process", type=named_pid, action="append", default=[], metavar="NAME=PID")
    options.add_argument("--postmaster", type=int, required=True)
    options = options.parse_args()

    # So that exit handlers run: they end the pollers.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    edge, query = workload.address_of(options.edge), workload.address_of(options.query)
    warm_up = options.rate * WARM_UP_SECONDS
    count = warm_up + options.rate * options.seconds
    # Before the requests are made, so that the pollers' memory does not hold them too.
    pollers = Pollers(query)
    traffic = Traffic(edge, count, options.rate)
    sender = Sender(edge, traffic.requests)
    meter = cpu.Meter(options.process, options.postmaster)

    # A collection would stop the schedule for longer than what is measured takes.
    gc.freeze()
    gc.disable()
    interval = 1_000_000_000 / options.rate
    start = time.monotonic_ns() + 100_000_000
    for number in range(count):
        due = start + int(number * interval)
        while True:
            sender.receive(due)
            if time.monotonic_ns() >= due:
                break
        if number == warm_up:
            meter.start()
        sent = sender.send(number, due)
        if is_tagged(number):
            pollers.follow(number, sent)
    elapsed = (time.monotonic_ns() - start) / 1e9 - WARM_UP_SECONDS
    used = meter.stop(elapsed, count - warm_up)
    sender.finish()
    found = {number: times for number, times in pollers.results().items() if number >= warm_up}
    lost = sum(1 for visible, _ in found.values() if not visible)
    if lost:
        sys.exit(f"freshness: WRONG RESULT: {lost} events were not visible after {LOST_NS // 1_000_000_000} s")
    print(json.dumps({
        "events": count, "sessions": traffic.sessions, "perSecond": round((count - warm_up) / elapsed, 1),
        "visible": percentiles(visible for visible, _ in found.values()),
        "accepted": percentiles(time for number, time in sender.answered if number >= warm_up),
        "onePoll": percentiles(request for _, request in found.values()),
        "sentLate": percentiles(sender.late[warm_up:]), **used,
    }))


if __name__ == "__main__":
    main()
