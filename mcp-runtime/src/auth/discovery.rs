//! Discovery of an issuer's endpoints (RFC 8414 §3, OpenID Connect Discovery §4).

use std::sync::Mutex;

use http::StatusCode;
use serde_json::Value;

use super::fetch::{EndpointUrl, Fetcher};
use crate::json::strict::parse_object;
use crate::lock::locked;

/// The search for a URL in the metadata of an issuer, with the last result.
pub(super) struct Discovery {
    issuer: String,
    /// The names that the metadata may have for the issuer.
    names: Vec<String>,
    /// The member of the metadata with the URL, such as `jwks_uri`.
    member: &'static str,
    last: Mutex<Option<IssuerMetadata>>,
}

/// The part of an issuer's metadata that is needed.
#[derive(Clone)]
struct IssuerMetadata {
    url: String,
    found: EndpointUrl,
}

impl Discovery {
    /// Creates the search for a member of the metadata. `names` are those that the metadata may have for the issuer.
    pub(super) fn new(issuer: &str, names: Vec<String>, member: &'static str) -> Self {
        Self { issuer: issuer.to_owned(), names, member, last: Mutex::new(None) }
    }

    /// Fetches the metadata, because the URL may have changed. While that fails, the last result stays valid.
    pub(super) async fn find(&self, fetcher: &Fetcher) -> Result<EndpointUrl, String> {
        let last = locked(&self.last).clone();
        match (self.search(fetcher, last.as_ref()).await, last) {
            (Ok(metadata), _) => {
                let url = metadata.found.clone();
                *locked(&self.last) = Some(metadata);
                Ok(url)
            }
            (Err(reason), Some(last)) => {
                let (member, url) = (self.member, last.found);
                tracing::warn!(issuer = self.issuer, reason, member, %url, "no metadata; the last URL is used");
                Ok(url)
            }
            (Err(reason), None) => Err(reason),
        }
    }

    /// Returns the last result, or fetches the metadata if there is none.
    pub(super) async fn known(&self, fetcher: &Fetcher) -> Result<EndpointUrl, String> {
        let last = locked(&self.last).as_ref().map(|last| last.found.clone());
        match last {
            Some(url) => Ok(url),
            None => self.find(fetcher).await,
        }
    }

    /// Drops the last result, because the URL does not work.
    pub(super) fn forget(&self) {
        *locked(&self.last) = None;
    }

    /// Tries one URL after the other, first that of the last result. The error has a reason for each URL.
    async fn search(&self, fetcher: &Fetcher, last: Option<&IssuerMetadata>) -> Result<IssuerMetadata, String> {
        let mut urls = metadata_urls(&self.issuer);
        urls.sort_by_key(|url| last.is_none_or(|last| last.url != *url));
        let mut reasons = Vec::new();
        for text in urls {
            let url = EndpointUrl::parse(&text).map_err(|error| format!("{text}: {error}"))?;
            match fetcher.get(&url).await {
                Ok(reply) => match url_in(&self.names, self.member, &url, reply.status, &reply.body) {
                    Ok(found) => return Ok(IssuerMetadata { url: text, found }),
                    Err(reason) => reasons.push(format!("{url} {reason}")),
                },
                Err(error) => {
                    reasons.push(error.to_string());
                    // The other URLs have the same host, which would let the requests wait for a timeout each.
                    if !error.has_response() {
                        break;
                    }
                }
            }
        }
        Err(reasons.join("; "))
    }
}

/// Returns the URLs that the metadata of an issuer may have.
///
/// The first has the path of the issuer behind the well-known one (RFC 8414 §3.1). The second is OpenID's document there
/// (RFC 8414 §5), and the third that document as OpenID Connect Discovery has it. None has a slash at the end of the
/// issuer, which both standards remove.
fn metadata_urls(issuer: &str) -> Vec<String> {
    let issuer = issuer.strip_suffix('/').unwrap_or(issuer);
    let host = issuer.find("://").map_or(0, |scheme| scheme + "://".len());
    let (origin, path) = issuer.split_at(issuer[host..].find('/').map_or(issuer.len(), |slash| host + slash));
    let mut urls = vec![
        format!("{origin}/.well-known/oauth-authorization-server{path}"),
        format!("{origin}/.well-known/openid-configuration{path}"),
    ];
    if !path.is_empty() {
        urls.push(format!("{issuer}/.well-known/openid-configuration"));
    }
    urls
}

