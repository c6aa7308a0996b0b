//! Many clients at once: the memory of each connection, and a caller beside a flood of requests without a token.
//!
//! The servers are measured in the same way, one after the other: this one, one on axum that checks the token alone, and
//! one on rmcp.

use std::io::Write as _;
use std::net::{SocketAddr, TcpStream};
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, sleep};
use std::time::{Duration, Instant};

use super::client::Client;
use super::finding::Finding;
use super::load::Load;
use super::memory::resident;
use super::servers::{AXUM, CACHED, SERVE, Server, Threads};
use crate::server::Server as Running;
use crate::workspace::{Outcome, Workspace, run};

const CLIENTS: usize = 1000;
/// The open files that this process and the server need: each has one end of every connection.
pub(super) const FILES: usize = CLIENTS + 500;
/// The number of clients that come first, so that what is made for all of them is there.
const EARLIER: usize = 50;
/// The number of clients that come at once.
const AT_ONCE: usize = 100;
/// The time between those: longer than this framework keeps the buffers of an idle connection.
const PAUSE: Duration = Duration::from_millis(1500);

/// The head that does not end, as far as a server takes it, in bytes.
const HEAD: usize = 300 * 1024;
/// The part of a body that arrives, and what its head announces, in bytes.
const BODY: usize = 100 * 1024;
const ANNOUNCED: usize = 1024 * 1024;

/// The connections of the flood, each of which sends one request after the other.
const FLOOD: usize = 16;
const CALLS: usize = 2000;

/// The state in which a client leaves its connection.
#[derive(Clone, Copy)]
enum Stage {
    Fresh,
    AfterCall,
    Head,
    Body,
    Stream,
}

struct Row {
    what: &'static str,
    stage: Stage,
    /// Limits the memory of each connection to this framework, in KB of a thousand bytes.
    most: Option<f64>,
    /// Set if all servers have this.
    is_common: bool,
    /// The known reason for a missed goal.
    reason: Option<&'static str>,
}

const ROWS: [Row; 5] = [
    row("a connection without a request", Stage::Fresh).at_most(5.0),
    row("an idle connection, after a call", Stage::AfterCall).at_most(12.0),
    row("a head that does not end", Stage::Head),
    row("a body that does not end, of 100 KiB so far", Stage::Body),
    Row {
        is_common: false,
        reason: Some(
            "hyper has 8 KiB for what it writes, and 8 KiB for what it reads, which are resident as far as they were ever \
             used. Streams are the connections that cannot do without these.",
        ),
        ..row("an idle `subscriptions/listen` stream", Stage::Stream).at_most(11.3)
    },
];

const fn row(what: &'static str, stage: Stage) -> Row {
    Row { what, stage, most: None, is_common: true, reason: None }
}

impl Row {
    const fn at_most(self, most: f64) -> Self {
        Self { most: Some(most), ..self }
    }
}

/// The clients of a server, whose connections stay open.
#[derive(Default)]
struct Clients {
    sockets: Vec<TcpStream>,
    callers: Vec<Client>,
}

pub(crate) fn measure(workspace: &Workspace) -> Outcome<Vec<Finding>> {
    let files = format!("--nofile={FILES}:");
    run(Command::new("prlimit").arg(format!("--pid={}", std::process::id())).arg(files))?;
    let mut findings = Vec::new();
    for row in &ROWS {
        let kilobytes = |server| memory(workspace, server, row.stage).map(|bytes| bytes / 1000.0);
        let ours = kilobytes(SERVE)?;
        let other = |server| match row.is_common {
            true => kilobytes(server).map(|size| format!("{size:.1} KB")),
            false => Ok(String::new()),
        };
        findings.push(Finding {
            what: format!("memory, {}", row.what),
            goal: row.most.map(|most| format!("≤ {most:.1} KB")).unwrap_or_default(),
            measured: format!("{ours:.1} KB"),
            by_hand: other(AXUM)?,
            peer: other(CACHED)?,
            met: row.most.map(|most| ours <= most),
            reason: row.reason,
        });
    }
    let [ours, by_hand, peer] = [SERVE, AXUM, CACHED].map(|server| beside_a_flood(workspace, server));
    findings.push(Finding {
        what: format!("a call beside {FLOOD} connections that flood the server without a token: p50 / p99 (alone)"),
        goal: String::new(),
        measured: ours?,
        by_hand: by_hand?,
        peer: peer?,
        met: None,
        reason: None,
    });
    Ok(findings)
}

