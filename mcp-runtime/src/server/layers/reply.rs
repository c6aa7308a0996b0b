//! The reply of a method to its layers.

use std::fmt;

use crate::protocol::completion::Completion;
use crate::protocol::error::Error;
use crate::protocol::prompts::PromptResult;
use crate::protocol::resource_page::ResourcePage;
use crate::protocol::resources::ReadResult;
use crate::protocol::tools::ToolResult;
use crate::server::call::MethodFuture;

/// The result of a method, by the kind of its item.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Reply {
    /// The result of a tool.
    Tool(ToolResult),
    /// The content of a resource.
    Resource(ReadResult),
    /// The messages of a prompt.
    Prompt(PromptResult),
    /// The values of a completion.
    Completion(Completion),
    /// A page of a list.
    List(ResourcePage),
}

/// The rest of an invocation: further layers and the method.
///
/// Dropping it refuses the invocation before any of that runs.
#[must_use = "nothing runs until `run` is awaited"]
pub struct Next<'a>(pub(super) PendingMethod<'a>);

impl Next<'_> {
    /// Runs the rest, and returns its result.
    ///
    /// # Errors
    /// Those of the method, and those by which a further layer refuses.
    pub async fn run(self) -> Result<Reply, Error> {
        Ok(match self.0 {
            PendingMethod::Tool(method) => Reply::Tool(method.await?),
            PendingMethod::Resource(method) => Reply::Resource(method.await?),
            PendingMethod::Prompt(method) => Reply::Prompt(method.await?),
            PendingMethod::Completion(method) => Reply::Completion(method.await?),
            PendingMethod::List(method) => Reply::List(method.await?),
        })
    }
}

impl fmt::Debug for Next<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Next").finish_non_exhaustive()
    }
}

/// A method that was not polled yet, by the kind of its item.
pub(crate) enum PendingMethod<'a> {
    Tool(MethodFuture<'a, ToolResult>),
    Resource(MethodFuture<'a, ReadResult>),
    Prompt(MethodFuture<'a, PromptResult>),
    Completion(MethodFuture<'a, Completion>),
    List(MethodFuture<'a, ResourcePage>),
}
