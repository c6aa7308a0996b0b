//! A notebook on the crate `rmcp`, with the tools of the example `notes`, and the page whose code it compiles.

use std::sync::{Arc, Mutex, PoisonError};

use mcp::AccessToken;
use rmcp::handler::server::tool::Extension;
use rmcp::handler::server::wrapper::Parameters;
use rmcp::model::{CallToolResult, ContentBlock, Implementation, ServerCapabilities, ServerConfig};
use rmcp::{ServerHandler, tool, tool_handler, tool_router};

/// The page about servers on `rmcp`.
#[cfg(doctest)]
#[doc = include_str!("../../../../docs/rmcp.md")]
struct Page;

/// The server, which knows nothing of tokens but the one of its caller.
#[derive(Clone)]
pub struct Notes {
    texts: Arc<Mutex<Vec<String>>>,
}

#[derive(serde::Deserialize, schemars::JsonSchema)]
pub struct NewNote {
    /// The text of the note.
    text: String,
}

#[tool_router]
impl Notes {
    /// List every note in the notebook.
    #[tool]
    async fn list_notes(&self) -> CallToolResult {
        let texts = self.texts.lock().unwrap_or_else(PoisonError::into_inner);
        CallToolResult::success(texts.iter().map(ContentBlock::text).collect())
    }

    /// Report which OAuth client is calling.
    #[tool]
    async fn whoami(&self, Extension(parts): Extension<http::request::Parts>) -> String {
        match parts.extensions.get::<AccessToken>() {
            Some(token) => format!("{} (scopes: {})", token.client_id, token.scopes.join(", ")),
            None => "anonymous".to_owned(),
        }
    }

    /// Add a note to the notebook.
    #[tool]
    async fn add_note(
        &self,
        Parameters(NewNote { text }): Parameters<NewNote>,
        Extension(parts): Extension<http::request::Parts>,
    ) -> String {
        let client_id = parts.extensions.get::<AccessToken>().map_or("nobody", |token| &token.client_id);
        let added = format!("{client_id} added 1 of {text:?}");
        self.texts.lock().unwrap_or_else(PoisonError::into_inner).push(text);
        added
    }
}

#[tool_handler]
impl ServerHandler for Notes {
    fn get_info(&self) -> ServerConfig {
        ServerConfig::new(ServerCapabilities::builder().enable_tools().build())
            .with_server_info(Implementation::new("Notes", "0.1.0"))
    }
}

impl Default for Notes {
    fn default() -> Self {
        Self { texts: Arc::new(Mutex::new(vec!["Buy milk".to_owned(), "Ship the release".to_owned()])) }
    }
}
