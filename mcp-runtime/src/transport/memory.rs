//! A client that is connected straight to a server object.

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::declared_version;
use super::dispatch::Dispatcher;

use crate::auth::{AccessToken, Audit, RequiredScopes};
use crate::budget::FLAT_CHARGE;
use crate::limits::Limits;
use crate::protocol::completion::{self, Completion, CompletionResult};
use crate::protocol::error::Error;
use crate::protocol::message::Message;
use crate::protocol::prompts::PromptResult;
use crate::protocol::resources::ReadResult;
use crate::protocol::response;
use crate::protocol::tools::ToolResult;
use crate::protocol::version::ProtocolVersion;
use crate::seal::StateKeys;
use crate::server::{
    Caller, Changes, DynamicTool, Layer, Outbox, PartOf, Protected, Rates, Recording, Server, Service,
};

/// A client for tests, connected straight to a server object.
///
/// It speaks the newest protocol version, over the same parser and the same dispatch as every other transport. There is
/// no HTTP, and there are no tokens: scopes are not enforced, and a tool that takes a `&AccessToken` responds that it
/// needs one. [`with_token`](Self::with_token) gives the client a token, whose scopes are enforced.
///
/// ```
/// struct Calculator;
///
/// #[mcp::server]
/// impl Calculator {
///     /// Add two numbers.
///     #[mcp::tool]
///     fn add(&self, a: i64, b: i64) -> i64 {
///         a + b
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), mcp::Error> {
/// let client = mcp::MemoryClient::new(Calculator);
/// let result = client.call_tool("add", serde_json::json!({"a": 1, "b": 2})).await?;
/// assert_eq!(result.text(), "3");
/// # Ok(())
/// # }
/// ```
#[must_use = "nothing is asked until a method is awaited"]
pub struct MemoryClient<S> {
    service: Arc<Service>,
    limits: Limits,
    token: Option<AccessToken>,
    server: PhantomData<fn() -> S>,
}

impl<S: Protected> MemoryClient<S> {
    /// Returns a client of the same server that has this token.
    ///
    /// Handlers get the token. Lists, calls and reads need its scopes as over HTTP; a token that lacks one gets the error
    /// with the code 403 that is the body of the response over HTTP. The token is not verified: its audience, issuer and
    /// expiry have no effect. For tests of these, use `mcp::testing::TestClient`.
    ///
    /// ```
    /// use mcp::{AccessToken, MemoryClient};
    /// use serde_json::json;
    ///
    /// # struct Notes;
    /// # #[mcp::server(
    /// #     issuer = "https://auth.example.com",
    /// #     resource = "https://notes.example.com/mcp",
    /// #     scopes = ["notes:read"],
    /// #     optional_scopes = ["notes:write"],
    /// # )]
    /// # impl Notes {
    /// /// Report the author of new notes.
    /// #[mcp::tool]
    /// fn author(&self, token: &AccessToken) -> String {
    ///     token.client_id.clone()
    /// }
    /// # /// Delete every note.
    /// # #[mcp::tool(scopes = ["notes:write"])]
    /// # fn clear(&self) -> String { String::new() }
    /// # }
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), mcp::Error> {
    /// let token = AccessToken::ours("alice").with_scopes("notes:read");
    /// let alice = MemoryClient::new(Notes).with_token(token);
    /// assert_eq!(alice.call_tool("author", json!({})).await?.text(), "alice");
    ///
    /// let refused = alice.call_tool("clear", json!({})).await.unwrap_err();
    /// assert_eq!(refused.code(), Some(403));
    /// # Ok(())
    /// # }
    /// ```
    pub fn with_token(&self, token: AccessToken) -> Self {
        let resource = self.service.shared().resource();
        let token = resource.iter().fold(token, |token, resource| token.with_hierarchy(resource.hierarchy()));
        let (service, limits) = (Arc::clone(&self.service), self.limits.clone());
        Self { service, limits, token: Some(token), server: PhantomData }
    }
}

impl<S: Server> MemoryClient<S> {
    /// Connects to `server`.
    pub fn new(server: S) -> Self {
        Self { service: Service::new(server), limits: Limits::default(), token: None, server: PhantomData }
    }

    /// Adds a part of the server, which is a block of another type.
    ///
    /// # Panics
    /// A tool, a resource or a prompt of the part has the name of one that is there already.
    #[track_caller]
    pub fn with<P: PartOf<S>>(self, part: P) -> Self {
        self.service.compose(part);
        self
    }

    /// Adds a tool that is known at run time only.
    ///
    /// # Panics
    /// A tool that does not fit the server panics. [`Changes::add_tool`](crate::Changes::add_tool) returns an error instead.
    #[track_caller]
    pub fn tool(self, tool: DynamicTool) -> Self {
        self.service.compose_tool(tool);
        self
    }

    /// Replaces all limits.
    pub fn limits(mut self, limits: Limits) -> Self {
        self.service.set_limits(&limits);
        self.limits = limits;
        self
    }

    /// Replaces rates of the attributes.
    ///
    /// Without a token, there is one caller. A rate for an unknown item is an error of every request.
    pub fn rates(self, rates: Rates) -> Self
    where
        S: Protected,
    {
        self.service.set_rates(rates);
        self
    }

    /// Sets the keys that seal the states of requests.
    ///
    /// Defaults to one random key. The first seals, and all of them open. Keys are 32 random bytes, secret like passwords.
    pub fn state_keys(self, keys: impl IntoIterator<Item = [u8; 32]>) -> Self {
        self.service.shared().set_state_keys(StateKeys::new(keys));
        self
    }

    /// Puts a [`Layer`] around every method. The layer that is added last is the outermost.
    pub fn layer(self, layer: impl Layer) -> Self {
        self.service.add_layer(layer);
        self
    }

    /// Reports the end of each request to `hook`. A second hook replaces the first.
    ///
    /// There are no decisions, because there is no authorization.
    pub fn audit(self, hook: impl Audit) -> Self {
        self.service.shared().set_audit(Arc::new(hook));
        self
    }

    /// Returns the handle that changes the offer and announces changes.
    #[must_use]
    pub fn changes(&self) -> Changes {
        self.service.changes()
    }

    /// The definitions of the tools, as `tools/list` shows them.
    ///
    /// # Errors
    /// The JSON-RPC error that the server answers with.
    pub async fn list_tools(&self) -> Result<Vec<Value>, Error> {
        #[derive(Deserialize)]
        struct List {
            tools: Vec<Value>,
        }
        Ok(self.send::<List>("tools/list", json!({})).await?.tools)
    }

    /// Calls a tool. `arguments` is anything that serialises to a JSON object.
    ///
    /// # Errors
    /// The JSON-RPC error that the server answers with. What a tool wants the model to know is not one: see
    /// [`ToolResult::is_error`].
    pub async fn call_tool(&self, name: &str, arguments: impl Serialize) -> Result<ToolResult, Error> {
        let arguments = serde_json::to_value(arguments).map_err(|error| Error::invalid_params(error.to_string()))?;
        self.send("tools/call", json!({"name": name, "arguments": arguments})).await
    }

    /// Reads a resource.
    ///
    /// # Errors
    /// The JSON-RPC error of the response.
    pub async fn read_resource(&self, uri: &str) -> Result<ReadResult, Error> {
        self.send("resources/read", json!({"uri": uri})).await
    }

    /// Runs a prompt with arguments that serialise to a JSON object of strings.
    ///
    /// # Errors
    /// The JSON-RPC error of the response.
    pub async fn prompt(&self, name: &str, arguments: impl Serialize) -> Result<PromptResult, Error> {
        let arguments = serde_json::to_value(arguments).map_err(|error| Error::invalid_params(error.to_string()))?;
        self.send("prompts/get", json!({"name": name, "arguments": arguments})).await
    }

    /// Completes the argument of a prompt, of which `value` is typed so far.
    ///
    /// # Errors
    /// The JSON-RPC error of the response.
    pub async fn complete_prompt(&self, prompt: &str, argument: &str, value: &str) -> Result<Completion, Error> {
        self.complete(completion::prompt_params(prompt, argument, value)).await
    }

    /// Completes the variable of a resource template, of which `value` is typed so far.
    ///
    /// # Errors
    /// The JSON-RPC error of the response.
    pub async fn complete_resource(&self, template: &str, variable: &str, value: &str) -> Result<Completion, Error> {
        self.complete(completion::template_params(template, variable, value)).await
    }

    async fn complete(&self, params: Value) -> Result<Completion, Error> {
        Ok(self.send::<CompletionResult>("completion/complete", params).await?.completion)
    }

    /// Sends any request. `params` must be an object. What the protocol requires in its `_meta` is added, unless it
    /// is there.
    ///
    /// A client that can be asked something declares that in `_meta`, and answers with a second request:
    ///
    /// ```
    /// use mcp::{Answer, Context, MemoryClient};
    /// use serde_json::json;
    ///
    /// # #[derive(serde::Deserialize, schemars::JsonSchema)]
    /// # struct Confirmation { confirm: bool }
    /// # struct Notes;
    /// # #[mcp::server]
    /// # impl Notes {
    /// /// Delete every note.
    /// #[mcp::tool]
    /// async fn clear(&self, cx: &Context) -> Result<bool, mcp::Error> {
    ///     let answer = cx.elicit::<Confirmation>("confirm", "Delete every note?").await?;
    ///     Ok(matches!(answer, Answer::Accepted(Confirmation { confirm: true })))
    /// }
    /// # }
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), mcp::Error> {
    /// let client = MemoryClient::new(Notes);
    /// let mut call = json!({"name": "clear"});
    /// call["_meta"] = json!({"io.modelcontextprotocol/clientCapabilities": {"elicitation": {}}});
    /// let asked = client.request("tools/call", call.clone()).await?;
    /// assert_eq!(asked["inputRequests"]["confirm"]["params"]["message"], "Delete every note?");
    ///
    /// call["inputResponses"] = json!({"confirm": {"action": "accept", "content": {"confirm": true}}});
    /// call["requestState"] = asked["requestState"].clone();
    /// let answer = client.request("tools/call", call).await?;
    /// assert_eq!(answer["content"][0]["text"], "true");
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// The JSON-RPC error that the server answers with.
    pub async fn request(&self, method: &str, params: Value) -> Result<Value, Error> {
        self.send(method, params).await
    }

    async fn send<T: for<'de> Deserialize<'de>>(&self, method: &str, mut params: Value) -> Result<T, Error> {
        if let Some(params) = params.as_object_mut()
            && let Some(meta) = params.entry("_meta").or_insert_with(|| json!({})).as_object_mut()
        {
            for (key, value) in [
                ("protocolVersion", json!(ProtocolVersion::V2026_07_28.as_str())),
                ("clientInfo", json!({"name": "mcp::MemoryClient", "version": env!("CARGO_PKG_VERSION")})),
                ("clientCapabilities", json!({})),
            ] {
                meta.entry(format!("io.modelcontextprotocol/{key}")).or_insert(value);
            }
        }
        self.service.check_rates().map_err(|error| Error::internal(error.to_string()))?;
        let body = json!({"jsonrpc": "2.0", "id": 1, "method": method, "params": params}).to_string().into();
        let request = match Message::parse(&body, self.limits.request.json_depth) {
            Ok(Message::Request(request)) => request,
            Ok(_) => return Err(Error::internal("a request was not read as one")),
            Err(unreadable) => return Err(unreadable.error),
        };
        let version = declared_version(&request).unwrap_or(Ok(ProtocolVersion::UNDECLARED))?;
        let token = self.token.as_ref();
        let resource = token.and_then(|_| self.service.shared().resource());
        let allows = |needed: &[&str]| match (token, &resource) {
            (Some(token), Some(resource)) => resource.allows(token, needed),
            _ => true,
        };
        let dispatcher = Dispatcher {
            service: &self.service,
            catalog: &self.service.catalog(),
            session: None,
            limits: &self.limits.streams,
            satisfies: |_: Option<&AccessToken>, needed: &RequiredScopes| allows(needed.scopes()),
        };
        let outbox = Outbox::new(self.limits.streams.capacity(), FLAT_CHARGE);
        let mut recording = Recording::begin(&self.service.shared().auditor(), || None);
        recording.set_token(token);
        recording.set_request(&request);
        let result = async {
            let resolved = dispatcher.resolve(&request, version, token, &mut recording);
            let needed = resolved.as_ref().ok().and_then(|resolved| resolved.operation.needed());
            if let Some(resource) = &resource {
                // Errors of the request are reported to a caller who has the scopes, as over HTTP.
                let required = resource.required();
                let needed = needed.filter(|_| allows(required)).map_or(required, RequiredScopes::scopes);
                if !allows(needed) {
                    return Err(Error::insufficient_scope(needed, &resource.ask(needed)));
                }
            }
            dispatcher.count(token).await?;
            let caller = Caller { token: token.cloned(), ..Caller::default() };
            let resolved = resolved?;
            dispatcher.reveal(&resolved, &caller).await?;
            let decision = dispatcher.decide(resolved, caller, outbox.clone(), &mut recording)?;
            dispatcher.run(decision, &outbox).await
        };
        let result = result.await;
        recording.end(&result);
        let answer = response::answer(request.id, result.map(|result| result.json));
        response::read(&answer).unwrap_or_else(|| Err(Error::internal("no result of the expected type")))
    }
}

impl<S> fmt::Debug for MemoryClient<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryClient").field("limits", &self.limits).finish_non_exhaustive()
    }
}
