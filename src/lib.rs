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
//! | return a result | [`IntoToolResult`], [`IntoResource`], [`IntoPromptResult`], [`IntoCompletion`], [`Json`], [`Error`](struct@Error) |
//! | ask the client, report progress, start a task | [`Context`] |
//! | notify clients of changes | [`Changes`] |
//! | verify JWTs (RFC 9068) | `JwtVerifier`, feature `jwt` |
//! | verify tokens of Entra ID, Auth0, Keycloak, Okta and others | `JwtProfile`, feature `jwt` |
//! | list all problems of a token | `JwtVerifier::explain`, feature `jwt` |
//! | verify tokens by introspection (RFC 7662) | `IntrospectionVerifier`, feature `introspection` |
//! | verify tokens by a fixed table or with custom code | [`StaticTokens`], [`TokenVerifier`], [`AcceptedTokens`] |
//! | cache the results of a custom verifier | [`CachedVerifier`] |
//! | identify the caller | [`AccessToken`], [`access_token`], [`TokenInfo::claims`] |
//! | record the decisions about tokens | [`Http::audit`], [`Decision`] |
//! | serve over HTTP, alone or in an axum app | [`Http`] |
//! | change the protection for another environment | [`Protection`] |
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
//! 4. The scopes of the tool are checked, and the decision is an event ([`Audit`]).
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
//! - `testing`, for `[dev-dependencies]`: an issuer, a client, a battery of attacks and the manifest of a server. Includes
//!   `jwt` and `introspection`.

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
/// Clients use the annotated methods: [`#[mcp::tool]`](macro@tool), [`#[mcp::resource]`](macro@resource),
/// [`#[mcp::prompt]`](macro@prompt) and [`#[mcp::completion]`](macro@completion). Other methods are not affected. A
/// type has at most one such block; blocks of other types can be [parts](macro@part).
///
/// A server with `issuer` and `resource` is [`Protected`], and one without them is [`Open`]. One key without the other
/// does not compile.
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
/// # Description
///
/// | key | value | default |
/// |---|---|---|
/// | `name` | the name of the server | the name of the type |
/// | `version` | the version of the server | the version of the package |
/// | `title` | a name for people | none |
/// | `instructions` | instructions for models: how to use the server | none |
/// | `website` | the URL of a page for people | none |
/// | `icons` | icons for people | none |
///
/// An icon is a URL, or a URL with properties:
/// `icons = ["https://…/icon.png", { src = "https://…/icon.svg", mime_type = "image/svg+xml", sizes = ["any"], theme = "dark" }]`.
/// The URL is an `https` one, or a `data:image/…` with the image inside.
///
/// # Protection
///
/// | key | value |
/// |---|---|
/// | `issuer` | the authorization server, or a list of them (RFC 8414 §2), published verbatim |
/// | `resource` | the public URL of the endpoint (RFC 9728 §1.2), whose path is the path of the server |
/// | `scopes` | the scopes that every request needs, published as `scopes_supported` |
/// | `optional_scopes` | the further scopes that single tools may need |
/// | `extra_scopes` | the scopes that clients request and that tokens need not have |
/// | `scope_prefix` | the text before each scope of the server when clients request it |
/// | `hierarchy` | the scopes that include others, from broad to narrow |
/// | `resource_name` | a name for people, published in the metadata |
/// | `resource_documentation` | the URL of a page for developers, published in the metadata |
///
/// URLs are `https`; `http` is accepted for loopback hosts. All values are checked at compile time and become literals
/// in the expansion, so that `cargo expand` shows the document and the headers that are served. To replace issuer and
/// resource at start, for another environment, see [`Protection`].
///
/// # Scopes that clients request
///
/// Clients request the scopes that the metadata document (`scopes_supported`) and the challenges name. Two keys make these
/// differ from the scopes that a token must have:
///
/// - `scope_prefix` is for authorization servers, such as Entra ID, that grant a scope under a longer name than the one
///   in tokens. With `scope_prefix = "{resource}/"`, clients request `https://notes.example.com/mcp/notes.read`.
///   Tokens, handlers and records have `notes.read`. `{resource}` is the resource of the server, also if [`Protection`]
///   replaces it, and a prefix that starts with the resource itself is equivalent. A prefix may also be fixed:
///   `api://00001111-aaaa-2222-bbbb-3333cccc4444/`. A prefix ends with `/`, `:` or another separator, and the prefixed
///   scopes obey RFC 6749 §3.3.
/// - `extra_scopes = ["openid"]` is for authorization servers that issue no token without a scope of their own. Others
///   limit a client to the scopes of its first request. An optional scope in the list is requested at once, under its
///   longer name. Every challenge lists the extra scopes after the required ones, so that a client keeps them. The MCP
///   specification leaves `offline_access` to the client.
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
/// # Arguments and schemas
///
/// | key | effect | default |
/// |---|---|---|
/// | `lenient` | parses arguments that are sent as texts, and ignores unknown ones, see [`tool`](macro@tool#lenient-servers) | no |
/// | `inline_schemas` | inlines schemas in place of `$ref`; a recursive type is inlined once, and further inside only its JSON type remains | no |
///
/// # Renamed crate
///
/// | key | value | default |
/// |---|---|---|
/// | `crate` | the path of this crate | `::mcp` |
pub use mcp_macros::server;

