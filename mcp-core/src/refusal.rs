//! Refusals of requests, and their responses.

use std::borrow::Cow;

use crate::OperationScopes;
use crate::json::push_string;

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
    /// The verifier could not decide.
    Unavailable,
}

impl Refusal {
    /// Returns the HTTP status.
    #[must_use]
    pub fn status(self) -> u16 {
        match self {
            Self::AuthenticationRequired | Self::TokenExpired | Self::WrongAudience => 401,
            Self::InvalidRequest => 400,
            Self::InsufficientScope => 403,
            Self::Unavailable => 503,
        }
    }

    /// Returns the error code of RFC 6750 §3.1.
    ///
    /// An outage has the code of RFC 6749 §4.1.2.1.
    #[must_use]
    pub fn error(self) -> &'static str {
        match self {
            Self::AuthenticationRequired | Self::TokenExpired | Self::WrongAudience => "invalid_token",
            Self::InvalidRequest => "invalid_request",
            Self::InsufficientScope => "insufficient_scope",
            Self::Unavailable => "temporarily_unavailable",
        }
    }

    /// Returns a sentence for the developer of the client.
    #[must_use]
    pub fn description(self, scopes: &OperationScopes) -> Cow<'static, str> {
        match self {
            Self::AuthenticationRequired => Cow::Borrowed("Authentication required"),
            Self::TokenExpired => Cow::Borrowed("The access token expired"),
            Self::WrongAudience => Cow::Borrowed("The access token was issued for another resource"),
            Self::InvalidRequest => Cow::Borrowed("Expected one Authorization header with one bearer token"),
            Self::InsufficientScope => Cow::Owned(format!("Required scope: {}", scopes.required().join(" "))),
            Self::Unavailable => Cow::Borrowed("The access token cannot be verified at the moment"),
        }
    }

    /// Returns the value of `WWW-Authenticate` (RFC 6750 §3, RFC 9728 §5.1).
    ///
    /// The values need no escaping, because the alphabets of URLs and scopes have neither quote nor backslash.
    #[must_use]
    pub fn challenge(self, metadata_url: &str, scopes: &OperationScopes) -> String {
        let mut out = format!(
            "Bearer error=\"{}\", error_description=\"{}\", resource_metadata=\"{metadata_url}\"",
            self.error(),
            self.description(scopes),
        );
        if !scopes.all().is_empty() {
            out.push_str(", scope=\"");
            out.push_str(&scopes.all().join(" "));
            out.push('"');
        }
        out
    }

    /// Returns the body, as JSON.
    #[must_use]
    pub fn body(self, scopes: &OperationScopes) -> String {
        let mut out = String::from("{\"error\":");
        push_string(&mut out, self.error());
        out.push_str(",\"error_description\":");
        push_string(&mut out, &self.description(scopes));
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
            Refusal::AuthenticationRequired.challenge(URL, &OperationScopes::verbatim(&["notes:read"])),
            r#"Bearer error="invalid_token", error_description="Authentication required", resource_metadata="http://127.0.0.1:8000/.well-known/oauth-protected-resource/mcp", scope="notes:read""#
        );
        assert_eq!(
            Refusal::AuthenticationRequired.body(&OperationScopes::verbatim(&["notes:read"])),
            r#"{"error":"invalid_token","error_description":"Authentication required"}"#
        );
    }

    #[test]
    fn a_narrow_token_is_told_every_scope_at_once() {
        let needed = OperationScopes::verbatim(&["notes:read", "notes:write"]);
        assert_eq!(
            Refusal::InsufficientScope.challenge(URL, &needed),
            r#"Bearer error="insufficient_scope", error_description="Required scope: notes:read notes:write", resource_metadata="http://127.0.0.1:8000/.well-known/oauth-protected-resource/mcp", scope="notes:read notes:write""#
        );
        assert_eq!(
            Refusal::InsufficientScope.body(&needed),
            r#"{"error":"insufficient_scope","error_description":"Required scope: notes:read notes:write"}"#
        );
    }

    #[test]
    fn a_client_is_told_to_ask_for_more_than_it_lacks() {
        let names = ScopeNames { prefix: None, resource: "", optional: &[], extra: &["openid"] };
        let scopes = names.operation(&["notes:read"]);
        assert_eq!(
            Refusal::InsufficientScope.challenge(URL, &scopes),
            r#"Bearer error="insufficient_scope", error_description="Required scope: notes:read", resource_metadata="http://127.0.0.1:8000/.well-known/oauth-protected-resource/mcp", scope="notes:read openid""#
        );
        assert_eq!(
            Refusal::InsufficientScope.body(&scopes),
            r#"{"error":"insufficient_scope","error_description":"Required scope: notes:read"}"#
        );
    }

    #[test]
    fn a_server_without_scopes_asks_for_none() {
        assert_eq!(
            Refusal::TokenExpired.challenge(URL, &OperationScopes::verbatim(&[])),
            r#"Bearer error="invalid_token", error_description="The access token expired", resource_metadata="http://127.0.0.1:8000/.well-known/oauth-protected-resource/mcp""#
        );
    }
}
