//! The size of a server as a file, and the time until its first answer.

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use super::client::Client;
use super::finding::{Finding, median};
use super::load::Load;
use super::servers::{CACHED, CHECKED, SERVE, Server, Threads, file};
use crate::server::free_address;
use crate::workspace::{Outcome, Workspace, run};

/// Limits the size of the file, in megabytes of a million bytes.
const LARGEST: f64 = 2.2;
/// Limits the time until the first answer, in milliseconds.
const LATEST: f64 = 4.0;
const STARTS: usize = 21;
const START_TIMEOUT: Duration = Duration::from_secs(5);

pub(crate) fn measure(workspace: &Workspace) -> Outcome<Vec<Finding>> {
    let servers = [SERVE, CHECKED, CACHED];
    let sizes = |program: fn(Server, &Workspace) -> Outcome<PathBuf>| -> Outcome<_> {
        let size = |server| program(server, workspace).and_then(|program| stripped_size(workspace, &program));
        Ok((size(SERVE)?, size(CHECKED)?, size(CACHED)?))
    };
    let (ours, by_hand, peer) = sizes(|server, workspace| Ok(server.path(workspace)))?;
    let megabytes = |size: f64| format!("{size:.2} MB");
    let size = Finding {
        what: "size of the program, stripped".to_owned(),
        goal: format!("≤ {LARGEST} MB"),
        measured: megabytes(ours),
        by_hand: megabytes(by_hand),
        peer: megabytes(peer),
        met: Some(ours <= LARGEST),
        reason: None,
    };
    let (ours, by_hand, peer) = sizes(Server::build_in_many_units)?;
    let size_in_many_units = Finding {
        what: "the same in 16 codegen units, which cargo takes unless it is told".to_owned(),
        goal: String::new(),
        measured: megabytes(ours),
        by_hand: megabytes(by_hand),
        peer: megabytes(peer),
        met: None,
        reason: None,
    };
    let mut times = [Vec::new(), Vec::new(), Vec::new()];
    for _ in 0..STARTS {
        for (server, times) in servers.into_iter().zip(&mut times) {
            times.push(first_answer(workspace, server)?);
        }
    }
    let [ours, by_hand, peer] = times.map(median);
    let milliseconds = |time: f64| format!("{time:.1} ms");
    let start = Finding {
        what: "first answer after the start".to_owned(),
        goal: format!("≤ {LATEST} ms"),
        measured: milliseconds(ours),
        by_hand: milliseconds(by_hand),
        peer: milliseconds(peer),
        met: Some(ours <= LATEST),
        reason: None,
    };
    Ok(vec![size, size_in_many_units, start])
}

/// Returns the size of a program without symbols, in megabytes.
fn stripped_size(workspace: &Workspace, program: &Path) -> Outcome<f64> {
    let stripped = file(workspace, "stripped");
    run(Command::new("strip").arg("-o").arg(&stripped).arg(program))?;
    let length = |path: &Path| fs::metadata(path).map(|metadata| metadata.len());
    Ok(length(&stripped).map_err(|error| format!("{}: {error}", stripped.display()))? as f64 / 1e6)
}

/// Measures the time until the first answer, in milliseconds.
fn first_answer(workspace: &Workspace, server: Server) -> Outcome<f64> {
    let address = free_address()?;
    let requests = Load::Call.requests(address, &[])?;
    let mut command = Command::new(server.path(workspace));
    server.configure(&mut command, address.port(), Threads::AllProcessors);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let start = Instant::now();
    let mut process = command.spawn().map_err(|error| format!("{}: {error}", server.name()))?;
    let answered = connect(address, start).and_then(|mut client| client.repeat(Load::Call, &requests, 1));
    let time = start.elapsed().as_secs_f64() * 1000.0;
    let _ = process.kill();
    let _ = process.wait();
    answered.map(|()| time)
}

fn connect(address: SocketAddr, start: Instant) -> Outcome<Client> {
    loop {
        match Client::connect(address) {
            Err(_) if start.elapsed() < START_TIMEOUT => sleep(Duration::from_micros(50)),
            connected => return connected,
        }
    }
}
