import asyncio
import json
import unittest

from connections import Broken, Connections
from ledger import Ledger
from sender import Sender


class Edge:
    """Answers every request as `answer(body)` says: status, seconds to wait, and whether the connection stays."""

    def __init__(self, answer):
        self.answer = answer
        self.connections = 0

    async def start(self):
        self.server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        return self.server.sockets[0].getsockname()[1]

    async def _serve(self, reader, writer):
        self.connections += 1
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                length = next(int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.startswith(b"Content-Length"))
                status, seconds, stays = self.answer(await reader.readexactly(length))
                await asyncio.sleep(seconds)
                if status:
                    body = b'{"accepted":1,"durability":"stream","rejected":[]}'
                    closing = "" if stays else "Connection: close\r\n"
                    writer.write(f"HTTP/1.1 {status} Words\r\nContent-Length: {len(body)}\r\n{closing}\r\n".encode() + body)
                if not stays:
                    break
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        writer.close()


class SenderTests(unittest.IsolatedAsyncioTestCase):
    async def start(self, answer):
        self.edge = Edge(answer)
        port = await self.edge.start()
        self.addCleanup(self.edge.server.close)
        return port

    async def test_connections_are_kept(self):
        connections = Connections(await self.start(lambda _: (202, 0, True)))
        for _ in range(5):
            self.assertEqual((await connections.exchange("POST", "/", b"{}"))[0], 202)
        self.assertEqual(self.edge.connections, 1)
        connections.close()

    async def test_a_connection_that_ends_is_not_used_again(self):
        connections = Connections(await self.start(lambda _: (202, 0, False)))
        for _ in range(3):
            await connections.exchange("POST", "/", b"{}")
        self.assertEqual(self.edge.connections, 3)

    async def test_an_end_without_an_answer(self):
        connections = Connections(await self.start(lambda _: (None, 0, False)))
        with self.assertRaises(Broken):
            await connections.exchange("POST", "/", b"{}")

    async def send(self, answer, rate, seconds):
        ledger = Ledger()
        sender = Sender(await self.start(answer), 100, ledger)
        await sender.send(asyncio.get_running_loop().time(), rate, seconds)
        return sender, ledger

    async def test_a_slow_answer_delays_no_other_request(self):
        loop, arrived = asyncio.get_running_loop(), []

        def answer(_):
            arrived.append(loop.time())
            return 202, 0.5, True

        sender, _ = await self.send(answer, 100, 0.5)
        self.assertEqual(len(sender.requests), 50)
        # One after the other they would take 25 s.
        self.assertLess(arrived[-1] - arrived[0], 10)
        self.assertTrue(all(request.ms >= 490 for request in sender.requests))

    async def test_only_what_was_accepted_counts_as_acknowledged(self):
        def answer(body):
            return (503 if json.loads(body)["memberId"].endswith("3") else 202), 0, True

        sender, ledger = await self.send(answer, 200, 0.1)
        self.assertEqual(sorted(request.outcome for request in sender.requests), ["503"] * 2 + ["stream"] * 18)
        self.assertEqual((ledger.acknowledged_count, len(ledger.sent_events)), (18, 20))

    async def test_nobody_is_there(self):
        port = await self.start(lambda _: (202, 0, True))
        self.edge.server.close()
        await self.edge.server.wait_closed()
        sender = Sender(port, 0, Ledger())
        await sender.send(asyncio.get_running_loop().time(), 100, 0.05)
        self.assertEqual({request.outcome for request in sender.requests}, {"no connection"})


if __name__ == "__main__":
    unittest.main()
