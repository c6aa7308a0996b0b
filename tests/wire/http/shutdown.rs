//! Stopping without losing a request.

use std::sync::Arc;
use std::time::Duration;

use mcp::Http;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::{Notify, Semaphore};

use crate::support::jobs::{self, Jobs};
use crate::support::schema::MODERN;
use crate::support::servers::{Workshop, limits};
use crate::support::socket::{Served, WORKSHOP, exchange, raw, raw_answer, read_response, read_to_end};

#[tokio::test]
async fn requests_in_flight_are_finished_and_nothing_else_is_waited_for() {
    let (workshop, mut observer) = Workshop::new();
    let served = Served::start(|listener, stop| {
        Http::open(workshop)
            .limits(limits(|limits| {
                limits.request.shutdown_timeout = Duration::MAX;
                limits.request.header_timeout = Duration::MAX;
                // A new connection has a second for its request, in which the third gets nothing.
                limits.request.stream_after = Duration::MAX;
            }))
            .serve_until(listener, stop)
    })
    .await;
    // Connected but silent, idle after a request, and in the middle of one.
    let mut silent = TcpStream::connect(served.address).await.unwrap();
    let mut idle = TcpStream::connect(served.address).await.unwrap();
    idle.write_all(raw("", "count", "").as_bytes()).await.unwrap();
    assert_eq!(read_response(&mut idle).await, raw_answer("1", WORKSHOP, ""));
    let mut busy = TcpStream::connect(served.address).await.unwrap();
    busy.write_all(raw("", "wait", "").as_bytes()).await.unwrap();
    assert_eq!(observer.events.recv().await, Some("started"));
    served.stop.send(()).expect("a running server");
    // These two are closed, while the third is still busy.
    assert_eq!(read_to_end(&mut silent).await, "");
    assert_eq!(read_to_end(&mut idle).await, "");
    // Nothing listens any more, once a process that another test starts has let go of its copy of the socket.
    while TcpStream::connect(served.address).await.is_ok() {}
    assert!(!served.task.is_finished());
    observer.release.notify_one();
    assert_eq!(read_to_end(&mut busy).await, raw_answer("released", WORKSHOP, "connection: close\r\n"));
    served.task.await.unwrap().unwrap();
}

/// It may have arrived without the server having looked at it.
#[tokio::test]
async fn what_has_arrived_is_answered() {
    let served = Served::start(|listener, stop| Http::open(Workshop::new().0).serve_until(listener, stop)).await;
    let mut idle = TcpStream::connect(served.address).await.unwrap();
    idle.write_all(raw("", "count", "").as_bytes()).await.unwrap();
    assert_eq!(read_response(&mut idle).await, raw_answer("1", WORKSHOP, ""));
    let silent = TcpStream::connect(served.address).await.unwrap();
    tokio::task::yield_now().await;
    let queued = TcpStream::connect(served.address).await.unwrap();
    let mut streams = [idle, silent, queued];
    for stream in &mut streams {
        let request = raw("", "count", "");
        assert_eq!(stream.try_write(request.as_bytes()).unwrap(), request.len());
    }
    served.stop.send(()).expect("a running server");
    for stream in &mut streams {
        let answer = read_to_end(stream).await;
        assert!(answer.starts_with("HTTP/1.1 200 OK\r\n") && answer.contains("connection: close\r\n"), "{answer}");
    }
    served.task.await.unwrap().unwrap();
}

/// The first request follows a connection in another packet, and so may be on its way.
#[tokio::test(start_paused = true)]
async fn a_new_connection_has_a_second_for_its_request() {
    use std::io::Write as _;

    let served = Served::start(|listener, stop| Http::open(Workshop::new().0).serve_until(listener, stop)).await;
    // Without the runtime, whose clock only moves when everything waits.
    let connect = || std::net::TcpStream::connect(served.address).unwrap();
    let (mut queued, slow) = (connect(), connect());
    served.stop.send(()).expect("a running server");
    for _ in 0..20 {
        tokio::task::yield_now().await;
    }
    queued.write_all(raw("", "count", "").as_bytes()).unwrap();
    for (stream, expected) in [(queued, raw_answer("1", WORKSHOP, "connection: close\r\n")), (slow, String::new())] {
        stream.set_nonblocking(true).unwrap();
        assert_eq!(read_to_end(&mut TcpStream::from_std(stream).unwrap()).await, expected);
    }
    served.task.await.unwrap().unwrap();
}

