"""One connection through the proxy."""

import asyncio
import socket
import struct

CHUNK = 65536
# Closing then sends RST instead of FIN, and throws away what was not sent: socket(7), SO_LINGER.
LINGER_NOTHING = struct.pack("ii", 1, 0)
BLACK_HOLES = "stall", "hole"


class Broken(Exception):
    """To be reset."""


class Connection:
    def __init__(self, client, upstream, disturbance, on_strike):
        self.client = client
        self.client.setblocking(False)
        self.upstream = upstream
        self.on_strike = on_strike
        self.task = None
        self._answered = 0
        self._has_lost_bytes = False
        self._changed = asyncio.Event()
        self.disturbance = disturbance

    def become(self, disturbance):
        """Changes what happens to it."""
        self.disturbance = disturbance
        self._answered = 0
        self._changed.set()
        self._changed = asyncio.Event()
        if disturbance.mode == "reset" or (self._has_lost_bytes and disturbance.mode != "hole"):
            self.reset()

    def reset(self):
        self.on_strike()
        self.task.cancel()

    async def run(self):
        server = socket.socket()
        server.setblocking(False)
        ends = self.client, server
        is_whole = False
        try:
            for end in ends:
                end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if self.disturbance.mode == "reset":
                self.on_strike()
                raise Broken
            await self._connect(server)
            async with asyncio.TaskGroup() as pumps:
                pumps.create_task(self._pump(self.client, server, is_answer=False))
                pumps.create_task(self._pump(server, self.client, is_answer=True))
            is_whole = True
        except* (OSError, Broken):
            pass
        finally:
            for end in ends:
                if not is_whole:
                    end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, LINGER_NOTHING)
                end.close()

    async def _connect(self, server):
        # What arrives meanwhile is as good as swallowed.
        self._has_lost_bytes = self.disturbance.mode == "hole"
        await self._pass_black_hole()
        try:
            await asyncio.get_running_loop().sock_connect(server, self.upstream)
        except OSError:
            await self._pass_black_hole()
            raise

    async def _pump(self, source, sink, is_answer):
        """Forwards one direction until its end. Ends and errors are news too: a black hole keeps them back."""
        loop = asyncio.get_running_loop()
        while True:
            try:
                chunk = await loop.sock_recv(source, CHUNK)
            except OSError:
                await self._pass_black_hole()
                raise
            if chunk and self.disturbance.mode == "hole":
                self._has_lost_bytes = True
                self.on_strike()
                continue
            await self._pass_black_hole()
            if self.disturbance.mode == "delay":
                self.on_strike()
                await asyncio.sleep(self.disturbance.seconds)
            if is_answer and self.disturbance.mode == "cut":
                await self._cut(sink, chunk)
            await loop.sock_sendall(sink, chunk)
            if not chunk:
                sink.shutdown(socket.SHUT_WR)
                return

    async def _pass_black_hole(self):
        while self.disturbance.mode in BLACK_HOLES:
            self.on_strike()
            await self._changed.wait()

    async def _cut(self, sink, chunk):
        """Lets through what is left of the bytes that may pass; the rest ends the connection."""
        left = self.disturbance.bytes - self._answered
        self._answered += len(chunk)
        if len(chunk) > left:
            self.on_strike()
            await asyncio.get_running_loop().sock_sendall(sink, chunk[:left])
            # The reset would overtake what is still on its way to a reader, and nothing be cut.
            await asyncio.sleep(0.005)
            raise Broken
