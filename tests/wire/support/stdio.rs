//! A client at the other end of two pipes.

use mcp::Stdio;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, DuplexStream, Lines};
use tokio::task::JoinHandle;

use super::client::{LEGACY, META};
use super::schema::Watch;
use super::servers::{Observer, Workshop};

/// A client at the other end of two pipes.
pub(crate) struct Client {
    pub(crate) input: DuplexStream,
    pub(crate) output: Lines<BufReader<DuplexStream>>,
    pub(crate) task: JoinHandle<std::io::Result<()>>,
    watch: Watch,
}

impl Client {
    pub(crate) fn of<S: mcp::Server>(stdio: Stdio<S>) -> Self {
        let ((input, server_input), (server_output, output)) = (tokio::io::duplex(1024), tokio::io::duplex(1024));
        let task = tokio::spawn(stdio.serve_on(server_input, server_output));
        Self { input, output: BufReader::new(output).lines(), task, watch: Watch::new(LEGACY[2]) }
    }

    pub(crate) fn workshop() -> (Self, Observer) {
        let (workshop, observer) = Workshop::new();
        (Self::of(Stdio::new(workshop)), observer)
    }

    /// Sends a message.
    pub(crate) async fn write(&mut self, line: &str) {
        self.watch.sent(line.as_bytes());
        self.write_line(line).await;
    }

    /// Sends a line that may be no message of the protocol, on purpose.
    pub(crate) async fn write_unchecked(&mut self, line: &str) {
        self.watch.sent_unchecked(line.as_bytes());
        self.write_line(line).await;
    }

    async fn write_line(&mut self, line: &str) {
        self.input.write_all(line.as_bytes()).await.unwrap();
        self.input.write_all(b"\n").await.unwrap();
    }

    pub(crate) async fn read(&mut self) -> Option<String> {
        let line = self.output.next_line().await.unwrap();
        if let Some(line) = &line {
            self.watch.received(line.as_bytes());
        }
        line
    }

    pub(crate) async fn ask(&mut self, line: &str) -> String {
        self.write(line).await;
        self.read().await.expect("an answer")
    }

    /// Ends the input and waits until the server has come to its end.
    pub(crate) async fn finish(mut self) -> Vec<String> {
        drop(self.input);
        let mut rest = Vec::new();
        while let Some(line) = self.output.next_line().await.unwrap() {
            self.watch.received(line.as_bytes());
            rest.push(line);
        }
        self.task.await.unwrap().unwrap();
        rest
    }
}

/// Sends lines that may be no messages, all at once, and returns the answers.
///
/// They are sorted, because the server runs requests side by side.
pub(crate) async fn answers<S: mcp::Server>(stdio: Stdio<S>, lines: &[String]) -> Vec<String> {
    let mut output = Vec::new();
    stdio.serve_on(lines.join("\n").as_bytes(), &mut output).await.unwrap();
    let watch = Watch::new(LEGACY[2]);
    lines.iter().for_each(|line| watch.sent_unchecked(line.as_bytes()));
    let mut answers: Vec<_> = String::from_utf8(output).unwrap().lines().map(str::to_owned).collect();
    answers.iter().for_each(|answer| watch.received(answer.as_bytes()));
    answers.sort();
    answers
}

/// A call of `wait` with an id.
pub(crate) fn wait(id: &str) -> String {
    format!(r#"{{"jsonrpc":"2.0","id":{id},"method":"tools/call","params":{{"name":"wait",{META}}}}}"#)
}

pub(crate) fn cancel(id: &str) -> String {
    format!(r#"{{"jsonrpc":"2.0","method":"notifications/cancelled","params":{{"requestId":{id}}}}}"#)
}
