//! Layers: code of the user around every method of a server.

pub(crate) mod around;
pub(crate) mod invocation;
pub(crate) mod method;
pub(crate) mod reply;
pub(crate) mod time_limit;

use self::invocation::Invocation;
use self::reply::{Next, Reply};
use crate::protocol::error::Error;

/// Code around every method of a server: tools, resources, prompts and completions.
///
/// A layer sees the caller, the item, the arguments and the result. It can refuse an invocation, or replace its result.
/// [`Http::layer`](crate::Http::layer), [`Stdio::layer`](crate::Stdio::layer) and
/// [`MemoryClient::layer`](crate::MemoryClient::layer) add it, also around parts that are added later.
///
/// ```
/// use std::collections::HashSet;
/// use std::sync::{Arc, RwLock};
///
/// use mcp::{Error, Invocation, Layer, MemoryClient, Next, Reply};
///
/// /// Refuses what is under maintenance.
/// struct Maintenance(Arc<RwLock<HashSet<String>>>);
///
/// impl Layer for Maintenance {
///     async fn call(&self, invocation: &Invocation<'_>, next: Next<'_>) -> Result<Reply, Error> {
///         let closed = self.0.read().is_ok_and(|closed| closed.contains(invocation.item().name()));
///         if closed { Err(Error::tool("closed for maintenance, try again in an hour")) } else { next.run().await }
///     }
/// }
///
/// # struct Calculator;
/// # #[mcp::server]
/// # impl Calculator {
/// #     /// Add two numbers.
/// #     #[mcp::tool]
/// #     fn add(&self, a: i64, b: i64) -> i64 { a + b }
/// # }
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Error> {
/// let closed = Arc::new(RwLock::new(HashSet::from(["add".to_owned()])));
/// let client = MemoryClient::new(Calculator).layer(Maintenance(closed));
/// let result = client.call_tool("add", serde_json::json!({"a": 1, "b": 2})).await?;
/// assert_eq!(result.text(), "closed for maintenance, try again in an hour");
/// # Ok(())
/// # }
/// ```
///
/// A layer runs after the scopes are checked, again in each round of a question, and in tasks. The guards, the types of
/// the arguments and the time limit of an item belong to its method, so that a layer sees their errors. A layer that
/// replies without [`Next::run`], such as a cache, therefore skips the guards: cache by caller, or not at all.
///
/// Subscriptions pass no layer, because no method runs for them. Their guards are asked.
///
/// `next.run()` also fails when the method asks a client of protocol 2026-07-28, so that layers must pass errors on. When the
/// client disconnects, the layer is dropped at its `await`. Code that must see every end of a request belongs into
/// [`Audit::ended`](crate::Audit::ended).
///
/// Closures are no layers, because rustc cannot check that their futures are `Send`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a layer",
    label = "not a layer",
    note = "a layer of tower or axum goes around the routes: `mcp::Http::open(server).router().layer(…)`",
    note = "implement `mcp::Layer` for a type: `async fn call(&self, invocation: &mcp::Invocation<'_>, next: mcp::Next<'_>) -> Result<mcp::Reply, mcp::Error>`"
)]
pub trait Layer: Send + Sync + 'static {
    /// Calls the method with [`Next::run`], or replies in its place.
    ///
    /// # Errors
    /// Those of the method, or those by which the layer refuses.
    fn call(&self, invocation: &Invocation<'_>, next: Next<'_>) -> impl Future<Output = Result<Reply, Error>> + Send;
}
