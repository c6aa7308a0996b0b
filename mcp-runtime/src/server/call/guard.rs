//! Guards: methods that decide about a request before another method of the block runs.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;

use super::MethodFuture;
use super::arguments::Arguments;
use super::request::Request;
use crate::protocol::denied::Denied;
use crate::protocol::error::Error;

/// The generated code that asks the guards of an item, for changes that are told without a call.
#[doc(hidden)]
pub(crate) type GuardGlue<S> = for<'a> fn(GuardCall<'a, S>) -> MethodFuture<'a, ()>;

/// A question to the guards of an item.
#[doc(hidden)]
pub struct GuardCall<'a, S> {
    pub server: &'a Arc<S>,
    pub arguments: Arguments<'a>,
    request: Request<'a>,
}

impl<S> fmt::Debug for GuardCall<'_, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GuardCall").field("request", &self.request).finish_non_exhaustive()
    }
}

impl<'a, S> GuardCall<'a, S> {
    pub fn request(&self) -> Request<'a> {
        self.request
    }
}

/// The guards of an item of an object whose type is erased.
pub(crate) trait Guarded: Send + Sync {
    fn ask<'a>(&'a self, arguments: Arguments<'a>, request: Request<'a>) -> MethodFuture<'a, ()>;
}

/// The guards of an item, with their object.
pub(crate) struct ObjectGuard<S: 'static> {
    server: Arc<S>,
    glue: GuardGlue<S>,
}

impl<S: Send + Sync + 'static> ObjectGuard<S> {
    /// Erases the type of the object.
    pub(crate) fn guard(server: &Arc<S>, glue: GuardGlue<S>) -> Arc<dyn Guarded> {
        Arc::new(Self { server: Arc::clone(server), glue })
    }
}

impl<S: Send + Sync> Guarded for ObjectGuard<S> {
    fn ask<'a>(&'a self, arguments: Arguments<'a>, request: Request<'a>) -> MethodFuture<'a, ()> {
        (self.glue)(GuardCall { server: &self.server, arguments, request })
    }
}

/// Returns the verdict of an item whose guards allow a request.
pub fn allowed() -> Result<(), Error> {
    Ok(())
}

/// A return type of guards.
#[diagnostic::on_unimplemented(
    message = "a guard returns `Result<(), mcp::Denied>`, and this one a `{Self}`",
    label = "this is no verdict",
    note = "write `Ok(())` to allow the request, and `Err(mcp::Denied::new(\"…\"))` to deny it; `?` on any error refuses it with a 503"
)]
pub trait Verdict {
    /// Returns the verdict.
    fn verdict(self) -> Result<(), Denied>;
}

#[diagnostic::do_not_recommend]
impl Verdict for Result<(), Denied> {
    fn verdict(self) -> Self {
        self
    }
}

/// The type of an argument that a guard takes as a `T`.
#[diagnostic::on_unimplemented(
    message = "the guard takes this argument as a `{T}`, and the method as a `{Self}`",
    label = "the guard takes a `{T}`",
    note = "a guard decides by the very value that the method gets; write one type for both parameters"
)]
pub trait SameAs<T> {
    /// Returns the argument.
    fn same(&self) -> &T;
}

#[diagnostic::do_not_recommend]
impl<T> SameAs<T> for T {
    fn same(&self) -> &T {
        self
    }
}

/// The way in which guards get their arguments: by [`Clones`].
#[derive(Debug)]
pub enum Cloner {}

/// `Clone` of a type under another name, for another message.
///
/// It is a trait of another type, because rustc would suggest to borrow the argument.
#[diagnostic::on_unimplemented(
    message = "a guard gets a clone of its argument, and `{T}` can't be cloned",
    label = "not `Clone`",
    note = "write `#[derive(Clone)]` for `{T}`"
)]
pub trait Clones<T> {
    /// Returns a clone.
    fn cloned(of: &T) -> T;
}

#[diagnostic::do_not_recommend]
impl<T: Clone> Clones<T> for Cloner {
    fn cloned(of: &T) -> T {
        of.clone()
    }
}

/// The arguments of an item of a part, with one by which a guard of the server decides.
///
/// `Name` has the name of the argument in messages, and `HASH` in comparisons.
#[diagnostic::on_unimplemented(
    message = "the guard decides by `{Name}`, and this item has no parameter of that name",
    label = "the item has no parameter `{Name}`",
    note = "add the parameter, or name the guard only where there is one"
)]
pub trait HasArgument<Name, const HASH: u64> {
    /// The type of the argument.
    type Type;

    /// Returns the argument.
    fn argument(&self) -> &Self::Type;
}

/// The future of a guard that a part of its server asks. It is boxed, so that it has a name in every edition.
pub type VerdictFuture<'r> = Pin<Box<dyn Future<Output = Result<(), Denied>> + Send + 'r>>;

/// The question to a guard without arguments, for lists of a part.
#[derive(Debug)]
pub struct ListQuestion<S> {
    ask: for<'r> fn(&'r S, Request<'r>) -> VerdictFuture<'r>,
    is_by_item: bool,
}

impl<S> ListQuestion<S> {
    /// Creates the question.
    #[must_use]
    pub const fn new(ask: for<'r> fn(&'r S, Request<'r>) -> VerdictFuture<'r>) -> Self {
        Self { ask, is_by_item: false }
    }

    /// Asks about each item of a list, if `is_by_item` is set. Otherwise, one answer is for all items.
    #[must_use]
    pub const fn by_item(self, is_by_item: bool) -> Self {
        Self { is_by_item: self.is_by_item || is_by_item, ..self }
    }

    /// Returns `true` if there is a question, to a guard that decides by the item.
    #[must_use]
    pub const fn is_by_item(question: &Option<Self>) -> bool {
        matches!(question, Some(Self { is_by_item: true, .. }))
    }
}

/// Asks a guard of the server for a list of a part. A guard with arguments has no such question, and allows every item.
pub async fn ask_for_list<S: Send + Sync + 'static>(
    question: Option<ListQuestion<S>>,
    request: Request<'_>,
) -> Result<(), Error> {
    if let Some(question) = question {
        (question.ask)(server_of_part(request)?, request).await?;
    }
    Ok(())
}

/// Returns the server of a part, which asks one of its guards.
pub fn server_of_part<S: Send + Sync + 'static>(request: Request<'_>) -> Result<&S, Denied> {
    // A part is only added to a server of its own type.
    request.server().ok_or_else(|| "the server of the part is not that of the request".into())
}
