"""Lists and calls the tools of the example `dialects`, and converts their schemas, with packages of PyPI.

    corpus.py CLIENT URL EXAMPLES IMPOSSIBLE

EXAMPLES is the file with the calls and results of each tool; IMPOSSIBLE has what the client can't do, as a list of
`CHECK TOOL` in JSON, which it then must not do. Prints `ok CHECK` or `failed CHECK: WHY` per line, where WHY names
each tool that failed. The checks are `list`; `call`, of each tool with each of its examples; and `convert`, of the
schema of each tool into what the package gives to a model or keeps for itself.
"""

import asyncio
import contextlib
import dataclasses
import json
import pathlib
import sys
from collections.abc import Callable

# Of each reason, in characters.
MOST_SAID = 300
# For everything.
SECONDS = 120
REQUEST_SECONDS = 30
# The first version without a handshake.
MODERN = "2026-07-28"
# The official schemas; they are beside the repository.
SCHEMAS = pathlib.Path(__file__).parents[4] / "shared/schema"
# A result without structured content.
ABSENT = object()


@dataclasses.dataclass
class Connected:
    """A client that has listed the tools of its server."""

    names: list[str]
    # With the name of a tool and arguments: its structured content, or `ABSENT`, and its text.
    call: Callable
    # With the name of a tool.
    convert: Callable | None = None


async def main(client, url, examples, impossible):
    examples = json.loads(pathlib.Path(examples).read_text())
    checks = {"list": {}, "call": {}, "convert": {}}
    try:
        async with asyncio.timeout(SECONDS), CLIENTS[client](url) as connected:
            if connected.convert is None:
                del checks["convert"]
            for tool in examples.keys() ^ set(connected.names):
                checks["list"][tool] = "is listed without examples" if tool in connected.names else "is not listed"
            for tool in sorted(examples.keys() & set(connected.names)):
                for check, work in {"call": call_examples, "convert": convert}.items():
                    if check in checks:
                        try:
                            await work(connected, tool, examples[tool])
                        except Exception as error:
                            checks[check][tool] = reason(error)
    except Exception as error:
        for failures in checks.values():
            failures["everything"] = reason(error)
    for check, failures in checks.items():
        report(check, failures, {tool for words in json.loads(impossible) for of, tool in [words.split()] if of == check})


def report(check, failures, impossible):
    surprises = [f"{tool}: {why}" for tool, why in failures.items() if tool not in impossible]
    surprises += [f"{tool}: is listed as impossible, and passed" for tool in sorted(impossible - failures.keys())]
    print(f"failed {check}: {'; '.join(surprises)}" if surprises else f"ok {check}", flush=True)


async def call_examples(connected, tool, examples):
    for example in examples:
        expected = example.get("structuredContent", ABSENT)
        structured, text = await connected.call(tool, example["arguments"])
        # Before 2026-07-28, only objects are structured content; the text has it always.
        found = [structured] if structured is not ABSENT else [ABSENT, text, *parsed(text)]
        if not any(same(value, expected) for value in found):
            raise AssertionError(f"{example['arguments']} gives {structured!r} and {text!r}")


def parsed(text):
    with contextlib.suppress(ValueError):
        yield json.loads(text)


async def convert(connected, tool, _):
    connected.convert(tool)


def same(one, other):
    """Whether two values of JSON are the same; a number is not a boolean."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    return one is other or (one == other and isinstance(one, bool) == isinstance(other, bool))


def reason(error):
    """On one line, with the errors inside of the groups that tasks wrap around them."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return " ".join(repr(error).split())[:MOST_SAID]


def succeeded(result, is_error):
    if is_error:
        raise AssertionError(f"a tool error: {result}")


def text_of(content):
    return content[0].text if content else ""


@contextlib.asynccontextmanager
async def mcp_1(url):
    from mcp import ClientSession
    from mcp.client.streamable_http import streamable_http_client

    async with streamable_http_client(url) as (read, write, _), ClientSession(read, write) as session:
        await session.initialize()

        async def call(tool, arguments):
            result = await session.call_tool(tool, arguments)
            succeeded(result, result.isError)
            structured = result.structuredContent if "structuredContent" in result.model_fields_set else ABSENT
            return structured, text_of(result.content)

        yield Connected([tool.name for tool in (await session.list_tools()).tools], call)


