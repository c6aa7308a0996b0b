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
//!     let tokens = StaticTokens::new([("alice-token", AccessToken::ours("alice").with_scopes(["notes:read"]))]);
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
//! | return something | [`IntoToolResult`], [`IntoResource`], [`IntoPromptResult`], [`IntoCompletion`], [`Json`], [`Error`](struct@Error) |
//! | ask the client, tell it how far a request is, or run it as a task | [`Context`] |
//! | tell clients what changed | [`Changes`] |
//! | verify tokens that are JWTs (RFC 9068) | `JwtVerifier`, feature `jwt` |
//! | verify the tokens of Entra ID, Auth0, Keycloak, Okta and others | `JwtProfile`, feature `jwt` |
//! | know all that is wrong with a token | `JwtVerifier::explain`, feature `jwt` |
//! | verify tokens by asking the authorization server (RFC 7662) | `IntrospectionVerifier`, feature `introspection` |
//! | verify tokens of a fixed table, or in a way of your own | [`StaticTokens`], [`TokenVerifier`], [`AcceptedTokens`] |
//! | remember what a verifier of your own said | [`CachedVerifier`] |
//! | know who is calling | [`AccessToken`], [`access_token`], [`TokenInfo::claims`] |
//! | keep a record of who was let in and who was not | [`Http::audit`], [`Decision`] |
//! | serve over HTTP, alone or in an axum app | [`Http`] |
//! | run in another environment than the one in the source | [`Protection`] |
//! | serve over stdin and stdout | [`Stdio`] |
//! | test what a server does | [`MemoryClient`] |
//! | test who may do it, and keep that as a text for reviews | `testing`, feature `testing` |
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
//! - `axum` (default): [`Http::router`], the same as routes of an axum app; with it comes `http`.
//! - `stdio` (default): [`Stdio`].
//! - `jwt`: `JwtVerifier`; with it comes `http`.
//! - `es512`: signatures on the curve P-521 (ES512) for `JwtVerifier`, by some thirty more crates; with it comes `jwt`.
//! - `introspection`: `IntrospectionVerifier`; with it comes `http`.
//! - `testing`, for `[dev-dependencies]`: `testing`, an issuer, a client, a battery of attacks and the manifest of a server;
//!   with it come `jwt` and `introspection`.

#[doc(hidden)]
pub use mcp_runtime::__private;
#[cfg(feature = "stdio")]
pub use mcp_runtime::Stdio;
#[cfg(feature = "testing")]
pub use mcp_runtime::testing;
pub use mcp_runtime::{
    AcceptedTokens, AccessToken, Annotations, Answer, Argument, AudioContent, Block, Changes, ClientCapabilities,
    ClientInfo, Completion, CompositionError, Content, Context, EmbeddedResource, Error, Form, ImageContent,
    IncludeContext, IntoAudience, IntoCompletion, IntoPromptResult, IntoResource, IntoScopes, IntoToolResult, Json,
    Limits, LogLevel, MemoryClient, Open, Part, PartOf, Progress, PromptMessage, PromptResult, Protected, Protection,
    ProtectionError, Question, Questions, ReadResult, RequestLimits, ResourceBody, ResourceContents, ResourceLink,
    Role, Root, Sampling, SamplingContent, SamplingMessage, SamplingResult, Server, SessionLimits, StateLimits,
    StaticTokens, StreamLimits, TextArgument, TextContent, TokenError, TokenInfo, TokenVerifier, ToolChoice,
    ToolResult, ToolUse, ToolUseResult, TraceContext, access_token,
};
#[cfg(feature = "http")]
pub use mcp_runtime::{
    Anyone, Audit, Bearer, CachedVerifier, CachedVerifierBuilder, Decision, Http, Outcome, Reason, TokenDigest, http,
};
#[cfg(feature = "introspection")]
pub use mcp_runtime::{IntrospectionVerifier, IntrospectionVerifierBuilder};
#[cfg(any(feature = "jwt", feature = "introspection"))]
pub use mcp_runtime::{JwtAlgorithm, JwtProfile, VerifierError};
#[cfg(feature = "jwt")]
pub use mcp_runtime::{JwtVerifier, JwtVerifierBuilder, TokenAspect, TokenExplanation, TokenProblem};

