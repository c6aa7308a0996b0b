//! No caller takes the server from the others: one who takes everything, beside one who wants little.

mod buffered;
mod items;
mod sessions;
mod subscriptions;
mod tasks;

use std::sync::{Arc, Condvar, Mutex, PoisonError};

use axum::Router;
use mcp::{AccessToken, Bearer, Context, Http, Limits, Progress, StaticTokens};
use tokio::sync::mpsc;

use crate::support::client::{call, send};
use crate::support::servers::limits;

/// A server for whatever takes room.
struct Depot {
    gate: Arc<Gate>,
    started: mpsc::UnboundedSender<()>,
}

/// A lever that lets blocking calls return.
#[derive(Default)]
struct Gate {
    is_open: Mutex<bool>,
    change: Condvar,
}

impl Gate {
    fn open(&self) {
        *self.is_open.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.change.notify_all();
    }

    fn wait(&self) {
        let is_open = self.is_open.lock().unwrap_or_else(PoisonError::into_inner);
        drop(self.change.wait_while(is_open, |is_open| !*is_open));
    }
}

#[mcp::server(issuer = "https://auth.example.com", resource = "http://127.0.0.1:8000/mcp")]
impl Depot {
    /// Measure a text.
    #[mcp::tool]
    fn measure(&self, text: String) -> String {
        text.len().to_string()
    }

    /// Return a long text.
    #[mcp::tool]
    async fn long(&self, bytes: usize, cx: &Context) -> String {
        cx.progress(1.0);
        "x".repeat(bytes)
    }

    /// Report progress at length, without a pause.
    #[mcp::tool]
    async fn chatter(&self, times: u32, bytes: usize, cx: &Context) -> &'static str {
        for time in 1..=times {
            cx.progress(Progress::new(time.into()).message("x".repeat(bytes)));
        }
        "done"
    }

    /// Return a long text as the result of a task.
    #[mcp::tool(task = "required")]
    async fn work(&self, bytes: usize, cx: &Context) -> Result<String, mcp::Error> {
        cx.start_task()?;
        Ok("x".repeat(bytes))
    }

    /// Begin a task that never ends.
    #[mcp::tool(task = "required")]
    async fn toil(&self, cx: &Context) -> Result<String, mcp::Error> {
        cx.start_task()?;
        std::future::pending().await
    }

    /// Block a thread until the gate opens.
    #[mcp::tool(blocking)]
    fn block(&self) -> &'static str {
        let _ = self.started.send(());
        self.gate.wait();
        "open"
    }

    /// Ask for the folders.
    #[mcp::tool]
    async fn folders(&self, cx: &Context) -> Result<String, mcp::Error> {
        let roots = cx.list_roots("roots").await?;
        Ok(roots.iter().map(|root| root.uri.len()).sum::<usize>().to_string())
    }

    /// A vault opens for nobody, and for ever.
    #[mcp::guard]
    async fn undecided(&self) -> Result<(), mcp::Denied> {
        std::future::pending().await
    }

    /// A vault.
    #[mcp::resource("vaults://{name}", guard = undecided)]
    fn vault(&self, name: String) -> String {
        name
    }

    /// A shelf.
    #[mcp::resource("shelves://{name}")]
    fn shelf(&self, name: String) -> String {
        name
    }
}

type HttpDepot = Http<Depot, Bearer<StaticTokens>>;

/// A depot with limits, its gate, and the calls that block.
fn depot(change: impl FnOnce(&mut Limits)) -> (HttpDepot, Arc<Gate>, mpsc::UnboundedReceiver<()>) {
    let (started, calls) = mpsc::unbounded_channel();
    let gate = Arc::new(Gate::default());
    let token = |subject: &str, client: &str| AccessToken::ours(client).with_subject(subject);
    let tokens = StaticTokens::new([
        ("alice", token("alice", "app")),
        // Another client of hers, which is no other account.
        ("alice-2", token("alice", "other")),
        ("bob", token("bob", "app")),
    ]);
    let http = Http::protected(Depot { gate: Arc::clone(&gate), started }, tokens);
    (http.limits(limits(change)), gate, calls)
}

fn app(change: impl FnOnce(&mut Limits)) -> Router {
    depot(change).0.router()
}

/// The response to a client for which there is no room.
fn refused(id: &str, units: &str) -> String {
    let error = format!(r#"{{"code":-32603,"message":"There are too many {units}; try again later"}}"#);
    let id = if id.is_empty() { String::new() } else { format!(r#""id":{id},"#) };
    format!(
        "503 Service Unavailable\ncontent-type: application/json\nretry-after: 5\n\n{{\"jsonrpc\":\"2.0\",{id}\"error\":{error}}}"
    )
}

/// Sends a small call, which gets through whatever is used up.
async fn is_served(app: &Router, token: &str) -> bool {
    send(app, call(token, "measure", r#"{"text":"abc"}"#)).await.starts_with("200 ")
}
