//! What generated code implements and calls: tables, arguments, results, and the dispatch over them.

mod arguments;
mod call;
mod constraints;
mod inject;
mod protection;
mod result;
mod schema;
#[allow(dead_code, reason = "what is sealed comes with sessions and with questions to the client")]
mod seal;
mod service;
#[allow(dead_code, reason = "who listens comes with streams")]
mod subscriptions;
mod table;

pub use arguments::{Argument, FromText};
pub use call::Call;
pub(crate) use call::RequestContext;
pub use constraints::{Measured, Mirrored, Ranged, Textual};
pub use inject::FromRequest;
pub use result::{IntoToolResult, Json};
#[allow(unused_imports, reason = "as above")]
pub(crate) use seal::StateKeys;
pub(crate) use service::{Operation, Service};
#[allow(unused_imports, reason = "as above")]
pub(crate) use subscriptions::{Change, Filter, Listeners, Subscription, SubscriptionMeta};
pub use table::{Parameter, ServerInfo, Tool};

use crate::auth::DeclaredProtection;

/// A server: the tables that `#[mcp::server]` writes from an annotated `impl` block.
///
/// Do not implement it by hand; its items are not covered by semantic versioning.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an MCP server",
    label = "this type has no `#[mcp::server]` block",
    note = "write `#[mcp::server]` above the `impl {Self}` block that has the tools"
)]
pub trait Server: Sized + Send + Sync + 'static {
    #[doc(hidden)]
    const INFO: ServerInfo;
    #[doc(hidden)]
    const TOOLS: &'static [Tool<Self>];
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
