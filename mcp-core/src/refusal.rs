//! Refusals of requests, and their responses.

use std::borrow::Cow;

use crate::json::push_string;
use crate::{Dpop, OperationScopes};

/// A reason to refuse a request, with its response.
///
/// The form is that of RFC 6750 §3. The texts are fixed, so that no detail of a token or of a verifier's error can leak.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// The token is absent, or the verifier refuses it.
    AuthenticationRequired,
    /// The token expired.
    TokenExpired,
    /// The token was issued for another resource.
    WrongAudience,
    /// There are several `Authorization` headers, or one without a bearer token.
    InvalidRequest,
    /// The token is valid, but lacks scopes of the operation.
    InsufficientScope,
    /// The user has to sign in again, because another API needs a consent or a stronger authentication.
    SignInRequired,
    /// The verifier could not decide.
    Unavailable,
    /// A bearer token was sent to a server that requires tokens that are bound to a key.
    ProofRequired,
    /// A token that is bound to a key was sent as a bearer token.
    BoundToken,
    /// A token that is not bound to a key was sent with a proof.
    UnboundToken,
    /// The token is bound to another key than that of the proof.
    OtherKey,
    /// The proof is not valid for the request, with a sentence about it.
    InvalidProof(&'static str),
    /// The proof lacks a valid nonce of the server.
    NonceRequired,
}

impl Refusal {
    /// Returns the HTTP status.
    #[must_use]
    pub fn status(self) -> u16 {
        match self {
            Self::AuthenticationRequired
            | Self::TokenExpired
            | Self::WrongAudience
            | Self::ProofRequired
            | Self::BoundToken
            | Self::UnboundToken
            | Self::OtherKey
            | Self::InvalidProof(_)
            | Self::NonceRequired => 401,
            Self::InvalidRequest => 400,
            Self::InsufficientScope | Self::SignInRequired => 403,
            Self::Unavailable => 503,
        }
    }