/// Measures the memory of each connection, in bytes.
fn memory(workspace: &Workspace, server: Server, stage: Stage) -> Outcome<f64> {
    let running = server.start(workspace, Threads::AllProcessors)?;
    let mut clients = Clients::default();
    clients.add(running.address, stage, EARLIER)?;
    let before = settled(&running)?;
    for _ in 0..CLIENTS / AT_ONCE {
        clients.add(running.address, stage, AT_ONCE)?;
        sleep(PAUSE);
    }
    Ok((settled(&running)? - before) * 1024.0 / CLIENTS as f64)
}

/// Reads the memory of a server that has come to rest, in KiB.
fn settled(server: &Running) -> Outcome<f64> {
    sleep(PAUSE);
    resident(server)
}

impl Clients {
    fn add(&mut self, address: SocketAddr, stage: Stage, number: usize) -> Outcome {
        (0..number).try_for_each(|_| self.add_one(address, stage))
    }

    fn add_one(&mut self, address: SocketAddr, stage: Stage) -> Outcome {
        let failed = |error: std::io::Error| format!("talking to a server: {error}");
        let load = match stage {
            Stage::AfterCall => Load::Call,
            Stage::Stream => Load::Listen,
            Stage::Fresh | Stage::Head | Stage::Body => {
                let mut socket = TcpStream::connect(address).map_err(failed)?;
                socket.set_write_timeout(Some(Duration::from_millis(100))).map_err(failed)?;
                // A server that refuses more ends the connection, or reads no further.
                let _ = socket.write_all(&unfinished(address, stage));
                self.sockets.push(socket);
                return Ok(());
            }
        };
        let mut client = Client::connect(address)?;
        for request in &load.requests(address, &[])? {
            load.check(&client.open(request)?)?;
        }
        self.callers.push(client);
        Ok(())
    }
}

/// Returns the bytes of a request that does not end.
fn unfinished(address: SocketAddr, stage: Stage) -> Vec<u8> {
    let mut head = "POST /mcp HTTP/1.1\r\n".to_owned();
    for (name, value) in Load::Call.good_headers(address) {
        head += &format!("{name}: {value}\r\n");
    }
    match stage {
        Stage::Head => head + &format!("X: {}\r\n", "x".repeat(1000)).repeat(HEAD / 1000),
        Stage::Body => head + &format!("Content-Length: {ANNOUNCED}\r\n\r\n") + &" ".repeat(BODY),
        Stage::Fresh | Stage::AfterCall | Stage::Stream => String::new(),
    }
    .into_bytes()
}

/// Measures the calls of one client beside many that have no token, and before.
fn beside_a_flood(workspace: &Workspace, server: Server) -> Outcome<String> {
    let running = server.start(workspace, Threads::AllProcessors)?;
    let alone = Percentiles::of(running.address)?;
    let is_over = AtomicBool::new(false);
    let flooded = thread::scope(|scope| {
        for _ in 0..FLOOD {
            scope.spawn(|| flood(running.address, &is_over));
        }
        let flooded = Percentiles::of(running.address);
        is_over.store(true, Ordering::Relaxed);
        flooded
    })?;
    Ok(format!("{flooded} ({alone})"))
}

/// Sends requests without a token until the end, as fast as they are refused.
fn flood(address: SocketAddr, is_over: &AtomicBool) -> Outcome {
    let mut client = Client::connect(address)?;
    let requests = Load::NoToken.requests(address, &[])?;
    while !is_over.load(Ordering::Relaxed) {
        client.repeat(Load::NoToken, &requests, 1)?;
    }
    Ok(())
}

/// The times of calls, in milliseconds.
struct Percentiles {
    p50: f64,
    p99: f64,
}

impl Percentiles {
    fn of(address: SocketAddr) -> Outcome<Self> {
        let mut client = Client::connect(address)?;
        let requests = Load::Call.requests(address, &[])?;
        client.repeat(Load::Call, &requests, 100)?;
        let mut times = Vec::new();
        for _ in 0..CALLS {
            let start = Instant::now();
            client.repeat(Load::Call, &requests, 1)?;
            times.push(start.elapsed().as_secs_f64() * 1000.0);
        }
        times.sort_by(f64::total_cmp);
        let at = |hundredth: usize| times.get(times.len() * hundredth / 100).copied().unwrap_or(f64::NAN);
        Ok(Self { p50: at(50), p99: at(99) })
    }
}

impl std::fmt::Display for Percentiles {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:.2} / {:.2} ms", self.p50, self.p99)
    }
}
