"""A TCP proxy that does to connections what networks do: delay, reset, swallow, stall, cut in the middle."""

import asyncio
import random
import socket
from dataclasses import dataclass

from connection import Connection


@dataclass(frozen=True)
class Disturbance:
    """What happens to a connection.

    pass   nothing
    delay  each chunk waits for `seconds`
    reset  the connection is reset (RST) at once
    stall  nothing is forwarded; what was held back goes on afterwards, as after a partition that heals
    hole   what arrives is swallowed; the connection is reset afterwards, as its peer is gone
    cut    after `bytes` of the server's answers the connection is reset
    """

    mode: str
    seconds: float = 0
    bytes: int = 0


PASS = Disturbance("pass")


class Proxy:
    """Listens on a port of its own and forwards to `upstream`, a (host, port) that may change."""

    def __init__(self, seed):
        self.source = random.Random(seed)
        self.upstream = None
        self.connections = set()
        self.listener = None
        # How often a disturbance had an effect.
        self.strikes = 0
        self._disturb = None
        self._share = 0

    async def start(self):
        """Returns the port."""
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=1024)
        self.listener.setblocking(False)
        self._accepting = asyncio.create_task(self._accept())
        return self.listener.getsockname()[1]

    async def stop(self):
        if not self.listener:
            return
        self._accepting.cancel()
        for connection in list(self.connections):
            connection.reset()
        await asyncio.gather(self._accepting, *(c.task for c in list(self.connections)), return_exceptions=True)
        self.listener.close()

    def disturb(self, disturbance, share=1.0):
        """From now on, for a share of the connections, also those to come.

        `disturbance` is one, or a function that makes one for each connection.
        """
        self._disturb = disturbance if callable(disturbance) else lambda: disturbance
        self._share = share
        for connection in list(self.connections):
            connection.become(self._draw())

    def calm(self):
        """Connections that lost bytes are reset: to let them go on would forge what was said."""
        self._disturb = None
        for connection in list(self.connections):
            connection.become(PASS)

    def _strike(self):
        self.strikes += 1

    def _draw(self):
        if self._disturb and self.source.random() < self._share:
            return self._disturb()
        return PASS

    async def _accept(self):
        loop = asyncio.get_running_loop()
        while True:
            client, _ = await loop.sock_accept(self.listener)
            connection = Connection(client, self.upstream, self._draw(), self._strike)
            self.connections.add(connection)
            connection.task = asyncio.create_task(connection.run())
            connection.task.add_done_callback(lambda _, gone=connection: self.connections.discard(gone))
