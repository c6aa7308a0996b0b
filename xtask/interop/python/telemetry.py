"""Puts the traces and metrics of the tracker to the test, with the PyPI package `mcp` and a collector of OpenTelemetry.

    telemetry.py TRACKER FOLDER

Prints `ok CHECK` or `failed CHECK: WHY` per line. The collector keeps the protobuf messages and does not parse them:
ids, names and texts are in them as they are.
"""

import asyncio
import pathlib
import secrets
import sys

import httpx2
from checks import run
from mcp import Client
from mcp.client.streamable_http import streamable_http_client
from opentelemetry import context, trace
from process import Process, free_port

CHECK_SECONDS = 30


class Collector:
    """A server that takes what is exported to it."""

    def __init__(self):
        self.received = {"/v1/traces": b"", "/v1/metrics": b""}

    async def serve(self, port):
        return await asyncio.start_server(self.take, "127.0.0.1", port)

    async def take(self, reader, writer):
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
                lines = [line.partition(":") for line in head.split("\r\n")[1:]]
                headers = {name.lower(): value.strip() for name, _, value in lines}
                path = head.split(" ")[1]
                self.received[path] += await reader.readexactly(int(headers["content-length"]))
                writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n")
                await writer.drain()
        except asyncio.IncompleteReadError:
            writer.close()


async def exported(mode, tracker, folder):
    """Calls a tool inside of a span, and returns the ids of the span and all that the tracker exported."""
    collector, port, collector_port = Collector(), free_port(), free_port()
    server = await collector.serve(collector_port)
    environment = {
        "TRACKER_LISTEN": f"127.0.0.1:{port}",
        "OTEL_EXPORTER_OTLP_ENDPOINT": f"http://127.0.0.1:{collector_port}",
    }
    process = Process([tracker], port, folder / f"tracker-{mode}.log", environment)
    await process.start()
    try:
        trace_id, span_id = secrets.token_bytes(16), secrets.token_bytes(8)
        parent = trace.SpanContext(
            int.from_bytes(trace_id), int.from_bytes(span_id), True, trace.TraceFlags(trace.TraceFlags.SAMPLED)
        )
        headers = {"Authorization": "Bearer acme-lead"}
        async with httpx2.AsyncClient(headers=headers) as http_client:
            transport = streamable_http_client(f"http://127.0.0.1:{port}/mcp", http_client=http_client)
            async with Client(transport, mode=mode) as client:
                token = context.attach(trace.set_span_in_context(trace.NonRecordingSpan(parent)))
                try:
                    await client.call_tool("create_issue", {"title": "It rains"})
                finally:
                    context.detach(token)
        # What is left is exported before the program ends.
        process.running.terminate()
        await process.running.wait()
        return trace_id, span_id, collector.received
    finally:
        await process.kill()
        server.close()


def contains(messages, *parts):
    missing = [part for part in parts if part not in messages]
    if missing:
        raise AssertionError(f"not exported: {missing}")


def main(tracker, folder):
    folder = pathlib.Path(folder)

    def check(mode):
        async def joined():
            trace_id, span_id, received = await exported(mode, tracker, folder)
            caller = (b"enduser.id", b"lead@acme", b"enduser.scope", b"issues:read issues:write")
            contains(received["/v1/traces"], trace_id, span_id, b"tools/call create_issue", *caller)
            contains(received["/v1/metrics"], b"mcp.server.operation.duration", b"gen_ai.tool.name", b"create_issue")

        return joined

    return run({"trace": check("auto"), "trace-handshake": check("legacy")}, CHECK_SECONDS)


asyncio.run(main(*sys.argv[1:]))
