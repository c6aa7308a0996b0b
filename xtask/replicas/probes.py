"""One probe for each kind of state. A probe returns `True` if the feature works at the three sites that it is given.

The sites are those of different instances, or three times that of the proxy.
"""

import asyncio
import contextlib

from wire import Client, Session, text

# The time in which an instance hears of what another one did, with room for a busy machine.
SOON = 2
YES = {"action": "accept", "content": {"ok": True}}
REPLY = {"role": "assistant", "content": {"type": "text", "text": "Paris"}, "model": "m"}


async def calls(alice, bob, sites):
    first, second, third = sites
    session = await Session.open(bob, second)
    status, read = await session.send(third, "resources/read", {"uri": "r://x"})
    whoami = await session.send(first, "tools/call", {"name": "whoami", "arguments": {}})
    found = [text(await alice.call(first, "whoami")), text(whoami[1].get("result")), status]
    return found == ["alice", "bob", 200] and read["result"]["contents"][0]["text"].endswith(" x")


async def questions(alice, bob, sites):
    first, second, third = sites
    asked = await alice.call(first, "two")
    state = {"requestState": asked.get("requestState"), "inputResponses": {"a": YES}}
    asked = await alice.call(second, "two", state)
    # Nobody else goes on with it.
    state = {"requestState": asked.get("requestState"), "inputResponses": {"b": YES}}
    foreign = await bob.call(third, "two", state)
    return text(await alice.call(third, "two", state)) == "yes yes" and "error" in foreign


async def question(stream, method="elicitation/create"):
    event = await stream.next(lambda message: message.get("method") == method)
    return event and event[1]["id"]


async def result(stream, seconds=SOON):
    event = await stream.next(lambda message: "result" in message or "error" in message, seconds)
    return text(event[1].get("result")) if event else None


async def answers(alice, bob, sites):
    first, second, third = sites
    session = await Session.open(alice, first)
    stranger = await Session.open(bob, second)
    async with session.call(first, "confirm") as stream:
        asked = await question(stream)
        # Neither with an own session nor with that of the other one.
        refused = await stranger.answer(second, asked, YES)
        stranger.headers["Mcp-Session-Id"] = session.identifier
        stolen = await stranger.answer(third, asked, YES)
        taken = await session.answer(second, asked, YES)
        if taken != 202 or await result(stream) != "yes":
            return False
    async with session.call(third, "sample") as stream:
        taken = await session.answer(second, await question(stream, "sampling/createMessage"), REPLY)
        return [taken, await result(stream), refused, stolen] == [202, "Paris", 400, 404]


async def delete(alice, bob, sites):
    first, second, third = sites
    session = await Session.open(alice, first)
    if not await session.is_alive(second):
        return False
    async with session.resume(third) as stream:
        if await session.delete(second) != 204 or not await stream.ends(SOON):
            return False
    # Every instance refuses it within a second, and from then on.
    await asyncio.sleep(1)
    return not any([await session.is_alive(site) for site in sites])


async def level(alice, bob, sites):
    first, second, third = sites
    session = await Session.open(alice, first)
    status, _ = await session.send(second, "logging/setLevel", {"level": "info"})
    async with asyncio.timeout(SOON):
        async with session.call(third, "slow", n=1) as stream:
            return status == 200 and await stream.next(is_log, SOON) is not None


def is_log(message):
    return message.get("method") == "notifications/message"


def is_update(message):
    return message.get("method") == "notifications/resources/updated" and message["params"]["uri"] == "r://x"


async def subscriptions(alice, bob, sites):
    first, second, third = sites
    session = await Session.open(alice, first)
    async with session.resume(third) as stream:
        await session.send(second, "resources/subscribe", {"uri": "r://x"})
        # The instance with the stream hears of it a moment later.
        await asyncio.sleep(1)
        await bob.call(first, "touch")
        return await stream.next(is_update, SOON) is not None


async def changes(alice, bob, sites):
    first, second, third = sites
    async with alice.listen(first, {"toolsListChanged": True, "resourceSubscriptions": ["r://x"]}) as stream:
        await stream.next()
        await bob.call(second, "touch")
        updated = await stream.next(is_update, SOON)
        await bob.call(third, "tools_changed")
        changed = await stream.next(lambda message: message.get("method") == "notifications/tools/list_changed", SOON)
    return bool(updated and changed)


async def cancel(alice, bob, sites):
    first, second, third = sites
    session, stranger = await Session.open(alice, first), await Session.open(bob, first)
    async with session.call(first, "slow", n=20) as stream:
        await stream.next()
        cancelled = {"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": session.called}}
        await stranger.post(second, cancelled)
        if await stream.next(seconds=1) is None or await session.post(second, cancelled) != 202:
            return False
        return await stream.ends(SOON)