/// Makes a method of a [`#[mcp::server]`](macro@server) block a tool.
///
/// A model chooses tools by their descriptions, so a doc comment is mandatory. `#[doc = include_str!("delete.md")]`,
/// `concat!` and other macros that expand to a text work as well, alone or between lines. Each starts a new line, and
/// white space around the whole description is removed.
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
/// # Keys
///
/// | key | value | default |
/// |---|---|---|
/// | `name` | the name for clients: 1 to 128 ASCII letters, digits, `_`, `-`, `.` | the name of the method |
/// | `title` | a name for people | none |
/// | `description` | a description for models | the doc comment |
/// | `scopes` | the scopes that a caller needs beyond those of the server | none |
/// | `hidden` | lists the tool only for callers with its `scopes` | no |
/// | `read_only` | a hint: the tool changes nothing | unset |
/// | `destructive` | a hint: the tool may delete or overwrite, not only add | unset |
/// | `idempotent` | a hint: a repeated call has no further effect | unset |
/// | `open_world` | a hint: the tool interacts with external entities, such as the web | unset |
/// | `task` | lets a call become a task | no |
/// | `input_schema` | a JSON schema of the arguments, in place of the generated one | generated |
/// | `lenient` | parses arguments that are sent as texts | that of the server |
/// | `icons` | icons for people, as for a [server](macro@server) | none |
/// | `meta` | a JSON object, the `_meta` of the tool | none |
/// | `blocking` | runs the method on a thread for blocking code | no |
///
/// The four hints accept a value: `destructive = false`.
///
/// Tools that need extra scopes are listed for everyone, so that clients can discover and request them. A call without the
/// scopes is refused with a challenge that names them. Add `hidden` to list a tool only for callers who already hold its
/// scopes, directly or by the hierarchy. A call without them is refused in the same way. The lists of a server with such a
/// tool are marked as private (`cacheScope`). Over stdio and in memory there are no tokens, and every tool is listed.
///
/// With `task`, a method can turn the call into a task, if the client supports tasks: [`Context::start_task`]. With
/// `task = "required"`, calls of other clients are refused.
///
/// Values of `meta` and `input_schema` are plain JSON: `meta = { "com.example/color": ["red", 1, null] }`. Keys of
/// `meta` obey the rules of the specification ("General fields"). An `input_schema` has exactly one property for every
/// parameter. Clients see the schema, but only the types of the parameters are enforced; the method checks all other
/// constraints. An `x-mcp-header` in the schema needs the same name in `#[arg(header = …)]`.
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
/// # Parameters
///
/// Owned parameters come from the client, borrowed ones from the request.
///
/// An **owned** parameter is an argument: any type that implements `serde::Deserialize` and `schemars::JsonSchema`. Its doc
/// comment is the description. A client may omit an `Option<T>`. Without a `default`, `null` is equivalent, but the schema
/// names `T` alone, because some clients do not support values of several types. `#[arg(…)]` has further keys:
///
/// | key | value |
/// |---|---|
/// | `name` | the name for clients, such as `"contactMethod"`: 1 to 64 ASCII letters, digits, `_`, `-`, `.`; by default, the name of the parameter |
/// | `description` | a description for models; by default, the doc comment |
/// | `default` | an expression for an absent argument; the schema shows a literal, and the doc comment should name any other |
/// | `range` | the minimum and the maximum of a number: `1..=5`, `0.0..1.0`, `1..` |
/// | `length` | the minimum and the maximum length of a text, in characters, or of a list, in items: `1..=80` |
/// | `pattern` | a regular expression that a text must match |
/// | `header` | the rest of the header `Mcp-Param-…` that repeats a text, an integer or a boolean for proxies: `"Region"` |
///
/// Constraints are in the schema and enforced. An invalid argument never reaches the method. The model receives a
/// result with `isError` that names the place and the reason:
/// `Argument person.address.postalCode: expected a string, got 1`. An unknown argument is invalid, too. For unknown
/// fields of a struct, add `#[serde(deny_unknown_fields)]`.
///
/// A whole number is an integer in any spelling: `5.0` and `1e3` are valid integers (JSON Schema 2020-12 validation,
/// §6.1.1).
///
/// In a type, `#[schemars(range(…))]` and `#[schemars(length(…))]` are enforced as well, at any depth, in every form
/// that serde accepts. If a type has such limits:
///
/// - an array in place of a struct, and the alias of a variant with fields, are refused;
/// - a field under an alias (`#[serde(alias)]`) is checked if it is required, or if the struct has
///   `#[serde(deny_unknown_fields)]`;
/// - **the alias of any other optional field is not checked**, nor one in an untagged enum with another form for the value.
///   The schema does not distinguish such an alias from an ignored field.
///
/// **A pattern or a format in a type is in the schema but not enforced.** `#[schemars(regex(…))]`, `#[schemars(email)]`
/// and the like inform the model. The method, or the `Deserialize` of the type, has to check the value. The `pattern`
/// of `#[arg(…)]` is enforced.
///
/// The schema only uses keywords that all clients support. `additionalProperties`, `oneOf`, `const`, `prefixItems` and
/// rare formats are replaced or removed, so that the root of the schema does not forbid unknown arguments. The
/// descriptions of an enum's variants become part of the description of the enum.
///
/// A **borrowed** parameter comes from the request: [`&Context`](Context), `&AccessToken`,
/// [`&http::request::Parts`](http::request::Parts). `Option<&AccessToken>` is for requests that may have no token: over
/// stdio, in memory, on an open server.
///
/// ## Lenient servers
///
/// Some models and clients send `"5"` for a number, an object as a text, an empty text for an optional argument, or
/// additional arguments. Such calls are errors, unless the tool or its server is `lenient`:
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
/// A text is parsed if the type expects a number, a boolean, an array or an object and no text, at any depth. For an
/// optional argument or field of any type, an empty text and `null` count as absent. Unknown arguments are ignored, and
/// so are unknown fields of a struct with `#[serde(deny_unknown_fields)]`. Constraints apply to the parsed values.
///
/// # Result
///
/// The return type implements [`IntoToolResult`].
pub use mcp_macros::tool;

