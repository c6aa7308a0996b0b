"""What the instances promise while the engine or one of them fails. `docs/scaling.md` has the invariants."""

import asyncio
import collections
import statistics
import time

import httpx2
from probes import YES, is_update, question, result
from wire import Client, Session, text

# The limit of the server for a request that needs the engine, with room for a busy machine.
ANSWERED = 2.5
# A listener hears within a second after healing, spread over another one, after the engine has connected again.
HEALED = 8

INVARIANTS = {
    "I1": "an answer is taken once, refused for good, or not known yet",
    "I2": "a session that was ended is refused by every instance",
    "I3": "each listener hears of each change, or of everything",
    "I5": "nothing of one caller reaches another one",
    "I8": "without the engine, calls go on, and nothing hangs",
}


class Tally:
    """How often each invariant held, and what broke one."""

    def __init__(self):
        self.held, self.broken = collections.Counter(), []

    def count(self, invariant, holds, situation):
        if holds:
            self.held[invariant] += 1
        else:
            self.broken.append(f"{invariant} ({INVARIANTS[invariant]}) is broken: {situation}")


class Scene:
    """Three instances with an engine, and their callers."""

    def __init__(self, world, http, tally):
        self.world, self.sites, self.tally = world, world.sites, tally
        self.alice, self.bob = Client(http, world.host), Client(http, world.host, "bob")

    def listen(self, site):
        return self.alice.listen(site, {"resourceSubscriptions": ["r://x"]})

    async def hears(self, stream, situation, seconds=HEALED):
        self.tally.count("I3", await stream.next(is_update, seconds) is not None, situation)

    async def calls_go_on(self, situation):
        """Sends calls that need no engine."""
        for site in self.sites * 5:
            begin = time.monotonic()
            went_on = text(await self.alice.call(site, "whoami")) == "alice" and time.monotonic() - begin < 1
            self.tally.count("I8", went_on, f"{situation}: a call takes {time.monotonic() - begin:.2f} s")

    async def answer(self, session, site, asked, situation):
        """Sends an answer, and returns its status in time."""
        begin = time.monotonic()
        status = await session.answer(site, asked, YES)
        in_time = time.monotonic() - begin < ANSWERED
        self.tally.count("I8", in_time and status in (202, 400, 503), f"{situation}: {status} for an answer")
        return status

    async def is_settled(self, session, site, asked, stream, situation):
        """Repeats an answer until its outcome is known, and compares that with what the tool got."""
        status = 503
        for _ in range(50):
            status = await self.answer(session, site, asked, situation)
            if status != 503:
                break
            await asyncio.sleep(0.2)
        outcome = (status, await result(stream) if status == 202 else None)
        self.tally.count("I1", outcome == (202, "yes"), f"{situation}: {outcome}")

    async def recovers(self, situation):
        """Waits until an answer finds its way again."""
        session = await Session.open(self.alice, self.sites[0])
        async with session.call(self.sites[0], "confirm") as stream:
            await self.is_settled(session, self.sites[1], await question(stream), stream, situation)


async def principals(scene):
    """One caller with the ids of another one."""
    for site in scene.sites:
        session = await Session.open(scene.alice, site)
        stranger = await Session.open(scene.bob, site)
        stranger.headers["Mcp-Session-Id"] = session.identifier
        async with session.call(site, "confirm") as stream:
            asked = await question(stream)
            for other in scene.sites:
                statuses = [
                    (await stranger.send(other, "ping", {}))[0],
                    await stranger.answer(other, asked, YES),
                    await stranger.delete(other),
                ]
                async with stranger.resume(other) as stolen:
                    statuses.append(stolen.status)
                for status in statuses:
                    scene.tally.count("I5", status == 404, f"{status} for the session of another caller")
            scene.tally.count("I5", await session.is_alive(site), "another caller ended the session")


async def stopped(scene):
    """The engine is stopped, and goes on."""
    first, second, third = scene.sites
    session, other = await Session.open(scene.alice, first), await Session.open(scene.alice, third)
    async with scene.listen(second) as listener, session.call(first, "confirm") as near, other.call(
        third, "confirm"
    ) as far:
        here, there = await question(near), await question(far)
        with scene.world.redis.paused():
            await scene.calls_go_on("the engine is stopped")
            taken = await scene.answer(session, first, here, "the engine is stopped, the owner answers")
            scene.tally.count("I1", (taken, await result(near)) == (202, "yes"), f"{taken} at the owner")
            status = await scene.answer(other, first, there, "the engine is stopped")
            scene.tally.count("I1", status == 503, f"{status} without an engine")
            begin = time.monotonic()
            status = await session.delete(second)
            in_time = time.monotonic() - begin < ANSWERED
            scene.tally.count("I8", status == 503 and in_time, f"{status} for a DELETE without an engine")
            await scene.bob.call(first, "touch")
        await scene.hears(listener, "the engine was stopped")
        await scene.is_settled(other, second, there, far, "the engine was stopped")
        scene.tally.count("I8", await other.is_alive(second), "a session ended in an outage")


