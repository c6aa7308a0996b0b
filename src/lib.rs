//! MCP servers that are OAuth 2.1 resource servers, from an annotated `impl` block.
//!
//! A method becomes a tool, its parameters a JSON schema, and its block a server whose every request needs a bearer
//! token. The macros write the route table, the protected-resource metadata document and the challenges when the
//! program compiles; the runtime verifies the token of each request and hands it to the handler. What is
//! misconfigured does not compile.
//!
//! ```no_run
//! use mcp::{AccessToken, Http, StaticTokens};
//!
//! struct Notes;
//!
//! #[mcp::server(
//!     issuer = "https://auth.example.com",
//!     resource = "http://127.0.0.1:8000/mcp",
//!     scopes = ["notes:read"],
//!     optional_scopes = ["notes:write"],
//! )]
//! impl Notes {
//!     /// List every note in the notebook.
//!     #[mcp::tool]
//!     async fn list_notes(&self) -> Vec<String> {
//!         vec!["Buy milk".into(), "Ship the release".into()]
//!     }
//!
//!     /// Add a note.
//!     #[mcp::tool(scopes = ["notes:write"])]
//!     async fn add_note(
//!         &self,
//!         /// The note's text.
//!         text: String,
//!         #[arg(default = 1, range = 1..=5)] copies: u8,
//!         token: &AccessToken,
//!     ) -> Result<String, mcp::Error> {
//!         Ok(format!("{} added {copies} of {text:?}", token.client_id))
//!     }
//! }
//!
//! #[tokio::main]
//! async fn main() -> std::io::Result<()> {
//!     let tokens = StaticTokens::new([("alice-token", AccessToken::new("alice").scopes(["notes:read"]))]);
//!     Http::protected(Notes, tokens).serve("127.0.0.1:8000").await
//! }
//! ```
//!
//! # Where to go
//!
//! | to | see |
//! |---|---|
//! | declare a server, and who protects it | [`server`] |
//! | declare a tool and its arguments | [`tool`] |
//! | declare a resource, a prompt, a completion | [`resource`], [`prompt`], [`completion`] |
//! | put a server together from several blocks | [`part`], [`Http::with`] |
//! | return something | [`IntoToolResult`], [`IntoResource`], [`IntoPromptResult`], [`Json`], [`Error`](struct@Error) |
//! | ask the client, tell it how far a request is, or run it as a task | [`Context`] |
//! | tell clients what changed | [`Changes`] |
//! | verify tokens that are JWTs (RFC 9068) | `JwtVerifier`, feature `jwt` |
//! | verify tokens by asking the authorization server (RFC 7662) | `IntrospectionVerifier`, feature `introspection` |
//! | verify tokens of a fixed table, or in a way of your own | [`StaticTokens`], [`TokenVerifier`] |
//! | know who is calling | [`AccessToken`], [`access_token`], [`TokenInfo::claims`] |
//! | keep a record of who was let in and who was not | [`Http::audit`], [`Decision`] |
//! | serve over HTTP, alone or in an axum app | [`Http`] |
//! | run in another environment than the one in the source | [`Protection`] |
//! | serve over stdin and stdout | [`Stdio`] |
//! | test what a server does | [`MemoryClient`] |
//! | test who may do it | `testing`, feature `testing` |
//!
//! # What a request goes through
//!
//! The order is the security model. `Host` and `Origin` must be known; then the one bearer token is verified, and its
//! expiry, audience and scopes are checked, all before a byte of the body is read. The body is bounded in size and
//! depth; the headers that repeat parts of it must agree with it. The scopes of the tool are checked before any of
//! your code runs, and what was decided is an event ([`Audit`]). A client that goes away cancels its handler, and a
//! handler that panics fails its own request only.
//!
//! Protocol versions 2025-03-26, 2025-06-18, 2025-11-25 and 2026-07-28 are served on the same endpoint.
//!
//! # Features
//!
//! - `http` (default): [`Http`], the guard and the metadata document.
//! - `stdio` (default): [`Stdio`].
//! - `jwt`: `JwtVerifier`; with it comes `http`.
//! - `introspection`: `IntrospectionVerifier`; with it comes `http`.
//! - `testing`, for `[dev-dependencies]`: `testing`, an issuer, a client and a battery of attacks; with it come `jwt` and
//!   `introspection`.

