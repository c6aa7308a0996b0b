//! `cargo xtask soak`: a mixed load for minutes, after which nothing of it may be left.
//!
//! Callers of both eras work beside others that abandon sessions, streams, tasks and questions, and beside hostile
//! requests. Each answer has to be that of its request. Memory and file descriptors are sampled.

use std::fs;
use std::io::{self, Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::process::Command;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use crate::attack::http::{Caller, read};
use crate::attack::memory;
use crate::server::{Server, free_address};
use crate::workspace::{Outcome, Workspace, run as run_program};

/// The time of a run, and that of `--quick`.
const TIME: [Duration; 2] = [Duration::from_secs(5 * 60), Duration::from_secs(20)];

/// The time after which the server has forgotten what clients abandoned: its sessions go on for a minute.
const FORGET: Duration = Duration::from_secs(75);

/// The growth of the memory after the first third that is not a leak, in KiB. The allocator keeps some for itself.
const GROWTH: u64 = 48 * 1024;

/// The descriptors that may be left at the end.
const LEFT_DESCRIPTORS: usize = 8;

/// A part of the load, which runs until an error. Its number makes its requests different from all others.
type Load = fn(&Caller, u64) -> io::Result<()>;

/// The parts of the load, each on a thread of its own.
const LOADS: &[(&str, Load)] = &[
    ("calls", call),
    ("calls in sessions", call_in_session),
    ("abandoned sessions", abandon_session),
    ("abandoned streams", abandon_stream),
    ("tasks", begin_task),
    ("abandoned questions", abandon_question),
    ("hostile requests", attack),
];

pub(crate) fn run(workspace: &Workspace) -> Outcome {
    soak(workspace, TIME[0])
}

pub(crate) fn quick(workspace: &Workspace) -> Outcome {
    soak(workspace, TIME[1])
}

fn soak(workspace: &Workspace, time: Duration) -> Outcome {
    // A debug build, whose arithmetic is checked.
    run_program(&mut workspace.cargo(&["build", "--package=mcp", "--example=attacked"]))?;
    let folder = workspace.target.join("soak");
    fs::create_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let address = free_address()?;
    let mut program = Command::new(workspace.target.join("debug/examples/attacked"));
    let server = Server::start(program.env("PORT", address.port().to_string()), address, &folder.join("server.log"))?;
    let pid = server.pid();
    let before = descriptors(pid);
    let counts: Vec<AtomicU64> = LOADS.iter().map(|_| AtomicU64::new(0)).collect();
    let is_over = AtomicBool::new(false);
    let (failures, samples) = thread::scope(|scope| {
        let is_over = &is_over;
        let loads: Vec<_> = (LOADS.iter().zip(&counts).enumerate())
            .map(|(number, ((name, load), count))| {
                scope.spawn(move || repeat(address, name, *load, number as u64, count, is_over))
            })
            .collect();
        let samples = sample(pid, time);
        is_over.store(true, Ordering::Relaxed);
        let failures = loads.into_iter().filter_map(|load| load.join().unwrap_or_else(|_| Some("a panic".to_owned())));
        (failures.collect::<Vec<_>>(), samples)
    });
    for ((name, _), count) in LOADS.iter().zip(&counts) {
        println!("{name:<20} {:>9}", count.load(Ordering::Relaxed));
    }
    if !failures.is_empty() {
        return Err(failures.join("\n"));
    }
    check_memory(&samples)?;
    check_descriptors(pid, before)?;
    Caller::new(address, "alice-token").call()
}

/// Repeats a part of the load, and returns the reason why it ended early.
fn repeat(
    address: SocketAddr,
    name: &str,
    load: Load,
    number: u64,
    count: &AtomicU64,
    is_over: &AtomicBool,
) -> Option<String> {
    let token = if number.is_multiple_of(2) { "alice-token" } else { "mallory-token" };
    let caller = Caller::new(address, token);
    while !is_over.load(Ordering::Relaxed) {
        let id = number * 1_000_000_000 + count.fetch_add(1, Ordering::Relaxed);
        if let Err(error) = load(&caller, id) {
            return Some(format!("{name}, request {id}: {error}"));
        }
    }
    None
}

/// The resident memory in KiB, each second.
fn sample(pid: u32, time: Duration) -> Vec<u64> {
    let start = Instant::now();
    let mut samples = Vec::new();
    while start.elapsed() < time {
        thread::sleep(Duration::from_secs(1));
        let memory = memory(pid, "VmRSS:");
        samples.push(memory);
        if samples.len().is_multiple_of(10) {
            println!("{:>4} s  {:>5} MiB  {:>5} descriptors", samples.len(), memory / 1024, descriptors(pid));
        }
    }
    samples
}

fn check_memory(samples: &[u64]) -> Outcome {
    let (early, late) = samples.split_at(samples.len() / 3);
    let highest = |samples: &[u64]| samples.iter().max().copied().unwrap_or_default();
    let (early, late) = (highest(early), highest(late));
    if late > early + GROWTH {
        return Err(format!("the memory grew from {} to {} MiB", early / 1024, late / 1024));
    }
    Ok(())
}

fn check_descriptors(pid: u32, before: usize) -> Outcome {
    let start = Instant::now();
    while descriptors(pid) > before + LEFT_DESCRIPTORS {
        if start.elapsed() > FORGET {
            return Err(format!("{} descriptors are left of {before} at the start", descriptors(pid)));
        }
        thread::sleep(Duration::from_millis(100));
    }
    Ok(())
}

fn descriptors(pid: u32) -> usize {
    fs::read_dir(format!("/proc/{pid}/fd")).map_or(0, Iterator::count)
}

/// Some calls on one connection, each with an id and a sum of its own.
fn call(caller: &Caller, id: u64) -> io::Result<()> {
    let mut stream = caller.connect()?;
    (0..20).try_for_each(|part| add(caller, &mut stream, "", id * 20 + part))
}

/// Calls in a session, which is ended in order.
fn call_in_session(caller: &Caller, id: u64) -> io::Result<()> {
    let mut stream = caller.connect()?;
    let session = caller.begin_session(&mut stream)?;
    (0..20).try_for_each(|part| add(caller, &mut stream, &session, id * 20 + part))?;
    caller.end_session(&mut stream, &session)?;
    expect(read(&mut stream)?.status, &[200, 204])
}

fn add(caller: &Caller, stream: &mut TcpStream, headers: &str, id: u64) -> io::Result<()> {
    caller.post(
        stream,
        headers,
        &request(id, "tools/call", &format!(r#""name":"add","arguments":{{"a":{id},"b":1}}"#)),
    )?;
    let response = read(stream)?;
    let expected = [format!(r#""id":{id},"#), format!(r#""text":"{}""#, id + 1)];
    if response.status == 200 && expected.iter().all(|part| response.body.contains(part)) {
        return Ok(());
    }
    Err(io::Error::other(format!("another answer: {} {}", response.status, response.body)))
}

/// A session with a subscription and a request, none of which is ended.
fn abandon_session(caller: &Caller, id: u64) -> io::Result<()> {
    let mut stream = caller.connect()?;
    let session = caller.begin_session(&mut stream)?;
    caller.post(&mut stream, &session, &request(id, "resources/subscribe", &format!(r#""uri":"shelves://{id}""#)))?;
    expect(read(&mut stream)?.status, &[200, 503])?;
    if id.is_multiple_of(20) {
        caller.post(&mut stream, &session, &request(id, "tools/call", r#""name":"wait","arguments":{}"#))?;
    }
    thread::sleep(Duration::from_millis(5));
    Ok(())
}

/// A stream for changes, which its client leaves after a moment.
fn abandon_stream(caller: &Caller, id: u64) -> io::Result<()> {
    let mut stream = caller.connect()?;
    let params = format!(r#""notifications":{{"resourceSubscriptions":["shelves://{id}"]}}"#);
    caller.send(&mut stream, "subscriptions/listen", &params)?;
    let read = stream.read(&mut [0; 12])?;
    if read == 0 { Err(io::ErrorKind::UnexpectedEof.into()) } else { Ok(()) }
}

/// A task, for whose result nobody asks.
fn begin_task(caller: &Caller, _: u64) -> io::Result<()> {
    let mut stream = caller.connect()?;
    caller.send(&mut stream, "tools/call", r#""name":"work","arguments":{"bytes":10000}"#)?;
    expect(read(&mut stream)?.status, &[200, 503])
}

/// A question that its client does not answer.
fn abandon_question(caller: &Caller, _: u64) -> io::Result<()> {
    let mut stream = caller.connect()?;
    caller.send(&mut stream, "tools/call", r#""name":"ask""#)?;
    let response = read(&mut stream)?;
    if response.body.contains("inputRequests") || response.status == 503 {
        return Ok(());
    }
    Err(io::Error::other(format!("no question: {} {}", response.status, response.body)))
}

/// One request that is refused, or of which the rest never comes.
fn attack(caller: &Caller, id: u64) -> io::Result<()> {
    let mut stream = caller.connect()?;
    let bytes: &[u8] = match id % 6 {
        0 => b"\x16\x03\x01\x02\x00\x01\x00\r\n\r\n",
        1 => b"POST /mcp HTTP/1.1\r\nHost: 127.0.0.1\r\nX-",
        2 => b"POST /mcp HTTP/1.1\r\nHost: evil.example\r\nContent-Length: 2\r\n\r\n{}",
        3 => b"POST /mcp HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer wrong\r\nContent-Length: 9\r\n\r\n{}",
        4 => b"POST /mcp HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n{}",
        _ => b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\nGET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
    };
    stream.write_all(bytes)?;
    // The server may have closed it already.
    let _ = stream.shutdown(Shutdown::Write);
    let _ = stream.read_to_end(&mut Vec::new());
    Ok(())
}

fn request(id: u64, method: &str, params: &str) -> String {
    format!(r#"{{"jsonrpc":"2.0","id":{id},"method":"{method}","params":{{{params}}}}}"#)
}

fn expect(status: u16, allowed: &[u16]) -> io::Result<()> {
    if allowed.contains(&status) { Ok(()) } else { Err(io::Error::other(format!("the status is {status}"))) }
}