/// Makes a method a resource, or a template for many resources.
///
/// The method is in a [`#[mcp::server]`](macro@server) or [`#[mcp::part]`](macro@part) block.
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
/// # URI
///
/// The URI precedes the keys. A URI with variables is a template (RFC 6570). Each variable is an owned parameter of the
/// same name, and a variable without a parameter, or the reverse, does not compile.
///
/// | variable | value |
/// |---|---|
/// | `{id}` | the text up to `/`, `?`, `#`, `&`, `;` or `,`, which clients percent-encode in values |
/// | `{/id}`, `{.id}` | the same, after a `/` or a `.` |
/// | `{+path}`, `{#path}` | any text, including those characters; a template has at most one such variable |
/// | `{?q,lang}`, `{&q}`, `{;q}` | an optional parameter by name: an `Option`, or a parameter with a default |
///
/// Text after a variable ends the value at its first occurrence: in `{year}-{month}`, `year` has no `-`. Values are
/// percent-decoded once and deserialized with serde: texts, numbers, `bool`, enums without fields. **A value can be any
/// text, such as `/etc`**; check a value before using it as a path. `#[arg(…)]` has `name`, for a variable that is not
/// a Rust identifier, and `default`.
///
/// A URI without variables takes precedence over templates. Among templates, the first declared one that matches serves the
/// URI.
///
/// # Spellings of a URI
///
/// Requests are matched by the normal form of their URI (RFC 3986 §6.2.2), which is the same for equivalent spellings:
///
/// | in a request | rule |
/// |---|---|
/// | `%70`, `%2f` | becomes `p`, becomes `%2F`: letters, digits and `-._~` are not escaped, and hexadecimal digits are in upper case |
/// | a space, `ü` | becomes `%20`, becomes `%C3%BC` |
/// | `NOTES://` | becomes `notes://`; the rest of the URI keeps its case, including the host |
/// | `%`, `%zz` | refused: a `%` without two hexadecimal digits |
/// | a segment `.` or `..`, escaped or not | refused, because only some clients resolve it |
/// | `%FF`, `%C0%AF` | matches no variable, because the value is not UTF-8 |
/// | `%2F`, `%2570` | stays, as part of a value, which is then `/` or `%70` |
/// | `//`, a trailing `/`, `user@`, `:80`, `+`, the order of fixed parameters, NFC and NFD | stays, and distinguishes URIs |
///
/// # Scopes of a URI
///
/// **A URI needs the scopes of every resource that any spelling of it could mean**, whichever serves it. Suppose that
/// `files://private/{name}` is for administrators and `files://{+path}` for everyone. Then the second one serves
/// `files://private%2Fx`, but to administrators only. For scopes alone, these differences do not count:
///
/// - escapes and the characters that they decode to, once or several times; `\` and `/`;
/// - upper and lower case of ASCII letters;
/// - empty segments, and a trailing `/`;
/// - parameters and their order, a query, a fragment.
///
/// A resource without variables is the exception. Read under its declared URI, it needs its own scopes only, because no
/// value of the client reaches the method. `notes://all` can be open to everyone beside a protected `notes://{id}`.
///
/// A template that serves URIs of a later one with more scopes does not compile. Declare the narrower template first,
/// or give both the same scopes. Between parts, such a conflict is a [`CompositionError`] when the server is built. If
/// two templates overlap and each needs a scope that the other does not, the URIs of both need both scopes.
///
/// # Keys
///
/// | key | value | default |
/// |---|---|---|
/// | `name` | the name of the resource | the name of the method |
/// | `title` | a name for people | none |
/// | `description` | a description | the doc comment |
/// | `mime_type` | the media type of results without one of their own | none |
/// | `scopes` | the scopes that a caller needs beyond those of the server | none |
/// | `hidden` | lists the resource only for callers with its `scopes` | no |
/// | `size` | the size in bytes, for a URI without variables | none |
/// | `ttl_ms` | the time that clients may cache the content, in milliseconds | 0 |
/// | `audience` | `["user"]`, `["assistant"]`, or both | none |
/// | `priority` | the importance, from 0.0 to 1.0 | none |
/// | `last_modified` | a timestamp of ISO 8601 | none |
/// | `icons`, `meta`, `blocking` | as for a [tool](macro@tool) | none |
///
/// Borrowed parameters come from the request, as in tools. The return type implements [`IntoResource`].
pub use mcp_macros::resource;

