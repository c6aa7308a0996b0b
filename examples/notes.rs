//! A notebook behind an authorization server: the smallest protected server that does something.
//!
//! Run it with `cargo run --example notes` and follow the session in the README. It listens on the port that the
//! environment variable `PORT` names, 8000 when there is none, and its resource follows. With `-- --stdio` it speaks over
//! stdin and stdout instead, where there are no tokens. Who may do what is in `notes.manifest`, which a test compares.

#![expect(clippy::print_stdout, reason = "a program for a person, who reads what it prints")]

use std::env;
use std::error::Error;
use std::sync::{Mutex, PoisonError};

use mcp::{AccessToken, Bearer, Http, Protection, StaticTokens, Stdio};

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
    async fn whoami(&self) -> String {
        match mcp::access_token() {
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
        token: &AccessToken,
    ) -> Result<String, mcp::Error> {
        let mut texts = self.texts.lock().unwrap_or_else(PoisonError::into_inner);
        texts.extend((0..copies).map(|_| text.clone()));
        Ok(format!("{} added {copies} of {text:?}", token.client_id))
    }
}

fn served(notes: Notes) -> Http<Notes, Bearer<StaticTokens>> {
    let tokens = StaticTokens::new([
        ("alice-token", AccessToken::ours("alice").with_scopes(["notes:read"])),
        ("bob-token", AccessToken::ours("bob").with_scopes(["notes:read", "notes:write"])),
    ]);
    Http::protected(notes, tokens)
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    // Another thread writes the log, so that requests do not wait for who reads it.
    let (log, _flushed_at_the_end) = tracing_appender::non_blocking(std::io::stderr());
    // At debug level, the log says why a request was refused.
    tracing_subscriber::fmt().with_max_level(tracing_subscriber::filter::LevelFilter::DEBUG).with_writer(log).init();
    let notes = Notes { texts: Mutex::new(vec!["Buy milk".to_owned(), "Ship the release".to_owned()]) };
    if env::args().any(|argument| argument == "--stdio") {
        return Ok(Stdio::new(notes).serve().await?);
    }
    let port: u16 = match env::var("PORT") {
        Ok(port) => port.parse().map_err(|_| format!("PORT: {port:?} is not a port"))?,
        Err(_) => 8000,
    };
    let protection = Protection::of::<Notes>().resource(format!("http://127.0.0.1:{port}/mcp"))?;
    let http = served(notes).protection(protection);
    println!("{}", http.summary());
    http.serve(("127.0.0.1", port)).await?;
    Ok(())
}

#[cfg(all(test, feature = "testing"))]
mod tests {
    use mcp::testing::{assert_manifest, assert_protected};

    use super::*;

    fn notes() -> Notes {
        Notes { texts: Mutex::default() }
    }

    #[test]
    fn who_may_do_what() {
        assert_manifest(&served(notes()), "examples/notes.manifest");
    }

    #[tokio::test]
    async fn it_is_protected() {
        assert_protected(served(notes())).await;
    }
}
