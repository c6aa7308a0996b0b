//! Tools that are known at run time only.

use std::any::type_name;
use std::fmt;
use std::ops::Deref;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use mcp_core::Name;
use schemars::{Schema, SchemaGenerator};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::arguments::Arguments;
use super::object_schema::ObjectSchema;
use super::request::Request;
use super::{Method, MethodFuture};
use crate::auth::AccessToken;
use crate::json::read::without_position;
use crate::json::truncate::truncated;
use crate::protocol::denied::Denied;
use crate::protocol::error::Error;
use crate::protocol::tools::{ToolAnnotations, ToolResult};
use crate::server::context::Context;
use crate::server::context::request::RequestContext;
use crate::server::rates::rate::Rate;
use crate::server::results::tool::IntoToolResult;

/// A tool that is known at run time only, such as one of a description in a database.
///
/// It has a name, a description, a JSON schema of its arguments, and an async closure. [`Http::tool`](crate::Http::tool) adds
/// it at start, and [`Changes::add_tool`](crate::Changes::add_tool) to a running server. It is authorized, listed, called and
/// audited like a tool of an `impl` block. Prefer those, whose types are checked by the compiler.
///
/// ```
/// use mcp::DynamicTool;
/// use serde_json::json;
///
/// # struct Notes;
/// # #[mcp::server]
/// # impl Notes {
/// #     /// List every note.
/// #     #[mcp::tool]
/// #     fn list_notes(&self) -> Vec<String> { vec![] }
/// # }
/// # fn main() -> Result<(), mcp::DynamicToolError> {
/// let schema = json!({"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]});
/// let weather = DynamicTool::new("weather", "Look up the weather.", schema, |call| async move {
///     format!("It is warm in {}.", call.arguments()["city"])
/// })?;
/// let http = mcp::Http::open(Notes).tool(weather.read_only(true));
/// # let _ = http;
/// # Ok(())
/// # }
/// ```
///
/// # Arguments
///
/// The arguments of a call are checked against the schema before the closure runs. An argument that is not among the
/// `properties` is refused, unless the schema has `additionalProperties`. Defaults are not filled in, and `format` is a hint
/// for the client.
///
/// The enforced keywords (JSON Schema 2020-12) are `type`, `enum`, `const`, `minimum`, `maximum`, `exclusiveMinimum`,
/// `exclusiveMaximum`, `minLength`, `maxLength`, `pattern`, `items`, `prefixItems`, `minItems`, `maxItems`, `uniqueItems`,
/// `properties`, `required`, `additionalProperties`, `minProperties`, `maxProperties`, `anyOf`, `oneOf`, `allOf`, `not`, and
/// `$ref` to `#/$defs/`. A schema with any other constraint is an error, so that none is silently ignored. No header repeats an
/// argument.
#[must_use = "a tool is added to a server"]
pub struct DynamicTool {
    pub(in crate::server) name: Name,
    pub(in crate::server) title: Option<String>,
    pub(in crate::server) description: String,
    /// The schema as written.
    pub(in crate::server) input_schema: Value,
    schema: ObjectSchema,
    pub(in crate::server) scopes: Vec<String>,
    pub(in crate::server) is_hidden: bool,
    pub(in crate::server) rate: Option<Rate>,
    pub(in crate::server) timeout: Option<Duration>,
    guards: Vec<(&'static str, Guard)>,
    pub(in crate::server) annotations: ToolAnnotations,
    pub(in crate::server) output_schema: fn(&mut SchemaGenerator) -> Option<Schema>,
    handler: Handler,
}

type Handler = Box<dyn Fn(DynamicCall) -> CallFuture<Result<ToolResult, Error>> + Send + Sync>;

type Guard = Box<dyn Fn(DynamicRequest) -> CallFuture<Result<(), Denied>> + Send + Sync>;

type CallFuture<T> = Pin<Box<dyn Future<Output = T> + Send>>;

impl DynamicTool {
    /// Creates a tool of a name, a description for models, a schema of the arguments, and a handler.
    ///
    /// # Errors
    /// [`DynamicToolError`] if clients would refuse the name, if the description is empty, or if the schema is not one of an
    /// object, or has a keyword that is not enforced.
    pub fn new<H, F>(
        name: impl Into<String>,
        description: impl Into<String>,
        input_schema: Value,
        handler: H,
    ) -> Result<Self, DynamicToolError>
    where
        H: Fn(DynamicCall) -> F + Send + Sync + 'static,
        F: Future<Output: IntoToolResult> + Send + 'static,
    {
        let (name, description) = (name.into(), description.into());
        let invalid = |why: &dyn fmt::Display| DynamicToolError(format!("the tool `{name}` is invalid: {why}"));
        let parsed = Name::parse(name.clone()).map_err(|error| invalid(&error))?;
        if description.trim().is_empty() {
            return Err(invalid(&"it has no description, by which a model decides when to call it"));
        }
        Ok(Self {
            schema: ObjectSchema::parse(&input_schema).map_err(|error| invalid(&error))?,
            name: parsed,
            title: None,
            description,
            input_schema,
            scopes: Vec::new(),
            is_hidden: false,
            rate: None,
            timeout: None,
            guards: Vec::new(),
            annotations: ToolAnnotations::NONE,
            output_schema: <F::Output as IntoToolResult>::output_schema,
            handler: Box::new(move |call| {
                let result = handler(call);
                Box::pin(async move { result.await.into_tool_result() })
            }),
        })
    }

