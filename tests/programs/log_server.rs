//! A server on loopback that logs every step to its standard error, with the writer that the guide recommends.

use std::error::Error;
use std::future::pending;
use std::io::Write as _;

use mcp::{AccessToken, Http, StaticTokens};
use tokio::net::TcpListener;
use tracing_subscriber::filter::LevelFilter;

struct Notes;

#[mcp::server(issuer = "https://auth.example.com", resource = "http://127.0.0.1:8000/mcp", scopes = ["notes:read"])]
impl Notes {
    /// List every note.
    #[mcp::tool]
    fn list_notes(&self) -> Vec<String> {
        vec![]
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let (log, _flushed_at_the_end) = tracing_appender::non_blocking(std::io::stderr());
    tracing_subscriber::fmt().with_max_level(LevelFilter::DEBUG).with_writer(log).init();
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    writeln!(std::io::stdout(), "address {}", listener.local_addr()?)?;
    let tokens = StaticTokens::new([("alice-token", AccessToken::ours("alice").with_scopes(["notes:read"]))]);
    Http::protected(Notes, tokens).serve_until(listener, pending()).await?;
    Ok(())
}
