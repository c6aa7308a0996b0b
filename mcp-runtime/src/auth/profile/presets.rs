//! The presets: a table with a row for each identity provider.

use super::JwtProfile;
use super::scopes::ScopeClaim;
use super::token_issuers::Naming;

/// The differences of a provider's tokens from RFC 9068.
#[derive(Debug)]
pub(in crate::auth) struct Preset {
    /// The constructor of its profile, in Rust.
    pub(super) constructor: &'static str,
    /// Set if the `typ` of the header may be `JWT` or missing.
    plain_typ: bool,
    /// The claims of which the first that is in a token is the client.
    client_claims: &'static [&'static str],
    scope_claims: &'static [ScopeClaim],
    /// Set if every access token has one of the claims with scopes.
    pub(super) always_has_scopes: bool,
    pub(super) naming: Naming,
    /// The scope for an audience, before and behind it, and that for roles.
    #[cfg_attr(not(feature = "jwt"), expect(dead_code, reason = "only JWTs are explained and set up"))]
    pub(super) scope_for_audience: Option<[&'static str; 3]>,
    /// The advice about a token with another audience, or with none.
    pub(super) audience: &'static str,
    /// The texts that the names of its issuers contain.
    #[cfg_attr(not(feature = "jwt"), expect(dead_code, reason = "only JWTs are explained and set up"))]
    pub(super) signs: &'static [&'static str],
}

const STANDARD: &[ScopeClaim] = &ScopeClaim::STANDARD;

/// The base of all rows: RFC 9068 but for the `typ`.
const PLAIN: Preset = Preset {
    constructor: "",
    plain_typ: true,
    client_claims: &["client_id"],
    scope_claims: STANDARD,
    always_has_scopes: false,
    naming: Naming::Published,
    scope_for_audience: None,
    audience: "",
    signs: &[],
};

const ENTRA: Preset = Preset {
    constructor: "entra(application)",
    client_claims: &["azp", "appid"],
    scope_claims: &[ScopeClaim::texts("scp"), ScopeClaim::texts("roles")],
    always_has_scopes: true,
    naming: Naming::Entra,
    audience: "the token is for another application than the one of `JwtProfile::entra`; clients have to ask for a \
               scope of this server's application, and a further Application ID URI of it goes to \
               `JwtProfile::accept_audience`",
    signs: &["://login.microsoftonline.", "://sts.windows.net/", ".ciamlogin.com/", ".b2clogin.com/"],
    ..PLAIN
};

const AUTH0: Preset = Preset {
    constructor: "auth0()",
    client_claims: &["azp", "client_id"],
    audience: "create an API whose identifier is the resource, and turn on the *Resource Parameter Compatibility \
               Profile* of the tenant",
    signs: &[".auth0.com"],
    ..PLAIN
};

const KEYCLOAK: Preset = Preset {
    constructor: "keycloak()",
    client_claims: &["azp", "client_id"],
    audience: "add an *Audience* mapper to a client scope that the client has, with the resource as *Included Custom \
               Audience*",
    signs: &["/realms/"],
    ..PLAIN
};

const OKTA: Preset = Preset {
    constructor: "okta()",
    client_claims: &["cid", "client_id"],
    audience: "use a custom authorization server whose audience is the resource, or name its audience: \
               `JwtProfile::accept_audience`; tokens of the org's own server are for nobody else",
    signs: &[".okta.com", ".oktapreview.com", ".okta-emea.com"],
    ..PLAIN
};

const COGNITO: Preset = Preset {
    constructor: "cognito()",
    audience: "let clients ask for the `resource` (resource binding), or name them: \
               `JwtProfile::accept_clients_without_audience`",
    signs: &["://cognito-idp."],
    ..PLAIN
};

const PING: Preset = Preset {
    constructor: "ping()",
    audience: "set the audience of the custom resource to this resource, or name its audience: \
               `JwtProfile::accept_audience`",
    signs: &[".pingone.", ".pingidentity."],
    ..PLAIN
};

const AUTHKIT: Preset = Preset {
    constructor: "authkit()",
    audience: "add the resource to the resource indicators of the environment, so that clients can ask for it",
    signs: &[".authkit.app"],
    ..PLAIN
};

