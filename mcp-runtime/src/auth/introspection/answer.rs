//! The verdict by the answer of an authorization server (RFC 7662 §2.2).

use std::time::{Duration, SystemTime};

use serde_json::{Map, Value};

use crate::auth::claims::{is_ahead, read_date, read_text, read_texts};
use crate::auth::profile::{Grant, Reader, TokenIssuers, unknown_issuer};
use crate::auth::token_claims::TokenClaims;
use crate::auth::{AccessToken, JwtProfile, TokenError};

/// The requirements of a token.
#[derive(Debug, Clone)]
pub(super) struct Requirements {
    pub(super) resource: String,
    pub(super) profile: JwtProfile,
    /// Set if the server accepts tokens that are bound to a key.
    pub(super) accepts_bound: bool,
    pub(super) audience_may_be_missing: bool,
    pub(super) issuers: Vec<TokenIssuers>,
    /// The time by which the clock of the issuer may be ahead.
    pub(super) leeway: Duration,
}

impl Requirements {
    /// Returns the verdict about a token by the body of an answer.
    ///
    /// An answer that violates RFC 7662 is [`TokenError::Unavailable`]. With a 401 instead, one broken server would
    /// make every client drop its token. An answer with `"active": false` is a verdict, whatever else it has.
    pub(super) fn judge(&self, answer: &[u8], now: SystemTime) -> Result<AccessToken, TokenError> {
        let (mut claims, mut members) = TokenClaims::parse(answer.to_vec()).map_err(unclear)?;
        match members.get("active") {
            Some(Value::Bool(false)) => return Err(TokenError::invalid("the authorization server says so")),
            Some(Value::Bool(true)) => {}
            _ => return Err(unclear("it has no `active` that is true or false")),
        }
        // Some servers write `null` for a member that they do not know.
        if members.values().any(Value::is_null) {
            members.retain(|_, value| !value.is_null());
            claims = TokenClaims::of(members.clone());
        }
        let answer = self.read(&members).map_err(|error| match error {
            TokenError::Invalid { reason } => unclear(&reason),
            error => error,
        })?;
        Ok(self.accept(answer, &members, now)?.with_parsed_claims(claims))
    }

    fn reader(&self) -> Reader<'_> {
        Reader { profile: &self.profile, resource: &self.resource, accepts_bound: self.accepts_bound }
    }

    /// Reads the members that decide about a token. The error is about the answer, not about the token.
    fn read<'a>(&self, members: &'a Map<String, Value>) -> Result<ActiveToken<'a>, TokenError> {
        let text = |name| read_text(members, name);
        let token_type = text("token_type")?.unwrap_or_default();
        let reader = self.reader();
        text("iss")?;
        text("token_use")?;
        read_texts(members, "aud")?;
        Ok(ActiveToken {
            client: reader.client(members)?.unwrap_or_default(),
            scopes: reader.scopes(members)?,
            subject: text("sub")?,
            expires_at: read_date(members, "exp")?,
            not_before: read_date(members, "nbf")?,
            token_type,
        })
    }

    fn accept(
        &self,
        answer: ActiveToken<'_>,
        members: &Map<String, Value>,
        now: SystemTime,
    ) -> Result<AccessToken, TokenError> {
        let reader = self.reader();
        // A server may ignore the hint that an access token is meant. RFC 7662 has `token_type`, Ory Hydra `token_use`.
        if answer.token_type == "refresh_token" || members.get("token_use").is_some_and(|kind| kind == "refresh_token")
        {
            return Err(TokenError::invalid("it is a refresh token"));
        }
        // RFC 9449 §6.2.
        let may_be_bound = self.accepts_bound && members.contains_key("cnf");
        if answer.token_type.eq_ignore_ascii_case("DPoP") && !may_be_bound {
            return Err(TokenError::invalid(
                "it is bound to a key (its `token_type` is `DPoP`), and a bearer token proves no possession of one",
            ));
        }
        let confirmation = reader.confirmation(members)?;
        reader.check_kind(members)?;
        let (issuer, authority) = self.issuer(members)?;
        if answer.not_before.is_some_and(|start| is_ahead(start, now, self.leeway)) {
            return Err(TokenError::invalid("it is not valid yet, by its `nbf`"));
        }
        // Last, so that a token that is refused as expired or as another resource's is right in everything else.
        if answer.expires_at.is_some_and(|end| end <= now) {
            return Err(TokenError::Expired);
        }
        let audience = self.audience(members, answer.client)?;
        let mut token = Grant::new(audience, answer.client, answer.scopes, confirmation).into_token();
        if let Some(subject) = answer.subject {
            token = token.with_subject(subject);
        }
        if let Some(end) = answer.expires_at {
            token = token.with_expires_at(end);
        }
        if let Some(issuer) = issuer {
            token = token.with_issuer(issuer);
        }
        if let Some(authority) = authority.filter(|authority| Some(*authority) != issuer) {
            token = token.with_authority(authority);
        }
        Ok(token)
    }

    /// Returns the published issuer and the authority of a token, if named.
    ///
    /// The authority is the `iss`, or else the tenant.
    fn issuer<'a>(&'a self, members: &'a Map<String, Value>) -> Result<(Option<&'a str>, Option<&'a str>), TokenError> {
        let Some(own) = read_text(members, "iss")? else {
            let mut tenant = None;
            for issuer in &self.issuers {
                tenant = tenant.or(issuer.check_unnamed(members)?);
            }
            return Ok((None, tenant));
        };
        let issuer = self.issuers.iter().find(|issuer| issuer.are_of(members));
        let issuer = issuer.ok_or_else(|| unknown_issuer(members, self.issuers.iter()))?;
        issuer.check(members)?;
        Ok((Some(issuer.advertised()), Some(own)))
    }

    /// Returns the audience, or `None` if the answer has none and none is needed.
    fn audience(&self, members: &Map<String, Value>, client: &str) -> Result<Option<Vec<String>>, TokenError> {
        let is_missing = read_texts(members, "aud")?.is_none_or(|audience| audience.is_empty());
        match self.reader().audience(members, client) {
            Err(_) if is_missing && self.audience_may_be_missing => Ok(None),
            audience => audience,
        }
    }
}

fn unclear(what: &str) -> TokenError {
    TokenError::unavailable(format!("the answer to the introspection is unclear: {what}"))
}

/// The members of an answer that decide about an active token.
struct ActiveToken<'a> {
    client: &'a str,
    scopes: Vec<String>,
    subject: Option<&'a str>,
    expires_at: Option<SystemTime>,
    not_before: Option<SystemTime>,
    token_type: &'a str,
}