/// Makes an `impl` block an MCP server.
///
/// The methods that are annotated become what clients use: [`#[mcp::tool]`](macro@tool),
/// [`#[mcp::resource]`](macro@resource), [`#[mcp::prompt]`](macro@prompt) and [`#[mcp::completion]`](macro@completion). The
/// others stay what they are. A type has one such block; blocks of other types become [parts](macro@part).
///
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
/// | `website` | the URL of a page for people | none |
/// | `icons` | pictures for people, see below | none |
///
/// An icon is an address, or an address with more: `icons = ["https://…/icon.png", { src = "https://…/icon.svg", mime_type =
/// "image/svg+xml", sizes = ["any"], theme = "dark" }]`. The address is `https`, or a `data:image/…` that has the picture inside.
///
/// # Who protects it
///
/// | key | value |
/// |---|---|
/// | `issuer` | the authorization server, or a list of them (RFC 8414 §2). It is published exactly as written. |
/// | `resource` | the public URL of the endpoint (RFC 9728 §1.2); its path is where the server is mounted. |
/// | `scopes` | the scopes that every request needs; clients find them in `scopes_supported`. |
/// | `optional_scopes` | the further scopes that single tools may need. |
/// | `extra_scopes` | scopes that clients ask for and that no token must have, see below. |
/// | `scope_prefix` | a text before each scope of the server where clients ask for it, see below. |
/// | `hierarchy` | which scopes include which others, from broad to narrow. |
/// | `resource_name` | a name for people, published in the metadata. |
/// | `resource_documentation` | the URL of a page for developers, published in the metadata. |
///
/// Addresses are `https`; `http` is for loopback hosts. All of this is checked when the program compiles, and ends up
/// as literals in the expansion, where `cargo expand` shows the very document and headers that are served. For
/// another environment, replace issuer and resource at start: [`Protection`].
///
/// # What clients ask for
///
/// Clients ask the authorization server for the scopes that the metadata document (`scopes_supported`) and the challenges
/// name. Two keys tell them something else than what a token must have:
///
/// - `scope_prefix` is for authorization servers that know a scope by a longer name than the one that they write into
///   tokens, such as Entra ID. With `scope_prefix = "{resource}/"`, clients are told
///   `https://notes.example.com/mcp/notes.read`, while tokens, handlers and records have `notes.read`. `{resource}` stands
///   for the resource, also for one that [`Protection`] puts in its place; a prefix that begins with the resource is the
///   same. `api://00001111-aaaa-2222-bbbb-3333cccc4444/` is a fixed one. A prefix ends in `/`, `:` or another separator, and
///   the names that it makes obey RFC 6749 §3.3.
/// - `extra_scopes = ["openid"]` is for authorization servers that give no token without a scope of their own, and for
///   those that hold a client to the scopes that it asked for first. One of the `optional_scopes` may be in it: clients then
///   ask for it at once, by its longer name. Every challenge names the extra scopes behind those that are needed, so that
///   a client that asks for nothing else keeps them. The MCP specification wants `offline_access` left to the client.
///
/// ```
/// struct Notes;
///
/// #[mcp::server(
///     issuer = "https://login.microsoftonline.com/00001111-aaaa-2222-bbbb-3333cccc4444/v2.0",
///     resource = "https://notes.example.com/mcp",
///     scopes = ["notes.read"],
///     optional_scopes = ["notes.write"],
///     scope_prefix = "{resource}/",
/// )]
/// impl Notes {
///     /// List every note in the notebook.
///     #[mcp::tool]
///     fn list_notes(&self) -> Vec<String> {
///         vec![]
///     }
/// }
///
/// let protection = mcp::Protection::of::<Notes>();
/// assert_eq!(protection.asked_scopes(), ["https://notes.example.com/mcp/notes.read"]);
/// assert_eq!(protection.required_scopes(), ["notes.read"]);
/// ```
///
/// # How it speaks with models
///
/// | key | value | default |
/// |---|---|---|
/// | `lenient` | arguments that are written as texts are taken for what they say, and unknown ones are ignored, see [`tool`](macro@tool#lenient-servers) | no |
/// | `inline_schemas` | schemas are written out where they would refer to others with `$ref`; a type inside of itself is written out once, and is of its kind alone further inside | no |
///
/// # How it is written
///
/// | key | value | default |
/// |---|---|---|
/// | `crate` | the path of this crate, if it is renamed | `::mcp` |
pub use mcp_macros::server;

