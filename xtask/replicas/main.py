"""Puts several instances of the example `replicated` to the test: alone, with an engine, with a hashing balancer.

    main.py (quick | full) EXAMPLE FOLDER TABLE [CLIENT…]

Each CLIENT is a command for which the address of the proxy is missing. Writes the table of the features to the file
TABLE, prints everything else, and ends with 1 if something is broken.
"""

import asyncio
import itertools
import json
import pathlib
import sys

import httpx2
import outages
from probes import ELSEWHERE, INVARIANTS, PROBES, passes
from world import Redis, World

HASH = "hash $balance consistent;"
# The scenes in which an instance or the engine fails.
SCENES = ["principals", "stopped", "killed", "connections_cut", "cut_off", "instance_killed"]


async def features(world, http, times):
    """How often each feature works behind the proxy in a row, and how often it should."""
    counts = {}
    for name, probe in PROBES.items():
        count = 0
        # One failure decides, because what works by chance does not work.
        while count < times and (await passes(probe, http, world.host, [world.site] * 3))[0]:
            count += 1
        counts[name] = (count, times)
    return counts


async def everywhere(world, http):
    """Runs each probe at all sequences of instances, and returns how often it passed, with the reasons."""
    counts = {}
    for name, probe in PROBES.items():
        sites = list(itertools.permutations(world.sites))
        outcomes = [await passes(probe, http, world.host, order) for order in sites]
        counts[name] = (sum(passed for passed, _ in outcomes), len(outcomes), [why for _, why in outcomes if why])
    return counts


def cell(count, runs):
    return "yes" if count == runs else "no"


def table(columns):
    heads = ["feature", "one instance", "three, with an engine", "three, hash of the session"]
    rows = [heads, ["---"] * len(heads)]
    rows += [[name, *[cell(*column[name]) for column in columns]] for name in PROBES]
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)


async def run_clients(world, clients, problems):
    """Runs the clients of other projects behind the proxy."""
    for command in clients:
        words = [*json.loads(command), world.site]
        name = " ".join(pathlib.Path(word).name for word in words[:-1])
        program = await asyncio.create_subprocess_exec(*words, stdout=asyncio.subprocess.PIPE)
        try:
            output, _ = await asyncio.wait_for(program.communicate(), 150)
        except TimeoutError:
            program.kill()
            output = b""
        lines = output.decode().splitlines()
        passed = [line for line in lines if line.startswith("ok ")]
        print(f"{name}: {len(passed)} of 3 checks", flush=True)
        if len(passed) != 3:
            problems.append(f"{name}: {'; '.join(lines) or 'no output'}")


async def main(extent, example, folder, file, *clients):
    folder = pathlib.Path(folder)
    times = 3 if extent == "quick" else 12
    problems, tally = [], outages.Tally()
    limits = httpx2.Limits(max_connections=None, max_keepalive_connections=0)
    async with httpx2.AsyncClient(limits=limits) as http:
        async with World(example, folder / "one", instances=1).running() as world:
            one = await features(world, http, times)
        async with World(example, folder / "hash", balance=HASH).running() as world:
            # More often, because it could go well by chance.
            hashed = await features(world, http, 12)
        async with World(example, folder / "engine", redis=Redis(folder / "engine")).running() as world:
            scene = outages.Scene(world, http, tally)
            median, slow = await outages.latency(scene)
            print(f"a change reaches another instance {median:.2f} ms later (p50; p99 {slow:.2f} ms)", flush=True)
            if median > 2:
                problems.append(f"a change takes {median:.2f} ms to another instance")
            needless = await outages.calls_without_engine(scene)
            if needless:
                problems.append(f"ordinary calls send the engine {needless:.0f} commands")
            await run_clients(world, clients, problems)
            chosen = await everywhere(world, http)
            for name, (count, runs, reasons) in chosen.items():
                print(f"{name}: {count} of {runs} at chosen instances", flush=True)
                if count != runs:
                    problems.append(f"{name}: {count} of {runs} at chosen instances: {reasons}")
            engine = await features(world, http, times)
        for persistent in [False, True]:
            redis = Redis(folder / f"outages-{persistent}", persistent)
            async with World(example, folder / f"outages-{persistent}", redis=redis).running() as world:
                scene = outages.Scene(world, http, tally)
                for name in SCENES if not persistent else ["killed"]:
                    for _ in range(1 if extent == "quick" else 5):
                        await asyncio.wait_for(getattr(outages, name)(scene), 120)
                    print(f"{name}: done", flush=True)
                if not persistent:
                    requests, losses = await outages.rolling_restart(scene)
                    print(f"rolling restart: {len(losses)} of {requests} requests lost", flush=True)
                    problems += losses[:5]
    for invariant, meaning in outages.INVARIANTS.items():
        broken = sum(line.startswith(invariant) for line in tally.broken)
        print(f"{invariant} held {tally.held[invariant]} of {tally.held[invariant] + broken} times: {meaning}")
    for invariant, name in INVARIANTS.items():
        count, runs, _ = chosen[name]
        print(f"{invariant} held {count} of {runs} times: {name}")
    print("\n".join(f"{invariant} is not counted: {why}" for invariant, why in ELSEWHERE.items()))
    pathlib.Path(file).write_text(table([one, engine, hashed]))
    for counts, name in [(one, "one instance"), (engine, "an engine"), (hashed, "a hashing balancer")]:
        print(name, {feature: f"{count} of {runs}" for feature, (count, runs) in counts.items()})
    problems += tally.broken
    for counts, where in [(one, "with one instance"), (engine, "behind the proxy")]:
        broken = [name for name in PROBES if counts[name][0] < counts[name][1]]
        problems += [f"{name}: passed {counts[name][0]} times {where}, and then failed" for name in broken]
    print("\n".join(problems) or "nothing is broken")
    return 1 if problems else 0


sys.exit(asyncio.run(main(*sys.argv[1:])))
