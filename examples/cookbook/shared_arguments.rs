//! Arguments that several tools share, by `Fields`.

use mcp::{Fields, MemoryClient};
use serde_json::json;

#[derive(serde::Deserialize, schemars::JsonSchema)]
struct Draft {
    /// One line.
    title: String,
    /// The text of the note.
    text: Option<String>,
}

struct Notes;

#[mcp::server]
impl Notes {
    /// Add a note.
    #[mcp::tool]
    fn add_note(&self, draft: Fields<Draft>) -> String {
        format!("Added {:?} of {} bytes", draft.title, draft.text.as_deref().unwrap_or_default().len())
    }

    /// Replace a note.
    #[mcp::tool]
    fn replace_note(&self, id: u64, draft: Fields<Draft>) -> String {
        format!("Replaced {id} by {:?}", draft.title)
    }
}

pub(crate) async fn run() -> crate::Outcome {
    let client = MemoryClient::new(Notes);
    let added = client.call_tool("add_note", json!({"title": "Milk", "text": "Buy it"})).await?;
    assert_eq!(added.text(), r#"Added "Milk" of 6 bytes"#);
    let replaced = client.call_tool("replace_note", json!({"id": 1, "title": "Tea"})).await?;
    assert_eq!(replaced.text(), r#"Replaced 1 by "Tea""#);
    Ok(())
}