/// Returns the URL in a member of the metadata at `url`.
///
/// The metadata must be about this very issuer, to the letter (RFC 8414 §3.3).
fn url_in(
    names: &[String],
    member: &str,
    url: &EndpointUrl,
    status: StatusCode,
    body: &[u8],
) -> Result<EndpointUrl, String> {
    if status != StatusCode::OK {
        return Err(format!("answers {status}"));
    }
    let document = parse_object(body).map_err(|reason| format!("is not usable: {reason}"))?;
    match document.get("issuer") {
        Some(Value::String(named)) if names.contains(named) => {}
        Some(Value::String(named)) => {
            let named: String = named.chars().take(256).collect();
            let issuer = names.first().map(String::as_str).unwrap_or_default();
            return Err(format!("is about the issuer {named:?}, which is not {issuer:?} to the letter"));
        }
        _ => return Err("names no `issuer`".to_owned()),
    }
    let Some(Value::String(found)) = document.get(member) else {
        return Err(format!("has no `{member}`"));
    };
    url.parse_named(found).map_err(|error| format!("has an unusable `{member}`: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_path_of_an_issuer_goes_behind_the_well_known_one() {
        for (issuer, expected) in [
            (
                "https://auth.example.com",
                &[
                    "https://auth.example.com/.well-known/oauth-authorization-server",
                    "https://auth.example.com/.well-known/openid-configuration",
                ][..],
            ),
            (
                "https://tenant.example.com/",
                &[
                    "https://tenant.example.com/.well-known/oauth-authorization-server",
                    "https://tenant.example.com/.well-known/openid-configuration",
                ],
            ),
            (
                "https://login.example.com:8443/realms/one",
                &[
                    "https://login.example.com:8443/.well-known/oauth-authorization-server/realms/one",
                    "https://login.example.com:8443/.well-known/openid-configuration/realms/one",
                    "https://login.example.com:8443/realms/one/.well-known/openid-configuration",
                ],
            ),
            (
                "http://[::1]:9000/oidc/",
                &[
                    "http://[::1]:9000/.well-known/oauth-authorization-server/oidc",
                    "http://[::1]:9000/.well-known/openid-configuration/oidc",
                    "http://[::1]:9000/oidc/.well-known/openid-configuration",
                ],
            ),
        ] {
            assert_eq!(metadata_urls(issuer), expected);
            assert!(expected.iter().all(|url| EndpointUrl::parse(url).is_ok()), "{issuer}");
        }
    }

    #[test]
    fn a_document_is_believed_about_its_own_issuer_only() {
        let issuer = "https://auth.example.com/one";
        let wrong_issuer =
            |named: &str| Err(format!("is about the issuer {named}, which is not {issuer:?} to the letter"));
        let no_jwks = || Err("has no `jwks_uri`".to_owned());
        let unusable_jwks = |reason: &str| Err(format!("has an unusable `jwks_uri`: {reason}"));
        let unusable = |reason: &str| Err(format!("is not usable: {reason}"));
        let insecure = "`http` is for loopback hosts only; write `https`";
        let relative = "it is not an absolute URL; write one like `https://auth.example.com/path`";
        let twice = "an object has a member twice";
        for (document, expected) in [
            (
                r#"{"issuer":"https://auth.example.com/one","jwks_uri":"https://keys.example.com/1","x":[{}]}"#,
                Ok("https://keys.example.com/1".to_owned()),
            ),
            (
                r#"{"issuer":"https://auth.example.com/one/","jwks_uri":"https://k/"}"#,
                wrong_issuer("\"https://auth.example.com/one/\""),
            ),
            (
                r#"{"issuer":"https://AUTH.example.com/one","jwks_uri":"https://k/"}"#,
                wrong_issuer("\"https://AUTH.example.com/one\""),
            ),
            (
                r#"{"issuer":"https://auth.example.com","jwks_uri":"https://k/"}"#,
                wrong_issuer("\"https://auth.example.com\""),
            ),
            (r#"{"issuer":"a\nb","jwks_uri":"https://k/"}"#, wrong_issuer(r#""a\nb""#)),
            (
                r#"{"issuer":["https://auth.example.com/one"],"jwks_uri":"https://k/"}"#,
                Err("names no `issuer`".to_owned()),
            ),
            (r#"{"jwks_uri":"https://k/"}"#, Err("names no `issuer`".to_owned())),
            (r#"{"issuer":"https://auth.example.com/one"}"#, no_jwks()),
            (r#"{"issuer":"https://auth.example.com/one","jwks_uri":null}"#, no_jwks()),
            (r#"{"issuer":"https://auth.example.com/one","jwks_uri":{"keys":[]}}"#, no_jwks()),
            (r#"{"issuer":"https://auth.example.com/one","jwks_uri":"http://127.0.0.1/"}"#, unusable_jwks(insecure)),
            (r#"{"issuer":"https://auth.example.com/one","jwks_uri":"http://k/"}"#, unusable_jwks(insecure)),
            (r#"{"issuer":"https://auth.example.com/one","jwks_uri":"/jwks"}"#, unusable_jwks(relative)),
            (r#"{"issuer":"https://auth.example.com/one","jwks_uri":"file:///etc/passwd"}"#, unusable_jwks(relative)),
            (
                r#"{"issuer":"https://auth.example.com/one","jwks_uri":"https://a/","jwks_uri":"https://b/"}"#,
                unusable(twice),
            ),
            (
                r#"{"issuer":"https://evil.example","issuer":"https://auth.example.com/one","jwks_uri":"https://a/"}"#,
                unusable(twice),
            ),
            (r#"["https://auth.example.com/one","https://k/"]"#, unusable("it is not one JSON object")),
            ("<html>", unusable("it is not JSON")),
            ("", unusable("it is not JSON")),
        ] {
            let url = EndpointUrl::parse("https://auth.example.com/metadata").unwrap();
            let found = url_in(&[issuer.to_owned()], "jwks_uri", &url, StatusCode::OK, document.as_bytes());
            assert_eq!(found.map(|url| url.to_string()), expected, "{document}");
        }
        let document = br#"{"issuer":"http://localhost:1","jwks_uri":"http://127.0.0.1:2/jwks"}"#;
        let url = EndpointUrl::parse("http://localhost:1/").unwrap();
        let found = url_in(&["http://localhost:1".to_owned()], "jwks_uri", &url, StatusCode::OK, document);
        assert_eq!(found.unwrap().to_string(), "http://127.0.0.1:2/jwks");
        let missing = url_in(&["http://localhost:1".to_owned()], "jwks_uri", &url, StatusCode::NOT_FOUND, document);
        assert_eq!(missing.unwrap_err(), "answers 404 Not Found");
    }
}
