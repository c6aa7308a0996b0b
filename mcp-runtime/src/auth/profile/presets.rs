//! The presets of [`JwtProfile`], one for each identity provider.

use super::JwtProfile;
use super::preset::{
    AD_FS, AUTH0, AUTHENTIK, AUTHKIT, CLERK, COGNITO, DESCOPE, ENTRA, HYDRA, KEYCLOAK, OKTA, PING, Preset, STYTCH,
    SUPABASE, ZITADEL,
};

impl JwtProfile {
    pub(super) fn of(preset: &'static Preset) -> Self {
        Self {
            preset: Some(preset),
            plain_typ: preset.plain_typ,
            client_claims: preset.client_claims.iter().map(|name| (*name).into()).collect(),
            scope_claims: preset.scope_claims.to_vec(),
            ..Self::rfc9068()
        }
    }

    /// Returns the profile of Microsoft Entra ID, for this application.
    ///
    /// It is also for External ID and Azure AD B2C, and for both versions of tokens.
    ///
    /// - The type may be plain; the client is in `azp`, or in `appid` (version 1).
    /// - The audience is the application: its id, or `api://` and its id. A further Application ID URI needs one more
    ///   [`accept_audience`](Self::accept_audience), unless it is the resource itself.
    /// - Scopes are those of the user (`scp`) and of the application (`roles`) together. A token with neither is refused,
    ///   because it is an ID token, or one of an application without a role here.
    /// - For the issuer `https://login.microsoftonline.com/TENANT/v2.0`, tokens of version 1 are accepted, too, whose
    ///   issuer is `https://sts.windows.net/TENANT/`.
    /// - For `…/organizations/v2.0` and `…/common/v2.0`, `iss` and `tid` must name the same tenant.
    ///   [`tenants`](Self::tenants) limits the tenants.
    ///
    /// Use `set_up`, so that clients ask for scopes by the names that Entra ID takes.
    pub fn entra(application: impl Into<String>) -> Self {
        let application = application.into();
        let id = application.strip_prefix("api://").unwrap_or(&application).to_owned();
        let uri = format!("api://{id}");
        Self::of(&ENTRA).accept_audience(id).accept_audience(uri)
    }

    /// Returns the profile of Auth0, for both forms of its tokens.
    ///
    /// The type may be plain; the client is in `azp` or `client_id`. With RBAC, the rights of a user are in `permissions`:
    /// `.scope_claim("permissions")`.
    pub fn auth0() -> Self {
        Self::of(&AUTH0)
    }

    /// Returns the profile of Keycloak.
    ///
    /// The type may be plain; the client is in `azp`. Add roles of the realm by `.scope_claim("realm_access.roles")`, and
    /// those of a client by `.scope_claim("resource_access.CLIENT.roles")`.
    pub fn keycloak() -> Self {
        Self::of(&KEYCLOAK)
    }

    /// Returns the profile of Okta's custom authorization servers.
    ///
    /// The type may be plain; the client is in `cid`. The audience of the authorization server `default` is
    /// `api://default`, which has to be accepted: `.accept_audience("api://default")`.
    pub fn okta() -> Self {
        Self::of(&OKTA)
    }

    /// Returns the profile of Amazon Cognito.
    ///
    /// The type may be plain. Without resource binding, tokens have no audience, and the clients have to be named:
    /// [`accept_clients_without_audience`](Self::accept_clients_without_audience).
    pub fn cognito() -> Self {
        Self::of(&COGNITO)
    }

    /// Returns the profile of PingOne, PingFederate and PingAM.
    ///
    /// The type may be plain.
    pub fn ping() -> Self {
        Self::of(&PING)
    }

    /// Returns the profile of WorkOS AuthKit.
    ///
    /// The type may be plain.
    pub fn authkit() -> Self {
        Self::of(&AUTHKIT)
    }

    /// Returns the profile of Clerk's OAuth access tokens.
    ///
    /// They are RFC 9068, but have no audience. Name the clients
    /// ([`accept_clients_without_audience`](Self::accept_clients_without_audience)), or, if clients register themselves,
    /// accept all of them ([`accept_any_client_without_audience`](Self::accept_any_client_without_audience)). Session
    /// tokens are refused.
    pub fn clerk() -> Self {
        Self::of(&CLERK)
    }

    /// Returns the profile of Stytch Connected Apps in this project.
    ///
    /// The project is the audience, and the type may be plain.
    pub fn stytch(project: impl Into<String>) -> Self {
        Self::of(&STYTCH).accept_audience(project)
    }

    /// Returns the profile of Descope's agentic identity and inbound apps.
    ///
    /// The type may be plain; the client is in `azp` or `client_id`, which session tokens do not have.
    pub fn descope() -> Self {
        Self::of(&DESCOPE)
    }

    /// Returns the profile of Supabase Auth's OAuth server.
    ///
    /// The type may be plain. The audience of all tokens is `authenticated`, which is no name of this server, so it has to
    /// be accepted: `.accept_audience("authenticated")`. Tokens without a client are refused, such as those of users who
    /// signed in to an application of the project.
    pub fn supabase() -> Self {
        Self::of(&SUPABASE)
    }

    /// Returns the profile of Ory Hydra and Ory Network.
    ///
    /// The type may be plain. An empty `aud` is none: name the clients with such tokens by
    /// [`accept_clients_without_audience`](Self::accept_clients_without_audience).
    pub fn hydra() -> Self {
        Self::of(&HYDRA)
    }

    /// Returns the profile of ZITADEL.
    ///
    /// The type may be plain; the client is in `client_id` or `azp`. Audiences are projects and clients, so the id of the
    /// project has to be accepted by [`accept_audience`](Self::accept_audience). With `set_up`, clients ask for it. Scopes
    /// are the roles in `urn:zitadel:iam:org:project:ID:roles` of such a project.
    ///
    /// `urn:zitadel:iam:org:project:roles` has the roles of the *client's* project, and every client of the instance may
    /// ask for this server's audience. So it counts only in a token whose `aud` has no names but those of this server and
    /// the client. If all projects of the instance are trusted to define roles, it counts always with
    /// `.scope_keys("urn:zitadel:iam:org:project:roles")`.
    pub fn zitadel() -> Self {
        Self::of(&ZITADEL)
    }

    /// Returns the profile of authentik.
    ///
    /// The type may be plain; the client is in `azp`, and in `aud`, which names no resource. Name the client as audience
    /// ([`accept_audience`](Self::accept_audience)), or accept every client of the issuer
    /// ([`accept_client_as_audience`](Self::accept_client_as_audience)).
    pub fn authentik() -> Self {
        Self::of(&AUTHENTIK)
    }

    /// Returns the profile of Active Directory Federation Services (AD FS, since 2016).
    ///
    /// The type may be plain; the client is in `appid`. Tokens of the issuer `https://HOST/adfs` name
    /// `http://HOST/adfs/services/trust`. If the identifier of the federation service is another one, set it by
    /// [`token_issuer`](Self::token_issuer).
    pub fn ad_fs() -> Self {
        Self::of(&AD_FS)
    }
}
