//! The grants by which a token becomes one for another API (RFC 8693 §2.1, RFC 7523 §2.1).

use crate::auth::client_authentication::form_encoded;
use crate::auth::target::DeclaredTarget;

/// The type of access tokens (RFC 8693 §3).
pub(super) const ACCESS_TOKEN: &str = "urn:ietf:params:oauth:token-type:access_token";

/// The grant that an authorization server has for tokens in the names of others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Grant {
    /// Token exchange (RFC 8693).
    TokenExchange,
    /// The on-behalf-of flow of Entra ID, on the grant of RFC 7523.
    OnBehalfOf,
}

impl Grant {
    /// Returns the form of a request, without the members that authenticate the client.
    pub(super) fn form(self, token: &str, resource: &str, target: &DeclaredTarget) -> String {
        let mut form = String::new();
        let mut push = |name: &str, value: &str| {
            let separator = if form.is_empty() { "" } else { "&" };
            form.push_str(&format!("{separator}{name}={}", form_encoded(value)));
        };
        match self {
            Self::TokenExchange => {
                push("grant_type", "urn:ietf:params:oauth:grant-type:token-exchange");
                push("subject_token", token);
                push("subject_token_type", ACCESS_TOKEN);
                push("requested_token_type", ACCESS_TOKEN);
                match target.audience {
                    Some(audience) => push("audience", audience),
                    None => push("resource", resource),
                }
                if !target.scopes.is_empty() {
                    push("scope", &target.scopes.join(" "));
                }
            }
            Self::OnBehalfOf => {
                push("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer");
                push("assertion", token);
                push("requested_token_use", "on_behalf_of");
                push("scope", &entra_scopes(target.audience.unwrap_or(resource), target.scopes));
            }
        }
        form
    }
}

/// Returns scopes with the API in front, as Entra ID has them. A scope that is a URI has its API.
fn entra_scopes(api: &str, scopes: &[&str]) -> String {
    if scopes.is_empty() {
        return format!("{api}/.default");
    }
    let scopes = scopes.iter().map(|scope| match scope.contains("://") {
        true => (*scope).to_owned(),
        false => format!("{api}/{scope}"),
    });
    scopes.collect::<Vec<_>>().join(" ")
}
