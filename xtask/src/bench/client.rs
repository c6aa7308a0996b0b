//! A client that sends prepared bytes over one connection, and reads whole answers.

use std::fmt::Display;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use super::load::Load;
use crate::workspace::Outcome;

/// Limits the silence of a server, which valgrind slows down.
const PATIENCE: Duration = Duration::from_secs(60);

pub(crate) struct Client(BufReader<TcpStream>);

#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: String,
}

enum Length {
    Known(usize),
    Chunked,
}

impl Client {
    pub(crate) fn connect(address: SocketAddr) -> Outcome<Self> {
        let stream = TcpStream::connect(address).map_err(failed)?;
        stream.set_nodelay(true).map_err(failed)?;
        stream.set_read_timeout(Some(PATIENCE)).map_err(failed)?;
        Ok(Self(BufReader::new(stream)))
    }

    /// Sends a load `times` times, and checks each answer.
    pub(crate) fn repeat(&mut self, load: Load, requests: &[Vec<u8>], times: usize) -> Outcome {
        requests.iter().cycle().take(times).try_for_each(|request| load.check(&self.send(request)?))
    }

    pub(crate) fn send(&mut self, request: &[u8]) -> Outcome<Answer> {
        let (status, length) = self.begin(request)?;
        let body = match length {
            Length::Known(length) => self.read(length)?,
            Length::Chunked => {
                let mut body = String::new();
                while let Some(chunk) = self.chunk()? {
                    body += &chunk;
                }
                body
            }
        };
        Ok(Answer { status, body })
    }

    /// Sends a request whose answer is a stream, and reads the first part of it.
    pub(crate) fn open(&mut self, request: &[u8]) -> Outcome<Answer> {
        let (status, length) = self.begin(request)?;
        let body = match length {
            Length::Known(length) => self.read(length)?,
            Length::Chunked => self.chunk()?.unwrap_or_default(),
        };
        Ok(Answer { status, body })
    }

    /// Sends a request and reads the head of its answer.
    fn begin(&mut self, request: &[u8]) -> Outcome<(u16, Length)> {
        self.0.get_mut().write_all(request).map_err(failed)?;
        let status = self.line()?.split(' ').nth(1).and_then(|status| status.parse().ok());
        let mut length = Length::Known(0);
        loop {
            let line = self.line()?.to_ascii_lowercase();
            match line.split_once(": ") {
                None => break,
                Some(("content-length", value)) => length = Length::Known(value.parse().map_err(failed)?),
                Some(("transfer-encoding", "chunked")) => length = Length::Chunked,
                Some(_) => {}
            }
        }
        Ok((status.ok_or("an answer has no status")?, length))
    }

    /// Reads the next chunk, unless it is the empty one at the end.
    fn chunk(&mut self) -> Outcome<Option<String>> {
        let length = usize::from_str_radix(&self.line()?, 16).map_err(failed)?;
        let chunk = self.read(length)?;
        self.line()?;
        Ok((length > 0).then_some(chunk))
    }

    fn line(&mut self) -> Outcome<String> {
        let mut line = String::new();
        self.0.read_line(&mut line).map_err(failed)?;
        line.strip_suffix("\r\n").map(str::to_owned).ok_or_else(|| "a server closed its connection".to_owned())
    }

    fn read(&mut self, length: usize) -> Outcome<String> {
        let mut bytes = vec![0; length];
        self.0.read_exact(&mut bytes).map_err(failed)?;
        String::from_utf8(bytes).map_err(failed)
    }
}

fn failed(error: impl Display) -> String {
    format!("talking to a server: {error}")
}
