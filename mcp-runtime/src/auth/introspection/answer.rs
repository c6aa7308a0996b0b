//! What an authorization server says about a token (RFC 7662 §2.2), and whether that is good enough for this resource.

use std::time::{Duration, SystemTime};

use serde_json::{Map, Value};

use crate::auth::claims::{audience_with, foreign_issuer, is_ahead, read_date, read_scopes, read_text, read_texts};
use crate::auth::strict_json::parse_object;
use crate::auth::{AccessToken, TokenError};

/// What a token must be.
#[derive(Debug, Clone)]
pub(super) struct Requirements {
    pub(super) resource: String,
    /// Further names of the resource.
    pub(super) audiences: Vec<String>,
    pub(super) audience_may_be_missing: bool,
    pub(super) issuers: Vec<String>,
    /// How far the clock of the issuer may be ahead.
    pub(super) leeway: Duration,
}

impl Requirements {
    /// The verdict about a token whose introspection was answered with this document.
    ///
    /// An answer that does not say clearly what RFC 7662 lets it say is no verdict, so the token stays good for another
    /// try: with a 401 instead, one broken server would make every client throw its token away. An answer that says
    /// `false` is one, whatever else it says.
    pub(super) fn judge(&self, answer: &[u8], now: SystemTime) -> Result<AccessToken, TokenError> {
        let mut members = parse_object(answer).map_err(unclear)?;
        match members.get("active") {
            Some(Value::Bool(false)) => return Err(TokenError::invalid("the authorization server says so")),
            Some(Value::Bool(true)) => {}
            _ => return Err(unclear("it has no `active` that is true or false")),
        }
        // What some servers write for what they do not know.
        members.retain(|_, value| !value.is_null());
        let answer = Answer::read(members).map_err(|error| match error {
            TokenError::Invalid { reason } => unclear(&reason),
            error => error,
        })?;
        self.accept(answer, now)
    }

    fn accept(&self, answer: Answer, now: SystemTime) -> Result<AccessToken, TokenError> {
        if answer.is_refresh_token {
            return Err(TokenError::invalid("it is a refresh token"));
        }
        if answer.is_bound {
            return Err(TokenError::invalid("it is bound to a key, and a bearer token proves no possession of one"));
        }
        if answer.issuer.as_ref().is_some_and(|issuer| !self.issuers.contains(issuer)) {
            return Err(foreign_issuer(self.issuers.iter().map(String::as_str)));
        }
        if answer.not_before.is_some_and(|start| is_ahead(start, now, self.leeway)) {
            return Err(TokenError::invalid("it is not valid yet"));
        }
        // Last, so that a token that is told to be old or for somebody else is right in everything else.
        if answer.expires_at.is_some_and(|end| end <= now) {
            return Err(TokenError::Expired);
        }
        let mut token = match self.accept_audience(answer.audience)? {
            Some(audience) => AccessToken::issued_for(audience, answer.client_id),
            None => AccessToken::ours(answer.client_id),
        };
        token = token.with_scopes(answer.scopes);
        if let Some(subject) = answer.subject {
            token = token.with_subject(subject);
        }
        if let Some(end) = answer.expires_at {
            token = token.with_expires_at(end);
        }
        if let Some(issuer) = answer.issuer {
            token = token.with_issuer(issuer);
        }
        Ok(token.with_claims(answer.claims))
    }

    /// Returns the audience, or `None` where the authorization server gives none.
    fn accept_audience(&self, audience: Vec<String>) -> Result<Option<Vec<String>>, TokenError> {
        if audience.is_empty() {
            return match self.audience_may_be_missing {
                true => Ok(None),
                false => Err(TokenError::invalid("it has no `aud`; see `allow_missing_audience`")),
            };
        }
        audience_with(&self.resource, &self.audiences, audience).map(Some)
    }
}

fn unclear(what: &str) -> TokenError {
    TokenError::unavailable(format!("the answer to the introspection is unclear: {what}"))
}

/// What is said about an active token, as far as it decides something.
struct Answer {
    client_id: String,
    scopes: Vec<String>,
    subject: Option<String>,
    expires_at: Option<SystemTime>,
    not_before: Option<SystemTime>,
    audience: Vec<String>,
    issuer: Option<String>,
    is_refresh_token: bool,
    is_bound: bool,
    claims: Map<String, Value>,
}

impl Answer {
    fn read(members: Map<String, Value>) -> Result<Self, TokenError> {
        let text = |name| read_text(&members, name);
        let token_type = text("token_type")?.unwrap_or_default();
        Ok(Self {
            client_id: text("client_id")?.unwrap_or_default().to_owned(),
            scopes: read_scopes(&members, "scope")?.unwrap_or_default(),
            subject: text("sub")?.map(str::to_owned),
            expires_at: read_date(&members, "exp")?,
            not_before: read_date(&members, "nbf")?,
            audience: read_texts(&members, "aud")?.unwrap_or_default(),
            issuer: text("iss")?.map(str::to_owned),
            // The hint is only one. `token_type` is the member of RFC 7662, `token_use` that of Ory Hydra.
            is_refresh_token: token_type == "refresh_token" || text("token_use")? == Some("refresh_token"),
            // RFC 9449 §6.2 and RFC 8705 §3.2.
            is_bound: token_type.eq_ignore_ascii_case("DPoP") || members.contains_key("cnf"),
            claims: members,
        })
    }
}