async def killed(scene):
    """The engine is killed, and started again."""
    first, second, third = scene.sites
    session = await Session.open(scene.alice, first)
    scene.tally.count("I2", await session.delete(first) == 204, "a DELETE fails")
    async with scene.listen(third) as listener:
        await scene.world.redis.kill()
        await scene.calls_go_on("the engine is killed")
        await scene.bob.call(second, "touch")
        await scene.world.redis.start()
        await scene.hears(listener, "the engine was killed")
        await scene.recovers("the engine was killed")
    for site in scene.sites:
        scene.tally.count("I2", not await session.is_alive(site), "a session is back after the engine was killed")


async def connections_cut(scene):
    """Every connection to the engine is cut again and again, while answers and changes are on their way."""
    first, second, third = scene.sites
    for number in range(12):
        session = await Session.open(scene.alice, first)
        async with scene.listen(third) as listener, session.call(first, "confirm") as stream:
            asked = await question(stream)
            await listener.next()
            _, _, status = await asyncio.gather(
                scene.world.redis.cut_connections(),
                scene.bob.call(second, "touch"),
                scene.answer(session, second if number % 2 else third, asked, "the connections are cut"),
            )
            if status == 202:
                scene.tally.count("I1", await result(stream) == "yes", "an answer that was taken is lost")
            else:
                await scene.is_settled(session, second, asked, stream, "the connections were cut")
            await scene.hears(listener, "the connections were cut")


async def cut_off(scene):
    """One instance is cut off from the engine."""
    first, second, third = scene.sites
    session = await Session.open(scene.alice, first)
    scene.tally.count("I2", await session.is_alive(second), "a session does not begin")
    async with scene.listen(second) as listener:
        async with scene.world.redis.cut_off("b"):
            await scene.calls_go_on("an instance is cut off")
            scene.tally.count("I2", await session.delete(first) == 204, "a DELETE fails")
            await scene.bob.call(first, "touch")
            other = await Session.open(scene.alice, first)
            async with other.call(first, "confirm") as stream:
                await scene.is_settled(other, third, await question(stream), stream, "another instance is cut off")
        await scene.hears(listener, "the instance was cut off")
        for _ in range(HEALED * 10):
            if not await session.is_alive(second):
                break
            await asyncio.sleep(0.1)
        for site in scene.sites:
            scene.tally.count("I2", not await session.is_alive(site), "a session goes on after the instance is back")


async def instance_killed(scene):
    """An instance is killed while it asks, and started again."""
    first, second, third = scene.sites
    session = await Session.open(scene.alice, third)
    async with session.call(third, "confirm") as stream:
        asked = await question(stream)
        await scene.world.instances[2].kill()
        status = await scene.answer(session, first, asked, "the instance that asked is killed")
        scene.tally.count("I1", status in (400, 503), f"{status} for an answer to an instance that is gone")
        scene.tally.count("I8", await session.is_alive(second), "a session ends with its instance")
    await scene.world.instances[2].start()
    scene.tally.count("I8", await session.is_alive(third), "a session is unknown to a new instance")
    await scene.recovers("an instance was killed")


async def rolling_restart(scene):
    """All instances are replaced in turn, while callers go on through the proxy. Returns the requests and losses."""
    site, losses, requests, over = scene.world.site, [], 0, asyncio.Event()
    session = await Session.open(scene.alice, site)

    async def work(request):
        nonlocal requests
        while not over.is_set():
            try:
                status, message = await request()
                if status != 200 or "error" in message:
                    losses.append(f"{status} {message}")
            except httpx2.HTTPError as error:
                losses.append(repr(error))
            requests += 1

    workers = [
        lambda: scene.alice.send(site, "tools/call", {"name": "whoami", "arguments": {}}),
        lambda: scene.bob.send(site, "tools/list", {}),
        lambda: session.send(site, "ping", {}),
    ]
    async with asyncio.TaskGroup() as group:
        for worker in workers:
            group.create_task(work(worker))
        for number in range(len(scene.sites)):
            await scene.world.restart(number)
            await asyncio.sleep(0.5)
        over.set()
    await scene.recovers("a rolling restart")
    return requests, losses


async def latency(scene, times=200):
    """The milliseconds between a change's arrival at a listener of its own instance and at one of another."""
    first, second, _ = scene.sites
    delays = []
    async with scene.listen(first) as near, scene.listen(second) as far:
        await asyncio.gather(near.next(), far.next())

        async def arrival(stream):
            if await stream.next(is_update) is None:
                raise AssertionError("a change does not arrive")
            return time.monotonic()

        for _ in range(times):
            arrivals = asyncio.gather(arrival(near), arrival(far))
            await scene.bob.call(first, "touch")
            here, there = await arrivals
            delays.append(max(0, there - here) * 1000)
    quantiles = statistics.quantiles(delays, n=100)
    return quantiles[49], quantiles[98]


async def calls_without_engine(scene):
    """The commands of the engine that ordinary calls cause. The heartbeats go on."""
    async def sent():
        lines = (await scene.world.redis.run("INFO", "commandstats")).splitlines()
        counts = [line for line in lines if line.startswith(("cmdstat_eval:", "cmdstat_get:"))]
        return sum(int(line.partition("calls=")[2].partition(",")[0]) for line in counts)

    begin, before = time.monotonic(), await sent()
    for _ in range(100):
        for site in scene.sites:
            await scene.alice.call(site, "whoami")
    beats = 3 * 2 * (time.monotonic() - begin + 1)
    return max(0, await sent() - before - beats)