def mcp_2(mode):
    @contextlib.asynccontextmanager
    async def connect(url):
        from mcp import Client
        from mcp.client.streamable_http import streamable_http_client

        async with Client(streamable_http_client(url), mode=mode) as client:
            yield Connected([tool.name for tool in (await client.list_tools()).tools], calls_of(client))

    return connect


def calls_of(client):
    """Of a client or session of version 2 of `mcp`."""

    async def call(tool, arguments):
        result = await client.call_tool(tool, arguments)
        succeeded(result, result.is_error)
        structured = result.structured_content if "structured_content" in result.model_fields_set else ABSENT
        return structured, text_of(result.content)

    return call


@contextlib.asynccontextmanager
async def fastmcp(url):
    """It makes types of the schemas of results, and values of these types of the results."""
    from fastmcp import Client
    from fastmcp.utilities.json_schema_type import json_schema_to_type_adapter

    async with Client(url) as client:
        tools = {tool.name: tool for tool in await client.list_tools()}

        async def call(tool, arguments):
            result = await client.call_tool(tool, arguments)
            structured = ABSENT if result.structured_content is None else result.structured_content
            return structured, text_of(result.content)

        def convert(tool):
            if tools[tool].output_schema is not None:
                json_schema_to_type_adapter(tools[tool].output_schema)

        yield Connected(list(tools), call, convert)


@contextlib.asynccontextmanager
async def langchain(url):
    from langchain_core.utils.function_calling import convert_to_openai_tool
    from langchain_mcp_adapters.client import MultiServerMCPClient

    connection = {"transport": "streamable_http", "url": url}
    tools = {tool.name: tool for tool in await MultiServerMCPClient({"dialects": connection}).get_tools()}

    async def call(tool, arguments):
        message = await tools[tool].ainvoke({"type": "tool_call", "id": "1", "name": tool, "args": arguments})
        succeeded(message, message.status != "success")
        structured = message.artifact["structured_content"] if message.artifact else ABSENT
        return structured, message.content[0]["text"] if message.content else ""

    def convert(tool):
        parameters = convert_to_openai_tool(tools[tool])["function"]["parameters"]
        assert parameters["properties"].keys() == tools[tool].args_schema["properties"].keys(), parameters

    yield Connected(list(tools), call, convert)


@contextlib.asynccontextmanager
async def smolagents(url):
    """By way of `mcpadapt`. It knows only calls that wait, and has a thread of its own for the connection."""
    from smolagents import MCPClient
    from smolagents.models import get_tool_json_schema

    parameters = {"url": url, "transport": "streamable-http"}
    client = await asyncio.to_thread(MCPClient, parameters, structured_output=True)
    try:
        tools = {tool.name: tool for tool in client.get_tools()}

        async def call(tool, arguments):
            result = await asyncio.to_thread(lambda: tools[tool](**arguments))
            return (ABSENT, result) if isinstance(result, str) else (result, "")

        yield Connected(list(tools), call, lambda tool: get_tool_json_schema(tools[tool]))
    finally:
        await asyncio.to_thread(client.disconnect)


@contextlib.asynccontextmanager
async def openai_agents(url):
    """With schemas that are strict where they can be."""
    from agents import Agent, RunContextWrapper
    from agents.mcp import MCPServerStreamableHttp, MCPUtil
    from agents.tool_context import ToolContext

    async with MCPServerStreamableHttp({"url": url}, True, client_session_timeout_seconds=REQUEST_SECONDS) as server:
        listed = await MCPUtil.get_function_tools(server, True, RunContextWrapper(None), Agent("agent"))
        tools = {tool.name: tool for tool in listed}

        async def call(tool, arguments):
            words = json.dumps(arguments)
            context = ToolContext(None, tool_name=tool, tool_call_id="1", tool_arguments=words)
            # Of an only block without its list, and without any, the empty list.
            block = await tools[tool].on_invoke_tool(context, words)
            return ABSENT, block["text"] if block else ""

        def convert(tool):
            assert tools[tool].strict_json_schema or loose(tools[tool].params_json_schema), "is not strict"

        yield Connected(list(tools), call, convert)


