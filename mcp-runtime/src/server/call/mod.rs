//! One call, from a row of a table to the method.

pub(super) mod arguments;
pub(super) mod check;
mod count;
mod deserialize;
pub(crate) mod dynamic;
mod failure;
pub(super) mod fields;
pub(crate) mod fit;
pub(super) mod guard;
pub(super) mod inject;
mod lists;
mod object_schema;
pub(crate) mod parameters;
pub(super) mod request;
mod run;
pub(super) mod subscriber;

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;

use self::arguments::Arguments;
use self::request::Request;
use crate::auth::with_token_sync;
use crate::protocol::error::Error;
use crate::server::context::request::RequestContext;

/// The future of a method. It is boxed, because a table holds methods of different types.
#[doc(hidden)]
pub(crate) type MethodFuture<'a, T> = Pin<Box<dyn Future<Output = Result<T, Error>> + Send + 'a>>;

/// The generated code between a table row and the user's method.
#[doc(hidden)]
pub(crate) type Glue<S, T> = for<'a> fn(Call<'a, S>) -> MethodFuture<'a, T>;

/// A method that blocks, with its arguments.
#[doc(hidden)]
pub(crate) type BlockingMethod<S, T> = Box<dyn for<'a> FnOnce(Call<'a, S>) -> Result<T, Error> + Send>;

/// A method of an object whose type is erased.
pub(crate) trait Method<T>: Send + Sync {
    /// Returns the same method in a box of its own, to put something around it.
    fn clone_boxed(&self) -> Box<dyn Method<T>>;

    fn call<'a>(&'a self, arguments: Arguments<'a>, request: &'a Arc<RequestContext>) -> MethodFuture<'a, T>;
}

/// A method with its object.
pub(crate) struct ObjectMethod<S: 'static, T: 'static> {
    server: Arc<S>,
    glue: Glue<S, T>,
}

impl<S: Send + Sync + 'static, T: 'static> ObjectMethod<S, T> {
    /// Erases the type of the object.
    pub(crate) fn method(server: &Arc<S>, glue: Glue<S, T>) -> Box<dyn Method<T>> {
        Box::new(Self { server: Arc::clone(server), glue })
    }
}

impl<S: Send + Sync + 'static, T: 'static> Method<T> for ObjectMethod<S, T> {
    fn clone_boxed(&self) -> Box<dyn Method<T>> {
        Self::method(&self.server, self.glue)
    }

    fn call<'a>(&'a self, arguments: Arguments<'a>, request: &'a Arc<RequestContext>) -> MethodFuture<'a, T> {
        (self.glue)(Call::new(&self.server, arguments, request))
    }
}

/// One call, on its way into the method.
#[doc(hidden)]
pub struct Call<'a, S> {
    pub server: &'a Arc<S>,
    pub arguments: Arguments<'a>,
    pub request: &'a Arc<RequestContext>,
}

impl<S> fmt::Debug for Call<'_, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Call").field("request", &self.request).finish_non_exhaustive()
    }
}

impl<'a, S> Call<'a, S> {
    fn new(server: &'a Arc<S>, arguments: Arguments<'a>, request: &'a Arc<RequestContext>) -> Self {
        Self { server, arguments, request }
    }

    /// Declares that nothing but the method itself can refuse the call now.
    pub fn decided(&self) {
        self.request.context.decided();
    }

    /// Returns the request, for the parameters that come from it.
    #[inline]
    pub fn request(&self) -> Request<'a> {
        Request::of(self.request)
    }
}

impl<S: Send + Sync + 'static> Call<'_, S> {
    /// Runs a blocking method on a thread for such work.
    ///
    /// The call is refused beyond the limit of such calls. The method gets its own [`Call`] without arguments, because those of this one borrow from the request. It is boxed, so
    /// that rustc's errors about types that are not `Send` do not quote a bound of this function.
    pub async fn blocking<T: Send + 'static>(self, method: BlockingMethod<S, T>) -> Result<T, Error> {
        let (server, request, span) = (Arc::clone(self.server), Arc::clone(self.request), tracing::Span::current());
        // Taken before there is a thread: a call that waited for one would run for a client that is gone.
        let calls = &request.context.shared().budget().blocking_calls;
        let permit = calls.take(request.context.account(), 1);
        let permit = permit.map_err(|reason| Error::overloaded(calls.refuse(reason)))?;
        let task = tokio::task::spawn_blocking(move || {
            let _permit = permit;
            let call = || method(Call::new(&server, Arguments::default(), &request));
            span.in_scope(|| with_token_sync(request.token().cloned(), call))
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
