//! An audit hook that sends the end of each request to its test.

use std::fmt::Write as _;

use mcp::{Audit, RequestRecord};
use tokio::sync::mpsc;

/// Sends a line for each request that is over.
#[derive(Clone)]
pub(crate) struct Hook(mpsc::UnboundedSender<String>);

/// The lines of a [`Hook`].
pub(crate) struct Ends(mpsc::UnboundedReceiver<String>);

impl Hook {
    pub(crate) fn new() -> (Self, Ends) {
        let (sender, receiver) = mpsc::unbounded_channel();
        (Self(sender), Ends(receiver))
    }
}

impl Audit for Hook {
    fn ended(&self, record: &RequestRecord<'_>) {
        let _ = self.0.send(line(record));
    }
}

/// `outcome [code or status] method [target as written, as declared] [session] [trace] [caller] [task end]`
fn line(record: &RequestRecord<'_>) -> String {
    let mut line = record.outcome.to_string();
    let mut add = |name: &str, value: Option<&str>| {
        if let Some(value) = value {
            let _ = write!(line, " {name}{value}");
        }
    };
    add("", record.outcome.code().map(|code| code.to_string()).as_deref());
    add("", record.outcome.status().map(|status| status.to_string()).as_deref());
    add("", record.method);
    add("tool=", record.tool);
    add("prompt=", record.prompt);
    add("resource=", record.resource);
    add("item=", record.item);
    add("session=", record.session.map(|_| "…"));
    add("trace=", record.trace_id);
    add("peer=", record.peer.map(|peer| peer.to_string()).as_deref());
    add("subject=", record.subject);
    add("client=", record.client_id);
    add("issuer=", record.issuer);
    add("task end", record.is_task_end.then_some(""));
    line
}

impl Ends {
    /// Waits for the next request to end.
    pub(crate) async fn next(&mut self) -> String {
        self.0.recv().await.expect("a server")
    }

    /// Returns the lines of all requests that are over.
    pub(crate) fn all(&mut self) -> Vec<String> {
        std::iter::from_fn(|| self.0.try_recv().ok()).collect()
    }
}