def loose(schema):
    """Whether the package takes a schema for one that can't be strict: with a reference, or an object without names."""
    if isinstance(schema, list):
        return any(map(loose, schema))
    if not isinstance(schema, dict):
        return False
    unnamed = "object" in schema.get("type", []) and not schema.get("properties")
    return unnamed or "$ref" in schema or any(map(loose, schema.values()))


@contextlib.asynccontextmanager
async def pydantic_ai(url):
    """An agent whose model is a function that asks for one call, and is strict where it can be."""
    from pydantic_ai import Agent
    from pydantic_ai.mcp import MCPToolset
    from pydantic_ai.messages import ModelResponse, TextPart, ToolCallPart, ToolReturnPart
    from pydantic_ai.models.function import FunctionModel
    from pydantic_ai.profiles.google import GoogleJsonSchemaTransformer
    from pydantic_ai.profiles.openai import OpenAIJsonSchemaTransformer

    offered = {}

    async def call(tool, arguments):
        def model(messages, info):
            offered.update({tool.name: tool for tool in info.function_tools})
            returned = [part for part in messages[-1].parts if isinstance(part, ToolReturnPart)]
            if not returned and len(messages) > 1:
                raise AssertionError(f"a tool error: {messages[-1].parts}")
            return ModelResponse([TextPart("done") if returned else ToolCallPart(tool, arguments)])

        result = await Agent(FunctionModel(model), toolsets=[toolset]).run("Call it")
        [returned] = [
            part.content for message in result.all_messages() for part in message.parts if isinstance(part, ToolReturnPart)
        ]
        # A result without structured content is its text, and without that the empty list.
        match returned:
            case str():
                return ABSENT, returned
            case []:
                return ABSENT, "[]"
        return returned, ""

    def convert(tool):
        for transformer in [OpenAIJsonSchemaTransformer, GoogleJsonSchemaTransformer]:
            for strict in [None, True]:
                transformer(offered[tool].parameters_json_schema, strict=strict).walk()

    async with MCPToolset(url) as toolset:
        yield Connected([tool.name for tool in await toolset.list_tools()], call, convert)


@contextlib.asynccontextmanager
async def google_genai(url):
    """Its functions have a schema of their own form, in which nothing must be lost."""
    from google.genai._adapters import McpToGenAiToolAdapter
    from google.genai.types import FunctionCall
    from mcp import Client
    from mcp.client.streamable_http import streamable_http_client

    async with Client(streamable_http_client(url), mode="legacy") as client:
        listed = await client.list_tools()
        schemas = {tool.name: tool.input_schema for tool in listed.tools}
        adapter = McpToGenAiToolAdapter(client.session, listed)

        async def call(tool, arguments):
            result = await adapter.call_tool(FunctionCall(name=tool, args=arguments))
            return ABSENT, text_of(result.content)

        def convert(tool):
            [only] = [listed_tool for listed_tool in listed.tools if listed_tool.name == tool]
            [converted] = McpToGenAiToolAdapter(client.session, listed.model_copy(update={"tools": [only]})).tools
            [function] = converted.function_declarations
            converted = function.parameters.model_dump(mode="json", exclude_none=True)
            if what := lost(schemas[tool], converted, schemas[tool].get("$defs", {}), "the arguments"):
                raise AssertionError(what)

        yield Connected(list(schemas), call, convert)