    /// Returns the error code of RFC 6750 §3.1, or of RFC 9449 §7.1 for a proof.
    ///
    /// An outage has the code of RFC 6749 §4.1.2.1.
    #[must_use]
    pub fn error(self) -> &'static str {
        match self {
            Self::AuthenticationRequired
            | Self::TokenExpired
            | Self::WrongAudience
            | Self::ProofRequired
            | Self::BoundToken
            | Self::UnboundToken
            | Self::OtherKey => "invalid_token",
            Self::InvalidRequest => "invalid_request",
            // The one error that makes clients begin a new authorization.
            Self::InsufficientScope | Self::SignInRequired => "insufficient_scope",
            Self::Unavailable => "temporarily_unavailable",
            Self::InvalidProof(_) => "invalid_dpop_proof",
            Self::NonceRequired => "use_dpop_nonce",
        }
    }

    /// Returns a sentence for the developer of the client.
    #[must_use]
    pub fn description(self, scopes: &OperationScopes, dpop: Dpop) -> Cow<'static, str> {
        match self {
            Self::AuthenticationRequired if dpop == Dpop::Required => {
                Cow::Borrowed("Authentication required, with an access token that is bound to a key (DPoP, RFC 9449)")
            }
            Self::AuthenticationRequired => Cow::Borrowed("Authentication required"),
            Self::TokenExpired => Cow::Borrowed("The access token expired"),
            Self::WrongAudience => Cow::Borrowed("The access token was issued for another resource"),
            Self::InvalidRequest if dpop == Dpop::Required => {
                Cow::Borrowed("Expected one Authorization header with the scheme DPoP and one access token")
            }
            Self::InvalidRequest => Cow::Borrowed("Expected one Authorization header with one bearer token"),
            Self::InsufficientScope => Cow::Owned(format!("Required scope: {}", scopes.required().join(" "))),
            Self::SignInRequired => Cow::Borrowed("The user has to sign in again, and to consent to what this needs"),
            Self::Unavailable => Cow::Borrowed("The access token cannot be verified at the moment"),
            Self::ProofRequired => {
                Cow::Borrowed("Bearer tokens are not accepted; request a token that is bound to a key (DPoP, RFC 9449)")
            }
            Self::BoundToken if dpop == Dpop::Refused => {
                Cow::Borrowed("The access token is bound to a key; request a bearer token")
            }
            Self::BoundToken => {
                Cow::Borrowed("The access token is bound to a key; send it with the scheme DPoP and a proof (RFC 9449)")
            }
            Self::UnboundToken if dpop == Dpop::Required => {
                Cow::Borrowed("The access token is not bound to a key; request one with a proof (DPoP, RFC 9449)")
            }
            Self::UnboundToken => {
                Cow::Borrowed("The access token is not bound to a key; send it with the scheme Bearer")
            }
            Self::OtherKey => Cow::Borrowed("The access token is bound to another key than that of the proof"),
            Self::InvalidProof(problem) => Cow::Borrowed(problem),
            Self::NonceRequired => Cow::Borrowed("The proof needs the nonce of the header DPoP-Nonce"),
        }
    }

    /// Returns `true` if the refusal is about a proof, whose client uses the scheme DPoP.
    fn is_of_a_proof(self) -> bool {
        matches!(self, Self::UnboundToken | Self::OtherKey | Self::InvalidProof(_) | Self::NonceRequired)
    }

    /// Returns the value of `WWW-Authenticate` (RFC 6750 §3, RFC 9449 §7, RFC 9728 §5.1).
    ///
    /// A server that accepts both kinds of tokens names Bearer first, with all parameters. Clients without DPoP read
    /// these from the first challenge only.
    ///
    /// The values need no escaping, because the alphabets of URLs and scopes have neither quote nor backslash.
    #[must_use]
    pub fn challenge(self, metadata_url: &str, scopes: &OperationScopes, dpop: Dpop) -> String {
        let is_bearer = match dpop {
            Dpop::Refused => true,
            Dpop::Accepted => !self.is_of_a_proof(),
            Dpop::Required => false,
        };
        let mut out = format!(
            "{} error=\"{}\", error_description=\"{}\", resource_metadata=\"{metadata_url}\"",
            if is_bearer { "Bearer" } else { "DPoP" },
            self.error(),
            self.description(scopes, dpop),
        );
        if !scopes.all().is_empty() {
            out.push_str(", scope=\"");
            out.push_str(&scopes.all().join(" "));
            out.push('"');
        }
        if dpop.is_accepted() {
            out.push_str(if is_bearer { ", DPoP algs=\"" } else { ", algs=\"" });
            out.push_str(&Dpop::ALGORITHMS.join(" "));
            out.push('"');
        }
        out
    }

    /// Returns the body, as JSON.
    #[must_use]
    pub fn body(self, scopes: &OperationScopes, dpop: Dpop) -> String {
        let mut out = String::from("{\"error\":");
        push_string(&mut out, self.error());
        out.push_str(",\"error_description\":");
        push_string(&mut out, &self.description(scopes, dpop));
        out.push('}');
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ScopeNames;

    const URL: &str = "http://127.0.0.1:8000/.well-known/oauth-protected-resource/mcp";

    #[test]
    fn a_missing_token_is_told_where_to_get_one() {
        assert_eq!(
            Refusal::AuthenticationRequired.challenge(URL, &OperationScopes::verbatim(&["notes:read"]), Dpop::Refused),
            r#"Bearer error="invalid_token", error_description="Authentication required", resource_metadata="http://127.0.0.1:8000/.well-known/oauth-protected-resource/mcp", scope="notes:read""#
        );
        assert_eq!(
            Refusal::AuthenticationRequired.body(&OperationScopes::verbatim(&["notes:read"]), Dpop::Refused),
            r#"{"error":"invalid_token","error_description":"Authentication required"}"#
        );
    }

    #[test]
    fn a_narrow_token_is_told_every_scope_at_once() {
        let needed = OperationScopes::verbatim(&["notes:read", "notes:write"]);
        assert_eq!(
            Refusal::InsufficientScope.challenge(URL, &needed, Dpop::Refused),
            r#"Bearer error="insufficient_scope", error_description="Required scope: notes:read notes:write", resource_metadata="http://127.0.0.1:8000/.well-known/oauth-protected-resource/mcp", scope="notes:read notes:write""#
        );
        assert_eq!(
            Refusal::InsufficientScope.body(&needed, Dpop::Refused),
            r#"{"error":"insufficient_scope","error_description":"Required scope: notes:read notes:write"}"#
        );
    }

    #[test]
    fn a_client_is_told_to_ask_for_more_than_it_lacks() {
        let names = ScopeNames { prefix: None, resource: "", optional: &[], extra: &["openid"] };
        let scopes = names.operation(&["notes:read"]);
        assert_eq!(
            Refusal::InsufficientScope.challenge(URL, &scopes, Dpop::Refused),
            r#"Bearer error="insufficient_scope", error_description="Required scope: notes:read", resource_metadata="http://127.0.0.1:8000/.well-known/oauth-protected-resource/mcp", scope="notes:read openid""#
        );
        assert_eq!(
            Refusal::InsufficientScope.body(&scopes, Dpop::Refused),
            r#"{"error":"insufficient_scope","error_description":"Required scope: notes:read"}"#
        );
    }

    #[test]
    fn a_server_without_scopes_asks_for_none() {
        assert_eq!(
            Refusal::TokenExpired.challenge(URL, &OperationScopes::verbatim(&[]), Dpop::Refused),
            r#"Bearer error="invalid_token", error_description="The access token expired", resource_metadata="http://127.0.0.1:8000/.well-known/oauth-protected-resource/mcp""#
        );
    }
    #[test]
    fn both_kinds_of_tokens_are_one_line_with_bearer_first() {
        let scopes = &OperationScopes::verbatim(&["notes:read"]);
        assert_eq!(
            Refusal::TokenExpired.challenge(URL, scopes, Dpop::Accepted),
            r#"Bearer error="invalid_token", error_description="The access token expired", resource_metadata="http://127.0.0.1:8000/.well-known/oauth-protected-resource/mcp", scope="notes:read", DPoP algs="ES256 ES384 EdDSA Ed25519 PS256 PS384 PS512 RS256 RS384 RS512""#
        );
        assert_eq!(
            Refusal::NonceRequired.challenge(URL, scopes, Dpop::Accepted),
            r#"DPoP error="use_dpop_nonce", error_description="The proof needs the nonce of the header DPoP-Nonce", resource_metadata="http://127.0.0.1:8000/.well-known/oauth-protected-resource/mcp", scope="notes:read", algs="ES256 ES384 EdDSA Ed25519 PS256 PS384 PS512 RS256 RS384 RS512""#
        );
    }

    #[test]
    fn required_proofs_are_the_only_challenge() {
        assert_eq!(
            Refusal::AuthenticationRequired.challenge(URL, &OperationScopes::verbatim(&[]), Dpop::Required),
            r#"DPoP error="invalid_token", error_description="Authentication required, with an access token that is bound to a key (DPoP, RFC 9449)", resource_metadata="http://127.0.0.1:8000/.well-known/oauth-protected-resource/mcp", algs="ES256 ES384 EdDSA Ed25519 PS256 PS384 PS512 RS256 RS384 RS512""#
        );
    }
}
