//! What generated code implements and calls: tables, arguments, results, and the dispatch over them.

mod arguments;
mod ask;
mod block;
mod call;
mod catalog;
mod changes;
mod completion_result;
mod composition;
mod constraints;
mod context;
mod discovery;
mod exchange;
mod form;
mod inject;
mod listening;
mod listing;
mod prompt_result;
mod protection;
mod question;
mod resource_result;
mod result;
mod run;
mod schema;
mod seal;
mod service;
mod state;
mod subscriptions;
mod table;
mod tasks;
mod trace;
mod used_states;

pub use arguments::{Argument, FromText, OptionalTextArgument, TextArgument};
pub(crate) use ask::Pending;
pub(crate) use block::{Item, Kind};
#[cfg(feature = "testing")]
pub(crate) use block::{PreparedPrompt, PreparedTool};
pub use call::Call;

pub(crate) use catalog::{Catalog, Operation};
pub use changes::Changes;
pub use completion_result::IntoCompletion;
pub use composition::CompositionError;
pub use constraints::{Measured, Mirrored, Ranged, Textual};
pub use context::Context;
pub(crate) use context::{Caller, RequestContext};
pub(crate) use exchange::{Capacity, Exchange, Outbox, Said};
pub use form::Form;
pub use inject::FromRequest;
pub(crate) use listening::{Listening, MayHear};
pub use prompt_result::IntoPromptResult;
pub use question::{Question, Questions};
pub use resource_result::IntoResource;
pub use result::{IntoToolResult, Json};
pub(crate) use seal::StateKeys;
pub(crate) use service::Service;
pub(crate) use subscriptions::{Change, Filter, Listeners, Subscription};
#[cfg(feature = "testing")]
pub(crate) use table::Completed;
pub use table::{CompletionRow, Parameter, Prompt, PromptArgument, Resource, ServerInfo, TaskSupport, Tool};
pub use trace::TraceContext;

use crate::auth::{DeclaredProtection, ScopeSet};

/// What an annotated `impl` block offers: the tables that `#[mcp::server]` and `#[mcp::part]` write.
///
/// Do not implement it by hand; its items are not covered by semantic versioning.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no annotated `impl` block",
    label = "this type has no `#[mcp::server]` and no `#[mcp::part]` block"
)]
pub trait Block: Sized + Send + Sync + 'static {
    /// The type, for messages about it.
    #[doc(hidden)]
    const NAME: &'static str;
    #[doc(hidden)]
    const TOOLS: &'static [Tool<Self>] = &[];
    #[doc(hidden)]
    const RESOURCES: &'static [Resource<Self>] = &[];
    #[doc(hidden)]
    const PROMPTS: &'static [Prompt<Self>] = &[];
    #[doc(hidden)]
    const COMPLETIONS: &'static [CompletionRow<Self>] = &[];
}

/// A part of a server: an annotated block of another type, with a state of its own.
///
/// Do not implement it by hand; its items are not covered by semantic versioning.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a part of a server",
    label = "this type has no `#[mcp::part]` block",
    note = "write `#[mcp::part(of = …)]` above the `impl {Self}` block that has the tools, with the type of the server"
)]
pub trait Part: Block {
    /// The server that it is a part of.
    type Of: Server;
}

/// A server: the tables that `#[mcp::server]` writes from an annotated `impl` block.
///
/// Do not implement it by hand; its items are not covered by semantic versioning.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an MCP server",
    label = "this type has no `#[mcp::server]` block",
    note = "write `#[mcp::server]` above the `impl {Self}` block that has the tools"
)]
pub trait Server: Block {
    #[doc(hidden)]
    const INFO: ServerInfo;
    /// What every request needs.
    #[doc(hidden)]
    const REQUIRED: &'static ScopeSet = ScopeSet::NONE;
}

/// A server whose `#[mcp::server]` names an `issuer` and a `resource`: every HTTP request needs a token.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not say who protects it",
    label = "this has no `issuer` and no `resource`",
    note = "to protect it, write `#[mcp::server(issuer = \"https://auth.example.com\", resource = \"https://mcp.example.com/mcp\", scopes = [\"…\"])]`",
    note = "to serve it to everyone, write `mcp::Http::open(server)` without a verifier"
)]
pub trait Protected: Server {
    #[doc(hidden)]
    const PROTECTION: &'static DeclaredProtection;
}

/// A server whose `#[mcp::server]` names neither: anyone may call it.
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be served without a verifier",
    label = "this is not an open server",
    note = "a server with an `issuer` and a `resource` is served with a verifier: `mcp::Http::protected(server, verifier)`",
    note = "to open it to everyone, remove `issuer`, `resource` and all scopes from its `#[mcp::server]`",
    note = "a type without `#[mcp::server]` is no server yet: write it above the `impl` block that has the tools"
)]
pub trait Open: Server {}
