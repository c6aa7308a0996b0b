//! A log that nobody reads, with the writer that the guide recommends.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Command, Stdio};
use std::time::Duration;

/// A line of the log is longer than this, and a pipe holds 64 KiB.
const REQUESTS: usize = 64 * 1024 / 100;

#[test]
fn a_log_that_nobody_reads_stops_no_request() {
    let mut server = Command::new(env!("CARGO_BIN_EXE_log-server"))
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
