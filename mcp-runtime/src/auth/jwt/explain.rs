//! All reasons why a token is refused, and the presets that would accept it.

use std::time::SystemTime;

use serde_json::{Map, Value};

use super::claims::ClaimRules;
use super::{Issuer, JwtVerifier};
use crate::auth::claims::read_text;
use crate::auth::jose::jws::{Header, Jws};
use crate::auth::profile::{Reader, TokenIssuers, unknown_issuer};
use crate::auth::{ProtectedResource, TokenAspect, TokenError, TokenExplanation, TokenProblem, TokenVerifier as _};
use crate::json::strict::parse_object;

/// The longest part of a claim in an explanation, in characters.
const MAX_PRINTABLE: usize = 256;

impl JwtVerifier {
    /// Explains why a token is refused, for the operator.
    ///
    /// The explanation has all reasons, where [`verify_token`](crate::TokenVerifier::verify_token) stops at the first one,
    /// and the presets that would accept the token. Never send it to a client. Keys are fetched as for a verification.
    ///
    /// ```no_run
    /// # struct Notes;
    /// # #[mcp::server(issuer = "https://auth.example.com", resource = "http://127.0.0.1:8000/mcp")]
    /// # impl Notes {
    /// #     /// List every note.
    /// #     #[mcp::tool]
    /// #     fn list_notes(&self) -> Vec<String> { vec![] }
    /// # }
    /// use mcp::{JwtVerifier, Protection};
    ///
    /// # #[tokio::main]
    /// # async fn main() -> std::io::Result<()> {
    /// let verifier = JwtVerifier::builder(&Protection::of::<Notes>()).build()?;
    /// let mut token = String::new();
    /// std::io::stdin().read_line(&mut token)?;
    /// print!("{}", verifier.explain(token.trim()).await);
    /// # Ok(())
    /// # }
    /// ```
    pub async fn explain(&self, token: &str) -> TokenExplanation {
        if token.len() > self.max_token_bytes {
            return TokenExplanation::refused(TokenAspect::Form, "it is longer than `max_token_bytes`");
        }
        let jws = match Jws::parse(token, None) {
            Ok(jws) => jws,
            Err(reason) => return TokenExplanation::refused(TokenAspect::Form, reason),
        };
        let Ok(claims) = parse_object(&jws.payload) else {
            return TokenExplanation::refused(TokenAspect::Form, "its claims are not a JSON object of unique members");
        };
        let position = self.position(&claims).unwrap_or_default();
        let Some(issuer) = self.issuers.get(position) else {
            return TokenExplanation::refused(TokenAspect::Issuer, "the server has no issuer");
        };
        let parts = TokenParts { header: &jws.header, claims: &claims, server: &self.server, now: SystemTime::now() };
        let mut problems = parts.problems(&issuer.names, &self.rules(issuer));
        let signature = issuer.confirm(&jws, &claims, problems.is_empty()).await.err();
        let (presets, mut remarks) = match problems.is_empty() {
            true => (Vec::new(), Vec::new()),
            false => self.alternatives(&parts, issuer, &problems),
        };
        let missing = self.rules(issuer).reader.missing_scope_claims(&claims);
        remarks.extend(missing.iter().map(|name| format!("it has no `{name}`, from which the profile reads scopes")));
        let presets = if signature.is_none() { presets } else { Vec::new() };
        problems.extend(signature.map(|error| TokenProblem { aspect: TokenAspect::Signature, text: reason(&error) }));
        let accepted = if problems.is_empty() { self.verify_token(token).await.ok() } else { None };
        TokenExplanation { accepted, problems, remarks, presets }
    }

    /// Tries the presets on a token that is refused for these `problems`.
    ///
    /// Returns the presets that accept the token, and remarks on those that are likely and do not.
    fn alternatives(
        &self,
        parts: &TokenParts<'_>,
        issuer: &Issuer,
        problems: &[TokenProblem],
    ) -> (Vec<String>, Vec<String>) {
        let advertised = issuer.names.advertised();
        let mut tried = Vec::new();
        for alternative in issuer.profile.alternatives(advertised, parts.claims) {
            let profile = &alternative.profile;
            let reader = Reader { profile, ..self.rules(issuer).reader };
            let rules = ClaimRules { reader, ..self.rules(issuer) };
            let left = parts.problems(&TokenIssuers::new(advertised, profile), &rules);
            tried.push((alternative, left));
        }
        tried.retain(|(alternative, left)| left.is_empty() || alternative.is_likely && left.len() < problems.len());
        if tried.iter().any(|(alternative, _)| alternative.is_likely) {
            // The other presets are for tokens that only look alike.
            tried.retain(|(alternative, _)| alternative.is_likely);
        }
        let (mut presets, mut remarks) = (Vec::new(), Vec::new());
        for (alternative, left) in tried {
            match &*left {
                [] => presets.push(alternative.constructor),
                left => {
                    // The text of a problem is in the explanation once.
                    let left: Vec<String> = left
                        .iter()
                        .map(|problem| match problems.contains(problem) {
                            true => problem.aspect.to_string(),
                            false => format!("{} ({})", problem.aspect, problem.text),
                        })
                        .collect();
                    remarks.push(format!("with `{}`, this is left: {}", alternative.constructor, left.join(", ")));
                }
            }
        }
        (presets, remarks)
    }
}