    /// Sets the name for people.
    pub fn title(mut self, title: impl Into<String>) -> Self {
        self.title = Some(title.into());
        self
    }

    /// Sets the scopes that a caller needs beyond those of the server.
    ///
    /// The server declares each of them, in `scopes` or `optional_scopes` of its attribute.
    pub fn scopes(mut self, scopes: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.scopes = scopes.into_iter().map(Into::into).collect();
        self
    }

    /// Lists the tool only for callers with its scopes.
    ///
    /// The tool has scopes beyond those of every request. Guards do not hide it, because they decide by its arguments.
    pub fn hidden(mut self) -> Self {
        self.is_hidden = true;
        self
    }

    /// Adds a guard, which decides about each call before the handler runs.
    ///
    /// Guards are asked in order, with valid arguments, after the scopes and the rate are checked. Those of the server's
    /// attribute are not among them, because they belong to the items of its block. A method of the server that is a guard
    /// elsewhere can be called here, too.
    ///
    /// ```
    /// use mcp::{Denied, DynamicRequest, DynamicTool, FromRequest, Request};
    /// use serde_json::json;
    ///
    /// /// The tenant of the caller.
    /// struct Tenant(String);
    ///
    /// impl FromRequest for Tenant {
    ///     async fn from_request(request: &Request<'_>) -> Result<Self, Denied> {
    ///         let token = request.token().ok_or(Denied::absent("this needs an access token"))?;
    ///         Ok(Self(token.client_id.clone()))
    ///     }
    /// }
    ///
    /// /// Reports belong to tenants.
    /// async fn same_tenant(call: DynamicRequest) -> Result<(), Denied> {
    ///     let tenant = call.request().extract::<Tenant>().await?;
    ///     if call.arguments()["of"] == *tenant.0 { Ok(()) } else { Err(Denied::not_found()) }
    /// }
    ///
    /// # fn main() -> Result<(), mcp::DynamicToolError> {
    /// let schema = json!({"type": "object", "properties": {"of": {"type": "string"}}, "required": ["of"]});
    /// let report = DynamicTool::new("report", "Write a report.", schema, |_| async { "All is well." })?;
    /// let report = report.guard(same_tenant).rate(mcp::Rate::per_minute(30));
    /// # let _ = report;
    /// # Ok(())
    /// # }
    /// ```
    pub fn guard<G, F>(mut self, guard: G) -> Self
    where
        G: Fn(DynamicRequest) -> F + Send + Sync + 'static,
        F: Future<Output = Result<(), Denied>> + Send + 'static,
    {
        self.guards.push((type_name::<G>(), Box::new(move |call| Box::pin(guard(call)))));
        self
    }

    /// Limits the calls of each account. Optional. Beyond it, the model reads for how long to wait.
    ///
    /// An open server has no accounts, and refuses the tool. [`Rates`](crate::Rates) can replace the rate.
    pub fn rate(mut self, rate: Rate) -> Self {
        self.rate = Some(rate);
        self
    }

    /// Limits the time of a call, guards included. Defaults to that of the server. Beyond it, the handler is dropped, and
    /// the model reads that the call timed out.
    pub fn timeout(mut self, limit: Duration) -> Self {
        self.timeout = Some(limit);
        self
    }

