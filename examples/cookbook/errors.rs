//! Errors that the model reads, and others that only the log has.

use mcp::MemoryClient;
use serde_json::json;

#[derive(Debug, thiserror::Error, mcp::ToolError)]
enum NoteError {
    #[error("note {0} is locked")]
    #[tool_error(shown)]
    Locked(u64),
    #[error("the disk failed")]
    Disk(#[from] std::io::Error),
}

struct Notes;

#[mcp::server]
impl Notes {
    /// Read a note.
    #[mcp::tool]
    fn read(&self, id: u64) -> Result<String, NoteError> {
        if id == 7 { Err(NoteError::Locked(id)) } else { Ok(std::fs::read_to_string("/does/not/exist")?) }
    }
}

pub(crate) async fn run() -> crate::Outcome {
    let client = MemoryClient::new(Notes);
    assert_eq!(client.call_tool("read", json!({"id": 7})).await?.text(), "note 7 is locked");
    let masked = client.call_tool("read", json!({"id": 1})).await?;
    assert!(masked.is_error && masked.text().starts_with("Internal error (id "), "{}", masked.text());
    Ok(())
}
