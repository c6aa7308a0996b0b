//! The protected server: a notebook, guarded by the framework. Nothing in it is about signing in or issuing tokens.

use std::sync::{Mutex, PoisonError};

use axum::Router;
use axum::http::header::AUTHORIZATION;
use mcp::{AccessToken, Downstream, Http, IntrospectionVerifier, JwtVerifier, Protection, Target, TokenExchange};

use crate::narrate::Party;
use crate::{Outcome, http};

pub(crate) struct Notes {
    texts: Mutex<Vec<String>>,
    http: reqwest::Client,
}

/// The calendar of the user, at another server.
struct Calendar;

impl Target for Calendar {
    const RESOURCE: &str = "https://calendar.example.com";
    const SCOPES: &[&str] = &["events:read"];
}

/// The next server, and the credentials with which tokens are exchanged for it.
#[derive(Clone, Copy)]
pub(crate) struct Next<'a> {
    pub(crate) calendar: &'a str,
    pub(crate) credentials: (&'a str, &'a str),
}

#[mcp::server(
    issuer = "https://auth.example.com",
    resource = "http://127.0.0.1:8000/mcp",
    scopes = ["notes:read"],
    optional_scopes = ["notes:write"],
    resource_name = "Notes",
)]
impl Notes {
    /// List every note in the notebook.
    #[mcp::tool(read_only)]
    async fn list_notes(&self) -> Vec<String> {
        self.texts.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Report who is calling, and for whom.
    #[mcp::tool(read_only)]
    async fn whoami(&self, token: &AccessToken) -> String {
        let person = token.subject.as_deref().unwrap_or("nobody");
        format!("{person}, with the scopes {}", token.scopes.join(" "))
    }

    /// Report what is next in the calendar.
    #[mcp::tool(read_only)]
    async fn next_event(&self, calendar: &Downstream<Calendar>) -> Result<String, mcp::Error> {
        let request = self.http.get(format!("{}/next", calendar.resource()));
        let response = request.header(AUTHORIZATION, calendar.token().await?).send().await?;
        Ok(response.error_for_status()?.text().await?)
    }

    /// Add a note to the notebook.
    #[mcp::tool(scopes = ["notes:write"])]
    async fn add_note(
        &self,
        /// The text of the note.
        #[arg(length = 1..=1000)]
        text: String,
    ) -> String {
        let mut texts = self.texts.lock().unwrap_or_else(PoisonError::into_inner);
        texts.push(text);
        format!("There are {} notes now", texts.len())
    }
}

impl Notes {
    fn new() -> Outcome<Self> {
        let texts = Mutex::new(vec!["Buy milk".to_owned(), "Ship the release".to_owned()]);
        Ok(Self { texts, http: http::builder(Party::ProtectedServer).build()? })
    }
}

/// Returns the endpoint at `resource`, which verifies tokens with the keys of the issuer.
pub(crate) fn with_jwts(issuer: &str, resource: &str, next: Next<'_>) -> Outcome<Router> {
    let protection = Protection::of::<Notes>().issuer(issuer)?.resource(resource)?;
    let verifier = JwtVerifier::builder(&protection).build()?;
    let exchange = exchange(&protection, next)?;
    Ok(Http::protected(Notes::new()?, verifier).protection(protection).exchange(exchange).router())
}

/// Returns the endpoint at `resource`, which introspects tokens and so notices revocations at once.
pub(crate) fn with_introspection(issuer: &str, resource: &str, next: Next<'_>) -> Outcome<Router> {
    let (id, secret) = next.credentials;
    let protection = Protection::of::<Notes>().issuer(issuer)?.resource(resource)?;
    let verifier = IntrospectionVerifier::builder(&protection, format!("{issuer}/introspect"))
        .client_secret_basic(id, secret)
        .build()?;
    let exchange = exchange(&protection, next)?;
    Ok(Http::protected(Notes::new()?, verifier).protection(protection).exchange(exchange).router())
}

/// Returns the exchange of callers' tokens for those of the calendar.
fn exchange(protection: &Protection<Notes>, next: Next<'_>) -> Outcome<TokenExchange> {
    let Next { calendar, credentials: (id, secret) } = next;
    Ok(TokenExchange::builder(protection).client_secret_basic(id, secret).resource::<Calendar>(calendar).build()?)
}
