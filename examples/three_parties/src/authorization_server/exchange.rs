//! Token exchange (RFC 8693): a protected server gets a token for the next one, in the name of its caller.

use super::AuthorizationServer;
use super::clients::Client;
use super::error::OAuthError;
use super::token::{TokenRequest, TokenSet};

/// The only type of tokens that are exchanged here, and the type of those that are issued (RFC 8693 §3).
pub(super) const ACCESS_TOKEN: &str = "urn:ietf:params:oauth:token-type:access_token";

impl AuthorizationServer {
    pub(super) fn exchange(&self, client: &Client, request: &TokenRequest) -> Result<TokenSet, OAuthError> {
        // RFC 8693 §2.2.2 has this code for it.
        const REFUSED: OAuthError =
            OAuthError::invalid_request("`subject_token` is not a token that this client may exchange");
        let is_access_token = |kind: &Option<String>| kind.as_deref() == Some(ACCESS_TOKEN);
        if !is_access_token(&request.subject_token_type)
            || request.requested_token_type.is_some() && !is_access_token(&request.requested_token_type)
            || request.actor_token.is_some()
        {
            return Err(OAuthError::invalid_request("Only access tokens are exchanged, and only for access tokens"));
        }
        let claims = request.subject_token.as_deref().and_then(|token| self.live_claims(token)).ok_or(REFUSED)?;
        // Only the server that the token was for may exchange it.
        let held_by = self.resource(&claims.aud).and_then(|resource| resource.client);
        if held_by != Some(client.id.as_str()) || client.secret.is_none() {
            return Err(REFUSED);
        }
        let target = request.resource.as_deref().and_then(|url| self.exchanged_resource(url));
        let target = target.ok_or(OAuthError::invalid_target())?;
        // A client on its own has no calendar.
        let person = self.settings.people.iter().find(|person| person.name == claims.sub).ok_or(REFUSED)?;
        let scopes = target.scopes(request.scope.as_deref())?;
        let mut issued = self.start_grant(client, person.name.to_owned(), target.url.clone(), scopes)?;
        issued.issued_token_type = Some(ACCESS_TOKEN);
        Ok(issued)
    }
}
