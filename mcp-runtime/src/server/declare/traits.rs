//! The traits of blocks: servers and parts, open and protected ones.

use super::info::ServerInfo;
use super::role::{self, Role};
use super::rows::{CompletionRow, Prompt, Resource, Tool};

/// The tables of an annotated `impl` block, as generated code writes them.
///
/// A type has one, with a role from which [`Server`], [`Part`], [`Open`] and [`Protected`] follow. The name appears in one
/// message: rustc reports a second block of a type as a conflict with the first, by this name.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no annotated `impl` block",
    label = "this type has no `#[mcp::server]` and no `#[mcp::part]` block",
    note = "only these attributes make a type a server or a part: write one above the `impl {Self}` block that has the tools"
)]
pub trait OneBlockPerTypeOthersAreParts: Sized + Send + Sync + 'static {
    /// The role: a part, or an open or a protected server.
    type Role: Role;
    /// The server that the block belongs to; a server belongs to itself.
    type Of: 'static;
    /// The name of the type, for messages.
    const NAME: &'static str;
    /// The introduction of a server. A part has none.
    const INFO: ServerInfo = ServerInfo::UNDECLARED;
    /// The declared protection, if the role has one.
    const PROTECTION: <Self::Role as Role>::Protection;
    const TOOLS: &'static [Tool<Self>] = &[];
    const RESOURCES: &'static [Resource<Self>] = &[];
    const PROMPTS: &'static [Prompt<Self>] = &[];
    const COMPLETIONS: &'static [CompletionRow<Self>] = &[];
}

/// A type with an annotated `impl` block: a [`Server`] or a [`Part`].
///
/// Only `#[mcp::server]` and `#[mcp::part]` make a type one; an implementation by hand does not compile.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no annotated `impl` block",
    label = "this type has no `#[mcp::server]` and no `#[mcp::part]` block",
    note = "only these attributes make a type a server or a part: write one above the `impl {Self}` block that has the tools"
)]
pub trait Block: OneBlockPerTypeOthersAreParts {}

#[diagnostic::do_not_recommend]
impl<B: OneBlockPerTypeOthersAreParts> Block for B {}

/// A part of a server: an annotated block of another type, with a state of its own.
///
/// Only `#[mcp::part]` makes a type one; an implementation by hand does not compile. A part of one server is a
/// [`PartOf`](super::part::PartOf) that server.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a part of a server",
    label = "this type has no `#[mcp::part]` block",
    note = "write `#[mcp::part(of = …)]` above the `impl {Self}` block that has the tools, with the type of the server"
)]
pub trait Part: Block {}

#[diagnostic::do_not_recommend]
impl<P: Block<Role: role::OfPart>> Part for P {}

/// A server: a type with a `#[mcp::server]` block.
///
/// Only that attribute makes a type one; an implementation by hand does not compile.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an MCP server",
    label = "this type has no `#[mcp::server]` block",
    note = "write `#[mcp::server]` above the `impl {Self}` block that has the tools"
)]
pub trait Server: Block {}

#[diagnostic::do_not_recommend]
impl<S: Block<Role: role::OfServer>> Server for S {}

/// A server whose `#[mcp::server]` names an `issuer` and a `resource`: every HTTP request needs a token.
///
/// Only that attribute makes a server one; an implementation by hand does not compile.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not say who protects it",
    label = "this has no `issuer` and no `resource`",
    note = "to protect it, write `#[mcp::server(issuer = \"https://auth.example.com\", resource = \"https://mcp.example.com/mcp\", scopes = [\"…\"])]`",
    note = "to serve it to everyone, write `mcp::Http::open(server)` without a verifier"
)]
pub trait Protected: Server + Block<Role: role::OfProtected> {}

#[diagnostic::do_not_recommend]
impl<S: Block<Role: role::OfProtected>> Protected for S {}

/// A server whose `#[mcp::server]` names neither: anyone may call it.
///
/// Only that attribute makes a server one; an implementation by hand does not compile.
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be served without a verifier",
    label = "this is not an open server",
    note = "a server with an `issuer` and a `resource` is served with a verifier: `mcp::Http::protected(server, verifier)`",
    note = "to open it to everyone, remove `issuer`, `resource` and all scopes from its `#[mcp::server]`",
    note = "a type without `#[mcp::server]` is no server yet: write it above the `impl` block that has the tools"
)]
pub trait Open: Server {}

#[diagnostic::do_not_recommend]
impl<S: Block<Role: role::OfOpen>> Open for S {}
