//! Identifiers of authorization servers.

use std::fmt;

use crate::url::{Url, UrlError};

/// The identifier of an authorization server (RFC 8414 §2).
///
/// An issuer is an `https` URL without query or fragment; `http` is accepted for loopback hosts, for development. The text
/// stays as written, because clients compare it character for character with the authorization server's own metadata. A
/// trailing slash is therefore significant, and some identity providers have one.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Issuer(String);

impl Issuer {
    /// Parses an issuer.
    ///
    /// # Errors
    /// [`UrlError`] if a client would refuse or rewrite the text.
    pub fn parse(text: impl Into<String>) -> Result<Self, UrlError> {
        let text = text.into();
        let url = Url::parse_identifier(&text)?;
        check_endpoint(&url, &text[..text.len() - url.path.len()])?;
        Ok(Self(text))
    }

    /// Returns the issuer as written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Issuer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

const METADATA: &str = "metadata";
const KEYS: &str = "keys";

/// The endings of endpoints' paths, their replacement in the issuer, and their kind.
///
/// A longer ending precedes the shorter one that it contains.
const ENDPOINTS: &[(&str, &str, &str)] = &[
    // Keycloak.
    ("/protocol/openid-connect/certs", "", KEYS),
    ("/protocol/openid-connect/token/introspect", "", "introspection endpoint"),
    ("/protocol/openid-connect/token", "", "token endpoint"),
    ("/protocol/openid-connect/auth", "", "authorization endpoint"),
    ("/protocol/openid-connect/userinfo", "", "user info endpoint"),
    ("/protocol/openid-connect", "", "endpoints"),
    // Microsoft Entra.
    ("/discovery/v2.0/keys", "/v2.0", KEYS),
    ("/oauth2/v2.0/token", "/v2.0", "token endpoint"),
    ("/oauth2/v2.0/authorize", "/v2.0", "authorization endpoint"),
    // Okta, whose own authorization server has no name in its path.
    ("/oauth2/v1/keys", "", KEYS),
    ("/oauth2/v1/token", "", "token endpoint"),
    ("/oauth2/v1/authorize", "", "authorization endpoint"),
    ("/oauth2/v1/introspect", "", "introspection endpoint"),
    ("/oauth2/v1/userinfo", "", "user info endpoint"),
    ("/v1/keys", "", KEYS),
    ("/v1/token", "", "token endpoint"),
    ("/v1/authorize", "", "authorization endpoint"),
    ("/v1/introspect", "", "introspection endpoint"),
    // Auth0, Cognito, IdentityServer, and servers that follow them.
    ("/oauth2/token", "", "token endpoint"),
    ("/oauth2/authorize", "", "authorization endpoint"),
    ("/oauth2/introspect", "", "introspection endpoint"),
    ("/oauth2/jwks", "", KEYS),
    ("/oauth2/certs", "", KEYS),
    ("/oauth/token", "", "token endpoint"),
    ("/oauth/authorize", "", "authorization endpoint"),
    ("/oauth/introspect", "", "introspection endpoint"),
    ("/connect/token", "", "token endpoint"),
    ("/connect/authorize", "", "authorization endpoint"),
    ("/connect/introspect", "", "introspection endpoint"),
    ("/jwks.json", "", KEYS),
];

/// The paths that are only certain as a whole, and their kind.
const ROOT_ENDPOINTS: &[(&str, &str)] = &[
    ("/token", "token endpoint"),
    ("/authorize", "authorization endpoint"),
    ("/introspect", "introspection endpoint"),
    ("/userinfo", "user info endpoint"),
    ("/jwks", KEYS),
    ("/certs", KEYS),
    ("/keys", KEYS),
];

/// Refuses the URL of an issuer's endpoint or document. No token has such an `iss`.
fn check_endpoint(url: &Url<'_>, origin: &str) -> Result<(), UrlError> {
    let path = url.path.strip_suffix('/').unwrap_or(url.path);
    let is = |what, path: &str| {
        // Auth0's issuers end with a slash.
        let slash = if path.is_empty() && url.host.ends_with(".auth0.com") { "/" } else { "" };
        Err(UrlError::IssuerEndpoint(what, Some(format!("{origin}{path}{slash}"))))
    };
    if let Some((before, after)) = path.split_once("/.well-known/") {
        let (document, after) = after.find('/').map_or((after, ""), |slash| after.split_at(slash));
        return match document {
            "oauth-protected-resource" => Err(UrlError::ResourceMetadata(None)),
            "jwks.json" | "jwks" | "keys" => is(KEYS, &format!("{before}{after}")),
            // The document is at the end of the issuer, or in front of its path (RFC 8414 §3.1).
            _ => is(METADATA, &format!("{before}{after}")),
        };
    }
    match url.host {
        "www.googleapis.com" | "oauth2.googleapis.com" if path.starts_with("/oauth2/") || path == "/token" => {
            return Err(UrlError::IssuerEndpoint("endpoints", Some("https://accounts.google.com".to_owned())));
        }
        // The issuer is another host, or its path has another form.
        host if path.starts_with("/oauth2/") && host.ends_with(".amazoncognito.com") => {
            return Err(UrlError::IssuerEndpoint("endpoints", None));
        }
        _ => {}
    }
    for (end, own, what) in ENDPOINTS {
        if let Some(before) = path.strip_suffix(end) {
            return is(what, &format!("{before}{own}"));
        }
    }
    match ROOT_ENDPOINTS.iter().find(|(whole, _)| *whole == path) {
        Some((_, what)) => is(what, ""),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_the_text_verbatim() {
        for text in [
            "https://auth.example.com",
            "https://tenant.auth0.com/",
            "https://login.example.com:443/realms/one/",
            "http://localhost:9000",
            "http://127.0.0.1:9000/as",
            "https://sso.example.com/realms/one",
            "https://sso.example.com/auth/realms/token",
            "https://sso.example.com/realms/keys",
            "https://sso/realms/one",
            "https://login.microsoftonline.com/5f0c8a1e-7d3b-4a55-9c7e-0123456789ab/v2.0",
            "https://sts.windows.net/5f0c8a1e-7d3b-4a55-9c7e-0123456789ab/",
            "https://dev-1234.okta.com",
            "https://dev-1234.okta.com/oauth2/default",
            "https://dev-1234.okta.com/oauth2/aus1ab2cd3ef",
            "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbCdEfGhI",
            "https://accounts.google.com",
            "https://token.actions.githubusercontent.com",
            "https://contoso.b2clogin.com/contoso.onmicrosoft.com/v2.0/",
            "https://api.workos.com/user_management/client_01HXYZ",
            "https://auth.example.com/oauth2",
            "https://auth.example.com/application/o/notes/",
            "https://auth.example.com/oauth2/openid/notes",
            "https://auth.example.com/t/a%20b",
            "https://10.0.0.7:8443/as",
            "https://[2001:db8::1]:9443",
            "https://auth.example.com/api/auth/token/v1",
            "https://auth.example.com/your-team",
        ] {
            assert_eq!(Issuer::parse(text).map(|issuer| issuer.to_string()).as_deref(), Ok(text));
        }
    }

    #[test]
    fn what_an_issuer_publishes_is_not_the_issuer() {
        let cases = [
            ("https://auth.example.com/.well-known/openid-configuration", Some("https://auth.example.com")),
            ("https://auth.example.com/.well-known/openid-configuration/", Some("https://auth.example.com")),
            (
                "https://sso.example.com/realms/one/.well-known/openid-configuration",
                Some("https://sso.example.com/realms/one"),
            ),
            ("https://auth.example.com/.well-known/oauth-authorization-server", Some("https://auth.example.com")),
            (
                "https://auth.example.com/.well-known/oauth-authorization-server/as/one",
                Some("https://auth.example.com/as/one"),
            ),
            ("https://auth.example.com/.well-known/openid-configuration/as", Some("https://auth.example.com/as")),
            ("https://auth.example.com/.well-known/jwks.json", Some("https://auth.example.com")),
            ("https://one.auth0.com/.well-known/jwks.json", Some("https://one.auth0.com/")),
            ("https://auth.example.com/jwks.json", Some("https://auth.example.com")),
            ("https://auth.example.com/jwks", Some("https://auth.example.com")),
            (
                "https://sso.example.com/realms/one/protocol/openid-connect/certs",
                Some("https://sso.example.com/realms/one"),
            ),
            ("https://sso.example.com/realms/one/protocol/openid-connect", Some("https://sso.example.com/realms/one")),
            ("https://dev-1234.okta.com/oauth2/v1/keys", Some("https://dev-1234.okta.com")),
            ("https://dev-1234.okta.com/oauth2/default/v1/keys", Some("https://dev-1234.okta.com/oauth2/default")),
            (
                "https://login.microsoftonline.com/one/discovery/v2.0/keys",
                Some("https://login.microsoftonline.com/one/v2.0"),
            ),
            (
                "https://login.microsoftonline.com/one/oauth2/v2.0/token",
                Some("https://login.microsoftonline.com/one/v2.0"),
            ),
            ("https://one.auth0.com/oauth/token", Some("https://one.auth0.com/")),
            ("https://auth.example.com/authorize", Some("https://auth.example.com")),
            ("https://auth.example.com/connect/token", Some("https://auth.example.com")),
            ("https://www.googleapis.com/oauth2/v3/certs", Some("https://accounts.google.com")),
            ("https://one.auth.eu-west-1.amazoncognito.com/oauth2/token", None),
        ];
        for (text, expected) in cases {
            let Err(UrlError::IssuerEndpoint(_, issuer)) = Issuer::parse(text) else { panic!("{text}") };
            assert_eq!(issuer.as_deref(), expected, "{text}");
        }
        let of_a_resource = "https://mcp.example.com/.well-known/oauth-protected-resource/mcp";
        assert_eq!(Issuer::parse(of_a_resource), Err(UrlError::ResourceMetadata(None)));
    }

    #[test]
    fn http_is_for_loopback_only() {
        assert_eq!(Issuer::parse("http://keycloak:8080"), Err(UrlError::LocalName("keycloak".to_owned())));
        assert_eq!(
            Issuer::parse("http://auth.example.com/as"),
            Err(UrlError::Insecure("https://auth.example.com/as".to_owned()))
        );
    }
}