    /// Hints that the tool changes nothing.
    pub fn read_only(mut self, value: bool) -> Self {
        self.annotations.read_only_hint = Some(value);
        self
    }

    /// Hints that the tool may delete or overwrite, not only add.
    pub fn destructive(mut self, value: bool) -> Self {
        self.annotations.destructive_hint = Some(value);
        self
    }

    /// Hints that a repeated call has no further effect.
    pub fn idempotent(mut self, value: bool) -> Self {
        self.annotations.idempotent_hint = Some(value);
        self
    }

    /// Hints that the tool interacts with external entities, such as the web.
    pub fn open_world(mut self, value: bool) -> Self {
        self.annotations.open_world_hint = Some(value);
        self
    }
}

impl DynamicTool {
    /// Returns the names of the guards' types.
    pub(in crate::server) fn guards(&self) -> Vec<&'static str> {
        self.guards.iter().map(|(name, _)| *name).collect()
    }
}

impl fmt::Debug for DynamicTool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.name.as_str();
        f.debug_struct("DynamicTool").field("name", &name).field("scopes", &self.scopes).finish_non_exhaustive()
    }
}

/// The reason why a tool cannot be made at run time. Its message names the tool and the remedy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DynamicToolError(String);

impl fmt::Display for DynamicToolError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for DynamicToolError {}

/// A request to call a [`DynamicTool`], with valid arguments, as its guards see it.
///
/// It has no [`Context`], because before the verdict, nothing is asked or told.
#[derive(Clone)]
pub struct DynamicRequest {
    arguments: Map<String, Value>,
    request: Arc<RequestContext>,
}

impl DynamicRequest {
    /// Returns the arguments by name. An optional one may be absent.
    #[must_use]
    pub fn arguments(&self) -> &Map<String, Value> {
        &self.arguments
    }

    /// Reads the arguments as a type.
    ///
    /// # Errors
    /// An error for the model, if the type refuses what the schema allows.
    pub fn read<T: DeserializeOwned>(&self) -> Result<T, Error> {
        T::deserialize(&self.arguments)
            .map_err(|error| Error::tool(format!("The arguments: {}", without_position(&error))))
    }

    /// Returns the request, with the server and the values that it makes from requests.
    #[must_use]
    pub fn request(&self) -> Request<'_> {
        Request::of(&self.request)
    }

    /// Returns the token of the caller. Only requests over HTTP to a protected server carry one.
    #[must_use]
    pub fn token(&self) -> Option<&AccessToken> {
        self.request.token()
    }
}

/// Shows nothing that the client sent.
impl fmt::Debug for DynamicRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DynamicRequest").field("request", &self.request).finish_non_exhaustive()
    }
}

/// One call of a [`DynamicTool`]: the request, and the [`Context`] of a method.
#[derive(Clone, Debug)]
pub struct DynamicCall(DynamicRequest);

impl DynamicCall {
    /// Returns the context of the request.
    #[must_use]
    pub fn context(&self) -> &Context {
        &self.0.request.context
    }
}

impl Deref for DynamicCall {
    type Target = DynamicRequest;

    fn deref(&self) -> &DynamicRequest {
        &self.0
    }
}

impl Method<ToolResult> for Arc<DynamicTool> {
    fn clone_boxed(&self) -> Box<dyn Method<ToolResult>> {
        Box::new(Self::clone(self))
    }

    fn call<'a>(&'a self, arguments: Arguments<'a>, request: &'a Arc<RequestContext>) -> MethodFuture<'a, ToolResult> {
        Box::pin(async move {
            let mut read = Map::new();
            for (name, value) in arguments.given() {
                let value = serde_json::from_str(value.get()).map_err(|error| {
                    Error::tool(format!("Argument {}: {}", truncated(name), without_position(&error)))
                })?;
                if read.insert(name.clone().into_owned(), value).is_some() {
                    return Err(Error::tool(format!("Argument {} is given twice", truncated(name))));
                }
            }
            self.schema.check(&read).map_err(Error::tool)?;
            let call = DynamicRequest { arguments: read, request: Arc::clone(request) };
            for (_, guard) in &self.guards {
                guard(call.clone()).await?;
            }
            request.context.decided();
            (self.handler)(DynamicCall(call)).await
        })
    }
}
