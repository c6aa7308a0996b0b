//! A proxy that adds a bearer token to every request.

use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::thread;

use crate::workspace::Outcome;

/// A proxy that runs until the program ends.
pub(super) struct Proxy {
    pub(super) address: SocketAddr,
}

impl Proxy {
    pub(super) fn start(server: SocketAddr, token: &'static str) -> Outcome<Self> {
        let failed = |error: io::Error| format!("the proxy doesn't listen: {error}");
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                // Either side may be gone, which the other one is told by the end of its connection.
                thread::spawn(move || pass_on(client, server, token));
            }
        });
        Ok(Self { address })
    }
}

/// Forwards a request and its response.
///
/// Both sides are told to close the connection after it, so that only the head has to be parsed.
fn pass_on(client: TcpStream, server: SocketAddr, token: &str) -> io::Result<()> {
    let mut request = BufReader::new(client.try_clone()?);
    let head = head(&mut request, token)?;
    let upstream = TcpStream::connect(server)?;
    (&upstream).write_all(&head)?;
    let mut response = upstream.try_clone()?;
    let answering = thread::spawn(move || {
        let _ = io::copy(&mut response, &mut &client);
        client.shutdown(Shutdown::Both)
    });
    let _ = io::copy(&mut request, &mut &upstream);
    // A client that has gone away takes its request with it.
    let _ = upstream.shutdown(Shutdown::Both);
    answering.join().unwrap_or(Ok(()))
}

/// Reads the head of a request, and adds the token.
fn head(request: &mut BufReader<TcpStream>, token: &str) -> io::Result<Vec<u8>> {
    let mut head = Vec::new();
    loop {
        let mut line = Vec::new();
        if request.by_ref().take(64 * 1024).read_until(b'\n', &mut line)? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        if line == b"\r\n" {
            write!(head, "Authorization: Bearer {token}\r\nConnection: close\r\n\r\n")?;
            return Ok(head);
        }
        if !line.to_ascii_lowercase().starts_with(b"connection:") {
            head.append(&mut line);
        }
    }
}
