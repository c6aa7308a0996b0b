//! The table of identity providers, with a row for each.

use super::scopes::ScopeClaim;

/// The differences of a provider's tokens from RFC 9068.
#[derive(Debug)]
pub(in crate::auth) struct Preset {
    /// The constructor of its profile, in Rust.
    pub(super) constructor: &'static str,
    /// Set if the `typ` of the header may be `JWT` or missing.
    pub(super) plain_typ: bool,
    /// The claims of which the first that is in a token is the client.
    pub(super) client_claims: &'static [&'static str],
    pub(super) scope_claims: &'static [ScopeClaim],
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

/// The relation of the `iss` in tokens to the published issuer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Naming {
    /// One text for both.
    Published,
    /// Several names, for each version of tokens and each tenant (Microsoft Entra ID).
    Entra,
    /// The identifier of the federation service (AD FS).
    AdFs,
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

pub(super) const ENTRA: Preset = Preset {
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

pub(super) const AUTH0: Preset = Preset {
    constructor: "auth0()",
    client_claims: &["azp", "client_id"],
    audience: "create an API whose identifier is the resource, and turn on the *Resource Parameter Compatibility \
               Profile* of the tenant",
    signs: &[".auth0.com"],
    ..PLAIN
};

pub(super) const KEYCLOAK: Preset = Preset {
    constructor: "keycloak()",
    client_claims: &["azp", "client_id"],
    audience: "add an *Audience* mapper to a client scope that the client has, with the resource as *Included Custom \
               Audience*",
    signs: &["/realms/"],
    ..PLAIN
};

pub(super) const OKTA: Preset = Preset {
    constructor: "okta()",
    client_claims: &["cid", "client_id"],
    audience: "use a custom authorization server whose audience is the resource, or name its audience: \
               `JwtProfile::accept_audience`; tokens of the org's own server are for nobody else",
    signs: &[".okta.com", ".oktapreview.com", ".okta-emea.com"],
    ..PLAIN
};

pub(super) const COGNITO: Preset = Preset {
    constructor: "cognito()",
    audience: "let clients ask for the `resource` (resource binding), or name them: \
               `JwtProfile::accept_clients_without_audience`",
    signs: &["://cognito-idp."],
    ..PLAIN
};

pub(super) const PING: Preset = Preset {
    constructor: "ping()",
    audience: "set the audience of the custom resource to this resource, or name its audience: \
               `JwtProfile::accept_audience`",
    signs: &[".pingone.", ".pingidentity."],
    ..PLAIN
};

pub(super) const AUTHKIT: Preset = Preset {
    constructor: "authkit()",
    audience: "add the resource to the resource indicators of the environment, so that clients can ask for it",
    signs: &[".authkit.app"],
    ..PLAIN
};

/// The row of Clerk, where only session tokens have a plain type.
pub(super) const CLERK: Preset = Preset {
    constructor: "clerk()",
    plain_typ: false,
    audience: "Clerk writes no `aud`; name the clients, `JwtProfile::accept_clients_without_audience`, or accept all, \
               `JwtProfile::accept_any_client_without_audience`",
    signs: &["://clerk.", ".clerk.accounts.dev"],
    ..PLAIN
};

pub(super) const STYTCH: Preset = Preset {
    constructor: "stytch(project)",
    audience: "the token is of another project than the one of `JwtProfile::stytch`",
    signs: &["stytch"],
    ..PLAIN
};

pub(super) const DESCOPE: Preset = Preset {
    constructor: "descope()",
    client_claims: &["azp", "client_id"],
    audience: "set the resource as the URL of the MCP server at Descope, or name its audience: \
               `JwtProfile::accept_audience`",
    signs: &["descope"],
    ..PLAIN
};

pub(super) const SUPABASE: Preset = Preset {
    constructor: "supabase()",
    audience: "Supabase writes `authenticated` into every token, of every client of the project; to accept that: \
               `JwtProfile::accept_audience(\"authenticated\")`",
    signs: &[".supabase."],
    ..PLAIN
};

pub(super) const HYDRA: Preset = Preset {
    constructor: "hydra()",
    audience: "allow the resource in the `audience` of the client, and let it ask for that; or name the client: \
               `JwtProfile::accept_clients_without_audience`",
    signs: &["hydra", ".oryapis.com"],
    ..PLAIN
};

pub(super) const ZITADEL: Preset = Preset {
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

pub(super) const AUTHENTIK: Preset = Preset {
    constructor: "authentik()",
    always_has_scopes: true,
    client_claims: &["azp", "client_id"],
    audience: "authentik writes the client into `aud`; name it, `JwtProfile::accept_audience`, or accept every client \
               of the issuer, `JwtProfile::accept_client_as_audience`",
    signs: &["/application/o/"],
    ..PLAIN
};

pub(super) const AD_FS: Preset = Preset {
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
