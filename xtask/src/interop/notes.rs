//! The `notes` example, running.

use std::fs::File;
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::workspace::Outcome;

/// Where the example listens.
const ADDRESS: &str = "127.0.0.1:8000";

const START_TIMEOUT: Duration = Duration::from_secs(10);

/// Stopped when dropped.
pub(super) struct Notes {
    process: Child,
}

impl Notes {
    /// Returns when the server accepts connections.
    pub(super) fn start(program: &Path, log: &Path) -> Outcome<Self> {
        if TcpStream::connect(ADDRESS).is_ok() {
            return Err(format!("another program listens on {ADDRESS}, where the notes example will"));
        }
        let log = File::create(log).map_err(|error| format!("{}: {error}", log.display()))?;
        let process = Command::new(program)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .map_err(|error| format!("{}: {error}", program.display()))?;
        let mut notes = Self { process };
        let start = Instant::now();
        while TcpStream::connect(ADDRESS).is_err() {
            if let Ok(Some(status)) = notes.process.try_wait() {
                return Err(format!("the notes example ended at its start with {status}"));
            }
            if start.elapsed() > START_TIMEOUT {
                return Err(format!("the notes example doesn't listen after {} s", START_TIMEOUT.as_secs()));
            }
            sleep(Duration::from_millis(20));
        }
        Ok(notes)
    }

    pub(super) fn url(&self) -> String {
        format!("http://{ADDRESS}/mcp")
    }
}

impl Drop for Notes {
    fn drop(&mut self) {
        // It may have ended by itself, which the client will have noticed.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
