//! Tokens that are bound to a key (DPoP, RFC 9449), beside bearer tokens and in place of them.

mod limits;
mod places;
mod refusals;

use axum::Router;
use http::Method;
use http::request::Parts;
use mcp::testing::{TestKey, TestProof};
use mcp::{AccessToken, Confirmation, Http, JwtAlgorithm, Limits, Protection, StaticTokens};

use crate::support::client::{modern_message, request, send};

const RESOURCE: &str = "http://127.0.0.1:8000/mcp";

struct Notes;

#[mcp::server(
    name = "notes",
    version = "1",
    issuer = "https://auth.example.com",
    resource = "http://127.0.0.1:8000/mcp",
    scopes = ["notes:read"],
    optional_scopes = ["notes:write"],
    dpop = "accepted"
)]
impl Notes {
    /// Report the caller, and the credentials among the headers.
    #[mcp::tool]
    fn whoami(&self, token: &AccessToken, request: &Parts) -> String {
        let visible = ["authorization", "dpop"].into_iter().filter(|name| request.headers.contains_key(*name));
        format!("{} {:?}", token.client_id, visible.collect::<Vec<_>>())
    }

    /// Add a note.
    #[mcp::tool(scopes = ["notes:write"])]
    fn add_note(&self) {}
}

struct Vault;

#[mcp::server(
    name = "vault",
    version = "1",
    issuer = "https://auth.example.com",
    resource = "http://127.0.0.1:8000/mcp",
    dpop = "required"
)]
impl Vault {
    /// Look into the vault.
    #[mcp::tool]
    fn whoami(&self) -> &'static str {
        "gold"
    }
}

/// A client that has the key of its token.
struct Client {
    key: TestKey,
}

impl Client {
    fn new() -> Self {
        Self { key: TestKey::generate(JwtAlgorithm::ES256) }
    }

    fn confirmation(&self) -> Confirmation {
        Confirmation::jkt(&self.key.thumbprint()).expect("a thumbprint")
    }

    /// Returns a table with a bound token, and with others.
    fn tokens(&self) -> StaticTokens {
        let token = || AccessToken::issued_for(RESOURCE, "app").with_scopes(["notes:read"]);
        let bound = || token().with_confirmation(self.confirmation());
        StaticTokens::new([
            ("bound-token", bound()),
            (
                "own-bound-token",
                AccessToken::ours("app").with_scopes("notes:read").with_confirmation(self.confirmation()),
            ),
            ("bearer-token", token()),
            ("narrow-token", bound().with_scopes([""; 0])),
            ("foreign-token", AccessToken::issued_for("https://other", "app").with_confirmation(self.confirmation())),
            ("others-token", token().with_confirmation(Self::new().confirmation())),
        ])
    }

    fn app(&self) -> Router {
        Http::protected(Notes, self.tokens()).router()
    }

    fn app_with(&self, limits: Limits) -> Router {
        Http::protected(Notes, self.tokens()).limits(limits).router()
    }

    /// Returns a good proof for a request with a token.
    fn proof(&self, method: &str, token: &str) -> TestProof {
        TestProof::new(&self.key, method, RESOURCE).token(token)
    }

    /// Calls the tool with a token and a new proof.
    async fn call(&self, app: &Router, token: &str) -> String {
        call(app, &format!("DPoP {token}"), &[&self.proof("POST", token).mint()]).await
    }
}

/// Calls the tool with these headers.
async fn call(app: &Router, authorization: &str, proofs: &[&str]) -> String {
    call_at(app, "/mcp", authorization, proofs).await
}

async fn call_at(app: &Router, path: &str, authorization: &str, proofs: &[&str]) -> String {
    let mut headers = vec![
        ("authorization", authorization),
        ("mcp-protocol-version", "2026-07-28"),
        ("mcp-method", "tools/call"),
        ("mcp-name", "whoami"),
    ];
    headers.extend(proofs.iter().map(|proof| ("dpop", *proof)));
    let body = modern_message("tools/call", r#""name":"whoami","arguments":{}"#);
    send(app, request(Method::POST, path, &headers, body)).await
}

/// Asserts that a response has this text as the result of the tool.
#[track_caller]
fn assert_result(response: &str, text: &str) {
    let text = serde_json::json!(text).to_string();
    assert!(response.starts_with("200 OK\n") && response.contains(&format!(r#""text":{text}"#)), "{response}");
}

/// Returns the protection with another treatment of bound tokens.
fn required() -> Protection<Notes> {
    Protection::of::<Notes>().require_dpop()
}