def lost(schema, converted, definitions, where):
    """What a schema of theirs has not, of the types, values, names and items that one of ours has."""
    if "$ref" in schema:
        name = schema["$ref"].removeprefix("#/$defs/")
        if name not in definitions:
            # Within itself, where the package ends.
            return None
        rest = {other: definition for other, definition in definitions.items() if other != name}
        return lost(definitions[name], converted, rest, where)
    types = schema.get("type", [])
    types = [type for type in (types if isinstance(types, list) else [types]) if type != "null"]
    found = {other["type"].lower() for other in [converted, *converted.get("any_of", [])] if "type" in other}
    if found != set(types) and types:
        return f"{where}: the type {types}"
    variants = [variant for variant in schema.get("anyOf", []) if variant != {"type": "null"}]
    if len(variants) == 1:
        return lost(variants[0], converted, definitions, where)
    for key in ["enum", "required"]:
        if schema.get(key, []) != converted.get(key, []):
            return f"{where}: {key} {schema[key]}"
    others = [other for other in converted.get("any_of", []) if other != {"nullable": True}]
    inner = [(variant, other, f"{where}, or") for variant, other in zip(variants, others, strict=True)]
    for name, member in schema.get("properties", {}).items():
        inner.append((member, converted.get("properties", {}).get(name), f"{where}.{name}"))
    if schema.get("items"):
        inner.append((schema["items"], converted.get("items", {}), f"{where}[]"))
    for member, other, path in inner:
        if other is None:
            return path
        if what := lost(member, other, definitions, path):
            return what
    return None


def official(version):
    """No client, but the schema that the protocol's version has for lists of tools and results of calls."""

    @contextlib.asynccontextmanager
    async def connect(url):
        import httpx2
        import jsonschema

        schema = json.loads((SCHEMAS / f"{version}.json").read_text())
        definitions = "$defs" if "$defs" in schema else "definitions"
        validators = {
            name: jsonschema.validators.validator_for(schema)({**schema, "$ref": f"#/{definitions}/{name}"})
            for name in ["ListToolsResult", "CallToolResult"]
        }
        headers = {"accept": "application/json, text/event-stream", "mcp-protocol-version": version}
        async with httpx2.AsyncClient(headers=headers, timeout=REQUEST_SECONDS) as http:

            async def ask(method, params, mirrored=None):
                message = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
                response = await http.post(url, json=message, headers=mirrored)
                return response.headers, response.json()["result"]

            async def modern(method, params):
                meta = {
                    "io.modelcontextprotocol/protocolVersion": version,
                    "io.modelcontextprotocol/clientInfo": {"name": "schema", "version": "0"},
                    "io.modelcontextprotocol/clientCapabilities": {},
                }
                mirrored = {"mcp-method": method} | ({"mcp-name": params["name"]} if "name" in params else {})
                return (await ask(method, {"_meta": meta} | params, mirrored))[1]

            async def older(method, params):
                return (await ask(method, params))[1]

            if version >= MODERN:
                request = modern
            else:
                request = older
                client = {"name": "schema", "version": "0"}
                params = {"protocolVersion": version, "capabilities": {}, "clientInfo": client}
                answer, result = await ask("initialize", params)
                assert result["protocolVersion"] == version, result
                http.headers["mcp-session-id"] = answer["mcp-session-id"]
                await http.post(url, json={"jsonrpc": "2.0", "method": "notifications/initialized"})

            async def call(tool, arguments):
                result = await request("tools/call", {"name": tool, "arguments": arguments})
                validators["CallToolResult"].validate(result)
                succeeded(result, result.get("isError", False))
                text = result["content"][0]["text"] if result["content"] else ""
                return result.get("structuredContent", ABSENT), text

            tools = await request("tools/list", {})
            validators["ListToolsResult"].validate(tools)
            for tool in tools["tools"]:
                for side in ["inputSchema", "outputSchema"]:
                    jsonschema.Draft202012Validator.check_schema(tool.get(side, {}))
            yield Connected([tool["name"] for tool in tools["tools"]], call)

    return connect


CLIENTS = {
    **{f"schema-{version}": official(version) for version in ["2025-03-26", "2025-06-18", "2025-11-25", "2026-07-28"]},
    "mcp-1": mcp_1,
    "mcp-2": mcp_2("auto"),
    "mcp-2-handshake": mcp_2("legacy"),
    "fastmcp": fastmcp,
    "langchain-mcp-adapters": langchain,
    "smolagents": smolagents,
    "openai-agents": openai_agents,
    "pydantic-ai": pydantic_ai,
    "google-genai": google_genai,
}

asyncio.run(main(*sys.argv[1:]))
