//! The runtime of the `mcp` framework: protocol, gate, dispatch and transports.
//!
//! This crate is an implementation detail of `mcp`; use that one. Each layer only names those before it:
//!
//! - `json`: strict reading of JSON;
//! - `budget`: limits that accounts share, and bounded buffers;
//! - `backplane`: the engine between instances of a server;
//! - `seal`: texts that only this server can read and write;
//! - `protocol`: JSON-RPC and MCP on the wire;
//! - `auth`: tokens, verifiers and the gate;
//! - `server`: the interface of generated code, the catalog of items, and the calls;
//! - `transport`: HTTP, stdio and memory;
//! - `testing`: tools for tests of a protected server.

// The features select transports and verifiers. The other layers are always complete, so that code which only one of them
// uses needs no `cfg`.
#![cfg_attr(
    not(all(feature = "http", feature = "stdio", feature = "exchange", feature = "jwt", feature = "introspection")),
    allow(dead_code, unused_imports)
)]

mod auth;
pub mod backplane;
mod budget;
mod json;
#[cfg(feature = "http")]
mod json_response;
#[doc(hidden)]
pub mod keys;
mod latch;
mod limits;
mod lock;
mod panics;
mod protocol;
mod seal;
mod server;
#[cfg(feature = "testing")]
pub mod testing;
mod throttle;
mod transport;

/// The crate of `&http::request::Parts`, a parameter that tools can have.
#[cfg(feature = "http")]
#[doc(no_inline)]
pub use ::http;
#[cfg(feature = "http")]
pub use auth::JwtAlgorithm;
pub use auth::{
    AcceptedTokens, AccessToken, Audit, Confirmation, ConfirmationError, Decision, IntoAudience, IntoScopes, Outcome,
    Protection, ProtectionError, Reason, RequestOutcome, RequestRecord, StaticTokens, TokenDigest, TokenError,
    TokenInfo, TokenVerifier, access_token,
};
#[cfg(feature = "http")]
pub use auth::{Anyone, Bearer, CachedVerifier, CachedVerifierBuilder};
#[cfg(feature = "exchange")]
pub use auth::{
    Downstream, DownstreamToken, ExchangeError, ExchangeErrorKind, Target, TokenExchange, TokenExchangeBuilder,
};
#[cfg(feature = "introspection")]
pub use auth::{IntrospectionVerifier, IntrospectionVerifierBuilder};
#[cfg(feature = "fetch")]
pub use auth::{JwtProfile, VerifierError};
#[cfg(feature = "jwt")]
pub use auth::{JwtVerifier, JwtVerifierBuilder, TokenAspect, TokenExplanation, TokenProblem};
pub use limits::{
    ConnectionLimits, Limits, MemoryLimits, ProofLimits, RequestLimits, SessionLimits, StateLimits, StreamLimits,
};
pub use protocol::client::{ClientCapabilities, ClientInfo};
pub use protocol::completion::Completion;
pub use protocol::content::{
    Annotations, AudioContent, Content, EmbeddedResource, ImageContent, ResourceBody, ResourceContents, ResourceLink,
    Role, TextContent,
};
pub use protocol::denied::Denied;
pub use protocol::elicitation::Answer;
pub use protocol::error::Error;
pub use protocol::logging::LogLevel;
pub use protocol::progress::Progress;
pub use protocol::prompts::{PromptMessage, PromptResult};
pub use protocol::resource_page::{ResourceEntry, ResourcePage};
pub use protocol::resources::ReadResult;
pub use protocol::roots::Root;
pub use protocol::sampling::{
    IncludeContext, Sampling, SamplingContent, SamplingMessage, SamplingResult, ToolChoice, ToolUse, ToolUseResult,
};
pub use protocol::tools::ToolResult;
pub use server::{
    Argument, Block, Changes, CompositionError, Context, DynamicCall, DynamicRequest, DynamicTool, DynamicToolError,
    Fields, Form, FromRequest, IntoCompletion, IntoPromptResult, IntoResource, IntoResourcePage, IntoToolResult,
    Invocation, ItemId, ItemKind, Json, JsonWithText, Layer, Next, Open, Part, PartOf, Protected, Question, Questions,
    Rate, RateError, Rates, Reply, Request, Server, TextArgument, ToolError, TraceContext, WithMeta,
};
#[cfg(feature = "http")]
pub use transport::http::Http;
#[cfg(feature = "http")]
pub use transport::http::resource_server::{BearerBody, BearerLayer, BearerService, ResourceServer};
pub use transport::memory::MemoryClient;
#[cfg(feature = "stdio")]
pub use transport::stdio::Stdio;

/// The items that generated code names, not covered by semantic versioning.
#[doc(hidden)]
pub mod __private {
    pub use crate::auth::{Challenges, DeclaredProtection, ScopeSet};
    pub use crate::keys;
    pub use crate::protocol::icon::Icon;
    pub use crate::server::{
        Argument, Call, Cloner, Clones, CompletionRow as Completion, FromText, GuardCall, GuardParameter, HasArgument,
        HasParts, HasRatedParts, HasScopedParts, Injected, IntoCompletion, IntoPromptResult, IntoResource,
        IntoResourcePage, IntoToolResult, ListGuard, ListQuestion, Measured, Mirrored, OneBlockPerTypeOthersAreParts,
        OptionalTextArgument, Output, Parameter, PartOfRequest, Prompt, PromptArgument, Ranged, Rate, Request,
        Resource, SameAs, ServerInfo, TaskSupport, TextArgument, Textual, Tool, Verdict, VerdictFuture, allowed,
        ask_for_list, server_of_part,
    };
    pub use mcp_core::Dpop;

    /// The roles of blocks. Their traits are private, so that users cannot name them.
    pub mod role {
        pub use crate::server::declare::role::{Open, Part, Protected, Undeclared};
    }
}
