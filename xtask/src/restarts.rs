//! `cargo xtask restarts`: servers behind nginx that are replaced under load, without a lost request.

use std::collections::VecDeque;
use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use crate::server::{Server, free_address};
use crate::workspace::{Outcome, Workspace, run as run_program};

/// The restarts, and those of `--quick`.
const RESTARTS: [usize; 2] = [100, 10];

/// The requests that a run must have sent for each restart, so that it proves something.
const REQUESTS_PER_RESTART: usize = 200;

/// The clients, each with a connection of its own to nginx.
const CLIENTS: usize = 8;

/// The longest time for an answer. No tool takes any.
const TIMEOUT: Duration = Duration::from_secs(10);

pub(crate) fn run(workspace: &Workspace) -> Outcome {
    check(workspace, RESTARTS[0])
}

pub(crate) fn quick(workspace: &Workspace) -> Outcome {
    check(workspace, RESTARTS[1])
}

/// Restarts two servers in turns while clients send requests to nginx in front of them.
fn check(workspace: &Workspace, restarts: usize) -> Outcome {
    let folder = workspace.target.join("restarts");
    fs::create_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    run_program(&mut workspace.cargo(&["build", "--package=mcp", "--example=silent"]))?;
    let example = workspace.target.join("debug/examples/silent");
    let addresses = [free_address()?, free_address()?];
    let servers: Outcome<VecDeque<Server>> =
        addresses.into_iter().map(|address| start(&example, address, &folder)).collect();
    let mut servers = servers?;
    let proxy = proxy(&addresses, &folder)?;
    let (answered, is_over) = (AtomicUsize::new(0), AtomicBool::new(false));
    let losses = thread::scope(|scope| {
        let (answered, is_over) = (&answered, &is_over);
        let clients: Vec<_> =
            (0..CLIENTS).map(|_| scope.spawn(move || client(proxy.address, answered, is_over))).collect();
        let restarted: Outcome = (1..=restarts).try_for_each(|number| {
            let Some(server) = servers.pop_front() else { return Ok(()) };
            let address = server.address;
            server.terminate()?;
            servers.push_back(start(&example, address, &folder)?);
            println!("{number} restarts, {} answers", answered.load(Ordering::Relaxed));
            Ok(())
        });
        is_over.store(true, Ordering::Relaxed);
        let losses: Vec<String> = clients.into_iter().flat_map(|client| client.join().unwrap_or_default()).collect();
        restarted.map(|()| losses)
    })?;
    let answered = answered.into_inner();
    println!("{} of {} requests were lost in {restarts} restarts", losses.len(), answered + losses.len());
    if !losses.is_empty() {
        return Err(losses.join("\n"));
    }
    if answered < restarts * REQUESTS_PER_RESTART {
        return Err(format!("{answered} requests are too few for {restarts} restarts"));
    }
    Ok(())
}

fn start(example: &Path, address: SocketAddr, folder: &Path) -> Outcome<Server> {
    let log = folder.join(format!("{}.log", address.port()));
    Server::start(Command::new(example).env("PORT", address.port().to_string()), address, &log)
}

/// Starts nginx, which keeps connections to the servers open.
fn proxy(servers: &[SocketAddr], folder: &Path) -> Outcome<Server> {
    let address = free_address()?;
    let servers: String = servers.iter().map(|server| format!("server {server} max_fails=0; ")).collect();
    let folder = folder.display();
    let config = format!(
        "daemon off; pid {folder}/nginx.pid; error_log {folder}/nginx-errors.log; worker_processes 1;
         events {{}}
         http {{
             access_log off;
             client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
             uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
             upstream servers {{ {servers} keepalive 32; }}
             server {{
                 listen {address};
                 keepalive_requests 1000000;
                 location / {{ proxy_pass http://servers; proxy_http_version 1.1; proxy_set_header Connection ''; \
                 proxy_set_header Host localhost; }}
             }}
         }}\n"
    );
    let path = PathBuf::from(format!("{folder}/nginx.conf"));
    fs::write(&path, config).map_err(|error| format!("{}: {error}", path.display()))?;
    let mut nginx = Command::new("nginx");
    Server::start(nginx.arg("-c").arg(&path), address, Path::new(&format!("{folder}/nginx.log")))
}

/// Sends one request after the other until `is_over`, and returns what was lost.
fn client(proxy: SocketAddr, answered: &AtomicUsize, is_over: &AtomicBool) -> Vec<String> {
    let mut losses = Vec::new();
    let mut connection = None;
    while !is_over.load(Ordering::Relaxed) {
        let answer = connection.take().map_or_else(|| connect(proxy), Ok).and_then(|mut connection| {
            exchange(&mut connection)?;
            Ok(connection)
        });
        match answer {
            Ok(open) => {
                connection = Some(open);
                answered.fetch_add(1, Ordering::Relaxed);
            }
            Err(loss) => losses.push(loss),
        }
    }
    losses
}

fn connect(proxy: SocketAddr) -> Outcome<BufReader<TcpStream>> {
    let connect = || {
        let stream = TcpStream::connect(proxy)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(TIMEOUT))?;
        Ok(BufReader::new(stream))
    };
    connect().map_err(|error: std::io::Error| format!("nginx: {error}"))
}

/// Calls the tool of the example, and checks the answer.
fn exchange(connection: &mut BufReader<TcpStream>) -> Outcome {
    const BODY: &str =
        r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"wait","arguments":{"seconds":0}}}"#;
    let head = format!(
        "POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nAccept: application/json, \
         text/event-stream\r\nContent-Length: {}\r\n\r\n",
        BODY.len()
    );
    let answer = || {
        connection.get_mut().write_all((head + BODY).as_bytes())?;
        let mut lines = String::new();
        while !lines.ends_with("\r\n\r\n") {
            if connection.read_line(&mut lines)? == 0 {
                return Ok(lines);
            }
        }
        let length =
            lines.lines().find_map(|line| line.to_ascii_lowercase().strip_prefix("content-length: ")?.parse().ok());
        let mut body = vec![0; length.unwrap_or(0)];
        connection.read_exact(&mut body)?;
        lines.push_str(&String::from_utf8_lossy(&body));
        Ok(lines)
    };
    match answer() {
        Ok(answer) if answer.starts_with("HTTP/1.1 200 ") && answer.contains(r#""text":"0 s""#) => Ok(()),
        Ok(answer) => Err(format!("another answer: {answer:?}")),
        Err(error) => Err(std::io::Error::to_string(&error)),
    }
}
