"""A whole Playhead: servers behind proxies, two edges, three processors, two compactors and a query service."""

import itertools
import os
from pathlib import Path

import plan
import spool
import verdict
from load import run
from proxy import Proxy
from targets import Failure, Server, Service

# Takes over from processors that are gone soon, so that many do within a run.
CLAIM_IDLE_MS = "3000"
# Sessions go into chunks and come back all the time: viewers pause for longer.
COMPACT_AFTER = "5s"
# Nobody else listens here: see isolation.py. The servers choose theirs above.
FIRST_PORT = 10_000


class Stack:
    def __init__(self, folder, logs, seed):
        self.folder = folder
        self.logs = logs
        self.bin = Path(os.environ["BIN_DIR"]).resolve()
        self.playhead = self.bin / "playhead"
        self.proxies = {"redis-proxy": Proxy(seed), "postgres-proxy": Proxy(seed + 1)}
        self.targets = {}
        self.services = []
        self.ports = itertools.count(FIRST_PORT)
        self.disk = None
        # Nothing of the caller's own Playhead, and nothing here is for an HTTP proxy.
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(("PLAYHEAD_", "PG"))}
        self.environment = inherited | {"no_proxy": "127.0.0.1", "NO_PROXY": "127.0.0.1", "PLAYHEAD_CLAIM_IDLE_MS": CLAIM_IDLE_MS}
        self.environment["PLAYHEAD_COMPACT_AFTER"] = COMPACT_AFTER

    async def start(self):
        await self.start_servers()
        self.disk = spool.Disk(self.folder / "spool")
        for name in plan.EDGES:
            self.add(name, "edge", **spool.settings(self.disk.folder))
        for name in plan.PROCESSORS[:-1]:
            self.add(name, "processor", PLAYHEAD_REPLICA=name)
        # Another name each time: what it leaves behind, others must take over.
        self.add(plan.PROCESSORS[-1], "processor")
        for name in plan.COMPACTORS:
            self.add(name, "compactor")
        self.add("query", "query")
        for service in self.services:
            await service.start()
        await verdict.await_ready(self.services)

    async def start_servers(self):
        servers = []
        for name, option, programs in (("redis", "--redis-only", ("redis", "valkey")), ("postgres", "--postgres-only", "postgres")):
            servers.append(Server(name, option, programs, self.folder / name, self.logs, self.proxies[f"{name}-proxy"]))
        redis, postgres = servers
        for server in servers:
            self.targets[server.name] = server
            await server.start()
        # The operator's commands do not go through the proxies.
        self.direct = self.environment | {"PLAYHEAD_REDIS_URL": redis.url, "PLAYHEAD_POSTGRES_URL": postgres.url}
        status, output = await run([self.playhead, "migrate"], self.direct, 60)
        if status:
            raise Failure(f"playhead migrate: {output}")
        self.environment |= {
            "PLAYHEAD_REDIS_URL": f"redis://127.0.0.1:{await self.proxies['redis-proxy'].start()}",
            "PLAYHEAD_POSTGRES_URL": f"postgres://playhead@127.0.0.1:{await self.proxies['postgres-proxy'].start()}/playhead",
        }

    def add(self, name, kind, **settings):
        ports = next(self.ports), next(self.ports)
        service = Service(name, self.bin / f"playhead-{kind}", self.environment | settings, *ports, self.logs)
        self.targets[name] = service
        self.services.append(service)
        return service

    async def stop(self):
        """First what takes new work in; the servers last. Whatever is left then ends with the namespace."""
        failures = []
        servers = [target for target in self.targets.values() if target not in self.services]
        for target in self.services + servers:
            if target.process and target.process.poll() is None:
                try:
                    await target.stop()
                except Failure as failure:
                    failures.append(failure)
        for proxy in self.proxies.values():
            await proxy.stop()
        if self.disk:
            self.disk.close()
        if failures:
            raise ExceptionGroup("stopping", failures)
