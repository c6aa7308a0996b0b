//! The notebook again, for a client that starts it as a child process: JSON-RPC on stdin and stdout, logs on stderr.
//!
//! The declarations are those of the `notes` example. A pipe has no `Authorization` header, so the scopes are not
//! enforced and `token` is `None`: the security boundary is the process that launched the server.

use std::sync::{Mutex, PoisonError};

use mcp::{AccessToken, Stdio};

struct Notes {
    texts: Mutex<Vec<String>>,
}

#[mcp::server(
    issuer = "https://auth.example.com",
    resource = "http://127.0.0.1:8000/mcp",
    scopes = ["notes:read"],
    optional_scopes = ["notes:write"],
)]
impl Notes {
    /// List every note in the notebook.
    #[mcp::tool(read_only)]
    async fn list_notes(&self) -> Vec<String> {
        self.texts.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Report which OAuth client is calling.
    #[mcp::tool(read_only)]
    async fn whoami(&self, token: Option<&AccessToken>) -> String {
        match token {
            Some(token) => format!("{} (scopes: {})", token.client_id, token.scopes.join(", ")),
            None => "anonymous".to_owned(),
        }
    }

    /// Add a note to the notebook.
    #[mcp::tool(scopes = ["notes:write"])]
    async fn add_note(
        &self,
        /// The text of the note.
        #[arg(length = 1..=1000)]
        text: String,
        /// How many copies to add.
        #[arg(default = 1, range = 1..=5)]
        copies: u8,
        token: Option<&AccessToken>,
    ) -> String {
        let mut texts = self.texts.lock().unwrap_or_else(PoisonError::into_inner);
        texts.extend((0..copies).map(|_| text.clone()));
        let author = token.map_or("anonymous", |token| token.client_id.as_str());
        format!("{author} added {copies} of {text:?}")
    }
}

#[tokio::main]
async fn main() -> std::io::Result<()> {
    tracing_subscriber::fmt().with_writer(std::io::stderr).init();
    Stdio::new(Notes { texts: Mutex::new(vec!["Buy milk".to_owned(), "Ship the release".to_owned()]) }).serve().await
}
