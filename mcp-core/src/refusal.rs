use std::borrow::Cow;

use crate::AskedScopes;
use crate::json::push_string;

/// Why the guard turns a request away, and everything that the client is told about it.
///
/// The texts are those of RFC 6750 §3: fixed ones, so that nothing of a token or of a verifier's error can leak.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// There is no token, or the verifier does not accept it.
    AuthenticationRequired,
    /// The token was good once.
    TokenExpired,
    /// The token is for another resource.
    WrongAudience,
    /// There are several `Authorization` headers, or one that is not a bearer token.
    InvalidRequest,
    /// The token is good, but not for this.
    InsufficientScope,
    /// The verifier could not decide.
    Unavailable,
}

impl Refusal {
    /// The HTTP status.
    #[must_use]
    pub fn status(self) -> u16 {
        match self {
            Self::AuthenticationRequired | Self::TokenExpired | Self::WrongAudience => 401,
            Self::InvalidRequest => 400,
            Self::InsufficientScope => 403,
            Self::Unavailable => 503,
        }
    }

    /// The error code of RFC 6750 §3.1; for an outage the one of RFC 6749 §4.1.2.1.
    #[must_use]
    pub fn error(self) -> &'static str {
        match self {
            Self::AuthenticationRequired | Self::TokenExpired | Self::WrongAudience => "invalid_token",
            Self::InvalidRequest => "invalid_request",
            Self::InsufficientScope => "insufficient_scope",
            Self::Unavailable => "temporarily_unavailable",
        }
    }

    /// One sentence for the developer of the client. `scopes` are those of the operation.
    #[must_use]
    pub fn description(self, scopes: &AskedScopes) -> Cow<'static, str> {
        match self {
            Self::AuthenticationRequired => Cow::Borrowed("Authentication required"),
            Self::TokenExpired => Cow::Borrowed("The access token expired"),
            Self::WrongAudience => Cow::Borrowed("The access token was issued for another resource"),
            Self::InvalidRequest => Cow::Borrowed("Expected one Authorization header with one bearer token"),
            Self::InsufficientScope => Cow::Owned(format!("Required scope: {}", scopes.needed().join(" "))),
            Self::Unavailable => Cow::Borrowed("The access token cannot be verified at the moment"),
        }
    }

    /// The value of `WWW-Authenticate`: where the metadata is (RFC 9728 §5.1) and which scopes to ask for.
    ///
    /// Nothing needs escaping, because the alphabets of URLs and scopes have no quote and no backslash.
    #[must_use]
    pub fn challenge(self, metadata_url: &str, scopes: &AskedScopes) -> String {
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

    /// The body, as JSON.
    #[must_use]
    pub fn body(self, scopes: &AskedScopes) -> String {
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
            Refusal::AuthenticationRequired.challenge(URL, &AskedScopes::verbatim(&["notes:read"])),
            r#"Bearer error="invalid_token", error_description="Authentication required", resource_metadata="http://127.0.0.1:8000/.well-known/oauth-protected-resource/mcp", scope="notes:read""#
        );
        assert_eq!(
            Refusal::AuthenticationRequired.body(&AskedScopes::verbatim(&["notes:read"])),
            r#"{"error":"invalid_token","error_description":"Authentication required"}"#
        );
    }

    #[test]
    fn a_narrow_token_is_told_every_scope_at_once() {
        let needed = AskedScopes::verbatim(&["notes:read", "notes:write"]);
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
        let scopes = names.ask(&["notes:read"]);
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
            Refusal::TokenExpired.challenge(URL, &AskedScopes::verbatim(&[])),
            r#"Bearer error="invalid_token", error_description="The access token expired", resource_metadata="http://127.0.0.1:8000/.well-known/oauth-protected-resource/mcp""#
        );
    }
}
