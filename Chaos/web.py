"""One HTTP request on a connection of its own, without waiting for anything longer than asked."""

import asyncio


class NoAnswer(Exception):
    """The connection ended before a whole answer had come."""


async def exchange(port, method, path, body=b"", timeout=5):
    """Status and body. Raises OSError, TimeoutError, NoAnswer."""
    async with asyncio.timeout(timeout):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        try:
            writer.write(
                f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n"
                f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body
            )
            head = await reader.readuntil(b"\r\n\r\n")
            length = 0
            for line in head.lower().split(b"\r\n"):
                if line.startswith(b"content-length:"):
                    length = int(line.partition(b":")[2])
            return int(head[9:12]), await reader.readexactly(length)
        except asyncio.IncompleteReadError as error:
            raise NoAnswer(f"{len(error.partial)} bytes of an answer") from error
        finally:
            writer.close()
