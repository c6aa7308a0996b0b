//! The requirements of a part and its server on each other, each a trait with its own message.

use super::seal::Seal;
use crate::auth::DeclaredProtection;
use crate::server::{Part, Protected, Server};

/// A part of the server `S`: a type whose `#[mcp::part(of = S)]` names it.
///
/// Only that attribute makes a type one; an implementation by hand does not compile.
///
/// ```
/// # struct Notes;
/// # #[mcp::server]
/// # impl Notes {
/// #     /// List every note.
/// #     #[mcp::tool]
/// #     fn list_notes(&self) -> Vec<String> { vec![] }
/// # }
/// fn serve(part: impl mcp::PartOf<Notes>) {
///     let http = mcp::Http::open(Notes).with(part);
/// #   let _ = http;
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a part of `{S}`",
    label = "this type has no `#[mcp::part(of = {S})]` block",
    note = "write `#[mcp::part(of = {S})]` above the `impl {Self}` block that has the tools"
)]
pub trait PartOf<S>: Part<Of = S> {}

#[diagnostic::do_not_recommend]
impl<S, P: Part<Of = S>> PartOf<S> for P {}

/// A server that a part names.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an MCP server",
    label = "this type has no `#[mcp::server]` block",
    note = "write `#[mcp::server]` above the `impl {Self}` block that has the tools",
    note = "a part has no parts: if `{Self}` is one, name its server instead"
)]
pub trait HasParts {
    #[doc(hidden)]
    const SEAL: Seal;
    /// The protection that a part declares: none, because its server declares it.
    const PROTECTION_OF_PARTS: () = ();
}

#[diagnostic::do_not_recommend]
impl<S: Server> HasParts for S {
    const SEAL: Seal = Seal;
}

/// A server that a part names whose items need scopes.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not say who protects it",
    label = "this has no `issuer` and no `resource`",
    note = "to protect it, write `#[mcp::server(issuer = \"https://auth.example.com\", resource = \"https://mcp.example.com/mcp\", scopes = [\"…\"])]`",
    note = "to serve it to everyone, remove the `scopes` of its parts"
)]
pub trait HasScopedParts {
    #[doc(hidden)]
    const SEAL: Seal;
    /// The declared protection of the server.
    const PROTECTION: &'static DeclaredProtection;
}

#[diagnostic::do_not_recommend]
impl<S: Protected> HasScopedParts for S {
    const SEAL: Seal = Seal;
    const PROTECTION: &'static DeclaredProtection = S::PROTECTION;
}

/// A server that a part names whose items have rates.
#[diagnostic::on_unimplemented(
    message = "requests to `{Self}` have no caller, and a rate is for each caller",
    label = "this has no `issuer` and no `resource`",
    note = "to protect it, write `#[mcp::server(issuer = \"https://auth.example.com\", resource = \"https://mcp.example.com/mcp\", scopes = [\"…\"])]`",
    note = "to serve it to everyone, remove the `rate` of its parts"
)]
pub trait HasRatedParts {
    #[doc(hidden)]
    const SEAL: Seal;
    /// The protection that a part declares: none, because its server declares it.
    const PROTECTION_OF_PARTS: () = ();
}

#[diagnostic::do_not_recommend]
impl<S: Protected> HasRatedParts for S {
    const SEAL: Seal = Seal;
}
