//! The server of `cargo xtask attack` and `cargo xtask soak`: whatever keeps something for a client, behind a bearer token.
//!
//! Two callers have tokens: `alice-token`, who wants to work, and `mallory-token`, who wants everything.
//!
//! | tool | arguments | effect |
//! |---|---|---|
//! | `add` | the integers `a` and `b` | returns their sum |
//! | `long` | the number `bytes` | returns so long a text |
//! | `wait` | any `text` | never returns |
//! | `work` | the number `bytes` | becomes a task with so long a result |
//! | `toil` | none | becomes a task that never ends |
//! | `ask` | none | asks the client for its folders |
//! | `block` | none | blocks a thread for 100 ms |
//!
//! The variable `PORT` is the port on `127.0.0.1`. Defaults to 8000.

use std::error::Error;
use std::time::Duration;

use mcp::{AccessToken, Context, Http, Protection, StaticTokens};

struct Attacked;

#[mcp::server(issuer = "https://auth.example.com", resource = "http://127.0.0.1:8000/mcp")]
impl Attacked {
    /// Add two numbers.
    #[mcp::tool]
    fn add(&self, a: i64, b: i64) -> String {
        a.wrapping_add(b).to_string()
    }

    /// Return a long text.
    #[mcp::tool]
    fn long(&self, bytes: usize) -> String {
        "x".repeat(bytes.min(16 * 1024 * 1024))
    }

    /// Wait without end.
    #[mcp::tool]
    async fn wait(&self, text: Option<String>) -> String {
        std::future::pending::<()>().await;
        text.unwrap_or_default()
    }

    /// Return a long text as the result of a task.
    #[mcp::tool(task = "required")]
    async fn work(&self, bytes: usize, cx: &Context) -> Result<String, mcp::Error> {
        cx.start_task()?;
        Ok("x".repeat(bytes.min(16 * 1024 * 1024)))
    }

    /// Begin a task that never ends.
    #[mcp::tool(task = "required")]
    async fn toil(&self, cx: &Context) -> Result<String, mcp::Error> {
        cx.start_task()?;
        std::future::pending().await
    }

    /// Ask the client for its folders.
    #[mcp::tool]
    async fn ask(&self, cx: &Context) -> Result<String, mcp::Error> {
        Ok(cx.list_roots("roots").await?.len().to_string())
    }

    /// Block a thread.
    #[mcp::tool(blocking)]
    fn block(&self) -> &'static str {
        std::thread::sleep(Duration::from_millis(100));
        "done"
    }

    /// A shelf.
    #[mcp::resource("shelves://{name}")]
    fn shelf(&self, name: String) -> String {
        name
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let port: u16 = std::env::var("PORT").map_or(Ok(8000), |port| port.parse())?;
    let token = |name: &str| AccessToken::ours(name);
    let tokens = StaticTokens::new([("alice-token", token("alice")), ("mallory-token", token("mallory"))]);
    let protection = Protection::of::<Attacked>().resource(format!("http://127.0.0.1:{port}/mcp"))?;
    Ok(Http::protected(Attacked, tokens).protection(protection).serve(("127.0.0.1", port)).await?)
}
