"""HTTP over connections that are kept: as many as requests are under way."""

import asyncio

# Well below the time after which a server closes an idle connection, so that no request meets that.
IDLE_SECONDS = 5


class Broken(Exception):
    """The connection ended before a whole answer had come."""


class Connection(asyncio.Protocol):
    """One request at a time."""

    def __init__(self):
        self.transport = None
        self.is_reusable = True
        self.used_at = 0.0
        self._received = bytearray()
        self._answer = None

    def connection_made(self, transport):
        self.transport = transport

    def connection_lost(self, error):
        self.is_reusable = False
        if self._answer and not self._answer.done():
            self._answer.set_exception(Broken(f"{len(self._received)} bytes of an answer"))

    def data_received(self, data):
        self._received += data
        head, separator, body = self._received.partition(b"\r\n\r\n")
        if not separator or not self._answer or self._answer.done():
            return
        lines = head.lower().split(b"\r\n")
        length = next((int(line.partition(b":")[2]) for line in lines if line.startswith(b"content-length:")), 0)
        if len(body) >= length:
            self.is_reusable = self.is_reusable and b"connection: close" not in lines
            self._answer.set_result((int(lines[0].split()[1]), bytes(body)))

    async def exchange(self, request):
        self._received.clear()
        self._answer = asyncio.get_running_loop().create_future()
        self.transport.write(request)
        return await self._answer


class Connections:
    """To one port of this machine. A request takes a connection that is idle, or opens another."""

    def __init__(self, port):
        self.port = port
        self._idle = []

    async def exchange(self, method, path, body=b""):
        """Status and body. Raises OSError and Broken; how long to wait is the caller's affair."""
        connection = await self._take()
        head = f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        try:
            answer = await connection.exchange(head.encode() + body)
        except BaseException:
            connection.transport.abort()
            raise
        connection.used_at = asyncio.get_running_loop().time()
        self._idle.append(connection)
        return answer

    async def _take(self):
        loop = asyncio.get_running_loop()
        while self._idle:
            connection = self._idle.pop()
            if connection.is_reusable and loop.time() - connection.used_at < IDLE_SECONDS:
                return connection
            connection.transport.abort()
        _, connection = await loop.create_connection(Connection, "127.0.0.1", self.port)
        return connection

    def close(self):
        for connection in self._idle:
            connection.transport.abort()
        self._idle.clear()