async def replay(alice, bob, sites):
    first, second, third = sites
    session = await Session.open(alice, first)
    async with session.call(first, "slow", n=3) as stream:
        event = await stream.next(lambda message: message.get("method") == "notifications/progress")
    async with session.resume(second, event[0]) as stream:
        found = []
        while (next_event := await stream.next()) and "result" not in next_event[1]:
            found.append(next_event[1])
        progress = [message["params"]["progress"] for message in found if "progress" in message["params"]]
        if progress != [2, 3] or not next_event or text(next_event[1]["result"]) != "done":
            return False
    # Another session has no part in it.
    stranger = await Session.open(bob, third)
    async with stranger.resume(third, event[0]) as stream:
        return stream.status >= 400


async def poll(alice, bob, sites):
    first, second, third = sites
    session = await Session.open(alice, first)
    async with session.call(first, "poll") as stream:
        event = await stream.events.get()
        if event is None or not await stream.ends(SOON):
            return False
    async with session.resume(second, event[0]) as stream:
        return await result(stream, 5) == "polled"


async def task(alice, site, identifier, over, seconds=5):
    """The task once it is `over`, or `None`."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            while True:
                _, message = await alice.send(site, "tasks/get", {"taskId": identifier})
                if "error" in message:
                    return None
                if over(message["result"]):
                    return message["result"]
                await asyncio.sleep(0.1)
    return None


async def tasks(alice, bob, sites):
    first, second, third = sites
    begun = await alice.call(first, "job", secs=0, ask=True)
    identifier = begun.get("taskId")
    if identifier is None or await task(alice, second, identifier, lambda task: task["status"] == "input_required") is None:
        return False
    # Nobody else sees it.
    _, foreign = await bob.send(third, "tasks/get", {"taskId": identifier})
    await alice.send(third, "tasks/update", {"taskId": identifier, "inputResponses": {"c": YES}})
    done = await task(alice, second, identifier, lambda task: task["status"] == "completed")
    begun = await alice.call(second, "job", secs=60)
    await alice.send(third, "tasks/cancel", {"taskId": begun["taskId"]})
    cancelled = await task(alice, first, begun["taskId"], lambda task: task["status"] == "cancelled")
    return "error" in foreign and cancelled is not None and done is not None and text(done["result"]) == "yes"


async def once(alice, bob, sites):
    first, *_ = sites
    asked = await alice.call(first, "once")
    answer = {"requestState": asked.get("requestState"), "inputResponses": {"c": YES}}
    # All at once, and several of each, because the proxy sends them to any instance.
    results = await asyncio.gather(*[alice.call(site, "once", answer) for site in sites * 4])
    return ["error" in result for result in results].count(False) == 1


async def disabled(alice, bob, sites):
    first, second, _ = sites
    await bob.call(first, "disable_extra")
    await asyncio.sleep(1)
    # Several lists of each, because the proxy sends them to any instance.
    absent = [await lists_extra(alice, site) for site in sites * 4]
    await bob.call(second, "enable_extra")
    await asyncio.sleep(1)
    present = [await lists_extra(alice, site) for site in sites * 4]
    return not any(absent) and all(present)


async def lists_extra(alice, site):
    _, message = await alice.send(site, "tools/list", {})
    return any(tool["name"] == "extra" for tool in message["result"]["tools"])


# The features, in the order of the table.
PROBES = {
    "calls, reads, lists": calls,
    "questions to clients of 2026-07-28": questions,
    "answers to questions in a session": answers,
    "a session is refused after its `DELETE`": delete,
    "the log level of a session": level,
    "the subscriptions of a session": subscriptions,
    "changes, to streams of 2026-07-28": changes,
    "cancellations in a session": cancel,
    "replay of a stream": replay,
    "streams that the server closes": poll,
    "tasks: get, update, cancel": tasks,
    "answers that are valid once": once,
    "disabled tools": disabled,
}

# The invariants that a probe shows.
INVARIANTS = {
    "I4": "tasks: get, update, cancel",
    "I6": "answers that are valid once",
    "I7": "replay of a stream",
}

# The invariants that no probe shows, with the reason.
ELSEWHERE = {
    "I9": "`cargo xtask bench --quick` counts the instructions of a server without an engine",
    "I10": "there is no other version yet to run beside this one",
}


async def passes(probe, http, host, sites):
    """Runs a probe, whose errors are failures, too."""
    alice, bob = Client(http, host), Client(http, host, "bob")
    try:
        async with asyncio.timeout(30):
            return await probe(alice, bob, sites), ""
    except Exception as error:
        return False, repr(error)