/// Makes a method of a [`#[mcp::server]`](macro@server) block a tool.
///
/// The doc comment is what a model decides by, so there must be one. `#[doc = include_str!("delete.md")]`, `concat!` and other
/// macros that become a text are doc comments too, alone or between others. Each begins a new line, and white space around
/// the whole is removed.
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
/// | `task` | a call may become a task, see below | no |
/// | `input_schema` | the JSON schema of the arguments, instead of the one that is made of the parameters | none |
/// | `lenient` | arguments that are written as texts are taken for what they say, see below | as the server |
/// | `icons` | pictures for people, as for a [server](macro@server) | none |
/// | `meta` | a JSON object, which clients get as `_meta` | none |
/// | `blocking` | it blocks, and runs on a thread where it may | no |
///
/// The four hints can be given a value: `destructive = false`.
///
/// A tool that needs scopes is listed for everyone, so that a client knows what more it could ask for; a call without them
/// is told which. A `hidden` one is left out of the list while the token lacks its scopes, also by the hierarchy; a call
/// is told the same. The lists of a server that has such a tool are then marked as not to be shared (`cacheScope`). Over
/// stdio and in memory there are no tokens, and every tool is listed.
///
/// With `task`, a call becomes a task where the method says so, if the client knows of tasks:
/// [`Context::start_task`]. With `task = "required"`, only clients that do may call it.
///
/// JSON is written as it is: `meta = { "com.example/color": ["red", 1, null] }`. Keys of `meta` follow the rules of the
/// specification ("General fields"). A schema by hand has a property for every parameter and no other, and it is what
/// clients see: what it says beyond types, the method checks. An `x-mcp-header` in it is repeated as `#[arg(header = …)]`.
///
/// ```
/// # struct Maps;
/// # #[mcp::server]
/// # impl Maps {
/// /// Find a way.
/// #[mcp::tool(input_schema = {
///     "type": "object",
///     "$defs": { "place": { "type": "string", "minLength": 2 } },
///     "properties": { "from": { "$ref": "#/$defs/place" }, "to": { "$ref": "#/$defs/place" } },
///     "required": ["from", "to"],
/// })]
/// fn way(&self, from: String, to: String) -> String {
///     format!("From {from} to {to}")
/// }
/// # }
/// ```
///
/// # Its parameters
///
/// Owned parameters come from the client, borrowed ones from the request.
///
/// An **owned** one is an argument: any type that implements `serde::Deserialize` and `schemars::JsonSchema`. Its doc
/// comment is its description. `Option<T>` may be left out; without a `default`, `null` says the same and is understood, but
/// the schema names `T` alone, because not every client knows values of more than one type. `#[arg(…)]` says more:
///
/// | key | value |
/// |---|---|
/// | `name` | what clients call it, where that is not the name of the parameter: `"contactMethod"`; 1 to 64 ASCII letters, digits, `_`, `-`, `.` |
/// | `description` | text, instead of the doc comment |
/// | `default` | an expression for when the argument is left out. The schema shows a literal; name any other in the doc comment |
/// | `range` | the smallest and largest number: `1..=5`, `0.0..1.0`, `1..` |
/// | `length` | the shortest and longest text, in characters, or list, in items: `1..=80` |
/// | `pattern` | a regular expression that a text must match |
/// | `header` | the text, integer or boolean is repeated in the header `Mcp-Param-…`, for what stands between client and server: `"Region"` |
///
/// Constraints are shown in the schema and enforced. A bad argument never reaches the method: the model is told where in
/// which one, and why, in a result with `isError`: `Argument person.address.postalCode: expected a string, got 1`. An
/// argument that the tool does not have is a bad one, too; for the fields of a struct, say so with
/// `#[serde(deny_unknown_fields)]`.
///
/// A whole number is an integer however it is written: `5.0` and `1e3` are taken wherever an integer is wanted (JSON Schema
/// 2020-12 validation, §6.1.1).
///
/// In a type, `#[schemars(range(…))]` and `#[schemars(length(…))]` are enforced as well, at any depth, and however
/// serde reads the type: where there are limits, an array in place of a struct and the alias of a variant with fields are
/// refused, and a member with another name (`#[serde(alias)]`) is checked where its field is required or the struct has
/// `#[serde(deny_unknown_fields)]`. **The alias of an optional field of any other struct is not checked**, nor one in an
/// untagged enum that has another form for the value: the schema does not tell it from a member that is ignored.
///
/// **A pattern or a format in a type is shown and not enforced**: `#[schemars(regex(…))]`, `#[schemars(email)]` and the like
/// tell a model what to write, and the method, or the `Deserialize` of the type, has to check. The `pattern` of an
/// `#[arg(…)]` is enforced.
///
/// The schema is written in the words that clients have in common, and its root does not say that other arguments are an
/// error: `additionalProperties`, `oneOf`, `const`, `prefixItems` and rare formats are replaced or left out, and what is said
/// about the variants of an enum stands in its description.
///
/// ## Lenient servers
///
/// Some models, and the clients between them and a server, write `"5"` for a number, a whole object as a text, an empty text for
/// everything that is optional, or add arguments of their own. That is an error unless the tool or its server is `lenient`:
///
/// ```
/// # struct Shop;
/// #[mcp::server(lenient)]
/// impl Shop {
///     /// Order something.
///     #[mcp::tool]
///     fn order(&self, name: String, count: u32, gift: Option<bool>) -> String {
///         format!("{count} {name} {gift:?}")
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), mcp::Error> {
/// let client = mcp::MemoryClient::new(Shop);
/// let arguments = serde_json::json!({"name": "tea", "count": "2", "gift": "", "sessionId": "of the client"});
/// assert_eq!(client.call_tool("order", arguments).await?.text(), "2 tea None");
/// # Ok(())
/// # }
/// ```
///
/// A text is taken for a number, `true` or `false`, an array or an object only where the type wants one of these and no text, at
/// any depth. An empty text is absent where an argument or a field is not required, a text or not, and so is `null`. Unknown arguments are ignored,
/// and unknown fields of `#[serde(deny_unknown_fields)]`, too. Constraints hold for what was read.
///
/// A **borrowed** one is taken from the request: [`&Context`](Context), `&AccessToken`, or `Option<&AccessToken>` where there
/// may be none (over stdio, in memory, on an open server), and [`&http::request::Parts`](http::request::Parts).
///
/// # Its result
///
/// Anything that implements [`IntoToolResult`].
pub use mcp_macros::tool;

/// Makes a method of a [`#[mcp::server]`](macro@server) or [`#[mcp::part]`](macro@part) block a resource, or a template for
/// many of them.
///
/// ```
/// # struct Notes;
/// # #[mcp::server]
/// # impl Notes {
/// /// All notes, one on each line.
/// #[mcp::resource("notes://all", mime_type = "text/plain")]
/// fn all(&self) -> String {
///     "Buy milk".to_owned()
/// }
///
/// /// One note, perhaps as it was.
/// #[mcp::resource("notes://{folder}/{id}{?revision}")]
/// async fn note(&self, folder: String, id: u64, revision: Option<u32>) -> Result<Option<String>, mcp::Error> {
///     Ok((id == 1).then(|| format!("{folder}: buy milk ({revision:?})")))
/// }
/// # }
/// ```
///
/// # Its URI
///
/// It stands in front of the keys. With variables, it is a template (RFC 6570), and each variable is an owned parameter of
/// the same name; what is missing on either side does not compile.
///
/// | variable | its value |
/// |---|---|
/// | `{id}` | up to `/`, `?`, `#`, `&`, `;` or `,`, which clients percent-encode in it |
/// | `{/id}`, `{.id}` | the same, behind a `/` or a `.` |
/// | `{+path}`, `{#path}` | everything, also those characters; there is one such variable at most |
/// | `{?q,lang}`, `{&q}`, `{;q}` | a parameter by name, which may be absent: an `Option`, or one with a default |
///
/// Text behind a variable ends it where it is first found: in `{year}-{month}`, `year` has no `-`. Values are
/// percent-decoded once and read with serde: texts, numbers, `bool`, enums without fields. **A value can be any text, such as
/// `/etc`**; check it before it becomes a path. `#[arg(…)]` has `name`, for a variable that is no Rust name, and `default`.
///
/// A URI without variables goes before templates; of two templates that match, the one that is written first does.
///
/// # Spellings of a URI
///
/// Requests are matched by the normal form of their URI (RFC 3986 §6.2.2), in which equivalent spellings are one:
///
/// | in a request | rule |
/// |---|---|
/// | `%70`, `%2f` | is `p`, is `%2F`: letters, digits and `-._~` are not escaped, and hexadecimal digits are in upper case |
/// | a space, `ü` | is `%20`, is `%C3%BC` |
/// | `NOTES://` | is `notes://`; the case of everything behind the scheme is kept, also that of a host |
/// | `%`, `%zz` | refused, as a `%` without two hexadecimal digits |
/// | a segment `.` or `..`, also escaped | refused, because some clients resolve it and others do not |
/// | `%FF`, `%C0%AF` | no value, because it is not UTF-8 |
/// | `%2F`, `%2570` | is kept: part of a value, which is then `/` or `%70` |
/// | `//`, a `/` at the end, `user@`, `:80`, `+`, the order of fixed parameters, NFC and NFD | is kept, and is a difference |
///
/// # Scopes of a URI
///
/// **A URI needs the scopes of every resource that any spelling of it could mean**, whichever serves it. With
/// `files://private/{name}` for administrators and `files://{+path}` for everyone, `files://private%2Fx` is served by the
/// second one, to administrators only. These are taken for the same, for their scopes alone:
///
/// - escapes, and what they stand for after decoding once or more often; `\` and `/`;
/// - upper and lower case of ASCII letters;
/// - one `/` and several, and none at the end;
/// - a URI with and without parameters, a query or a fragment, and parameters in another order.
///
/// A resource without variables is the exception: read as it is declared, it needs its own scopes only, because no value of
/// the client reaches it. `notes://all` can be open to everyone beside a protected `notes://{id}`.
///
/// A template that takes URIs away from a later one that needs more scopes does not compile; declare the narrower one first,
/// or give both the same scopes. Between parts, it is a [`CompositionError`] when the server is built. Where two templates
/// overlap and each needs a scope that the other does not, the URIs of both need both.
///
/// # The resource
///
/// | key | value | default |
/// |---|---|---|
/// | `name` | text | the name of the method |
/// | `title` | text, for people | none |
/// | `description` | text | the doc comment |
/// | `mime_type` | the media type, where the result has none of its own | none |
/// | `scopes` | scopes that a caller needs beyond those of the server | none |
/// | `hidden` | it is listed only for callers whose token has its `scopes` | no |
/// | `size` | in bytes; only without variables | none |
/// | `ttl_ms` | how long a client may keep what it read, in milliseconds | 0 |
/// | `audience` | `["user"]`, `["assistant"]`, or both | none |
/// | `priority` | from 0.0, the least important, to 1.0 | none |
/// | `last_modified` | a timestamp of ISO 8601 | none |
/// | `icons`, `meta`, `blocking` | as for a [tool](macro@tool) | none |
///
/// Borrowed parameters come from the request, as in tools. The result is anything that implements [`IntoResource`].
pub use mcp_macros::resource;

/// Makes a method of a [`#[mcp::server]`](macro@server) or [`#[mcp::part]`](macro@part) block a prompt: messages to begin a
/// conversation with, which people choose.
///
/// ```
/// # struct Reviews;
/// # #[mcp::server]
/// # impl Reviews {
/// /// Review code.
/// #[mcp::prompt(title = "Code review")]
/// fn review(
///     &self,
///     /// The code.
///     code: String,
///     #[arg(default = "Rust")] language: String,
/// ) -> String {
///     format!("Review this {language} code:\n{code}")
/// }
/// # }
/// ```
///
/// | key | value | default |
/// |---|---|---|
/// | `name` | 1 to 128 ASCII letters, digits, `_`, `-`, `.` | the name of the method |
/// | `title` | text, for people | none |
/// | `description` | text, for people | the doc comment |
/// | `scopes` | scopes that a caller needs beyond those of the server | none |
/// | `hidden` | it is listed only for callers whose token has its `scopes` | no |
/// | `icons`, `meta`, `blocking` | as for a [tool](macro@tool) | none |
///
/// Owned parameters are its arguments, which clients send as texts: anything that serde reads from one, such as `String`,
/// `u64`, `bool` or an enum without fields. `Option<T>` may be left out. `#[arg(…)]` has `name`, `description` and `default`.
/// Borrowed parameters come from the request, as in tools. The result is anything that implements [`IntoPromptResult`].
pub use mcp_macros::prompt;

/// Makes a method complete an argument of a prompt, or a variable of a resource, of the same block.
///
/// ```
/// # struct Reviews;
/// # #[mcp::server]
/// # impl Reviews {
/// /// Review code.
/// #[mcp::prompt]
/// fn review(&self, language: String, framework: Option<String>) -> String {
///     format!("Review this {language} code ({framework:?}).")
/// }
///
/// #[mcp::completion(prompt = "review", argument = "framework")]
/// fn frameworks(&self, framework: String, language: Option<String>) -> Vec<&'static str> {
///     let known = match language.as_deref() {
///         Some("Python") => vec!["Django", "Flask"],
///         _ => vec!["Axum", "Rocket"],
///     };
///     known.into_iter().filter(|name| name.starts_with(&framework)).collect()
/// }
/// # }
/// ```
///
/// | key | value |
/// |---|---|
/// | `prompt` | the name of the prompt, or |
/// | `resource` | the template of the resource, as it is written there |
/// | `argument` | the argument or the variable |
/// | `blocking` | it blocks, and runs on a thread where it may |
///
/// The owned parameter that is named like the argument is what was typed so far. Others are named like other arguments, and
/// are what was chosen for these: an `Option` or one with a default, because nothing may be chosen yet. Borrowed parameters
/// come from the request, as in tools.
///
/// A caller needs the scopes of the prompt or the resource. The result is anything that implements [`IntoCompletion`], best
/// first; 100 values are sent.
pub use mcp_macros::completion;

/// Makes an `impl` block a part of a server: a block of another type, with a state of its own.
///
/// Its methods are annotated as those of a [server](macro@server). It is served with its server, by [`Http::with`], or added
/// while that runs, by [`Changes::add`].
///
/// ```
/// use mcp::{AccessToken, Http, StaticTokens};
///
/// struct Notes;
///
/// #[mcp::server(
///     issuer = "https://auth.example.com",
///     resource = "https://notes.example.com/mcp",
///     scopes = ["notes:read"],
///     optional_scopes = ["notes:find"],
/// )]
/// impl Notes {
///     /// List every note in the notebook.
///     #[mcp::tool]
///     fn list_notes(&self) -> Vec<String> {
///         vec![]
///     }
/// }
///
/// struct Search {
///     index: Vec<String>,
/// }
///
/// #[mcp::part(of = Notes)]
/// impl Search {
///     /// Find notes.
///     #[mcp::tool(scopes = ["notes:find"])]
///     fn find_notes(&self, text: String) -> Vec<String> {
///         self.index.iter().filter(|note| note.contains(&text)).cloned().collect()
///     }
/// }
///
/// let tokens = StaticTokens::new([("alice-token", AccessToken::ours("alice").with_scopes(["notes:read", "notes:find"]))]);
/// let server = Http::protected(Notes, tokens).with(Search { index: vec![] });
/// ```
///
/// | key | value | default |
/// |---|---|---|
/// | `of` | the type of the server | |
/// | `crate` | the path of this crate, if it is renamed | `::mcp` |
///
/// The guard is that of the server, and so are the scopes: one that the server does not declare does not compile. Names that
/// clash within a block do not compile, either; those that clash between blocks are found when the server is put together.
pub use mcp_macros::part;

/// The code of the README compiles, with the features that it speaks of.
#[cfg(all(doctest, feature = "axum", feature = "introspection", feature = "jwt"))]
#[doc = include_str!("../README.md")]
struct Readme;

/// The code of the pages about identity providers compiles.
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