#[doc(hidden)]
pub use mcp_runtime::__private;
#[cfg(feature = "stdio")]
pub use mcp_runtime::Stdio;
#[cfg(any(feature = "jwt", feature = "introspection"))]
pub use mcp_runtime::VerifierError;
#[cfg(feature = "testing")]
pub use mcp_runtime::testing;
pub use mcp_runtime::{
    AccessToken, Annotations, Answer, Argument, AudioContent, Block, Changes, ClientCapabilities, ClientInfo,
    Completion, CompositionError, Content, Context, EmbeddedResource, Error, ImageContent, IncludeContext,
    IntoCompletion, IntoPromptResult, IntoResource, IntoToolResult, Json, LogLevel, MemoryClient, Open, Part, Progress,
    PromptMessage, PromptResult, Protected, Protection, ProtectionError, Question, Questions, ReadResult, ResourceBody,
    ResourceContents, ResourceLink, Role, Root, Sampling, SamplingContent, SamplingMessage, SamplingResult, Server,
    StaticTokens, TextArgument, TextContent, TokenError, TokenInfo, TokenVerifier, ToolChoice, ToolResult, ToolUse,
    ToolUseResult, TraceContext, access_token,
};
#[cfg(feature = "http")]
pub use mcp_runtime::{Anyone, Audit, Bearer, Decision, Http, Outcome, Reason, TokenDigest, http};
#[cfg(feature = "introspection")]
pub use mcp_runtime::{IntrospectionVerifier, IntrospectionVerifierBuilder};
#[cfg(feature = "jwt")]
pub use mcp_runtime::{JwtAlgorithm, JwtProfile, JwtVerifier, JwtVerifierBuilder};

/// Makes an `impl` block an MCP server.
///
/// The methods that are annotated with [`#[mcp::tool]`](macro@tool) become its tools; the others stay what they are. A
/// type has one such block.
/// With `issuer` and `resource` the server is [`Protected`], without them it is [`Open`]; one without the other does
/// not compile.
///
/// ```
/// struct Notes;
///
/// #[mcp::server(
///     issuer = "https://auth.example.com",
///     resource = "https://notes.example.com/mcp",
///     scopes = ["notes:read"],
///     optional_scopes = ["notes:write", "notes:admin"],
///     hierarchy = ["notes:admin" > "notes:write" > "notes:read"],
/// )]
/// impl Notes {
///     /// List every note in the notebook.
///     #[mcp::tool]
///     fn list_notes(&self) -> Vec<String> {
///         vec![]
///     }
/// }
/// ```
///
/// # What it is
///
/// | key | value | default |
/// |---|---|---|
/// | `name` | text | the name of the type |
/// | `version` | text | the version of the package |
/// | `title` | text, for people | none |
/// | `instructions` | text, for models: how to use the server | none |
///
/// # Who protects it
///
/// | key | value |
/// |---|---|
/// | `issuer` | the authorization server, or a list of them (RFC 8414 §2). It is published exactly as written. |
/// | `resource` | the public URL of the endpoint (RFC 9728 §1.2); its path is where the server is mounted. |
/// | `scopes` | the scopes that every request needs, published as `scopes_supported`. |
/// | `optional_scopes` | the further scopes that single tools may need. |
/// | `hierarchy` | which scopes include which others, from broad to narrow. |
/// | `resource_name` | a name for people, published in the metadata. |
/// | `resource_documentation` | the URL of a page for developers, published in the metadata. |
///
/// Addresses are `https`; `http` is for loopback hosts. All of this is checked when the program compiles, and ends up
/// as literals in the expansion, where `cargo expand` shows the very document and headers that are served. For
/// another environment, replace issuer and resource at start: [`Protection`].
///
/// # How it is written
///
/// | key | value | default |
/// |---|---|---|
/// | `crate` | the path of this crate, if it is renamed | `::mcp` |
pub use mcp_macros::server;

