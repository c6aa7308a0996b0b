//! Methods and guards with a time limit.

use std::sync::Arc;
use std::time::Duration;

use crate::protocol::error::Error;
use crate::server::call::arguments::Arguments;
use crate::server::call::guard::Guarded;
use crate::server::call::request::Request;
use crate::server::call::{Method, MethodFuture};
use crate::server::context::request::RequestContext;

/// A method that is dropped at the end of its time.
pub(super) struct LimitedMethod<T> {
    pub(super) method: Box<dyn Method<T>>,
    pub(super) limit: Duration,
}

impl<T: Send + 'static> Method<T> for LimitedMethod<T> {
    fn call<'a>(&'a self, arguments: Arguments<'a>, request: &'a Arc<RequestContext>) -> MethodFuture<'a, T> {
        let method = self.method.call(arguments, request);
        Box::pin(async move {
            tokio::select! {
                biased;
                result = method => result,
                () = request.context.run_out(self.limit) => Err(Error::timed_out(self.limit)),
            }
        })
    }

    fn clone_boxed(&self) -> Box<dyn Method<T>> {
        Box::new(Self { method: self.method.clone_boxed(), limit: self.limit })
    }
}

/// Guards that are asked without a call, and dropped at the end of their time.
pub(super) struct LimitedGuard {
    pub(super) guard: Arc<dyn Guarded>,
    pub(super) limit: Duration,
}

impl Guarded for LimitedGuard {
    fn ask<'a>(&'a self, arguments: Arguments<'a>, request: Request<'a>) -> MethodFuture<'a, ()> {
        let verdict = self.guard.ask(arguments, request);
        Box::pin(async move {
            let verdict = tokio::time::timeout(self.limit, verdict).await;
            verdict.unwrap_or_else(|_| Err(Error::timed_out(self.limit)))
        })
    }
}
