//! The token of the request that the current task serves.

use super::AccessToken;

tokio::task_local! {
    static CURRENT: Option<AccessToken>;
}

/// Returns the token of the request that the current task serves.
///
/// Use it in functions below a handler, to which the token would have to be passed otherwise.
///
/// It is `None` outside of an authenticated HTTP request: over stdio, in memory, and on an open server. It is also `None`
/// in a task that a handler spawned; move the token into the task.
///
/// ```
/// fn author() -> String {
///     match mcp::access_token() {
///         Some(token) => token.client_id.clone(),
///         None => "anonymous".to_owned(),
///     }
/// }
/// assert_eq!(author(), "anonymous");
/// ```
#[must_use]
pub fn access_token() -> Option<AccessToken> {
    CURRENT.try_with(Clone::clone).ok().flatten()
}

/// Runs `future` with `token` as the current one; `None` hides an outer one.
pub(crate) fn with_token<F: Future>(token: Option<AccessToken>, future: F) -> impl Future<Output = F::Output> {
    CURRENT.scope(token, future)
}

/// Runs code that blocks with `token` as the current one.
pub(crate) fn with_token_sync<T>(token: Option<AccessToken>, f: impl FnOnce() -> T) -> T {
    CURRENT.sync_scope(token, f)
}
