//! The rules that the claims of a JWT have to obey (RFC 9068 §4).

use std::time::{Duration, SystemTime};

use serde_json::{Map, Value};

use crate::auth::claims::{is_ahead, read_date, read_text};
use crate::auth::profile::{Grant, Reader};
use crate::auth::{AccessToken, TokenError};

/// The rules for the tokens of one issuer.
pub(super) struct ClaimRules<'a> {
    pub(super) reader: Reader<'a>,
    /// The issuer that clients are sent to.
    pub(super) issuer: &'a str,
    /// The time by which the clock of the issuer may be ahead.
    pub(super) leeway: Duration,
}

impl ClaimRules<'_> {
    /// Checks that the `typ` is an access token's (RFC 9068 §2.1).
    pub(super) fn check_type(&self, typ: Option<&str>) -> Result<(), TokenError> {
        let is = |name: &str| typ.is_some_and(|typ| typ.eq_ignore_ascii_case(name));
        let plain = self.reader.profile.plain_typ && (typ.is_none() || is("JWT"));
        if plain || is("at+jwt") || is("application/at+jwt") {
            Ok(())
        } else {
            Err(TokenError::invalid("its `typ` is not `at+jwt`; `JwtProfile::allow_plain_typ` accepts `JWT`"))
        }
    }

    /// Returns the token that these claims describe, without the claims themselves.
    ///
    /// It is valid once its signature is.
    pub(super) fn read(&self, claims: &Map<String, Value>, now: SystemTime) -> Result<AccessToken, TokenError> {
        let confirmation = self.reader.confirmation(claims)?;
        self.reader.check_kind(claims)?;
        let client = self.reader.client(claims)?.ok_or_else(|| self.reader.no_client())?;
        let audience = match self.reader.audience(claims, client) {
            Err(error @ TokenError::Invalid { .. }) => return Err(error),
            audience => audience,
        };
        let scopes = self.reader.scopes(claims)?;
        let subject = read_text(claims, "sub")?;
        read_text(claims, "jti")?;
        self.check_start(claims, now)?;
        let expiry = self.expiry(claims)?;
        // Last, so that a token that is refused as expired or as another resource's is right in everything else.
        if expiry <= now {
            return Err(TokenError::Expired);
        }
        let token = Grant::new(audience?, client, scopes, confirmation).into_token();
        let mut token = token.with_issuer(self.issuer).with_expires_at(expiry);
        if let Some(own) = read_text(claims, "iss")?.filter(|own| *own != self.issuer) {
            token = token.with_authority(own);
        }
        Ok(match subject {
            Some(subject) => token.with_subject(subject),
            None => token,
        })
    }

    pub(super) fn expiry(&self, claims: &Map<String, Value>) -> Result<SystemTime, TokenError> {
        read_date(claims, "exp")?.ok_or(TokenError::invalid("it has no `exp`"))
    }

    pub(super) fn check_start(&self, claims: &Map<String, Value>, now: SystemTime) -> Result<(), TokenError> {
        for name in ["nbf", "iat"] {
            if read_date(claims, name)?.is_some_and(|start| is_ahead(start, now, self.leeway)) {
                return Err(TokenError::invalid(format!("it is not valid yet, by its `{name}`")));
            }
        }
        Ok(())
    }
}
