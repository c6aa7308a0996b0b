//! The notes example, and a server on `rmcp` behind a layer, with the clients of other projects.

use std::ffi::OsString;
use std::path::Path;
use std::process::Command;

use super::program::Program;
use super::python::Python;
use super::table::Table;
use crate::server::{Server, free_address};
use crate::workspace::{Outcome, Workspace, run};

const PYTHON_PROGRAM: &str = "xtask/interop/python/client.py";

const CHECKS: &[&str] = &["list", "call", "write", "argument", "no-token", "wrong-token", "scope"];
/// The check of a limit that the server on `rmcp` does not have.
const NOT_ON_RMCP: &[&str] = &["argument"];
/// The checks without a case over stdio, where nothing is refused.
const NOT_OVER_STDIO: &[&str] = &["no-token", "wrong-token", "scope"];

enum Transport {
    Http,
    /// The server on `rmcp` in place of the example.
    HttpOnRmcp,
    Stdio,
}

/// A client, in one of its ways to speak to a server.
struct Client {
    name: &'static str,
    program: Vec<OsString>,
    /// The mode, by the program's name for it.
    mode: &'static str,
    transport: Transport,
}

pub(super) fn check(
    workspace: &Workspace,
    python: &Python,
    rmcp: &Path,
    rmcp_server: &Path,
    logs: &Path,
) -> Outcome<Table> {
    run(&mut workspace.cargo(&["build", "--package=mcp", "--example=notes"]))?;
    let example = workspace.target.join("debug/examples/notes");
    let mut table = Table::new(CHECKS);
    for client in clients(&python.command(workspace, PYTHON_PROGRAM), &[rmcp.into()]) {
        // A server of its own for each client, so that all find the same notes.
        let serve = |program: &Path| -> Outcome<(Server, OsString)> {
            let address = free_address()?;
            let mut command = Command::new(program);
            command.env("PORT", address.port().to_string());
            let server = Server::start(&mut command, address, &logs.join("notes.log"))?;
            Ok((server, format!("http://{address}/mcp").into()))
        };
        let (_server, transport, target, absent) = match client.transport {
            Transport::Http => {
                let (server, url) = serve(&example)?;
                (Some(server), "http", url, &[][..])
            }
            Transport::HttpOnRmcp => {
                let (server, url) = serve(rmcp_server)?;
                (Some(server), "http", url, NOT_ON_RMCP)
            }
            Transport::Stdio => (None, "stdio", example.clone().into_os_string(), NOT_OVER_STDIO),
        };
        let mut command = client.program;
        command.extend([client.mode.into(), transport.into(), target]);
        let program = Program { name: client.name, command, absent };
        let cells = program.run(table.columns, logs)?;
        table.add(program.name, cells);
    }
    Ok(table)
}

fn clients(python: &[OsString], rmcp: &[OsString]) -> Vec<Client> {
    use Transport::{Http, HttpOnRmcp, Stdio};
    let python = |name, mode, transport| Client { name, program: python.to_vec(), mode, transport };
    let rmcp = |name, mode, transport| Client { name, program: rmcp.to_vec(), mode, transport };
    vec![
        python("PyPI mcp, Client, HTTP", "auto", Http),
        python("PyPI mcp, Client with handshake, HTTP", "legacy", Http),
        python("PyPI mcp, ClientSession, HTTP", "session", Http),
        python("PyPI mcp, Client, stdio", "auto", Stdio),
        python("PyPI mcp, Client with handshake, stdio", "legacy", Stdio),
        python("PyPI mcp, ClientSession, stdio", "session", Stdio),
        rmcp("crate rmcp, discover, HTTP", "discover", Http),
        rmcp("crate rmcp, handshake, HTTP", "initialize", Http),
        python("PyPI mcp, Client, server on rmcp", "auto", HttpOnRmcp),
        python("PyPI mcp, Client with handshake, server on rmcp", "legacy", HttpOnRmcp),
        rmcp("crate rmcp, discover, server on rmcp", "discover", HttpOnRmcp),
        rmcp("crate rmcp, handshake, server on rmcp", "initialize", HttpOnRmcp),
        rmcp("crate rmcp, discover, stdio", "discover", Stdio),
        rmcp("crate rmcp, handshake, stdio", "initialize", Stdio),
    ]
}
