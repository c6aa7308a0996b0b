//! A framework for MCP servers that are OAuth 2.1 resource servers.
//!
//! An annotated `impl` block becomes a server: its methods become tools, and their parameters JSON schemas. Every
//! request needs a bearer token. The macros write the route table, the protected-resource metadata document and the
//! challenges at compile time, and misconfigured authorization does not compile. The runtime verifies the token of each
//! request and passes it to the handler.
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
//!     let tokens = StaticTokens::new([("alice-token", AccessToken::ours("alice").with_scopes(["notes:read"]))]);
//!     Http::protected(Notes, tokens).serve("127.0.0.1:8000").await
//! }
//! ```
//!
//! # Overview
//!
//! | task | items |
//! |---|---|
//! | declare a server and its protection | [`server`] |
//! | declare a tool and its arguments | [`tool`] |
//! | declare a resource, a prompt, a completion | [`resource`], [`prompt`], [`completion`] |
//! | compose a server from several blocks | [`part`], [`Http::with`] |
//! | return a result | [`IntoToolResult`], [`IntoResource`], [`IntoResourcePage`], [`IntoPromptResult`], [`IntoCompletion`], [`Json`], [`WithMeta`], [`Error`](struct@Error), [`ToolError`](trait@ToolError), [`Denied`] |
//! | ask the client, report progress, start a task | [`Context`] |
//! | add a tool that is known at run time only | [`DynamicTool`] |
//! | notify clients of changes | [`Changes`] |
//! | verify JWTs (RFC 9068) | `JwtVerifier`, feature `jwt` |
//! | verify tokens of Entra ID, Auth0, Keycloak, Okta and others | `JwtProfile`, feature `jwt` |
//! | list all problems of a token | `JwtVerifier::explain`, feature `jwt` |
//! | verify tokens by introspection (RFC 7662) | `IntrospectionVerifier`, feature `introspection` |
//! | verify tokens by a fixed table or with custom code | [`StaticTokens`], [`TokenVerifier`], [`AcceptedTokens`] |
//! | cache the results of a custom verifier | [`CachedVerifier`] |
//! | call another API in the name of the caller (RFC 8693) | `Downstream`, `Target`, `TokenExchange`, feature `exchange` |
//! | identify the caller | [`AccessToken`], [`access_token`], [`TokenInfo::claims`] |
//! | limit the requests of a caller | [`Rate`], [`Rates`] |
//! | record the decisions about tokens, and every request | [`Http::audit`], [`Decision`], [`RequestRecord`] |
//! | run code around every method | [`Http::layer`], [`Layer`] |
//! | continue the trace of the client, measure requests | the feature `opentelemetry` |
//! | serve over HTTP, alone or in an axum app | [`Http`] |
//! | connect several instances of a server | [`Http::replicas`]; `Redis`, feature `redis` |
//! | change the protection for another environment | [`Protection`] |
//! | protect other routes, or a server on another framework | [`ResourceServer`], [`BearerLayer`] |
//! | serve over stdin and stdout | [`Stdio`] |
//! | test the behaviour of a server | [`MemoryClient`] |
//! | test the authorization of a server, with a manifest for reviews | `testing`, feature `testing` |
//!
//! # Life of a request
//!
//! The order of the steps is the security model:
//!
//! 1. `Host` and `Origin` are checked.
//! 2. The one bearer token is verified, and its expiry, audience and scopes are checked.
//! 3. The body is read, with limits on size and depth. Headers that repeat parts of the body must agree with it.
//! 4. The scopes of the tool are checked, and the decision is an event ([`Audit`]). Its [rates](Rate) are checked.
//! 5. The handler runs. A client that disconnects cancels its handler, and a panic only fails its own request.
//!
//! One endpoint serves protocol versions 2025-03-26, 2025-06-18, 2025-11-25 and 2026-07-28.
//!
//! # Features
//!
//! - `http` (default): [`Http`], the verification of tokens and the metadata document.
//! - `axum` (default): [`Http::router`], the routes for an axum app. Includes `http`.
//! - `stdio` (default): [`Stdio`].
//! - `jwt`: `JwtVerifier`. Includes `http`.
//! - `es512`: signatures on the curve P-521 (ES512) for `JwtVerifier`. Includes `jwt`, and adds about thirty crates.
//! - `introspection`: `IntrospectionVerifier`. Includes `http`.
//! - `exchange`: `TokenExchange` and `Downstream`. Includes `http`.
//! - `redis`: `Redis`, the engine between the instances of a server. Includes `http`, and adds about fifty crates.
//! - `testing`, for `[dev-dependencies]`: an issuer, a client, a battery of attacks and the manifest of a server. Includes
//!   `jwt` and `introspection`.

// Exists in the documentation alone. Its code needs these features.
#[cfg(all(
    doc,
    feature = "axum",
    feature = "exchange",
    feature = "introspection",
    feature = "jwt",
    feature = "redis",
    feature = "testing"
))]
pub mod guide;

