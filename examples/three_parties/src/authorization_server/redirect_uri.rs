//! Redirect URIs: the addresses for answers, which an attacker would like to choose.

use std::net::IpAddr;

use url::{Host, Url};

use super::error::OAuthError;

const MOST: usize = 8;
const LONGEST: usize = 500;

/// Checks the addresses for codes: `https`, `http` on loopback, or a scheme of an app (RFC 8252 §7).
pub(super) fn acceptable(uris: Vec<String>) -> Result<Vec<String>, OAuthError> {
    if (1..=MOST).contains(&uris.len()) && uris.iter().all(|uri| is_acceptable(uri)) {
        Ok(uris)
    } else {
        Err(OAuthError::new(
            "invalid_redirect_uri",
            "Write `https`, `http` on loopback or an app's scheme; no fragment and no user",
        ))
    }
}

fn is_acceptable(uri: &str) -> bool {
    let Ok(url) = Url::parse(uri) else { return false };
    let acceptable = match (url.scheme(), url.host()) {
        // The host becomes a part of the page's policy, in which `*`, `;` and `,` mean something.
        ("https", Some(Host::Domain(name))) => name.bytes().all(|c| c.is_ascii_alphanumeric() || b"-.".contains(&c)),
        ("https", Some(_)) => true,
        ("http", Some(Host::Domain(name))) => name == "localhost",
        ("http", Some(Host::Ipv4(address))) => IpAddr::from(address).is_loopback(),
        ("http", Some(Host::Ipv6(address))) => IpAddr::from(address).is_loopback(),
        // What a browser would run or open by itself.
        ("about" | "blob" | "data" | "file" | "filesystem" | "ftp" | "javascript" | "vbscript" | "ws" | "wss", _) => {
            false
        }
        ("http" | "https", None) => false,
        _ => true,
    };
    let plain = url.fragment().is_none() && url.username().is_empty() && url.password().is_none();
    acceptable && plain && uri.len() <= LONGEST && uri.bytes().all(|c| c.is_ascii_graphic())
}

/// Returns `true` if the address in a request is one of the client's, to the letter.
///
/// On loopback, any port is accepted, because an app learns its port when it starts (RFC 8252 §7.3).
pub(super) fn is_one_of(uri: &str, own: &[String]) -> bool {
    own.iter().any(|own| own == uri || (is_loopback(own) && without_port(own) == without_port(uri)))
}

/// Returns `true` if an address is that of a program on the person's own machine.
pub(super) fn is_loopback(uri: &str) -> bool {
    without_port(uri).is_some()
}

/// Splits an address on loopback into host and rest, without the port. The texts are not normalized.
fn without_port(uri: &str) -> Option<(&str, &str)> {
    let hosts = ["http://127.0.0.1", "http://[::1]", "http://localhost"];
    let (host, rest) = hosts.iter().find_map(|host| Some((*host, uri.strip_prefix(host)?)))?;
    let rest = match rest.strip_prefix(':') {
        Some(rest) => {
            let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
            let (port, rest) = rest.split_at(digits);
            port.parse::<u16>().ok()?;
            rest
        }
        None => rest,
    };
    (rest.is_empty() || rest.starts_with(['/', '?'])).then_some((host, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_sent_to_what_cannot_be_mistaken() {
        for uri in [
            "https://app.example.com/back?a=b",
            "https://192.0.2.1:8443/",
            "http://localhost:1/back",
            "http://[::1]/back",
            "com.example.app:/back",
            "cursor://anysphere.cursor-mcp/oauth/callback",
        ] {
            assert!(is_acceptable(uri), "{uri}");
        }
        for uri in [
            "",
            "/back",
            "http://app.example.com/",
            "http://localhost.example.com/",
            "javascript:alert(1)",
            "java\tscript:alert(1)",
            "data:text/html,a",
            "https://a.example/#b",
            "https://bank.example@a.example/",
            "https://*/",
            "https://a;sandbox.example/",
            "https://a,b.example/",
            " https://a.example/",
            "https://a.example/\r\nb",
        ] {
            assert!(!is_acceptable(uri), "{uri:?}");
        }
    }

    #[test]
    fn only_the_port_may_differ_and_only_on_loopback() {
        let own = |uri: &str| [uri.to_owned()];
        for (registered, asked) in [
            ("http://127.0.0.1/back", "http://127.0.0.1:49152/back"),
            ("http://127.0.0.1:1/back", "http://127.0.0.1:49152/back"),
            ("http://[::1]/back?a", "http://[::1]:49152/back?a"),
            ("http://localhost/", "http://localhost:49152/"),
            ("https://app.example.com/", "https://app.example.com/"),
        ] {
            assert!(is_one_of(asked, &own(registered)), "{asked}");
        }
        for asked in [
            "http://127.0.0.1:1/back/",
            "http://127.0.0.1:1/back?a",
            "http://127.0.0.1:1/back#a",
            "http://127.0.0.1:1/",
            "http://127.0.0.1:65536/back",
            "http://127.0.0.1:1@a.example/back",
            "http://127.0.0.1:/back",
            "http://127.0.0.1:+1/back",
            "http://127.0.0.1.a.example/back",
            "http://a@127.0.0.1/back",
            "http://localhost/back",
            "https://127.0.0.1/back",
            "HTTP://127.0.0.1/back",
            "",
        ] {
            assert!(!is_one_of(asked, &own("http://127.0.0.1/back")), "{asked}");
        }
        assert!(!is_one_of("https://app.example.com:8443/", &own("https://app.example.com/")));
        assert!(!is_one_of("com.example.app:/b", &own("com.example.app:/a")));
    }
}
