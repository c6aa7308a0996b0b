use std::pin::Pin;
use std::sync::Arc;

use super::arguments::Arguments;
use crate::auth::{AccessToken, with_token_sync};
use crate::protocol::error::Error;
use crate::protocol::tools::ToolResult;

/// What a tool's glue returns. Boxed, because a table holds tools of different types.
#[doc(hidden)]
pub(crate) type ToolFuture<'a> = Pin<Box<dyn Future<Output = Result<ToolResult, Error>> + Send + 'a>>;

/// The generated code between a table row and the user's method.
#[doc(hidden)]
pub(crate) type Glue<S> = for<'a> fn(Call<'a, S>) -> ToolFuture<'a>;

/// Everything about a request but its message: what borrowed parameters are taken from.
#[doc(hidden)]
#[derive(Default)]
pub struct RequestContext {
    pub(crate) token: Option<AccessToken>,
    #[cfg(feature = "http")]
    pub(crate) parts: Option<http::request::Parts>,
}

/// One call of a tool, on its way into the method.
#[doc(hidden)]
pub struct Call<'a, S> {
    pub server: &'a Arc<S>,
    pub(crate) arguments: Arguments<'a>,
    pub request: &'a Arc<RequestContext>,
}

impl<'a, S> Call<'a, S> {
    pub(crate) fn new(server: &'a Arc<S>, arguments: Arguments<'a>, request: &'a Arc<RequestContext>) -> Self {
        Self { server, arguments, request }
    }
}

impl<S: Send + Sync + 'static> Call<'_, S> {
    /// Runs a method that blocks on a thread where it may.
    ///
    /// It gets its own [`Call`] without arguments, because those of this one borrow from the request.
    pub async fn blocking(
        self,
        method: impl for<'b> FnOnce(Call<'b, S>) -> Result<ToolResult, Error> + Send + 'static,
    ) -> Result<ToolResult, Error> {
        let (server, request, span) = (Arc::clone(self.server), Arc::clone(self.request), tracing::Span::current());
        let task = tokio::task::spawn_blocking(move || {
            let call = || method(Call::new(&server, Arguments::none(), &request));
            span.in_scope(|| with_token_sync(request.token.clone(), call))
        });
        match task.await {
            Ok(result) => result,
            Err(error) => match error.try_into_panic() {
                Ok(panic) => std::panic::resume_unwind(panic),
                Err(_) => Err(Error::internal("The server is shutting down")),
            },
        }
    }
}
