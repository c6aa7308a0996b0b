//! The identity of a caller.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::digest::{Context, SHA256};
use serde::{Deserialize, Serialize};

use super::AccessToken;

/// The identity of a caller, the same with each of its tokens.
///
/// It is a digest of issuer, subject and client, and of the tenant, if the issuer has several. Sealed texts that a client
/// returns in a later request are bound to it. On an open server, all callers have the same one.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Principal(String);

impl Principal {
    pub(crate) fn of(token: Option<&AccessToken>) -> Self {
        let Some(token) = token else { return Self(String::new()) };
        let mut digest = Context::new(&SHA256);
        let issuer = token.issuer.as_deref();
        let parts = [issuer, token.subject.as_deref(), Some(&*token.client_id)];
        // Only where it differs from the issuer, so that texts that earlier versions sealed stay valid.
        let authority = token.authority().filter(|authority| Some(*authority) != issuer);
        for part in parts.into_iter().chain(authority.map(Some)) {
            // The lengths keep the parts apart, and an absent part from an empty one.
            digest.update(&part.map_or(u64::MAX, |part| part.len() as u64).to_be_bytes());
            digest.update(part.unwrap_or_default().as_bytes());
        }
        Self(URL_SAFE_NO_PAD.encode(digest.finish()))
    }

    /// Returns the digest, or an empty text for an open server.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Principal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_principal_is_an_issuer_a_subject_and_a_client() {
        let alice = || AccessToken::ours("app").with_subject("alice").with_issuer("https://auth.example.com");
        let of = |token: AccessToken| Principal::of(Some(&token));
        assert_eq!(of(alice()), of(alice().with_scopes(["notes:read"])), "another token of the same one");
        for other in [
            AccessToken::ours("app").with_subject("alice"),
            AccessToken::ours("app").with_subject("alice").with_issuer(""),
            AccessToken::ours("app").with_subject("bob").with_issuer("https://auth.example.com"),
            AccessToken::ours("other").with_subject("alice").with_issuer("https://auth.example.com"),
            AccessToken::ours("").with_subject("aliceapp").with_issuer("https://auth.example.com"),
            alice().with_authority("https://auth.example.com/tenant"),
            AccessToken::ours("app").with_subject("alice").with_authority("https://auth.example.com"),
        ] {
            assert_ne!(of(alice()), of(other.clone()), "{other:?}");
        }
        assert_eq!(of(alice()), of(alice().with_authority("https://auth.example.com")));
        assert_ne!(of(alice().with_authority("a")), of(alice().with_authority("b")));
        let sealed = "quI3ybMpNhkHYHUXhvucmQiQBtzVD3xBz1gv5bCgFJ8";
        assert_eq!(of(alice()).as_str(), sealed, "what was sealed by earlier versions is still theirs");
        assert_ne!(Principal::of(None), of(AccessToken::ours("")));
    }
}