/// The rest may be on its way, but not for hours.
#[tokio::test]
async fn half_a_head_is_not_waited_for_long() {
    let served = Served::start(|listener, stop| {
        Http::open(Workshop::new().0)
            .limits(limits(|limits| {
                limits.request.shutdown_timeout = Duration::MAX;
                limits.request.header_timeout = Duration::MAX;
            }))
            .serve_until(listener, stop)
    })
    .await;
    let request = raw("", "count", "");
    let head = request.find("\r\n\r\n").expect("a head") + "\r\n\r\n".len();
    let mut connections = Vec::new();
    for part in [1, "POST / HT".len(), head - 1] {
        let mut first = TcpStream::connect(served.address).await.unwrap();
        first.write_all(&request.as_bytes()[..part]).await.unwrap();
        connections.push(first);
        // Behind a request that is answered, it has been read together with that.
        let mut second = TcpStream::connect(served.address).await.unwrap();
        second.write_all((request.clone() + &request[..part]).as_bytes()).await.unwrap();
        assert!(read_response(&mut second).await.starts_with("HTTP/1.1 200 OK\r\n"));
        connections.push(second);
    }
    // This one has a head, and only its body is on its way.
    let expecting = raw("", "count", "Expect: 100-continue\r\n");
    let (head, body) = expecting.split_once("\r\n\r\n").unwrap();
    let mut begun = TcpStream::connect(served.address).await.unwrap();
    begun.write_all(format!("{head}\r\n\r\n").as_bytes()).await.unwrap();
    assert_eq!(read_response(&mut begun).await, "HTTP/1.1 100 Continue\r\n\r\n");
    served.stop.send(()).expect("a running server");
    let closed = async {
        for connection in &mut connections {
            assert_eq!(read_to_end(connection).await, "");
        }
    };
    tokio::time::timeout(Duration::from_secs(60), closed).await.expect("nobody waits long for the rest of a head");
    assert!(!served.task.is_finished());
    begun.write_all(body.as_bytes()).await.unwrap();
    assert_eq!(read_to_end(&mut begun).await, raw_answer("4", WORKSHOP, "connection: close\r\n"));
    served.task.await.unwrap().unwrap();
}

#[tokio::test]
async fn what_takes_too_long_is_cut_off() {
    let (workshop, mut observer) = Workshop::new();
    let served = Served::start(|listener, stop| {
        Http::open(workshop)
            .limits(limits(|limits| limits.request.shutdown_timeout = Duration::from_millis(20)))
            .serve_until(listener, stop)
    })
    .await;
    let mut busy = TcpStream::connect(served.address).await.unwrap();
    busy.write_all(raw("", "wait", "").as_bytes()).await.unwrap();
    assert_eq!(observer.events.recv().await, Some("started"));
    served.stop().await;
    assert_eq!(observer.events.recv().await, Some("dropped"));
    assert_eq!(busy.read(&mut [0; 1]).await.unwrap_or(0), 0, "the connection is closed");
}

/// Head and body of a request about tasks.
fn about_tasks(method: &str, name: &str, params: &Value) -> (String, String) {
    let meta = json!({
        "io.modelcontextprotocol/protocolVersion": MODERN,
        "io.modelcontextprotocol/clientCapabilities": {"extensions": {"io.modelcontextprotocol/tasks": {}}},
    });
    let mut params = params.clone();
    params["_meta"] = meta;
    let body = json!({"jsonrpc": "2.0", "id": 1, "method": method, "params": params}).to_string();
    let head = format!(
        "POST /mcp HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer alice\r\nContent-Type: application/json\r\n\
         Accept: application/json, text/event-stream\r\nMCP-Protocol-Version: {MODERN}\r\nMcp-Method: {method}\r\n\
         Mcp-Name: {name}\r\nContent-Length: {}\r\n",
        body.len()
    );
    (head, body)
}

/// The answer on a connection of its own.
async fn ask(served: &Served, method: &str, name: &str, params: Value) -> Value {
    let (head, body) = about_tasks(method, name, &params);
    let response = exchange(served.address, format!("{head}Connection: close\r\n\r\n{body}").as_bytes()).await;
    let (_, body) = response.split_once("\r\n\r\n").unwrap_or_else(|| panic!("{response}"));
    serde_json::from_str(body).expect("JSON")
}

