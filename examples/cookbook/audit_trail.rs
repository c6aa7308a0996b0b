//! A record of who called what, by `Audit` and a channel.

use std::sync::mpsc::{Sender, channel};

use mcp::{Audit, MemoryClient, RequestRecord};

struct Trail(Sender<String>);

impl Audit for Trail {
    // Keep it short: it runs before the response is sent. Another task writes to the database.
    fn ended(&self, record: &RequestRecord<'_>) {
        let client = record.client_id.unwrap_or("nobody");
        let item = record.item.unwrap_or("-");
        _ = self.0.send(format!("{client} {item} {}", record.outcome));
    }
}

struct Notes;

#[mcp::server]
impl Notes {
    /// Add a note.
    #[mcp::tool]
    fn add_note(&self, text: String) -> Result<String, mcp::Error> {
        if text.is_empty() { Err(mcp::Error::tool("write something")) } else { Ok("Added".to_owned()) }
    }
}

pub(crate) async fn run() -> crate::Outcome {
    let (trail, records) = channel();
    let client = MemoryClient::new(Notes).audit(Trail(trail));
    client.call_tool("add_note", serde_json::json!({"text": "Buy milk"})).await?;
    client.call_tool("add_note", serde_json::json!({"text": ""})).await?;
    assert_eq!(records.recv()?, "nobody add_note ok");
    assert_eq!(records.recv()?, "nobody add_note tool_error");
    Ok(())
}
