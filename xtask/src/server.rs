//! A server that runs while other programs use it.

use std::fs::File;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::workspace::{Outcome, run};

const START_TIMEOUT: Duration = Duration::from_secs(10);

/// A running server, which is stopped when dropped.
pub(crate) struct Server {
    process: Child,
    pub(crate) address: SocketAddr,
}

impl Server {
    /// Starts a program that listens on `address`, and returns when it accepts connections.
    pub(crate) fn start(command: &mut Command, address: SocketAddr, log: &Path) -> Outcome<Self> {
        let name = Path::new(command.get_program()).display().to_string();
        if TcpStream::connect(address).is_ok() {
            return Err(format!("another program listens on {address}, where {name} will"));
        }
        let log = File::create(log).map_err(|error| format!("{}: {error}", log.display()))?;
        let process = command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .map_err(|error| format!("{name}: {error}"))?;
        let mut server = Self { process, address };
        let start = Instant::now();
        while TcpStream::connect(address).is_err() {
            if let Ok(Some(status)) = server.process.try_wait() {
                return Err(format!("{name} ended at its start with {status}"));
            }
            if start.elapsed() > START_TIMEOUT {
                return Err(format!("{name} doesn't listen after {} s", START_TIMEOUT.as_secs()));
            }
            sleep(Duration::from_millis(20));
        }
        Ok(server)
    }

    pub(crate) fn pid(&self) -> u32 {
        self.process.id()
    }

    /// Sends the server a signal to end, and waits until it has ended.
    pub(crate) fn terminate(mut self) -> Outcome {
        run(Command::new("kill").arg("-TERM").arg(self.pid().to_string()))?;
        self.process.wait().map(drop).map_err(|error| format!("a server does not end: {error}"))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself, which its clients will have noticed.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Returns a loopback address that was free a moment ago.
pub(crate) fn free_address() -> Outcome<SocketAddr> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0));
    listener.and_then(|listener| listener.local_addr()).map_err(|error| format!("no port is free: {error}"))
}
