"""Simulated viewers at an edge, which repeat what is not taken."""

import asyncio
import re
import signal
import subprocess
import time

import processes
from targets import Failure

# For what is under way when it should end.
END_SECONDS = 40


class Simulation:
    """Sends `events` events to an edge, `rate` of them a second."""

    def __init__(self, playhead, edge, seed, events, environment, folder, rate, batch=10, concurrency=8):
        self.edge = edge
        self.truth = folder / f"{edge.name}.truth"
        self.output = folder / f"simulate-{edge.name}.log"
        self.command = [
            playhead, "simulate", "--edge", f"http://127.0.0.1:{edge.http_port}", "--seed", str(seed), "--truth", self.truth,
            "--events", str(events), "--members", str(events // 100), "--rate", str(rate), "--batch", str(batch),
            "--concurrency", str(concurrency), "--duplicates", "0.05", "--reorder", "0.1", "--late", "0.02", "--drop", "0.01",
        ]
        self.environment = environment

    def start(self):
        self.process = processes.spawn(self.command, self.output, self.environment)

    async def finish(self):
        """Lets what is under way be answered. Everything sent has an answer then."""
        self.process.send_signal(signal.SIGTERM)
        deadline = time.monotonic() + END_SECONDS
        while self.process.poll() is None:
            if time.monotonic() > deadline:
                raise Failure(f"simulate at {self.edge.name} does not end", self.output)
            await asyncio.sleep(0.02)
        # 130: it was interrupted, and nothing else is amiss.
        if self.process.returncode not in (0, 130):
            raise Failure(f"simulate at {self.edge.name} ended with {self.process.returncode}", self.output)

    def lines(self):
        """Its summary by the first word of each line."""
        text = self.output.read_text(errors="replace")
        return {name: value for name, value in re.findall(r"^(\w+) +(.+)$", text, re.M)}


async def run(command, environment, timeout):
    """Exit status and what a command said."""
    process = await asyncio.create_subprocess_exec(
        *command, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    try:
        output, _ = await asyncio.wait_for(process.communicate(), timeout)
    except TimeoutError:
        process.kill()
        raise Failure(f"{command[1]} did not end within {timeout} s") from None
    return process.returncode, output.decode(errors="replace")
