//! A log that nobody reads, with the writer that the README recommends.

use std::env;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Command, Stdio};
use std::time::Duration;

use mcp::Http;
use tokio::net::TcpListener;
use tracing_subscriber::filter::LevelFilter;

use crate::support::servers::{Notes, Verifier};

/// Set for the process that serves.
const SERVES: &str = "MCP_TEST_SERVES";

/// A line of the log is longer than this, and a pipe holds 64 KiB.
const REQUESTS: usize = 64 * 1024 / 100;

#[tokio::test]
#[ignore = "it is the server of the other test, in a process of its own"]
async fn serve() {
    if env::var_os(SERVES).is_none() {
        return;
    }
    let (log, _flushed_at_the_end) = tracing_appender::non_blocking(std::io::stderr());
    tracing_subscriber::fmt().with_max_level(LevelFilter::DEBUG).with_writer(log).init();
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    println!("\naddress {}", listener.local_addr().expect("an address"));
    Http::protected(Notes::default(), Verifier).serve_until(listener, std::future::pending()).await.expect("it serves");
}

#[test]
fn a_log_that_nobody_reads_stops_no_request() {
    let mut server = Command::new(env::current_exe().expect("this program"))
        .args(["--exact", "http::log::serve", "--ignored", "--nocapture"])
        .env(SERVES, "1")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("a server");
    let lines = BufReader::new(server.stdout.take().expect("its output")).lines();
    let address = lines.map_while(Result::ok).find_map(|line| line.strip_prefix("address ").map(str::to_owned));
    let mut connection = TcpStream::connect(address.expect("its address")).expect("a connection");
    connection.set_read_timeout(Some(Duration::from_secs(60))).expect("a timeout");
    let mut refused = |count: usize| {
        for _ in 0..count {
            connection.write_all(b"POST /mcp HTTP/1.1\r\nHost: 127.0.0.1:8000\r\nContent-Length: 0\r\n\r\n")?;
            let mut response = Vec::new();
            while !response.ends_with(b"}") {
                let mut buffer = [0; 4096];
                let length = connection.read(&mut buffer)?;
                assert_ne!(length, 0, "the connection ended");
                response.extend_from_slice(&buffer[..length]);
            }
            assert!(response.starts_with(b"HTTP/1.1 401 "), "{}", String::from_utf8_lossy(&response));
        }
        std::io::Result::Ok(())
    };
    let log = server.stderr.take();
    let full = refused(REQUESTS);
    drop(log);
    let closed = refused(10);
    server.kill().expect("it runs");
    server.wait().expect("it ended");
    full.expect("answers while the pipe of the log is full");
    closed.expect("answers while the pipe of the log is closed");
}
