//! The `dialects` example with the packages that read its schemas.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::frameworks::Frameworks;
use super::program::Program;
use super::python::Python;
use super::table::Table;
use crate::npm;
use crate::server::{Server, free_address};
use crate::side_by_side::each;
use crate::workspace::{Outcome, Workspace, run};

const NPM: &str = "xtask/interop/corpus";
const NPM_PROGRAM: &str = "corpus.mjs";
const PYTHON_PROGRAM: &str = "xtask/interop/corpus/corpus.py";
/// The folder of the official schemas, if they are at hand.
const SCHEMAS: &str = "../shared/schema";
/// Calls of each tool, and their results.
const EXAMPLES: &str = "examples/dialects/examples.json";

const CHECKS: &[&str] = &["list", "call", "convert"];
/// The check that a package lacks if it passes schemas to a model unchanged.
const NO_CONVERT: &[&str] = &["convert"];
/// The checks without the official schemas to compare with: all of them.
const NO_SCHEMA: &[&str] = CHECKS;
/// The check that a package lacks if it reads schemas only.
const NO_CALL: &[&str] = &["call"];

/// The tools that fail for a package to which a result without content is an error.
const NO_RESULT: &[&str] = &["call nothing_at_all", "call unit_result"];
/// The tools that fail with strict schemas of OpenAI's models, in which an array declares the type of its items.
const ITEMS_OF_ANY_TYPE: &[&str] = &["convert any_list", "convert any_within"];

#[derive(Clone, Copy)]
enum Runtime {
    Mcp1,
    Mcp2,
    Node,
    /// The interpreter of `Mcp2`, for a program that compares with the official schemas.
    Schema,
}

struct Client {
    name: &'static str,
    runtime: Runtime,
    /// The kind, by the program's name for it.
    kind: &'static str,
    /// The checks without a case.
    absent: &'static [&'static str],
    /// The checks and tools that it fails. Everything else has to pass.
    impossible: &'static [&'static str],
}

const fn client(name: &'static str, runtime: Runtime, kind: &'static str) -> Client {
    Client { name, runtime, kind, absent: &[], impossible: &[] }
}

const CLIENTS: &[Client] = &[
    Client { absent: NO_CONVERT, ..client("official schema, 2025-03-26", Runtime::Schema, "schema-2025-03-26") },
    Client { absent: NO_CONVERT, ..client("official schema, 2025-06-18", Runtime::Schema, "schema-2025-06-18") },
    Client { absent: NO_CONVERT, ..client("official schema, 2025-11-25", Runtime::Schema, "schema-2025-11-25") },
    Client { absent: NO_CONVERT, ..client("official schema, 2026-07-28", Runtime::Schema, "schema-2026-07-28") },
    Client { absent: NO_CONVERT, ..client("npm sdk 1.24", Runtime::Node, "sdk-1.24") },
    Client { absent: NO_CONVERT, ..client("npm sdk 1.29", Runtime::Node, "sdk-1.29") },
    Client { absent: NO_CONVERT, ..client("npm sdk 1.32", Runtime::Node, "sdk-1.32") },
    Client { absent: NO_CONVERT, ..client("npm client 2.4", Runtime::Node, "client") },
    Client { absent: NO_CONVERT, ..client("npm client 2.4, handshake", Runtime::Node, "client-handshake") },
    Client { absent: NO_CALL, ..client("npm ajv 8.20", Runtime::Node, "ajv") },
    Client { absent: NO_CONVERT, ..client("PyPI mcp 1.30", Runtime::Mcp1, "mcp-1") },
    Client { absent: NO_CONVERT, ..client("PyPI mcp 2.3", Runtime::Mcp2, "mcp-2") },
    Client { absent: NO_CONVERT, ..client("PyPI mcp 2.3, handshake", Runtime::Mcp2, "mcp-2-handshake") },
    client("PyPI fastmcp 4.2", Runtime::Mcp2, "fastmcp"),
    client("PyPI langchain-mcp-adapters 0.3", Runtime::Mcp1, "langchain-mcp-adapters"),
    Client { impossible: NO_RESULT, ..client("PyPI mcpadapt 0.1, smolagents 1.26", Runtime::Mcp1, "smolagents") },
    client("PyPI openai-agents 0.24, strict", Runtime::Mcp2, "openai-agents"),
    Client { impossible: ITEMS_OF_ANY_TYPE, ..client("PyPI pydantic-ai 2.66", Runtime::Mcp2, "pydantic-ai") },
    client("PyPI google-genai 3.6", Runtime::Mcp2, "google-genai"),
];

/// The installed packages of npm.
pub(super) struct Corpus {
    node: PathBuf,
    program: PathBuf,
}

impl Corpus {
    pub(super) fn install(workspace: &Workspace, folder: &Path) -> Outcome<Self> {
        let folder = folder.join("corpus");
        Ok(Self { node: npm::install(workspace, NPM, &[NPM_PROGRAM], &folder)?, program: folder.join(NPM_PROGRAM) })
    }
}

pub(super) fn check(workspace: &Workspace, corpus: &Corpus, frameworks: &Frameworks, logs: &Path) -> Outcome<Table> {
    run(&mut workspace.cargo(&["build", "--package=dialects"]))?;
    let address = free_address()?;
    let mut command = Command::new(workspace.target.join("debug/dialects"));
    let _server = Server::start(command.env("MCP_LISTEN", address.to_string()), address, &logs.join("dialects.log"))?;
    let program = |client: &Client| {
        let python = |python: &Python| python.command(workspace, PYTHON_PROGRAM);
        let mut command = match client.runtime {
            Runtime::Mcp1 => python(&frameworks.mcp_1),
            Runtime::Mcp2 | Runtime::Schema => python(&frameworks.mcp_2),
            Runtime::Node => [&corpus.node, &corpus.program].map(Into::into).to_vec(),
        };
        let impossible = serde_json::to_string(client.impossible).map_err(|error| error.to_string())?;
        command.extend([client.kind.into(), format!("http://{address}/mcp").into()]);
        command.extend([workspace.root.join(EXAMPLES).into(), impossible.into()]);
        let compared = !matches!(client.runtime, Runtime::Schema) || workspace.root.join(SCHEMAS).exists();
        let absent = if compared { client.absent } else { NO_SCHEMA };
        Program { name: client.name, command, absent }.run(CHECKS, logs)
    };
    let mut table = Table::new(CHECKS);
    for (client, cells) in CLIENTS.iter().zip(each(CLIENTS, program)?) {
        table.add(client.name, cells);
    }
    Ok(table)
}
