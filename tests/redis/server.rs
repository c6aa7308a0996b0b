//! Servers that the tests start.

use std::env;
use std::fs;
use std::net::{Ipv4Addr, TcpListener};
use std::path::PathBuf;
use std::process::{self, Child, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::sleep;
use std::time::{Duration, Instant};

const START_TIMEOUT: Duration = Duration::from_secs(20);

/// A `redis-server` in a folder of its own, which ends with the value.
pub(crate) struct Server {
    process: Child,
    folder: PathBuf,
    arguments: Vec<String>,
    /// The arguments by which `redis-cli` reaches it.
    connection: Vec<String>,
    pub(crate) url: String,
}

impl Server {
    /// Starts a server that listens on a socket in its folder.
    pub(crate) fn on_socket(arguments: &[&str]) -> Self {
        let folder = folder();
        let socket = folder.join("redis.sock").display().to_string();
        let url = format!("redis+unix://{socket}");
        Self::start(
            folder,
            &["--port", "0", "--unixsocket", &socket],
            arguments,
            vec!["-s".into(), socket.clone()],
            url,
        )
    }

    /// Starts a server that listens on a free port.
    pub(crate) fn on_port(arguments: &[&str]) -> Self {
        let port = free_port();
        let connection = vec!["-p".into(), port.clone()];
        Self::start(folder(), &["--port", &port], arguments, connection, format!("redis://127.0.0.1:{port}"))
    }

    /// Starts a sentinel for a server, by the name `notes`.
    pub(crate) fn sentinel(server: &Self, password: &str) -> Self {
        let (folder, port) = (folder(), free_port());
        let [_, of_master] = server.connection.as_slice() else { panic!("the master has a port") };
        let settings = format!("sentinel monitor notes 127.0.0.1 {of_master} 1\nsentinel auth-pass notes {password}\n");
        let path = folder.join("sentinel.conf").display().to_string();
        fs::write(&path, settings).unwrap();
        let connection = vec!["-p".into(), port.clone()];
        let url = format!("redis://127.0.0.1:{port}");
        Self::start(folder, &[&path, "--sentinel", "--port", &port], &[], connection, url)
    }

    /// Starts a server with TLS, and returns the path of its authority.
    pub(crate) fn with_tls() -> (Self, PathBuf) {
        let (folder, port) = (folder(), free_port());
        let issue = |arguments: &[&str]| {
            let mut openssl = Command::new("openssl");
            openssl.args(["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]);
            let output = openssl.args(["-days", "2"]).args(arguments).current_dir(&folder).output();
            assert!(output.expect("these tests need `openssl`").status.success(), "{arguments:?}");
        };
        issue(&["-subj", "/CN=authority", "-keyout", "authority.key", "-out", "authority.pem"]);
        let leaf = ["-addext", "subjectAltName=DNS:localhost", "-addext", "basicConstraints=critical,CA:FALSE"];
        let by = ["-CA", "authority.pem", "-CAkey", "authority.key", "-keyout", "redis.key", "-out", "redis.pem"];
        issue(&[["-subj", "/CN=redis"].as_slice(), &leaf, &by].concat());
        let authority = folder.join("authority.pem");
        let listen = ["--port", "0", "--tls-port", &port, "--tls-auth-clients", "no"];
        let certificates = ["--tls-cert-file", "redis.pem", "--tls-key-file", "redis.key"];
        let connection = ["--tls", "--insecure", "-p", &port].map(str::to_owned).to_vec();
        let url = format!("rediss://localhost:{port}");
        (Self::start(folder, &listen, &certificates, connection, url), authority)
    }

    fn start(folder: PathBuf, listen: &[&str], others: &[&str], connection: Vec<String>, url: String) -> Self {
        let arguments: Vec<String> = listen.iter().chain(others).map(|argument| (*argument).to_owned()).collect();
        let process = spawn(&folder, &arguments);
        let server = Self { process, folder, arguments, connection, url };
        server.wait();
        server
    }

    /// Returns the host and port of a server with a port.
    pub(crate) fn address(&self) -> &str {
        self.url.strip_prefix("redis://").expect("a port")
    }

    /// Runs a command, and returns its output.
    pub(crate) fn command(&self, command: &[&str]) -> String {
        let output = Command::new("redis-cli").args(&self.connection).args(command).output().unwrap();
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    /// Runs a command until its output contains a text.
    pub(crate) fn wait_until(&self, command: &[&str], expected: &str) {
        let start = Instant::now();
        while !self.command(command).contains(expected) {
            assert!(start.elapsed() < START_TIMEOUT, "{command:?} without {expected}: {}", self.command(command));
            sleep(Duration::from_millis(20));
        }
    }

    /// Sends a signal, by its name.
    pub(crate) fn signal(&self, name: &str) {
        let pid = self.process.id().to_string();
        assert!(Command::new("kill").args(["-s", name, &pid]).status().unwrap().success());
    }

    /// Kills the server, and forgets what it did not write to its disk.
    pub(crate) fn kill(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }

    /// Starts the server again after [`kill`](Self::kill).
    pub(crate) fn restart(&mut self) {
        self.process = spawn(&self.folder, &self.arguments);
        self.wait();
    }

    fn wait(&self) {
        // Also when it wants a password.
        let start = Instant::now();
        loop {
            let answer = self.command(&["PING"]);
            if answer.contains("PONG") || answer.contains("NOAUTH") {
                return;
            }
            assert!(start.elapsed() < START_TIMEOUT, "redis-server does not start; see {}", self.folder.display());
            sleep(Duration::from_millis(20));
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
        let _ = fs::remove_dir_all(&self.folder);
    }
}

fn spawn(folder: &PathBuf, arguments: &[String]) -> Child {
    Command::new("redis-server")
        .args(arguments)
        .args(["--save", "", "--bind", "127.0.0.1", "--logfile", "redis.log", "--dir"])
        .arg(folder)
        .current_dir(folder)
        .stdout(Stdio::null())
        .spawn()
        .expect("these tests need the package `redis-server` of Debian")
}

/// Creates a folder, whose path is short enough for a socket.
fn folder() -> PathBuf {
    static CREATED: AtomicUsize = AtomicUsize::new(0);
    let number = CREATED.fetch_add(1, Ordering::Relaxed);
    let folder = env::temp_dir().join(format!("mcp-redis-{}-{number}", process::id()));
    fs::create_dir(&folder).unwrap();
    folder
}

fn free_port() -> String {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port().to_string()
}
