"""What is killed, stopped and frozen: services, and servers with their data."""

import asyncio
import os
import signal
import subprocess
import time
from pathlib import Path

import processes
import web

ROOT = Path(__file__).resolve().parent.parent
# The contract's ten seconds for a graceful stop, and a busy machine.
STOP_SECONDS = 12
START_SECONDS = 60


class Failure(Exception):
    """Something that must not happen, and the end of a log as it was then."""

    def __init__(self, text, log=None):
        super().__init__(text)
        self.log = log
        self.lines = processes.tail(log) if log else []


class Target:
    """One process, or the family of one, that may be down only if we brought it down."""

    def __init__(self, name, log):
        self.name = name
        self.log = log
        self.process = None
        # Environment beside its settings.
        self.extra = {}
        self.is_expected_down = True

    def begin(self):
        raise NotImplementedError

    async def start(self):
        self.begin()
        self.is_expected_down = False

    def kill(self):
        self.is_expected_down = True
        processes.kill_family(self.process.pid)
        self.process.wait()

    async def stop(self):
        """SIGTERM. Fails where it does not leave with success and in time."""
        self.is_expected_down = True
        self.process.send_signal(signal.SIGTERM)
        deadline = time.monotonic() + STOP_SECONDS
        while self.process.poll() is None:
            if time.monotonic() > deadline:
                self.kill()
                raise Failure(f"{self.name} did not stop within {STOP_SECONDS} s of SIGTERM", self.log)
            await asyncio.sleep(0.01)
        if self.process.returncode:
            raise Failure(f"{self.name} ended with {self.process.returncode} after SIGTERM", self.log)

    def parts(self, draw):
        """The process ids that a freeze strikes; `draw` chooses where there is a choice."""
        return [self.process.pid]

    def has_died(self):
        return not self.is_expected_down and self.process.poll() is not None


class Service(Target):
    def __init__(self, name, executable, environment, http_port, admin_port, logs):
        super().__init__(name, logs / f"{name}.log")
        self.executable = executable
        self.environment = environment
        self.http_port = http_port
        self.admin_port = admin_port

    def begin(self):
        ports = {"PLAYHEAD_HTTP_PORT": str(self.http_port), "PLAYHEAD_ADMIN_PORT": str(self.admin_port)}
        self.process = processes.spawn([self.executable], self.log, self.environment | ports | self.extra)

    async def unready(self):
        """Why it is not ready; None if it is."""
        try:
            status, body = await web.exchange(self.admin_port, "GET", "/readyz", timeout=5)
        except (OSError, TimeoutError, web.NoAnswer) as error:
            return repr(error)
        return None if status == 200 else body.decode(errors="replace")


class Server(Target):
    """Redis or PostgreSQL by scripts/private-servers, with its syncs on; `proxy` is told where it listens."""

    def __init__(self, name, option, programs, folder, logs, proxy):
        super().__init__(name, logs / f"{name}.log")
        self.command = [ROOT / "scripts/private-servers", option, folder]
        # The beginnings of its processes' names.
        self.programs = programs
        self.addresses = folder.with_suffix(".addresses")
        self.proxy = proxy
        self.url = None

    def begin(self):
        with open(self.addresses, "wb") as output:
            # It stops when the pipe into it breaks, whatever becomes of us.
            self.process = processes.spawn(self.command, self.log, os.environ | self.extra, stdin=subprocess.PIPE, stdout=output)

    async def start(self):
        await super().start()
        deadline = time.monotonic() + START_SECONDS
        while "ready" not in (lines := self.addresses.read_text().splitlines()):
            if time.monotonic() > deadline or self.has_died():
                raise Failure(f"{self.name} did not start", self.log)
            await asyncio.sleep(0.02)
        self.url = lines[0]
        address = self.url.split("@")[-1].split("//")[-1].split("/")[0]
        host, _, port = address.partition(":")
        self.proxy.upstream = host, int(port)

    def parts(self, draw):
        """All of the server, its first process alone, or one of the others."""
        members = processes.family(self.process.pid, self.programs)
        if len(members) == 1 or draw < 0.4:
            return members
        return members[:1] if draw < 0.6 else [members[1 + int((draw - 0.6) / 0.4 * (len(members) - 1))]]