/// The parts of a token that are checked one by one.
struct TokenParts<'a> {
    header: &'a Header,
    claims: &'a Map<String, Value>,
    server: &'a ProtectedResource,
    now: SystemTime,
}

impl TokenParts<'_> {
    /// Returns all problems of the token, but for its signature.
    fn problems(&self, names: &TokenIssuers, rules: &ClaimRules<'_>) -> Vec<TokenProblem> {
        let (claims, reader) = (self.claims, rules.reader);
        let mut problems = Vec::new();
        let mut note = |aspect, result: Result<(), TokenError>| {
            if let Err(error) = result {
                problems.push(TokenProblem { aspect, text: reason(&error) });
            }
        };
        let is_accepted = reader.profile.algorithms.contains(&self.header.algorithm);
        let algorithm = TokenError::invalid("its algorithm is not one that is accepted of its issuer");
        note(TokenAspect::Algorithm, if is_accepted { Ok(()) } else { Err(algorithm) });
        note(TokenAspect::Type, rules.check_type(self.header.typ.as_deref()));
        note(TokenAspect::Kind, reader.check_kind(claims));
        note(TokenAspect::Binding, reader.confirmation(claims).map(drop));
        note(TokenAspect::Issuer, self.check_issuer(names));
        let client = reader.client(claims).and_then(|client| client.ok_or_else(|| reader.no_client()));
        let audience = reader.audience(claims, client.as_deref().unwrap_or_default());
        note(TokenAspect::Client, client.map(drop));
        note(TokenAspect::Audience, audience.map(drop).map_err(|error| self.audience_error(error, &reader)));
        let expiry = rules.expiry(claims).and_then(|expiry| match self.now.duration_since(expiry) {
            Ok(age) => Err(TokenError::invalid(format!("it expired {} seconds ago", age.as_secs()))),
            Err(_) => Ok(()),
        });
        note(TokenAspect::Expiry, expiry);
        note(TokenAspect::Start, rules.check_start(claims, self.now));
        note(TokenAspect::Subject, read_text(claims, "sub").and(read_text(claims, "jti")).map(drop));
        note(TokenAspect::Scopes, reader.scopes(claims).and_then(|scopes| self.check_scopes(&scopes)));
        problems
    }

    fn check_issuer(&self, names: &TokenIssuers) -> Result<(), TokenError> {
        if names.are_of(self.claims) {
            return names.check(self.claims);
        }
        let error = unknown_issuer(self.claims, std::iter::once(names));
        Err(match self.claims.get("iss") {
            Some(Value::String(issuer)) => TokenError::invalid(format!(
                "{}; in the token it is {}",
                reason(&error),
                printable(&issuer.as_str().into())
            )),
            _ => error,
        })
    }

    fn audience_error(&self, error: TokenError, reader: &Reader<'_>) -> TokenError {
        let TokenError::WrongAudience = error else { return error };
        let audience = self.claims.get("aud").map(printable).unwrap_or_default();
        let advice = reader.audience_advice().unwrap_or(
            "let the client ask for this resource, set the audience at the provider, or name it: \
             `JwtProfile::accept_audience`",
        );
        TokenError::invalid(format!("its `aud` is {audience}, without `{}`; {advice}", reader.resource))
    }

    /// Checks the scopes that every request needs.
    fn check_scopes(&self, granted: &[String]) -> Result<(), TokenError> {
        let required = self.server.required();
        let lacking: Vec<&str> =
            required.iter().copied().filter(|scope| !self.server.satisfies(granted, scope)).collect();
        if lacking.is_empty() {
            return Ok(());
        }
        let granted = printable(&granted.join(" ").into());
        Err(TokenError::invalid(format!("every request needs `{}`, and its scopes are {granted}", lacking.join(" "))))
    }
}

/// Returns the reason of an error, without the sentence around it.
fn reason(error: &TokenError) -> String {
    match error {
        TokenError::Invalid { reason } | TokenError::Unavailable { reason, .. } => reason.to_string(),
        error => error.to_string(),
    }
}

/// Returns the JSON of a claim for a terminal, without control characters.
fn printable(claim: &Value) -> String {
    let text = claim.to_string();
    let short: String = text
        .chars()
        .take(MAX_PRINTABLE)
        .flat_map(|character| match character.is_control() {
            true => character.escape_default().collect::<Vec<_>>(),
            false => vec![character],
        })
        .collect();
    if text.chars().count() > MAX_PRINTABLE { short + "…" } else { short }
}
