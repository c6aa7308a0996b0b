//! Client ID Metadata Documents: a client whose id is a URL says there who it is, and needs no registration.
//!
//! Whoever asks for a token chooses the URL, so fetching it is an attack surface: only `https`, and `http` on loopback
//! because this is an example; no redirects; little time and few bytes; nothing on private networks.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use serde::Deserialize;
use url::{Host, Url};

use super::clients::{Client, GrantType};
use super::error::OAuthError;
use super::redirect_uri;
use super::registration::shown_name;
use crate::narrate::Party;
use crate::{Outcome, http};

const LONGEST_ID: usize = 500;
const MOST_BYTES: usize = 5 * 1024;
const TIMEOUT: Duration = Duration::from_secs(5);

#[derive(Deserialize)]
struct Document {
    client_id: String,
    client_name: Option<String>,
    redirect_uris: Vec<String>,
    /// The method of a public client, because a document that everyone can read has no secrets.
    token_endpoint_auth_method: Option<String>,
}

pub(super) async fn fetch(http: &reqwest::Client, id: &str) -> Result<Client, OAuthError> {
    const UNREADABLE: OAuthError = OAuthError::new("invalid_client", "The client's metadata document can't be read");
    let url = document_url(id).ok_or(OAuthError::invalid_client())?;
    let mut response = http.get(url).send().await.map_err(|_| UNREADABLE)?;
    if response.status() != reqwest::StatusCode::OK {
        return Err(UNREADABLE);
    }
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|_| UNREADABLE)? {
        body.extend_from_slice(&chunk);
        if body.len() > MOST_BYTES {
            return Err(UNREADABLE);
        }
    }
    let document: Document = serde_json::from_slice(&body).map_err(|_| UNREADABLE)?;
    // Or a document could be copied to where somebody else's client is.
    if document.client_id != id || document.token_endpoint_auth_method.is_some_and(|method| method != "none") {
        return Err(OAuthError::invalid_client());
    }
    Ok(Client {
        id: id.to_owned(),
        name: shown_name(document.client_name.as_deref()),
        redirect_uris: redirect_uri::acceptable(document.redirect_uris)?,
        secret: None,
        grants: GrantType::WITH_CONSENT.to_vec(),
    })
}

/// Returns the URL in an id, if it may be fetched.
fn document_url(id: &str) -> Option<Url> {
    let url = Url::parse(id).ok()?;
    let fetchable = match (url.scheme(), url.host()?) {
        ("https", Host::Domain(_)) => true,
        ("http", Host::Ipv4(address)) => address.is_loopback(),
        ("http", Host::Ipv6(address)) => address.is_loopback(),
        _ => false,
    };
    let plain = url.as_str() == id
        && id.len() <= LONGEST_ID
        && url.path() != "/"
        && url.fragment().is_none()
        && url.username().is_empty()
        && url.password().is_none();
    (fetchable && plain).then_some(url)
}

/// Creates an HTTP client for addresses that others chose.
pub(super) fn http_client() -> Outcome<reqwest::Client> {
    Ok(http::builder(Party::AuthorizationServer).timeout(TIMEOUT).dns_resolver(PublicAddresses).build()?)
}

/// A resolver of names that omits private networks. It is not called for IP addresses.
struct PublicAddresses;

impl Resolve for PublicAddresses {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let public: Vec<SocketAddr> = found.filter(|address| is_public(address.ip())).collect();
            if public.is_empty() { Err("no public address".into()) } else { Ok(Box::new(public.into_iter()) as Addrs) }
        })
    }
}

fn is_public(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(address) => {
            let [first, second, ..] = address.octets();
            let shared = first == 100 && (64..128).contains(&second);
            let reserved = first == 0 || first >= 240;
            !(address.is_private()
                || address.is_loopback()
                || address.is_link_local()
                || address.is_multicast()
                || address.is_documentation()
                || shared
                || reserved)
        }
        // Global unicast, without the ranges that hold an IPv4 address.
        IpAddr::V6(address) => {
            let [first, second, ..] = address.segments();
            first & 0xe000 == 0x2000 && first != 0x2002 && !(first == 0x2001 && second < 0x200)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_public_addresses_are_fetched_from() {
        for address in ["127.0.0.1", "10.0.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "::1"] {
            assert!(!is_public(address.parse().unwrap()), "{address}");
        }
        for address in ["fd00::1", "fe80::1", "::ffff:10.0.0.1", "2002:a00:1::1", "255.255.255.255", "224.0.0.1"] {
            assert!(!is_public(address.parse().unwrap()), "{address}");
        }
        for address in ["93.184.216.34", "2606:2800:220:1::1"] {
            assert!(is_public(address.parse().unwrap()), "{address}");
        }
    }

    #[test]
    fn an_id_is_fetched_only_where_that_is_safe() {
        for id in ["https://app.example.com/client.json", "http://127.0.0.1:8002/client.json"] {
            assert!(document_url(id).is_some(), "{id}");
        }
        for id in [
            "work-assistant",
            "https://app.example.com/",
            "https://app.example.com",
            "https://10.0.0.1/client.json",
            "https://user@app.example.com/client.json",
            "https://app.example.com/client.json#a",
            "https://app.example.com/a/../client.json",
            "http://app.example.com/client.json",
            "http://169.254.169.254/client.json",
            "file:///etc/passwd",
        ] {
            assert!(document_url(id).is_none(), "{id}");
        }
        assert!(document_url(&format!("https://app.example.com/{}", "a".repeat(LONGEST_ID))).is_none());
    }
}