/// The row of Clerk, where only session tokens have a plain type.
const CLERK: Preset = Preset {
    constructor: "clerk()",
    plain_typ: false,
    audience: "Clerk writes no `aud`; name the clients, `JwtProfile::accept_clients_without_audience`, or accept all, \
               `JwtProfile::accept_any_client_without_audience`",
    signs: &["://clerk.", ".clerk.accounts.dev"],
    ..PLAIN
};

const STYTCH: Preset = Preset {
    constructor: "stytch(project)",
    audience: "the token is of another project than the one of `JwtProfile::stytch`",
    signs: &["stytch"],
    ..PLAIN
};

const DESCOPE: Preset = Preset {
    constructor: "descope()",
    client_claims: &["azp", "client_id"],
    audience: "set the resource as the URL of the MCP server at Descope, or name its audience: \
               `JwtProfile::accept_audience`",
    signs: &["descope"],
    ..PLAIN
};

const SUPABASE: Preset = Preset {
    constructor: "supabase()",
    audience: "Supabase writes `authenticated` into every token, of every client of the project; to accept that: \
               `JwtProfile::accept_audience(\"authenticated\")`",
    signs: &[".supabase."],
    ..PLAIN
};

const HYDRA: Preset = Preset {
    constructor: "hydra()",
    audience: "allow the resource in the `audience` of the client, and let it ask for that; or name the client: \
               `JwtProfile::accept_clients_without_audience`",
    signs: &["hydra", ".oryapis.com"],
    ..PLAIN
};

const ZITADEL: Preset = Preset {
    constructor: "zitadel()",
    client_claims: &["client_id", "azp"],
    scope_claims: &[
        ScopeClaim::texts("scope"),
        ScopeClaim::unaddressed_keys("urn:zitadel:iam:org:project:roles"),
        // Roles of other projects are for others, so a project is one that the operator accepts as audience.
        ScopeClaim::keys("urn:zitadel:iam:org:project:{audience}:roles"),
    ],
    scope_for_audience: Some(["urn:zitadel:iam:org:project:id:", ":aud", "urn:zitadel:iam:org:projects:roles"]),
    audience: "let clients ask for the scope `urn:zitadel:iam:org:project:id:PROJECT_ID:aud`, and name the id of the \
               project: `JwtProfile::accept_audience`",
    signs: &[".zitadel."],
    ..PLAIN
};

const AUTHENTIK: Preset = Preset {
    constructor: "authentik()",
    always_has_scopes: true,
    client_claims: &["azp", "client_id"],
    audience: "authentik writes the client into `aud`; name it, `JwtProfile::accept_audience`, or accept every client \
               of the issuer, `JwtProfile::accept_client_as_audience`",
    signs: &["/application/o/"],
    ..PLAIN
};

const AD_FS: Preset = Preset {
    constructor: "ad_fs()",
    client_claims: &["appid", "client_id"],
    naming: Naming::AdFs,
    audience: "let the identifier of the Web API be the resource, or name its identifier: \
               `JwtProfile::accept_audience`",
    signs: &["/adfs"],
    ..PLAIN
};

/// All rows, for explanations.
#[cfg(feature = "jwt")]
pub(super) const PRESETS: [&Preset; 15] = [
    &ENTRA, &AUTH0, &KEYCLOAK, &OKTA, &COGNITO, &PING, &AUTHKIT, &CLERK, &STYTCH, &DESCOPE, &SUPABASE, &HYDRA,
    &ZITADEL, &AUTHENTIK, &AD_FS,
];

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

    /// Returns the profile of Microsoft Entra ID, for the application of this id.
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

    /// Returns the profile of Active Directory Federation Services (AD FS) 2016 and newer.
    ///
    /// The type may be plain; the client is in `appid`. Tokens of the issuer `https://HOST/adfs` name
    /// `http://HOST/adfs/services/trust`. If the identifier of the federation service is another one, set it by
    /// [`token_issuer`](Self::token_issuer).
    pub fn ad_fs() -> Self {
        Self::of(&AD_FS)
    }
}
