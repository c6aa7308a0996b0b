//! The authorization of every client at every authorization server, to use the protected example.

use std::fs;
use std::path::Path;

use super::frameworks::Frameworks;
use super::program::{Cell, Program};
use super::python::Python;
use super::servers::{AuthorizationServer, Servers};
use super::table::Table;
use crate::npm;
use crate::side_by_side::both;
use crate::workspace::{Outcome, Workspace};

/// The program that starts an authorization server and the example, and runs the checks of every client.
const DRIVER: &str = "xtask/interop/python/matrix.py";

/// The clients that are packages of npm.
const NPM: &str = "xtask/interop/npm";
const NPM_FILES: &[&str] = &["clients.mjs", "page.mjs"];

const CHECKS: &[&str] = &["connect", "call", "step-up"];

/// The clients, by the driver's names for them.
const CLIENTS: &[&str] = &[
    "PyPI mcp",
    "PyPI mcp, handshake",
    "crate rmcp",
    "crate rmcp, handshake",
    "npm client",
    "npm client, handshake",
    "npm client, DPoP",
    "npm sdk",
    "npm mcp-remote",
    "npm inspector",
    "npm inspector, web page",
    "PyPI fastmcp",
    "PyPI pydantic-ai",
    "PyPI openai-agents",
    "PyPI langchain-mcp-adapters",
    "npm ai-sdk",
    "npm mcporter",
];

pub(super) struct Matrix {
    pub(super) table: Table,
    /// The table in the form of the README.
    pub(super) markdown: String,
}

/// The row of an authorization server.
struct Case {
    server: AuthorizationServer,
    /// The name in the table.
    name: &'static str,
    /// The checks that a client can't pass. Everything else has to pass.
    impossible: &'static [&'static str],
}

/// The checks of proofs, which need an authorization server that binds tokens to keys.
macro_rules! without_proofs {
    ($($check:expr),*) => {
        &["npm client, DPoP, connect", "npm client, DPoP, call", "npm client, DPoP, step-up", $($check),*]
    };
}

/// The check that mcporter fails everywhere: it ends before the user returns from the browser.
const MCPORTER_STEP_UP: &str = "npm mcporter, step-up";

const CASES: [Case; 4] = [
    Case { server: AuthorizationServer::OidcProvider, name: "oidc-provider (JWTs)", impossible: &[MCPORTER_STEP_UP] },
    Case {
        server: AuthorizationServer::DjangoOauthToolkit,
        name: "django-oauth-toolkit (introspection)",
        // To get another scope, it refreshes its access token if it can, which adds none; only without a refresh token does
        // it ask the user. This server always gives one.
        impossible: without_proofs!["npm sdk, step-up", MCPORTER_STEP_UP],
    },
    Case {
        server: AuthorizationServer::BetterAuth,
        name: "better-auth (JWTs)",
        impossible: without_proofs![MCPORTER_STEP_UP],
    },
    Case {
        server: AuthorizationServer::Glewlwyd,
        name: "glewlwyd (JWTs)",
        impossible: without_proofs![MCPORTER_STEP_UP],
    },
];

pub(super) fn check(
    workspace: &Workspace,
    python: &Python,
    servers: &Servers,
    rmcp: &Path,
    frameworks: &Frameworks,
    folder: &Path,
    logs: &Path,
) -> Outcome<Matrix> {
    let npm = folder.join("npm");
    let node = npm::install(workspace, NPM, NPM_FILES, &npm)?;
    let checks: Vec<String> =
        CLIENTS.iter().flat_map(|client| CHECKS.iter().map(move |check| format!("{client}, {check}"))).collect();
    let checks: Vec<&str> = checks.iter().map(String::as_str).collect();
    let run = |case: &Case| {
        let mut command = python.command(workspace, DRIVER);
        command.extend([case.server.name().into(), servers.example.clone().into(), folder.into()]);
        command.extend([&node, &servers.script(case.server), &npm, rmcp, &frameworks.folder].map(Into::into));
        Program { name: case.name, command, absent: case.impossible }.run(&checks, logs)
    };
    // The clients of the last one take turns, so that it takes as long as the others together and leaves them a processor.
    let [others @ .., last] = &CASES;
    let (last, others) = both(|| run(last), || others.iter().map(run).collect::<Outcome<Vec<_>>>())?;
    let mut table = Table::new(CHECKS);
    let mut columns = Vec::new();
    for (case, cells) in CASES.iter().zip(others.into_iter().chain([last])) {
        let mut cells = cells.into_iter();
        let mut marks = Vec::new();
        for client in CLIENTS {
            let cells: Vec<Cell> = cells.by_ref().take(CHECKS.len()).collect();
            marks.push(cells.iter().map(Cell::mark).collect());
            table.add(format!("{client}, with {}", case.name), cells);
        }
        columns.push(marks);
    }
    Ok(Matrix { table, markdown: markdown(&columns) })
}

/// Fails if the README does not show the table.
pub(super) fn compare(workspace: &Workspace, markdown: &str) -> Outcome {
    let readme = workspace.root.join("README.md");
    let text = fs::read_to_string(&readme).map_err(|error| format!("{}: {error}", readme.display()))?;
    if text.contains(markdown) { Ok(()) } else { Err(format!("README.md does not have this table:\n\n{markdown}")) }
}

/// Returns a row for each client with the marks of its checks. `columns` has them by server and client.
fn markdown(columns: &[Vec<Vec<char>>]) -> String {
    let heads = CASES.iter().map(|case| case.name.to_owned());
    let mut lines = vec![line("", heads), line("---", CASES.iter().map(|_| "---".to_owned()))];
    for (index, client) in CLIENTS.iter().enumerate() {
        let marks = columns.iter().filter_map(|clients| clients.get(index));
        lines.push(line(client, marks.map(|marks| marks.iter().map(char::to_string).collect::<Vec<_>>().join(" "))));
    }
    lines.concat()
}

fn line(first: &str, fields: impl Iterator<Item = String>) -> String {
    let fields: Vec<String> = std::iter::once(first.to_owned()).chain(fields).collect();
    format!("| {} |\n", fields.join(" | "))
}
