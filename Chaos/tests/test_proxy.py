import asyncio
import struct
import time
import unittest

from proxy import Disturbance, Proxy


async def echo(reader, writer):
    """Answers every line with itself."""
    try:
        while line := await reader.readline():
            writer.write(line)
            await writer.drain()
    except ConnectionError:
        pass
    writer.close()


class ProxyTests(unittest.IsolatedAsyncioTestCase):
    async def asyncSetUp(self):
        self.server = await asyncio.start_server(echo, "127.0.0.1", 0)
        self.proxy = Proxy(1)
        self.proxy.upstream = self.server.sockets[0].getsockname()
        self.port = await self.proxy.start()
        self.writers = []

    async def asyncTearDown(self):
        for writer in self.writers:
            writer.close()
        await self.proxy.stop()
        self.server.close()

    async def connect(self):
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        self.writers.append(writer)
        return reader, writer

    async def exchange(self, connection, line, timeout=5):
        reader, writer = connection
        writer.write(line)
        return await asyncio.wait_for(reader.readline(), timeout)

    async def assert_silent(self, connection, line=b"silent\n"):
        with self.assertRaises(TimeoutError):
            await self.exchange(connection, line, timeout=0.2)

    async def assert_works(self, connection=None):
        connection = connection or await self.connect()
        self.assertEqual(await self.exchange(connection, b"works\n"), b"works\n")

    async def test_passes_everything_and_the_end(self):
        connection = await self.connect()
        large = b"x" * 50_000 + b"\n"
        for _ in range(20):
            self.assertEqual(await self.exchange(connection, large), large)
        connection[1].write_eof()
        self.assertEqual(await asyncio.wait_for(connection[0].read(), 5), b"")

    async def test_delays_each_chunk_both_ways(self):
        connection = await self.connect()
        self.proxy.disturb(Disturbance("delay", seconds=1))
        began = time.monotonic()
        await self.assert_works(connection)
        self.assertGreaterEqual(time.monotonic() - began, 2)
        self.proxy.calm()
        began = time.monotonic()
        await self.assert_works(connection)
        self.assertLess(time.monotonic() - began, 2)

    async def test_resets_connections_that_are_there_and_new_ones(self):
        connection = await self.connect()
        await self.assert_works(connection)
        self.proxy.disturb(Disturbance("reset"))
        with self.assertRaises(ConnectionResetError):
            await self.exchange(connection, b"lost\n")
        with self.assertRaises(ConnectionResetError):
            new = await self.connect()
            await self.exchange(new, b"lost\n")
            await self.exchange(new, b"lost\n")
        self.proxy.calm()
        await self.assert_works()

    async def test_a_stall_keeps_back_what_goes_on_afterwards(self):
        connection = await self.connect()
        await self.assert_works(connection)
        self.proxy.disturb(Disturbance("stall"))
        await self.assert_silent(connection, b"one\n")
        new = await self.connect()
        await self.assert_silent(new, b"two\n")
        self.proxy.calm()
        self.assertEqual(await asyncio.wait_for(connection[0].readline(), 5), b"one\n")
        self.assertEqual(await asyncio.wait_for(new[0].readline(), 5), b"two\n")

    async def test_a_hole_swallows_and_resets_what_lost_bytes(self):
        connection, idle = await self.connect(), await self.connect()
        await self.assert_works(connection)
        await self.assert_works(idle)
        self.proxy.disturb(Disturbance("hole"))
        await self.assert_silent(connection)
        new = await self.connect()
        await self.assert_silent(new)
        self.proxy.calm()
        for victim in (connection, new):
            with self.assertRaises(ConnectionResetError):
                await asyncio.wait_for(victim[0].readline(), 5)
        await self.assert_works(idle)

    async def test_a_black_hole_keeps_back_that_the_server_is_gone(self):
        for mode in ("stall", "hole"):
            connection = await self.connect()
            await self.assert_works(connection)
            self.proxy.disturb(Disturbance(mode))
            self.proxy.upstream = ("127.0.0.1", 1)
            new = await self.connect()
            await self.assert_silent(new)
            self.proxy.calm()
            with self.assertRaises(ConnectionResetError):
                await asyncio.wait_for(new[0].readline(), 5)
            self.proxy.upstream = self.server.sockets[0].getsockname()
            await self.assert_works(connection)

    async def test_cuts_an_answer_in_its_middle(self):
        connection = await self.connect()
        self.proxy.disturb(Disturbance("cut", bytes=10))
        self.assertEqual(await self.exchange(connection, b"12345\n"), b"12345\n")
        connection[1].write(b"abcdefgh\n")
        got = b""
        with self.assertRaises(ConnectionResetError):
            while piece := await asyncio.wait_for(connection[0].read(100), 5):
                got += piece
        self.assertEqual(got, b"abcd")
        self.proxy.calm()
        await self.assert_works()

    async def test_disturbs_a_share_of_the_connections(self):
        self.proxy.disturb(Disturbance("reset"), share=0.5)
        whole = 0
        for _ in range(100):
            try:
                await self.assert_works()
                whole += 1
            except ConnectionResetError:
                pass
        self.assertTrue(25 < whole < 75, whole)

    async def test_a_server_that_is_gone_is_a_reset(self):
        self.proxy.upstream = ("127.0.0.1", 1)
        with self.assertRaises(ConnectionResetError):
            await self.exchange(await self.connect(), b"lost\n")

    async def test_a_reset_of_the_client_reaches_the_server(self):
        gone = asyncio.Event()

        async def notice(reader, writer):
            try:
                await reader.read()
            except ConnectionResetError:
                gone.set()
            writer.close()

        server = await asyncio.start_server(notice, "127.0.0.1", 0)
        self.proxy.upstream = server.sockets[0].getsockname()
        _, writer = await self.connect()
        writer.write(b"there\n")
        await asyncio.sleep(0.05)
        writer.get_extra_info("socket").setsockopt(1, 13, struct.pack("ii", 1, 0))
        writer.transport.abort()
        await asyncio.wait_for(gone.wait(), 5)
        server.close()


if __name__ == "__main__":
    unittest.main()