/// Makes a method of a [`#[mcp::server]`](macro@server) block a tool.
///
/// The doc comment is what a model decides by, so there must be one.
///
/// ```
/// # struct Notes;
/// # #[mcp::server(
/// #     issuer = "https://auth.example.com",
/// #     resource = "https://notes.example.com/mcp",
/// #     scopes = ["notes:read"],
/// #     optional_scopes = ["notes:write"],
/// # )]
/// # impl Notes {
/// /// Delete notes.
/// #[mcp::tool(scopes = ["notes:write"], destructive, idempotent)]
/// async fn delete_notes(
///     &self,
///     /// The notes to delete.
///     #[arg(length = 1..=100)]
///     ids: Vec<u64>,
///     /// Why, for the log.
///     reason: Option<String>,
///     token: &mcp::AccessToken,
/// ) -> Result<String, mcp::Error> {
///     Ok(format!("{} deleted {} notes", token.client_id, ids.len()))
/// }
/// # }
/// ```
///
/// # The tool
///
/// | key | value | default |
/// |---|---|---|
/// | `name` | 1 to 128 ASCII letters, digits, `_`, `-`, `.` | the name of the method |
/// | `title` | text, for people | none |
/// | `description` | text, for models | the doc comment |
/// | `scopes` | scopes that a caller needs beyond those of the server | none |
/// | `hidden` | it is listed only for callers whose token has its `scopes` | no |
/// | `read_only` | it changes nothing | not said |
/// | `destructive` | it may destroy, not only add | not said |
/// | `idempotent` | calling it again changes nothing more | not said |
/// | `open_world` | it deals with the outside, such as the web | not said |
/// | `blocking` | it blocks, and runs on a thread where it may | no |
///
/// The four hints can be given a value: `destructive = false`.
///
/// A tool that needs scopes is listed for everyone, so that a client knows what more it could ask for; a call without them
/// is told which. A `hidden` one is left out of the list while the token lacks its scopes, also by the hierarchy; a call
/// is told the same. The lists of a server that has such a tool are then marked as not to be shared (`cacheScope`). Over
/// stdio and in memory there are no tokens, and every tool is listed.
///
/// # Its parameters
///
/// Owned parameters come from the client, borrowed ones from the request.
///
/// An **owned** one is an argument: any type that implements `serde::Deserialize` and `schemars::JsonSchema`. Its doc
/// comment is its description. `Option<T>` may be left out. `#[arg(…)]` says more:
///
/// | key | value |
/// |---|---|
/// | `description` | text, instead of the doc comment |
/// | `default` | an expression for when the argument is left out. The schema shows a literal; name any other in the doc comment |
/// | `range` | the smallest and largest number: `1..=5`, `0.0..1.0`, `1..` |
/// | `length` | the shortest and longest text, in characters, or list, in items: `1..=80` |
/// | `pattern` | a regular expression that a text must match |
/// | `header` | the text, integer or boolean is repeated in the header `Mcp-Param-…`, for what stands between client and server: `"Region"` |
///
/// Constraints are shown in the schema and enforced. A bad argument never reaches the method: the model is told which
/// one it is, and why, in a result with `isError`. An argument that the tool does not have is a bad one, too; for the
/// fields of a struct, say so with `#[serde(deny_unknown_fields)]`.
///
/// A **borrowed** one is taken from the request: `&AccessToken`, or `Option<&AccessToken>` where there may be none (over
/// stdio, in memory, on an open server), and
/// [`&http::request::Parts`](http::request::Parts).
///
/// # Its result
///
/// Anything that implements [`IntoToolResult`].
pub use mcp_macros::tool;
pub use mcp_macros::{completion, part, prompt, resource};

/// The code of the README compiles.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

/// The recipes compile.
#[cfg(all(doctest, feature = "jwt"))]
#[doc = include_str!("../docs/identity-providers.md")]
struct IdentityProviders;
