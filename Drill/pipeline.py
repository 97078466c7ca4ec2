"""A whole Playhead of its own: servers of which PostgreSQL can be stopped alone, and the four services."""

import asyncio
import os
import random
import socket
import subprocess
from pathlib import Path
from types import SimpleNamespace

import processes
import slow_commits
import verdict
from targets import Failure, Server, Service

SPARE_PORTS = range(20_000, 32_000)
SETTLE_SECONDS = 120


class BoundService(Service):
    """Ends with this program, even if that is killed with -9; the servers do so by themselves."""

    def begin(self):
        ports = {"PLAYHEAD_HTTP_PORT": str(self.http_port), "PLAYHEAD_ADMIN_PORT": str(self.admin_port)}
        self.process = processes.spawn(["setpriv", "--pdeathsig", "TERM", self.executable], self.log, self.environment | ports)


class Pipeline:
    def __init__(self, folder: Path):
        self.logs = folder / "logs"
        self.logs.mkdir(parents=True)
        self.bin = Path(os.environ["BIN_DIR"]).resolve()
        self.redis = self._server("redis", "--redis-only", folder)
        self.postgres = self._server("postgres", "--postgres-only", folder)
        self.services: list[BoundService] = []
        # Nothing of the caller's own Playhead, and nothing here is for an HTTP proxy.
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(("PLAYHEAD_", "PG"))}
        self.environment = inherited | {
            "no_proxy": "127.0.0.1", "NO_PROXY": "127.0.0.1", "PLAYHEAD_SPOOL_DIR": str(folder / "spool"), "PLAYHEAD_REPLICA": "local",
        }

    def _server(self, name, option, folder):
        # No proxy stands before it, so nobody has to be told where it listens.
        return Server(name, option, name, folder / name, self.logs, SimpleNamespace())

    async def start(self):
        await self.redis.start()
        await self.postgres.start()
        self.environment |= {"PLAYHEAD_REDIS_URL": self.redis.url, "PLAYHEAD_POSTGRES_URL": self.postgres.url}
        await self.operate("migrate")
        await self._sql(slow_commits.PREPARE)
        ports = free_ports()
        for kind in ("edge", "processor", "compactor", "query"):
            service = BoundService(kind, self.bin / f"playhead-{kind}", self.environment, next(ports), next(ports), self.logs)
            self.services.append(service)
            await service.start()
        self.edge, *_, self.query = self.services
        await self.await_ready()

    async def await_ready(self):
        await verdict.await_ready(self.services)

    async def route(self, share: int):
        await self.operate("route", "set", "--async", str(share), "--by", "drill")

    async def slow_commits(self):
        await self._sql(slow_commits.SLOW)

    async def prompt_commits(self):
        await self._sql(slow_commits.PROMPT)

    async def settle(self):
        await self.operate("status", "--await-settled", str(SETTLE_SECONDS))

    async def operate(self, *arguments: str):
        await self._run([self.bin / "playhead", *arguments], f"playhead {arguments[0]}")

    async def _sql(self, text):
        await self._run(["psql", "-XqAt", "-v", "ON_ERROR_STOP=1", self.postgres.url, "-c", text], "psql")

    async def _run(self, command, name):
        process = await asyncio.create_subprocess_exec(
            *command, env=self.environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True
        )
        try:
            async with asyncio.timeout(SETTLE_SECONDS + 30):
                output, _ = await process.communicate()
        except TimeoutError:
            raise Failure(f"{name} does not end") from None
        finally:
            if process.returncode is None:
                process.kill()
        if process.returncode:
            log = self.logs / f"{name}.log"
            log.write_bytes(output)
            raise Failure(f"{name} ended with {process.returncode}", log)

    async def stop(self):
        """First what takes new work in, the servers last."""
        failures = []
        for target in [*self.services, self.redis, self.postgres]:
            if target.process and target.process.poll() is None:
                try:
                    await target.stop()
                except Failure as failure:
                    failures.append(failure)
        if failures:
            raise ExceptionGroup("stopping", failures)


def free_ports():
    """Below those that Linux takes for outgoing connections, so that nobody has taken one before its service has it."""
    for port in random.sample(SPARE_PORTS, len(SPARE_PORTS)):
        with socket.socket() as candidate:
            if candidate.connect_ex(("127.0.0.1", port)):
                yield port