/// Makes a method a prompt: messages that start a conversation.
///
/// People choose prompts by their descriptions. The method is in a [`#[mcp::server]`](macro@server) or
/// [`#[mcp::part]`](macro@part) block.
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
/// | `name` | the name for clients: 1 to 128 ASCII letters, digits, `_`, `-`, `.` | the name of the method |
/// | `title` | a name for people | none |
/// | `description` | a description for people | the doc comment |
/// | `scopes` | the scopes that a caller needs beyond those of the server | none |
/// | `hidden` | lists the prompt only for callers with its `scopes` | no |
/// | `icons`, `meta`, `blocking` | as for a [tool](macro@tool) | none |
///
/// Owned parameters are the arguments. Clients send them as texts, so the types are those that serde deserializes from
/// one: `String`, `u64`, `bool`, enums without fields. A client may omit an `Option<T>`. `#[arg(…)]` has `name`,
/// `description` and `default`. Borrowed parameters come from the request, as in tools. The return type implements
/// [`IntoPromptResult`].
pub use mcp_macros::prompt;

/// Makes a method a completion of an argument or a variable.
///
/// The argument belongs to a prompt of the same block, the variable to a resource of the same block.
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
/// | `prompt` | the name of the prompt |
/// | `resource` | the template of the resource, as declared; excludes `prompt` |
/// | `argument` | the argument or the variable |
/// | `blocking` | runs the method on a thread for blocking code |
///
/// The owned parameter with the name of the argument is the text that the user typed so far. Other owned parameters
/// have the names of other arguments, and are the values that the user chose for them. Their types are `Option`, or
/// they have a default, because there may be no value yet. Borrowed parameters come from the request, as in tools.
///
/// A caller needs the scopes of the prompt or the resource. The return type implements [`IntoCompletion`], with the
/// best value first. Clients receive at most 100 values.
pub use mcp_macros::completion;

/// Makes an `impl` block a part of a server.
///
/// A part is a block of another type, with a state of its own. Its methods are annotated like those of a
/// [server](macro@server). [`Http::with`] adds a part to a server, and [`Changes::add`] to a running one.
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
/// | `crate` | the path of this crate, if renamed | `::mcp` |
///
/// The server protects its parts. A scope that the server does not declare does not compile. Duplicate names in a block
/// do not compile, either; duplicates between blocks are a [`CompositionError`] when the server is built.
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
