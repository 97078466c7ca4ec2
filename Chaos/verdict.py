"""What must hold when the faults are over."""

import asyncio
import re
import time

import spool
import web
from load import run
from targets import Failure

READY_SECONDS = 60
SPOOL_SECONDS = 60
VERIFY_SECONDS = 300
# The edges' deadline, and a busy machine.
SLOWEST_SECONDS = 3
EDGE_MIB = 256


def answers(probe):
    """What is wrong with the times in which an edge answered while nobody touched the edge itself."""
    failures = [Failure(f"no answer from {text}") for text in probe.unanswered]
    if probe.slowest > SLOWEST_SECONDS:
        failures.append(Failure(f"{probe.edge.name} took {probe.slowest:.2f} s to answer", probe.edge.log))
    return failures


def memory(peak_mib):
    """What is wrong with the most that an edge had resident."""
    return [Failure(f"an edge had {peak_mib:.0f} MiB resident, {EDGE_MIB} are its limit")] if peak_mib >= EDGE_MIB else []


async def await_ready(services):
    """Every service by itself, without a restart. Returns the seconds it took."""
    began = time.monotonic()
    waiting = {service.name: "" for service in services}
    for service in services:
        while waiting[service.name] is not None:
            waiting[service.name] = await service.unready()
            if service.has_died():
                raise Failure(f"{service.name} died ({service.process.returncode})", service.log)
            if time.monotonic() - began > READY_SECONDS:
                raise Failure(f"{service.name} is not ready after {READY_SECONDS} s: {waiting[service.name]}", service.log)
            await asyncio.sleep(0.05)
    return time.monotonic() - began


async def await_empty(folder):
    began = time.monotonic()
    while records := spool.records(folder):
        if time.monotonic() - began > SPOOL_SECONDS:
            raise Failure(f"the spool still has {len(records)} files after {SPOOL_SECONDS} s: {', '.join(records[:10])}")
        await asyncio.sleep(0.05)
    return time.monotonic() - began


async def verify(playhead, simulations, query, environment, folder):
    """Events and sessions, which are as many accepted as verified."""
    truths = [option for simulation in simulations for option in ("--truth", simulation.truth)]
    command = [playhead, "verify", *truths, "--query", f"http://127.0.0.1:{query.http_port}", "--timeout", str(VERIFY_SECONDS)]
    status, output = await run(command, environment, VERIFY_SECONDS + 60)
    log = folder / "verify.log"
    log.write_text(output)
    accepted = re.search(r"^accepted +(\d+) events, (\d+) sessions$", output, re.M)
    verified = re.search(r"^verified +(\d+) events, (\d+) sessions$", output, re.M)
    is_good = status == 0 and accepted and verified and accepted.groups() == verified.groups()
    if not is_good or not re.search(r"^0 differences$", output, re.M):
        raise Failure("what members are shown differs from what was accepted", log)
    if "uncertain" in output:
        # It would be so only to a client that gave up, and these never do.
        raise Failure("the outcome of some sessions is unknown", log)
    return accepted.groups()


async def expect_no_dead_letters(playhead, environment, folder):
    status, output = await run([playhead, "dead-letters", "list"], environment, 60)
    log = folder / "dead-letters.log"
    log.write_text(output)
    if status or output.strip().splitlines()[-1:] != ["0 dead letters"]:
        raise Failure("there are dead letters", log)


async def expect_compaction(environment):
    """How many sessions rest in chunks: without any, nothing was proven of them."""
    query = "SELECT coalesce(sum(sessions), 0) FROM history_chunk"
    status, output = await run(["psql", environment["PLAYHEAD_POSTGRES_URL"], "-XAtc", query], environment, 60)
    if status or not re.fullmatch(r"[1-9]\d*", output.strip()):
        raise Failure(f"no session was compacted: {output}")
    return int(output)


async def count_brought_back(services):
    """How many compacted sessions became rows again, as far as the processors that live now have seen it."""
    count = 0
    for service in services:
        if service.name.startswith("processor"):
            _, body = await web.exchange(service.admin_port, "GET", "/metrics")
            count += sum(int(float(found)) for found in re.findall(r"^playhead_processor_brought_back_sessions_total (\S+)$", body.decode(), re.M))
    if not count:
        raise Failure("no session was brought back after the last faults: nothing was proven of that")
    return count
