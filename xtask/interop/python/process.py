"""Programs that the checks start, and the ports that those listen on."""

import asyncio
import contextlib
import os
import signal
import socket
import time

# For something to come about that takes a while: a start, the end of a token, of a cache entry, of a limit.
PATIENCE_SECONDS = 60


class Process:
    """A program that listens on a port. What it prints is kept."""

    def __init__(self, command, port, log, environment=None):
        self.command, self.port, self.log, self.environment = command, port, log, environment or {}
        self.running = None
        log.unlink(missing_ok=True)

    async def start(self):
        with self.log.open("ab") as log:
            streams = {"stdin": asyncio.subprocess.DEVNULL, "stdout": log, "stderr": log}
            self.running = await asyncio.create_subprocess_exec(
                *self.command, env=os.environ | self.environment, **streams
            )
        await eventually(self.listens)

    async def listens(self):
        if self.running.returncode is not None:
            raise AssertionError(f"{self.command[0]} ended with {self.running.returncode}; see {self.log}")
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", self.port)
        except OSError:
            return False
        writer.close()
        return True

    async def kill(self):
        if self.running is not None and self.running.returncode is None:
            self.running.kill()
            await self.running.wait()

    @contextlib.contextmanager
    def paused(self):
        self.running.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self.running.send_signal(signal.SIGCONT)


async def eventually(condition):
    """Asks until it is so."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not await condition():
        if time.monotonic() > deadline:
            raise AssertionError(f"not so after {PATIENCE_SECONDS} s")
        await asyncio.sleep(0.05)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