#[cfg(feature = "redis")]
pub use mcp_redis::{Redis, RedisError};
#[doc(hidden)]
pub use mcp_runtime::__private;
#[cfg(feature = "stdio")]
pub use mcp_runtime::Stdio;
#[cfg(any(feature = "exchange", feature = "jwt", feature = "introspection"))]
pub use mcp_runtime::VerifierError;
#[cfg(feature = "http")]
pub use mcp_runtime::backplane;
#[cfg(feature = "testing")]
pub use mcp_runtime::testing;
pub use mcp_runtime::{
    AcceptedTokens, AccessToken, Annotations, Answer, Argument, AudioContent, Audit, Block, Changes,
    ClientCapabilities, ClientInfo, Completion, CompositionError, Confirmation, ConfirmationError, ConnectionLimits,
    Content, Context, Decision, Denied, DynamicCall, DynamicRequest, DynamicTool, DynamicToolError, EmbeddedResource,
    Error, Fields, Form, FromRequest, ImageContent, IncludeContext, IntoAudience, IntoCompletion, IntoPromptResult,
    IntoResource, IntoResourcePage, IntoScopes, IntoToolResult, Invocation, ItemId, ItemKind, Json, JsonWithText,
    Layer, Limits, LogLevel, MemoryClient, MemoryLimits, Next, Open, Outcome, Part, PartOf, Progress, PromptMessage,
    PromptResult, ProofLimits, Protected, Protection, ProtectionError, Question, Questions, Rate, RateError, Rates,
    ReadResult, Reason, Reply, Request, RequestLimits, RequestOutcome, RequestRecord, ResourceBody, ResourceContents,
    ResourceEntry, ResourceLink, ResourcePage, Role, Root, Sampling, SamplingContent, SamplingMessage, SamplingResult,
    Server, SessionLimits, StateLimits, StaticTokens, StreamLimits, TextArgument, TextContent, TokenDigest, TokenError,
    TokenInfo, TokenVerifier, ToolChoice, ToolError, ToolResult, ToolUse, ToolUseResult, TraceContext, WithMeta,
    access_token,
};
#[cfg(feature = "http")]
pub use mcp_runtime::{
    Anyone, Bearer, BearerBody, BearerLayer, BearerService, CachedVerifier, CachedVerifierBuilder, Http,
    ResourceServer, http,
};
#[cfg(feature = "exchange")]
pub use mcp_runtime::{
    Downstream, DownstreamToken, ExchangeError, ExchangeErrorKind, Target, TokenExchange, TokenExchangeBuilder,
};
#[cfg(feature = "introspection")]
pub use mcp_runtime::{IntrospectionVerifier, IntrospectionVerifierBuilder};
#[cfg(any(feature = "jwt", feature = "introspection"))]
pub use mcp_runtime::{JwtAlgorithm, JwtProfile};
#[cfg(feature = "jwt")]
pub use mcp_runtime::{JwtVerifier, JwtVerifierBuilder, TokenAspect, TokenExplanation, TokenProblem};

/// Makes an `impl` block an MCP server.
///
#[doc = include_str!("attributes/server.md")]
pub use mcp_macros::server;

/// Makes a method of a [`#[mcp::server]`](macro@server) block a tool.
///
#[doc = include_str!("attributes/tool.md")]
pub use mcp_macros::tool;

/// Makes a method a resource, or a template for many resources.
///
#[doc = include_str!("attributes/resource.md")]
pub use mcp_macros::resource;

/// Makes a method a prompt: messages that start a conversation.
///
#[doc = include_str!("attributes/prompt.md")]
pub use mcp_macros::prompt;

/// Makes a method a completion of an argument or a variable.
///
#[doc = include_str!("attributes/completion.md")]
pub use mcp_macros::completion;

/// Makes a method a guard, which decides before another method runs.
///
#[doc = include_str!("attributes/guard.md")]
pub use mcp_macros::guard;

/// Makes an `impl` block a part of a server.
///
#[doc = include_str!("attributes/part.md")]
pub use mcp_macros::part;

/// The README, whose code compiles with the features that it names.
#[cfg(all(doctest, feature = "axum", feature = "introspection", feature = "jwt"))]
#[doc = include_str!("../README.md")]
struct Readme;

/// The pages about identity providers, whose code compiles.
#[cfg(all(doctest, feature = "introspection", feature = "jwt"))]
mod identity_providers {
    macro_rules! pages {
        ($($name:ident: $file:literal,)*) => {$(
            #[doc = include_str!(concat!("../docs/identity-providers/", $file))]
            struct $name;
        )*};
    }

    pages! {
        Index: "README.md",
        AdFs: "ad-fs.md",
        Auth0: "auth0.md",
        Authentik: "authentik.md",
        Authkit: "authkit.md",
        Clerk: "clerk.md",
        Cognito: "cognito.md",
        Descope: "descope.md",
        Entra: "entra.md",
        Hydra: "hydra.md",
        Keycloak: "keycloak.md",
        Okta: "okta.md",
        Others: "others.md",
        Ping: "ping.md",
        Stytch: "stytch.md",
        Supabase: "supabase.md",
        Zitadel: "zitadel.md",
    }
}

/// Implements [`ToolError`](trait@ToolError) for an error type: clients read the variants that are `shown`.
///
/// The text of any other variant is logged, and the client reads "Internal error" with an id. The source of a shown
/// error is logged, and not part of the text, unless the type writes it there.
///
/// ```
/// # use std::fmt;
/// #[derive(Debug, mcp::ToolError)]
/// enum NoteError {
///     #[tool_error(shown)]
///     Locked(u64),
///     Database(std::io::Error),
/// }
/// # impl fmt::Display for NoteError {
/// #     fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
/// #         match self {
/// #             Self::Locked(id) => write!(f, "note {id} is locked"),
/// #             Self::Database(error) => error.fmt(f),
/// #         }
/// #     }
/// # }
/// # impl std::error::Error for NoteError {}
///
/// # struct Notes;
/// # #[mcp::server]
/// # impl Notes {
/// /// Delete a note.
/// #[mcp::tool]
/// async fn delete(&self, id: u64) -> Result<(), NoteError> {
///     Err(NoteError::Locked(id))
/// }
/// # }
/// ```
///
/// The type implements `std::error::Error`, for example with `thiserror`. On a struct, or above an enum,
/// `#[tool_error(shown)]` shows all errors. `#[tool_error(crate = path)]` names the crate `mcp`, if it has another name.
pub use mcp_macros::ToolError;