/// A server with a task that runs, and its id.
async fn with_task(shutdown_timeout: Duration) -> (Served, String, Arc<Semaphore>, Arc<Notify>) {
    let (jobs, go, ended) = Jobs::new();
    let served = Served::start(|listener, stop| {
        jobs::http(jobs)
            .limits(limits(|limits| limits.request.shutdown_timeout = shutdown_timeout))
            .serve_until(listener, stop)
    })
    .await;
    let begun = ask(&served, "tools/call", "count", json!({"name": "count"})).await;
    let id = begun["result"]["taskId"].as_str().unwrap_or_else(|| panic!("{begun}")).to_owned();
    (served, id, go, ended)
}

#[tokio::test]
async fn running_tasks_are_finished_and_their_clients_let_in() {
    let (mut served, id, go, ended) = with_task(Duration::MAX).await;
    let mut idle = TcpStream::connect(served.address).await.unwrap();
    let (stop, _) = tokio::sync::oneshot::channel();
    std::mem::replace(&mut served.stop, stop).send(()).expect("a running server");
    assert_eq!(read_to_end(&mut idle).await, "");
    // No further one begins, and this one is told about.
    let refused = ask(&served, "tools/call", "count", json!({"name": "count"})).await;
    assert_eq!(refused["error"], json!({"code": -32603, "message": "The server is shutting down"}));
    let get = json!({"taskId": id});
    let task = ask(&served, "tasks/get", &id, get.clone()).await;
    assert_eq!(task["result"]["status"], "working", "{task}");
    assert!(!served.task.is_finished());
    // Who asks in time is answered, however the task ends.
    let (head, body) = about_tasks("tasks/get", &id, &get);
    let mut begun = TcpStream::connect(served.address).await.unwrap();
    begun.write_all(format!("{head}Expect: 100-continue\r\n\r\n").as_bytes()).await.unwrap();
    assert_eq!(read_response(&mut begun).await, "HTTP/1.1 100 Continue\r\n\r\n");
    go.add_permits(4);
    ended.notified().await;
    begun.write_all(body.as_bytes()).await.unwrap();
    let answer = read_to_end(&mut begun).await;
    assert!(answer.contains(r#""status":"completed""#) && answer.contains("connection: close\r\n"), "{answer}");
    served.task.await.unwrap().unwrap();
}

#[tokio::test]
async fn a_task_that_takes_too_long_is_cut_off() {
    let (served, _, _, ended) = with_task(Duration::from_millis(20)).await;
    served.stop().await;
    ended.notified().await;
    // Nor does one outlive a server that does not stop, but is dropped.
    let (served, _, _, ended) = with_task(Duration::MAX).await;
    served.task.abort();
    ended.notified().await;
}

#[tokio::test]
async fn an_address_that_is_taken_is_named() {
    let taken = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = taken.local_addr().unwrap();
    let error = Http::open(Workshop::new().0).serve(address).await.unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::AddrInUse);
    let text = error.to_string();
    assert!(text.starts_with(&format!("cannot listen on {address}: ")), "{text}");
}

#[cfg(unix)]
mod signals {
    use std::io::{BufRead as _, BufReader, Read as _, Write as _};
    use std::net::TcpStream;
    use std::process::{Child, Command, Stdio};

    use super::*;

    const CHILD: &str = "WIRE_TEST_SERVER";

    /// Not a test of its own: the process that the test below starts and stops.
    #[test]
    fn a_process_that_serves() {
        if std::env::var_os(CHILD).is_none() {
            return;
        }
        let runtime = tokio::runtime::Runtime::new().unwrap();
        runtime.block_on(async {
            let (workshop, mut observer) = Workshop::new();
            tokio::spawn(async move {
                while let Some(event) = observer.events.recv().await {
                    println!("\n{event}");
                }
            });
            tokio::spawn(async move {
                // A line on stdin lets a request go on.
                let line = tokio::task::spawn_blocking(|| std::io::stdin().lines().next()).await;
                if line.is_ok_and(|line| line.is_some()) {
                    observer.release.notify_one();
                }
            });
            // Found before it is bound, because `serve` does not say which port it was given.
            let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
            println!("\nport {port}");
            // However slow the machine is, the request gets nothing before it is answered.
            let http = Http::open(workshop).limits(limits(|limits| {
                limits.request.stream_after = Duration::MAX;
                limits.connections.shutdown_delay = Duration::from_secs(2);
            }));
            http.readiness("/ready").serve(("127.0.0.1", port)).await.unwrap();
            println!("\nserved");
        });
        // The blocked read of stdin must not hold up the end.
        runtime.shutdown_background();
    }

    /// A process with a request in flight.
    struct Process {
        child: Child,
        lines: Box<dyn Iterator<Item = String>>,
        port: u16,
        request: TcpStream,
    }

    impl Process {
        fn start() -> Self {
            let mut child = Command::new(std::env::current_exe().unwrap())
                .args(["--exact", "http::shutdown::signals::a_process_that_serves", "--nocapture"])
                .env(CHILD, "1")
                .stdin(Stdio::piped())
                .stdout(Stdio::piped())
                .spawn()
                .unwrap();
            let mut lines = Box::new(BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap));
            let port = lines.find_map(|line| line.strip_prefix("port ")?.parse::<u16>().ok()).expect("a port");
            let mut request = loop {
                match TcpStream::connect(("127.0.0.1", port)) {
                    Ok(stream) => break stream,
                    Err(_) => assert_eq!(child.try_wait().unwrap(), None, "it lives"),
                }
            };
            request.write_all(raw("", "wait", "").as_bytes()).unwrap();
            assert!(lines.any(|line| line == "started"), "the request is in flight");
            Self { child, lines, port, request }
        }

        fn send(&self, signal: &str) {
            let killed =
                Command::new("kill").args([format!("-{signal}"), self.child.id().to_string()]).status().unwrap();
            assert!(killed.success());
        }

        /// Lets the request go on.
        fn release(&mut self) {
            self.child.stdin.take().unwrap().write_all(b"go on\n").unwrap();
        }

        fn signal(&self, name: &str) {
            self.send(name);
            // Closed to newcomers: the signal has arrived.
            while TcpStream::connect(("127.0.0.1", self.port)).is_ok() {
                std::thread::yield_now();
            }
        }

        /// Waits for the end, and gives what the request was answered.
        fn end(mut self) -> String {
            let mut response = String::new();
            self.request.read_to_string(&mut response).unwrap();
            assert!(self.lines.any(|line| line == "served"), "`serve` returned");
            assert_eq!(self.child.wait().unwrap().code(), Some(0));
            response
        }
    }

    /// A load balancer learns later than the server that it stops.
    #[test]
    fn a_supervisor_stops_the_process_without_a_lost_request() {
        let mut process = Process::start();
        let port = process.port;
        let call = |stream: &mut TcpStream| {
            stream.write_all(raw("", "count", "").as_bytes()).unwrap();
            let mut answer = String::new();
            while !answer.ends_with("}}}") {
                let mut piece = [0; 1024];
                let length = stream.read(&mut piece).unwrap();
                assert_ne!(length, 0, "{answer}");
                answer.push_str(std::str::from_utf8(&piece[..length]).unwrap());
            }
            answer.contains("connection: close\r\n")
        };
        let connect = || TcpStream::connect(("127.0.0.1", port));
        let mut idle = connect().unwrap();
        assert!(!call(&mut idle));
        let is_ready = || {
            let mut probe = connect().unwrap();
            probe.write_all(b"GET /ready HTTP/1.1\r\nHost: 10.1.2.3\r\nConnection: close\r\n\r\n").unwrap();
            let mut answer = String::new();
            probe.read_to_string(&mut answer).unwrap();
            answer.starts_with("HTTP/1.1 200 ")
        };
        assert!(is_ready());
        process.send("TERM");
        while is_ready() {}
        // Newcomers are served, and each is asked to close its connection.
        assert!(call(&mut connect().unwrap()));
        assert!(call(&mut idle), "an idle connection is not closed before it was asked to");
        assert_eq!(idle.read(&mut [0]).unwrap(), 0);
        while let Ok(mut newcomer) = connect() {
            if newcomer.write_all(raw("", "count", "").as_bytes()).is_err() {
                break;
            }
            // Accepted by the system at the very end, when nothing listens any more.
            if newcomer.read(&mut [0; 1]).unwrap_or(0) == 0 {
                break;
            }
        }
        process.release();
        assert!(process.end().contains("released"));
    }

    #[test]
    fn a_signal_ends_the_process_after_its_requests() {
        for name in ["TERM", "INT"] {
            let mut process = Process::start();
            process.signal(name);
            process.release();
            let response = process.end();
            assert!(response.starts_with("HTTP/1.1 200 OK\r\n") && response.contains("released"), "{response}");
        }
    }

    #[test]
    fn a_second_signal_does_not_wait_for_them() {
        let process = Process::start();
        process.signal("INT");
        process.signal("INT");
        assert_eq!(process.end(), "");
    }
}
