"""What every program here does with its checks: go through them, and print `ok CHECK` or `failed CHECK: WHY` per line."""

import asyncio


async def run(checks, seconds):
    """Goes through named checks, each for so many seconds at most."""
    for name, check in checks.items():
        try:
            await asyncio.wait_for(check(), seconds)
            print(f"ok {name}", flush=True)
        except Exception as error:
            print(f"failed {name}: {'; '.join(map(repr, leaves(error)))}", flush=True)


def equal(found, expected):
    if found != expected:
        raise AssertionError(f"found {found!r}, expected {expected!r}")


def leaves(error):
    """The errors inside of the groups that tasks wrap around them."""
    if isinstance(error, BaseExceptionGroup):
        return [leaf for inner in error.exceptions for leaf in leaves(inner)]
    return [error]
