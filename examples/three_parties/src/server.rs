//! The protected server: a notebook, guarded by the framework. Nothing in it is about signing in or issuing tokens.

use std::sync::{Mutex, PoisonError};

use axum::Router;
use mcp::{AccessToken, Http, IntrospectionVerifier, JwtVerifier, Protection};

use crate::Outcome;

pub(crate) struct Notes {
    texts: Mutex<Vec<String>>,
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
    fn new() -> Self {
        Self { texts: Mutex::new(vec!["Buy milk".to_owned(), "Ship the release".to_owned()]) }
    }
}

/// Returns the endpoint at `resource`, which verifies tokens with the keys of the issuer.
pub(crate) fn with_jwts(issuer: &str, resource: &str) -> Outcome<Router> {
    let protection = Protection::of::<Notes>().issuer(issuer)?.resource(resource)?;
    let verifier = JwtVerifier::builder(&protection).build()?;
    Ok(Http::protected(Notes::new(), verifier).protection(protection).router())
}

/// Returns the endpoint at `resource`, which introspects tokens and so notices revocations at once.
pub(crate) fn with_introspection(issuer: &str, resource: &str, (id, secret): (&str, &str)) -> Outcome<Router> {
    let protection = Protection::of::<Notes>().issuer(issuer)?.resource(resource)?;
    let verifier = IntrospectionVerifier::builder(&protection, format!("{issuer}/introspect"))
        .client_secret_basic(id, secret)
        .build()?;
    Ok(Http::protected(Notes::new(), verifier).protection(protection).router())
}
