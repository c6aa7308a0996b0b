//! All that is wrong with a token, and what would accept it.

use std::time::SystemTime;

use serde_json::{Map, Value};

use super::claims::Expected;
use super::jws::{Header, Jws};
use super::{Issuer, JwtVerifier};
use crate::auth::claims::read_text;
use crate::auth::profile::{Reader, TokenIssuers, unknown_issuer};
use crate::auth::{ProtectedResource, TokenAspect, TokenError, TokenExplanation, TokenProblem, TokenVerifier as _};
use crate::json::strict::parse_object;

/// The longest part of a claim that is shown, in characters.
const MAX_SHOWN: usize = 256;

impl JwtVerifier {
    /// Finds everything that is wrong with a token, where [`verify_token`](crate::TokenVerifier::verify_token) stops at
    /// the first thing, and the presets that would accept it.
    ///
    /// For the person who runs the server; never send it to a client. It asks for keys as a verification does.
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
        let checked = Checked { header: &jws.header, claims: &claims, server: &self.server, now: SystemTime::now() };
        let mut problems = checked.problems(&issuer.names, &self.expected(issuer));
        let signature = issuer.confirm(&jws, &claims, problems.is_empty()).await.err();
        let (presets, mut remarks) = match problems.is_empty() {
            true => (Vec::new(), Vec::new()),
            false => self.alternatives(&checked, issuer, &problems),
        };
        let missing = self.expected(issuer).reader.missing_scope_claims(&claims);
        remarks.extend(missing.iter().map(|name| format!("it has no `{name}`, from which the profile reads scopes")));
        let presets = if signature.is_none() { presets } else { Vec::new() };
        problems.extend(signature.map(|error| TokenProblem { aspect: TokenAspect::Signature, text: reason(&error) }));
        let accepted = if problems.is_empty() { self.verify_token(token).await.ok() } else { None };
        TokenExplanation { accepted, problems, remarks, presets }
    }

    /// Tries the presets on a token that is refused for these `problems`. Returns those that accept it, and remarks on
    /// those that look right and do not.
    fn alternatives(
        &self,
        checked: &Checked<'_>,
        issuer: &Issuer,
        problems: &[TokenProblem],
    ) -> (Vec<String>, Vec<String>) {
        let advertised = issuer.names.advertised();
        let mut tried = Vec::new();
        for alternative in issuer.profile.alternatives(advertised, checked.claims) {
            let profile = &alternative.profile;
            let reader = Reader { profile, resource: &self.resource };
            let expected = Expected { reader, ..self.expected(issuer) };
            let left = checked.problems(&TokenIssuers::new(advertised, profile), &expected);
            tried.push((alternative, left));
        }
        tried.retain(|(alternative, left)| left.is_empty() || alternative.is_likely && left.len() < problems.len());
        if tried.iter().any(|(alternative, _)| alternative.is_likely) {
            // The others are for tokens that only look alike.
            tried.retain(|(alternative, _)| alternative.is_likely);
        }
        let (mut presets, mut remarks) = (Vec::new(), Vec::new());
        for (alternative, left) in tried {
            match &*left {
                [] => presets.push(alternative.written),
                left => {
                    // What was said already need not be said again.
                    let left: Vec<String> = left
                        .iter()
                        .map(|problem| match problems.contains(problem) {
                            true => problem.aspect.to_string(),
                            false => format!("{} ({})", problem.aspect, problem.text),
                        })
                        .collect();
                    remarks.push(format!("with `{}`, this is left: {}", alternative.written, left.join(", ")));
                }
            }
        }
        (presets, remarks)
    }
}

/// A token whose parts are looked at one by one.
struct Checked<'a> {
    header: &'a Header,
    claims: &'a Map<String, Value>,
    server: &'a ProtectedResource,
    now: SystemTime,
}

impl Checked<'_> {
    /// Returns what is wrong with the token, but for its signature.
    fn problems(&self, names: &TokenIssuers, expected: &Expected<'_>) -> Vec<TokenProblem> {
        let (claims, reader) = (self.claims, expected.reader);
        let mut problems = Vec::new();
        let mut note = |aspect, result: Result<(), TokenError>| {
            if let Err(error) = result {
                problems.push(TokenProblem { aspect, text: reason(&error) });
            }
        };
        let is_accepted = reader.profile.algorithms.contains(&self.header.algorithm);
        let algorithm = TokenError::invalid("its algorithm is not one that is accepted of its issuer");
        note(TokenAspect::Algorithm, if is_accepted { Ok(()) } else { Err(algorithm) });
        note(TokenAspect::Type, expected.check_type(self.header.typ.as_deref()));
        note(TokenAspect::Kind, reader.check_kind(claims));
        note(TokenAspect::Binding, reader.check_binding(claims));
        note(TokenAspect::Issuer, self.check_issuer(names));
        let client = reader.client(claims).and_then(|client| client.ok_or_else(|| reader.no_client()));
        let audience = reader.audience(claims, client.as_deref().unwrap_or_default());
        note(TokenAspect::Client, client.map(drop));
        note(TokenAspect::Audience, audience.map(drop).map_err(|error| self.audience_error(error, &reader)));
        let expiry = expected.expiry(claims).and_then(|expiry| match self.now.duration_since(expiry) {
            Ok(age) => Err(TokenError::invalid(format!("it expired {} seconds ago", age.as_secs()))),
            Err(_) => Ok(()),
        });
        note(TokenAspect::Expiry, expiry);
        note(TokenAspect::Start, expected.check_start(claims, self.now));
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
                shown(&issuer.as_str().into())
            )),
            _ => error,
        })
    }

    fn audience_error(&self, error: TokenError, reader: &Reader<'_>) -> TokenError {
        let TokenError::WrongAudience = error else { return error };
        let audience = self.claims.get("aud").map(shown).unwrap_or_default();
        let advice = reader.audience_advice().unwrap_or(
            "let the client ask for this resource, set the audience at the provider, or name it: \
             `JwtProfile::accept_audience`",
        );
        TokenError::invalid(format!("its `aud` is {audience}, without `{}`; {advice}", reader.resource))
    }

    /// Checks what the guard asks of every request.
    fn check_scopes(&self, granted: &[String]) -> Result<(), TokenError> {
        let required = self.server.required().scopes;
        let lacking: Vec<&str> =
            required.iter().copied().filter(|scope| !self.server.satisfies(granted, scope)).collect();
        if lacking.is_empty() {
            return Ok(());
        }
        let granted = shown(&granted.join(" ").into());
        Err(TokenError::invalid(format!("every request needs `{}`, and its scopes are {granted}", lacking.join(" "))))
    }
}

/// The reason alone, without the sentence that a log has around it.
fn reason(error: &TokenError) -> String {
    match error {
        TokenError::Invalid { reason } | TokenError::Unavailable { reason, .. } => reason.to_string(),
        error => error.to_string(),
    }
}

/// The JSON of a claim, which escapes what a terminal would obey.
fn shown(claim: &Value) -> String {
    let text = claim.to_string();
    let short: String = text
        .chars()
        .take(MAX_SHOWN)
        .flat_map(|character| match character.is_control() {
            true => character.escape_default().collect::<Vec<_>>(),
            false => vec![character],
        })
        .collect();
    if text.chars().count() > MAX_SHOWN { short + "…" } else { short }
}
