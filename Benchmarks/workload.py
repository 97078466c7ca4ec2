"""The playback events that the benchmarks send, and a small HTTP client to send them with.

Every event of a session lies STEP_MS after the one before, in time and in position. So totals.sql can tell from
the finished rows alone how many distinct events went into them.
"""

import socket
import time
import uuid
from urllib.parse import urlsplit

# What a player reports while it plays: a heartbeat every ten seconds. totals.sql knows this number too.
STEP_MS = 10_000
RUNTIME_MS = 5_400_000


class Session:
    """One playback: what is the same in all of its events."""

    def __init__(self, random, member, started_ms):
        self.started_ms = started_ms
        self.head = (
            f'{{"memberId":"{member}","sessionId":"{random_uuid(random)}","deviceId":"{random_uuid(random)}",'
            f'"deviceType":"tv","titleId":"{80_000_000 + random.randrange(20_000)}","runtimeMs":{RUNTIME_MS}'
        )

    def event(self, seq, is_last=False):
        """The event as one line of JSON."""
        kind = "start" if seq == 0 else "stop" if is_last else "progress"
        return (
            f'{self.head},"seq":{seq},"kind":"{kind}","positionMs":{seq * STEP_MS},'
            f'"occurredAt":{self.started_ms + seq * STEP_MS}}}'
        )


def random_uuid(random):
    return str(uuid.UUID(int=random.getrandbits(128), version=4))


def now_ms():
    return time.time_ns() // 1_000_000


def post(address, content_type, body):
    """A whole request to the edge, ready to be written to a socket."""
    return (
        f"POST /v1/events HTTP/1.1\r\nHost: {address[0]}:{address[1]}\r\n"
        f"Content-Type: {content_type}\r\nContent-Length: {len(body)}\r\n\r\n"
    ).encode() + body


def get(address, path):
    return f"GET {path} HTTP/1.1\r\nHost: {address[0]}:{address[1]}\r\n\r\n".encode()


def address_of(url):
    parts = urlsplit(url)
    return parts.hostname, parts.port


class Connection:
    """A keep-alive connection. Parses no more of an answer than its status and its length: it must cost little."""

    def __init__(self, address, timeout):
        self.socket = socket.create_connection(address, timeout=timeout)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.received = b""

    def fileno(self):
        return self.socket.fileno()

    def exchange(self, request):
        """Sends a request and waits for its answer: status and body."""
        self.socket.sendall(request)
        while True:
            answer = self.receive()
            if answer:
                return answer

    def receive(self):
        """Reads what is there. Status and body once the answer is whole, else None."""
        piece = self.socket.recv(65536)
        if not piece:
            raise ConnectionError("the server closed the connection")
        self.received += piece
        head, separator, body = self.received.partition(b"\r\n\r\n")
        if not separator:
            return None
        lowered = head.lower()
        at = lowered.find(b"content-length:")
        if at < 0:
            raise ConnectionError(f"an answer without Content-Length: {head!r}")
        if len(body) < int(lowered[at + 15 :].split(b"\r\n", 1)[0]):
            return None
        self.received = b""
        return int(head[9:12]), body
