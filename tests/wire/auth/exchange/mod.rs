//! Tokens for other APIs, in the names of callers: what the authorization server is asked, and what handlers get.

mod answers;
mod cache;
mod requests;
mod setup;
mod tasks;

use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use axum::Router;
use http::HeaderValue;
use mcp::{
    AccessToken, Context, Downstream, DownstreamToken, Error, Http, Protection, StaticTokens, Target, TokenExchange,
    TokenExchangeBuilder,
};
use serde_json::{Value, json};

use crate::support::authorization_server::{AuthorizationServer, Reply};
use crate::support::client::{call, send};
use crate::support::log::keep_secret;
use crate::support::servers::RESOURCE;

/// An API whose authorization server knows resources (RFC 8707).
pub(super) struct Calendar;

impl Target for Calendar {
    const RESOURCE: &str = "https://calendar.example.com/v1";
    const SCOPES: &[&str] = &["events:read", "events:write"];
}

/// An API that has another name at its authorization server, as with Keycloak.
struct Orders;

impl Target for Orders {
    const RESOURCE: &str = "https://orders.example.com";
    const AUDIENCE: Option<&str> = Some("api://orders");
}

/// An API of Microsoft.
struct Graph;

impl Target for Graph {
    const RESOURCE: &str = "https://graph.microsoft.com";
    const SCOPES: &[&str] = &["User.Read", "https://graph.microsoft.com/Mail.Send"];
}

/// An API of Microsoft, with all that its client may do.
struct Storage;

impl Target for Storage {
    const RESOURCE: &str = "https://storage.azure.com";
}

/// A server that sends what it gets to nobody.
#[derive(Clone, Default)]
pub(super) struct Assistant {
    sent: Arc<Mutex<Vec<HeaderValue>>>,
}

#[mcp::server(issuer = "https://auth.example.com", resource = "http://127.0.0.1:8000/mcp", scopes = ["notes:read"])]
impl Assistant {
    /// List the events of today.
    #[mcp::tool(read_only)]
    async fn events(&self, calendar: &Downstream<Calendar>) -> Result<String, Error> {
        self.send(calendar.resource(), calendar.token().await?)
    }

    /// List the orders.
    #[mcp::tool]
    async fn orders(&self, orders: &Downstream<Orders>) -> Result<String, Error> {
        self.send(orders.resource(), orders.token().await?)
    }

    /// Send a mail about all files.
    #[mcp::tool]
    async fn mail(&self, graph: &Downstream<Graph>, storage: &Downstream<Storage>) -> Result<String, Error> {
        self.send(graph.resource(), graph.token().await?)?;
        self.send(storage.resource(), storage.token().await?)
    }

    /// Copy the calendar, as a task that asks for its token before or after it begins.
    #[mcp::tool(task)]
    async fn copy(&self, first: bool, calendar: &Downstream<Calendar>, cx: &Context) -> Result<String, Error> {
        if first {
            self.send(calendar.resource(), calendar.token().await?)?;
        }
        cx.start_task()?;
        while !self.sent().iter().any(|header| header == "go on") {
            tokio::task::yield_now().await;
        }
        self.send(calendar.resource(), calendar.token().await?)
    }

    /// The agenda.
    #[mcp::resource("calendar://agenda")]
    async fn agenda(&self, calendar: Option<&Downstream<Calendar>>) -> Result<String, Error> {
        let Some(calendar) = calendar else { return Ok("no calendar here".to_owned()) };
        self.send(calendar.resource(), calendar.token().await?)
    }
}

impl Assistant {
    #[expect(clippy::unnecessary_wraps, reason = "the tools return its result")]
    fn send(&self, resource: &str, token: DownstreamToken) -> Result<String, Error> {
        assert_eq!(format!("{token:?}"), "DownstreamToken { .. }");
        let header = HeaderValue::from(token);
        assert!(header.is_sensitive());
        self.sent.lock().unwrap().push(header);
        Ok(format!("sent to {resource}"))
    }

    fn sent(&self) -> Vec<HeaderValue> {
        self.sent.lock().unwrap().clone()
    }

    /// Takes the headers that were sent.
    fn take_sent(&self) -> Vec<String> {
        let sent = std::mem::take(&mut *self.sent.lock().unwrap());
        sent.iter().map(|header| header.to_str().unwrap().to_owned()).collect()
    }
}

/// An answer with a token.
pub(super) fn issued(token: &str, changes: Value) -> Reply {
    keep_secret(token);
    let mut answer = json!({
        "access_token": token,
        "issued_token_type": "urn:ietf:params:oauth:token-type:access_token",
        "token_type": "Bearer",
        "expires_in": 300,
    });
    for (name, value) in changes.as_object().expect("members") {
        answer[name] = value.clone();
    }
    answer.as_object_mut().expect("members").retain(|_, value| !value.is_null());
    Reply::new(200, answer.to_string())
}

fn refusal(status: u16, answer: &Value) -> Reply {
    Reply::new(status, answer.to_string())
}

/// Starts an authorization server with a token endpoint.
pub(super) async fn exchanging(reply: Reply) -> AuthorizationServer {
    AuthorizationServer::start("/token", reply).await
}

pub(super) fn exchange(server: &AuthorizationServer) -> TokenExchangeBuilder {
    keep_secret("the-secret-of-the-assistant");
    TokenExchange::builder(&Protection::of::<Assistant>())
        .token_endpoint(&server.url)
        .client_secret_basic("assistant", "the-secret-of-the-assistant")
}

/// A server with callers whose tokens end never, in an hour, in a minute, and who come from elsewhere.
fn http(assistant: &Assistant) -> Http<Assistant, mcp::Bearer<StaticTokens>> {
    let token = || AccessToken::issued_for(RESOURCE, "alice").with_scopes("notes:read");
    let within = |seconds| token().with_expires_at(SystemTime::now() + Duration::from_secs(seconds));
    let tokens = StaticTokens::new([
        ("inbound-token-1", token()),
        ("inbound-token-2", token().with_issuer("https://auth.example.com")),
        ("inbound-token-of-an-hour", within(3600)),
        ("inbound-token-of-a-minute", within(60)),
    ]);
    Http::protected(assistant.clone(), tokens)
}

pub(super) fn app(assistant: &Assistant, exchange: TokenExchangeBuilder) -> Router {
    http(assistant).exchange(exchange.build().expect("an exchange")).router()
}

/// Calls a tool, and returns the text of its result, or the whole response.
async fn text(app: &Router, token: &str, tool: &str) -> String {
    let response = send(app, call(token, tool, "{}")).await;
    match response.split_once(r#""content":[{"type":"text","text":""#) {
        Some((_, rest)) if response.starts_with("200 OK") => rest.split('"').next().unwrap_or_default().to_owned(),
        _ => response,
    }
}
