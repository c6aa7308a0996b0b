//! The caller of a request, by the claims of the token.

use mcp::{Denied, FromRequest, Request};

/// The caller of a request.
///
/// The authorization server writes these claims into the token. At Keycloak, these are two mappers of a client scope.
#[derive(Debug, Clone, serde::Deserialize)]
pub(crate) struct Caller {
    pub(crate) tenant: String,
    #[serde(default)]
    pub(crate) role: Role,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Role {
    Lead,
    /// Also for a role that this server does not know.
    #[default]
    #[serde(other)]
    Developer,
}

impl FromRequest for Caller {
    async fn from_request(request: &Request<'_>) -> Result<Self, Denied> {
        let token = request.token().ok_or(Denied::absent("this server needs an access token"))?;
        token.claims().map_err(|_| Denied::absent("the access token needs the texts `tenant` and, for a lead, `role`"))
    }
}
