"""As much of Redis' protocol as looking at streams takes (redis.io, "Redis serialization protocol", RESP2)."""

import socket
from urllib.parse import urlsplit


class Redis:
    def __init__(self, url):
        parts = urlsplit(url)
        self.socket = socket.create_connection((parts.hostname, parts.port), timeout=10)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.file = self.socket.makefile("rb")

    def send(self, *commands):
        """Sends commands in one write; their replies in order."""
        request = b""
        for command in commands:
            request += b"*%d\r\n" % len(command)
            for word in command:
                request += b"$%d\r\n%s\r\n" % (len(word), word)
        self.socket.sendall(request)
        return [self._reply() for _ in commands]

    def _reply(self):
        line = self.file.readline()
        kind, rest = line[:1], line[1:-2]
        if kind == b"+":
            return rest
        if kind == b":":
            return int(rest)
        if kind == b"$":
            return None if rest == b"-1" else self.file.read(int(rest) + 2)[:-2]
        if kind == b"*":
            return None if rest == b"-1" else [self._reply() for _ in range(int(rest))]
        raise RuntimeError(f"Redis answered {line!r}")


def fields(reply):
    """A flat list of name, value, name, value… as a dictionary."""
    return dict(zip(reply[::2], reply[1::2]))
