//! Access tokens as identity providers write them, each with the preset of its provider.
//!
//! The shapes follow the providers' public documentation. They are in `../shared/providers`, beside the repository; those
//! that this file has itself are what else these providers issue.

use std::collections::BTreeSet;
use std::io::Write as _;
use std::path::Path;

use mcp::testing::TestKey;
use mcp::{AccessToken, JwtAlgorithm, JwtProfile, JwtVerifier, Protection, TokenError, TokenVerifier};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::support::clock::now;
use crate::support::log::Log;
use crate::support::servers::Notes;

const APPLICATION: &str = "00001111-aaaa-2222-bbbb-3333cccc4444";
const TENANT: &str = "72f988bf-86f1-41af-91ab-2d7cd011db47";
const PERSONAL: &str = "9188040d-6c67-4c5b-b112-36a304b66dad";
const CLIENT: &str = "aaaabbbb-0000-cccc-1111-dddd2222eeee";

#[derive(Deserialize)]
struct Shape {
    provider: String,
    case: String,
    issuer: String,
    resource: String,
    header: Map<String, Value>,
    claims: Map<String, Value>,
    wanted: Wanted,
}

#[derive(Deserialize)]
struct Wanted {
    verdict: String,
    client: Option<String>,
    scopes: Option<Vec<String>>,
}

/// The preset of a provider, with what an operator has to say besides for a case.
fn profile(provider: &str, case: &str) -> JwtProfile {
    match (provider.split(" (").next().unwrap_or_default(), case) {
        ("entra", _) => JwtProfile::entra(APPLICATION),
        ("auth0", "auth0 RBAC, both scope and permissions wanted (only scope found)") => {
            JwtProfile::auth0().scope_claim("permissions")
        }
        ("auth0", _) => JwtProfile::auth0(),
        ("okta", "okta aud api://default accepted") => JwtProfile::okta().accept_audience("api://default"),
        ("okta", _) => JwtProfile::okta(),
        ("keycloak", "keycloak realm roles (scope_claim=realm_access.roles)") => {
            JwtProfile::keycloak().scope_claim("realm_access.roles")
        }
        ("keycloak", _) => JwtProfile::keycloak(),
        ("cognito", "cognito no aud, recipe") => {
            JwtProfile::cognito().accept_clients_without_audience(["1example23456789"])
        }
        ("cognito", _) => JwtProfile::cognito(),
        ("ping", _) => JwtProfile::ping(),
        ("workos authkit", _) => JwtProfile::authkit(),
        ("clerk", _) => JwtProfile::clerk(),
        ("stytch", _) => JwtProfile::stytch("project-test-1"),
        ("descope", _) => JwtProfile::descope(),
        ("supabase", _) => JwtProfile::supabase().accept_audience("authenticated"),
        ("ory hydra", "ory hydra without audience (aud [])") => {
            JwtProfile::hydra().accept_clients_without_audience(["c1"])
        }
        ("ory hydra", _) => JwtProfile::hydra(),
        ("zitadel", _) => JwtProfile::zitadel(),
        ("authentik", _) => JwtProfile::authentik().accept_client_as_audience(),
        ("ad fs", _) => JwtProfile::ad_fs(),
        ("logto" | "duende", _) => JwtProfile::rfc9068(),
        (other, _) => panic!("no preset for {other}"),
    }
}

#[tokio::test]
async fn every_shape_is_judged_as_it_should_be() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/providers/shapes.json");
    if !file.is_file() {
        // Not by `println`, which a passing test would swallow.
        let note = format!("\nNOT TESTED against the shapes of providers: {} is missing\n", file.display());
        std::io::stderr().write_all(note.as_bytes()).unwrap();
        return;
    }
    let shapes: Vec<Shape> = serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
    assert_eq!(shapes.len(), 35);
    for shape in shapes {
        let Shape { provider, case, issuer, resource, header, claims, wanted } = shape;
        let profile = profile(&provider, &case);
        let found = verify(&issuer, &resource, profile, header, claims).await;
        match (&*wanted.verdict, found) {
            ("accept", Ok(token)) => {
                assert_eq!(Some(&token.client_id), wanted.client.as_ref(), "{case}");
                let scopes = |scopes: &[String]| scopes.iter().cloned().collect::<BTreeSet<_>>();
                assert_eq!(scopes(&token.scopes), scopes(&wanted.scopes.unwrap_or_default()), "{case}");
                assert_eq!(token.issuer, Some(issuer), "{case}: the issuer that the server vouches for");
            }
            ("refuse", Err(TokenError::Invalid { .. } | TokenError::WrongAudience)) => {}
            (wanted, found) => panic!("{case}: {found:?} in place of {wanted}"),
        }
    }
}

/// The verdict about a token that the issuer signed with the one key that it has.
async fn verify(
    issuer: &str,
    resource: &str,
    profile: JwtProfile,
    mut header: Map<String, Value>,
    mut claims: Map<String, Value>,
) -> Result<AccessToken, TokenError> {
    let algorithm = match header["alg"].as_str() {
        Some("RS256") => JwtAlgorithm::RS256,
        Some("ES256") => JwtAlgorithm::ES256,
        other => panic!("{other:?}"),
    };
    let key = TestKey::generate(algorithm);
    header.insert("kid".to_owned(), json!(key.kid()));
    for claim in claims.values_mut() {
        if let Some(seconds) = claim.get("seconds_from_now").and_then(Value::as_u64) {
            *claim = json!(now() + seconds);
        }
    }
    let protection = Protection::of::<Notes>().issuer(issuer).unwrap().resource(resource).unwrap();
    let profile = profile.jwks(json!({"keys": [key.public_jwk()]}).to_string());
    let verifier = JwtVerifier::builder(&protection).profile(profile).build().unwrap();
    verifier.verify_token(&key.jws(Value::Object(header).to_string(), Value::Object(claims).to_string())).await
}

/// The claims of a token of `issuer`, with dates and with `changes`.
fn claims(issuer: &str, changes: Value) -> Map<String, Value> {
    let mut claims = json!({"iss": issuer, "iat": now(), "exp": now() + 3600});
    for (name, value) in changes.as_object().unwrap() {
        claims[name] = value.clone();
    }
    let Value::Object(claims) = claims else { panic!("an object") };
    claims
}

const RESOURCE: &str = "https://notes.example.com/mcp";

/// A case: its name, the profile, what the server publishes as its issuer, the `typ` of the header, the claims, and what
/// becomes of the token: its client and scopes, or the reason against it.
type Case = (&'static str, JwtProfile, String, &'static str, Map<String, Value>, &'static str);

async fn check(cases: Vec<Case>) {
    for (name, profile, issuer, typ, claims, expected) in cases {
        let header = json!({"alg": "ES256", "typ": typ}).as_object().unwrap().clone();
        let found = match verify(&issuer, RESOURCE, profile, header, claims).await {
            Ok(token) => {
                assert_eq!(token.issuer.as_ref(), Some(&issuer), "{name}");
                [std::slice::from_ref(&token.client_id), &token.scopes].concat().join(" ")
            }
            Err(TokenError::Invalid { reason }) => reason.into_owned(),
            Err(error) => error.to_string(),
        };
        assert_eq!(found, expected, "{name}");
    }
}

const OTHER_RESOURCE: &str = "the token was issued for another resource";
const BOUND: &str = "it is bound to a key (`cnf`), and a bearer token proves no possession of one; \
     `dpop = \"accepted\"` of `#[mcp::server]` accepts it with a proof";
const DPOP: &str = "it is bound to a key (its claim `typ` is `DPoP`), and a bearer token proves no possession \
    of one";
const EVENTS: &str = "it is no access token, but a logout token, or another message about events (it has \
    `events`)";
const HASH: &str = "it is no access token, but an ID token (it has the hash of another token, `at_hash` or \
    `c_hash`)";
const HYDRA: &str = "it has no `aud`; allow the resource in the `audience` of the client, and let it ask for \
    that; or name the client: `JwtProfile::accept_clients_without_audience`";
const NONCE: &str = "it is no access token, but an ID token (it has a `nonce` and no scope)";
const NOT_AD_FS: &str = "its issuer is not, to the letter, one of this server's: `https://fs.contoso.com/adfs`";
const NOT_COMMON: &str = "its issuer is not, to the letter, one of this server's: \
    `https://login.microsoftonline.com/common/v2.0`";
const NOT_CONSUMERS: &str = "its issuer is not, to the letter, one of this server's: \
    `https://login.microsoftonline.com/consumers/v2.0`";
const NO_AZP: &str = "it names no client: it has no `azp` or `appid`; `JwtProfile::client_claim` sets the claim";
const REFRESH: &str = "it is no access token, but a refresh token (by its claim `typ`)";
const TYPE: &str = "its `typ` is not `at+jwt`; `JwtProfile::allow_plain_typ` accepts `JWT`";

#[tokio::test]
async fn entra_has_versions_and_tenants() {
    let app = || JwtProfile::entra(APPLICATION);
    let login = |tenant: &str| format!("https://login.microsoftonline.com/{tenant}/v2.0");
    let sts = |tenant: &str| format!("https://sts.windows.net/{tenant}/");
    let (v2, v1, stranger) = (login(TENANT), sts(TENANT), "11111111-2222-3333-4444-555555555555");
    let user = json!({"aud": APPLICATION, "azp": CLIENT, "scp": "notes.read", "tid": TENANT});
    let with = |issuer: &str, changes: Value| {
        let mut all = user.clone();
        for (name, value) in changes.as_object().unwrap() {
            match value {
                Value::Null => _ = all.as_object_mut().unwrap().remove(name),
                value => all[name] = value.clone(),
            }
        }
        claims(issuer, all)
    };
    let none = json!({});
    let good = "aaaabbbb-0000-cccc-1111-dddd2222eeee notes.read";
    let foreign = "its issuer is not, to the letter, one of this server's: \
                   `https://login.microsoftonline.com/72f988bf-86f1-41af-91ab-2d7cd011db47/v2.0`";
    let disagreeing = "its `tid` is not the tenant in its `iss`";
    let unlisted = "its tenant is not accepted; `JwtProfile::tenants` lists those that are";
    let old = json!({"azp": null, "appid": CLIENT, "ver": "1.0"});
    let of_stranger = json!({"tid": stranger});
    let of_person = json!({"tid": PERSONAL});
    let (common, organizations, consumers) = (login("common"), login("organizations"), login("consumers"));
    let b2c = format!("https://contoso.b2clogin.com/{TENANT}/v2.0/");
    let ciam = format!("https://{TENANT}.ciamlogin.com/{TENANT}/v2.0");
    let no_scopes = "it is an ID token, or grants nothing here: it has no `scp` or `roles`";
    check(vec![
        ("version 1 where version 2 is published", app(), v2.clone(), "JWT", with(&v1, old.clone()), good),
        ("version 2 where version 1 is published", app(), v1.clone(), "JWT", with(&v2, none.clone()), good),
        ("version 1 by itself", app(), v1.clone(), "JWT", with(&v1, old), good),
        (
            "the application with api://",
            JwtProfile::entra(format!("api://{APPLICATION}")),
            v2.clone(),
            "JWT",
            with(&v2, none.clone()),
            good,
        ),
        (
            "a further URI",
            app().accept_audience("api://notes"),
            v2.clone(),
            "JWT",
            with(&v2, json!({"aud": "api://notes"})),
            good,
        ),
        ("the resource as URI", app(), v2.clone(), "JWT", with(&v2, json!({"aud": RESOURCE})), good),
        ("another application", app(), v2.clone(), "JWT", with(&v2, json!({"aud": CLIENT})), OTHER_RESOURCE),
        (
            "Microsoft Graph",
            app(),
            v1.clone(),
            "JWT",
            with(&v1, json!({"aud": "00000003-0000-0000-c000-000000000000"})),
            OTHER_RESOURCE,
        ),
        ("another tenant", app(), v2.clone(), "JWT", with(&login(stranger), of_stranger.clone()), foreign),
        ("another tenant, version 1", app(), v2.clone(), "JWT", with(&sts(stranger), of_stranger.clone()), foreign),
        ("another tenant in tid", app(), v2.clone(), "JWT", with(&v2, of_stranger.clone()), disagreeing),
        ("common", app(), common.clone(), "JWT", with(&v2, none.clone()), good),
        ("common, version 1", app(), common.clone(), "JWT", with(&v1, none.clone()), good),
        ("common, a person", app(), common.clone(), "JWT", with(&login(PERSONAL), of_person.clone()), good),
        ("organizations", app(), organizations.clone(), "JWT", with(&v2, none.clone()), good),
        (
            "organizations, a person",
            app(),
            organizations.clone(),
            "JWT",
            with(&login(PERSONAL), of_person.clone()),
            unlisted,
        ),
        ("consumers", app(), consumers.clone(), "JWT", with(&login(PERSONAL), of_person), good),
        ("consumers, an organisation", app(), consumers, "JWT", with(&v2, none.clone()), NOT_CONSUMERS),
        ("common, tid of another", app(), common.clone(), "JWT", with(&v2, of_stranger.clone()), disagreeing),
        (
            "common, no tid",
            app(),
            common.clone(),
            "JWT",
            with(&v2, json!({"tid": null})),
            "it names no tenant: it has no `tid`",
        ),
        (
            "common, tid a list",
            app(),
            common.clone(),
            "JWT",
            with(&v2, json!({"tid": [TENANT]})),
            "its `tid` has a wrong type: it is a list",
        ),
        ("common, a listed tenant", app().tenants([TENANT]), common.clone(), "JWT", with(&v2, none.clone()), good),
        (
            "common, an unlisted tenant",
            app().tenants([stranger]),
            common.clone(),
            "JWT",
            with(&v2, none.clone()),
            unlisted,
        ),
        (
            "common, another host",
            app(),
            common.clone(),
            "JWT",
            with(&format!("https://attacker.example/{TENANT}/v2.0"), none.clone()),
            NOT_COMMON,
        ),
        (
            "common, a path in the tenant",
            app(),
            common.clone(),
            "JWT",
            with(&format!("https://login.microsoftonline.com/x/{TENANT}/v2.0"), none.clone()),
            NOT_COMMON,
        ),
        ("common itself", app(), common.clone(), "JWT", with(&common, none.clone()), disagreeing),
        ("Azure AD B2C", app(), b2c.clone(), "JWT", with(&b2c, json!({"tid": null, "tfp": "B2C_1_signin"})), good),
        ("External ID", app(), ciam.clone(), "JWT", with(&ciam, none.clone()), good),
        (
            "External ID by its name",
            app(),
            format!("https://contoso.ciamlogin.com/{TENANT}/v2.0"),
            "JWT",
            with(&ciam, none.clone()),
            good,
        ),
        (
            "an application with a role",
            app(),
            v2.clone(),
            "JWT",
            with(&v2, json!({"scp": null, "roles": ["Notes.Read.All"]})),
            "aaaabbbb-0000-cccc-1111-dddd2222eeee Notes.Read.All",
        ),
        ("an application without a role", app(), v2.clone(), "JWT", with(&v2, json!({"scp": null})), no_scopes),
        ("an ID token", app(), v2.clone(), "JWT", with(&v2, json!({"scp": null, "azp": null, "nonce": "n"})), NONCE),
        (
            "an ID token with roles",
            app(),
            v2.clone(),
            "JWT",
            with(&v2, json!({"scp": null, "azp": null, "roles": ["a"]})),
            NO_AZP,
        ),
        (
            "two clients",
            app(),
            v2.clone(),
            "JWT",
            with(&v2, json!({"appid": "other"})),
            "its `azp` and its `appid` are different clients",
        ),
        ("the same client twice", app(), v2.clone(), "JWT", with(&v2, json!({"appid": CLIENT})), good),
        ("a token for proof of possession", app(), v2.clone(), "JWT", with(&v2, json!({"cnf": {"kid": "x"}})), BOUND),
        (
            "an issuer with a tenant in its name",
            JwtProfile::rfc9068()
                .allow_plain_typ()
                .client_claim("azp")
                .accept_audience(APPLICATION)
                .token_issuer("https://sts.example.com/{tid}/"),
            "https://auth.example.com".to_owned(),
            "JWT",
            with(&format!("https://sts.example.com/{TENANT}/"), none.clone()),
            good,
        ),
        (
            "the same, tid of another",
            JwtProfile::rfc9068()
                .allow_plain_typ()
                .client_claim("azp")
                .accept_audience(APPLICATION)
                .token_issuer("https://sts.example.com/{tid}/"),
            "https://auth.example.com".to_owned(),
            "JWT",
            with(&format!("https://sts.example.com/{TENANT}/"), of_stranger),
            disagreeing,
        ),
    ])
    .await;
}

#[tokio::test]
async fn what_else_a_provider_issues_is_told_apart() {
    let (kc, okta, auth0) =
        ("https://kc.example.com/realms/main", "https://dev.okta.com/oauth2/default", "https://tenant.us.auth0.com/");
    let (cognito, clerk) =
        ("https://cognito-idp.us-east-1.amazonaws.com/us-east-1_example", "https://clerk.example.com");
    let (stytch, descope) =
        ("https://project.customers.stytch.dev", "https://api.descope.com/v1/apps/agentic/P2abc/MS3abc");
    let (supabase, hydra) = ("https://ref.supabase.co/auth/v1", "https://hydra.example.com/");
    let (zitadel, authentik) = ("https://inst.zitadel.cloud", "https://auth.example.com/application/o/notes/");
    let (ad_fs, trust) = ("https://fs.contoso.com/adfs", "http://fs.contoso.com/adfs/services/trust");
    let realm = json!({
        "aud": RESOURCE,
        "azp": "app",
        "typ": "Bearer",
        "scope": "notes:read",
        "resource_access": {"my.app": {"roles": ["editor"]}},
    });
    let with = |issuer: &str, base: &Value, changes: Value| {
        let mut all = base.clone();
        for (name, value) in changes.as_object().unwrap() {
            all[name] = value.clone();
        }
        claims(issuer, all)
    };
    let keycloak = |changes: Value| with(kc, &realm, changes);
    let session = json!({"sub": "u", "azp": "https://app.example.com", "sid": "s"});
    let any = || JwtProfile::clerk().accept_any_client_without_audience();
    let bare = json!({"client_id": "app", "scope": "openid"});
    let project = json!({
        "aud": ["269374"],
        "client_id": "app@proj",
        "urn:zitadel:iam:org:project:269374:roles": {"admin": {"2": "x"}},
        "urn:zitadel:iam:org:project:1:roles": {"owner": {"2": "x"}},
    });
    let unnamed = "urn:zitadel:iam:org:project:roles";
    let made_up = json!({"aud": ["7@evil", "8", "269374"], "client_id": "7@evil", unnamed: {"admin": {"9": "x"}}});
    let no_client = "it names no client: it has no `client_id`; `JwtProfile::client_claim` sets the claim";
    let unlisted = "it has no `aud`; its client is none of `JwtProfile::accept_clients_without_audience`";
    check(vec![
        (
            "Keycloak, a client's roles",
            JwtProfile::keycloak().scope_claim("resource_access.my.app.roles"),
            kc.into(),
            "JWT",
            keycloak(json!({})),
            "app notes:read editor",
        ),
        (
            "Keycloak, a path that is an object",
            JwtProfile::keycloak().scope_claim("resource_access"),
            kc.into(),
            "JWT",
            keycloak(json!({})),
            "its `resource_access` has a wrong type: it is an object",
        ),
        ("Keycloak, DPoP", JwtProfile::keycloak(), kc.into(), "JWT", keycloak(json!({"typ": "DPoP"})), DPOP),
        (
            "Keycloak, a refresh token",
            JwtProfile::keycloak(),
            kc.into(),
            "JWT",
            keycloak(json!({"typ": "Refresh"})),
            REFRESH,
        ),
        (
            "Keycloak, an offline token",
            JwtProfile::keycloak(),
            kc.into(),
            "JWT",
            keycloak(json!({"typ": "Offline"})),
            REFRESH,
        ),
        (
            "Keycloak, a logout token",
            JwtProfile::keycloak(),
            kc.into(),
            "JWT",
            keycloak(json!({"typ": "Logout", "events": {}})),
            "it is no access token, but a logout token (its claim `typ` is `Logout`)",
        ),
        (
            "Keycloak, a nonce of older versions",
            JwtProfile::keycloak(),
            kc.into(),
            "JWT",
            keycloak(json!({"nonce": "n"})),
            "app notes:read",
        ),
        (
            "Keycloak, a service account",
            JwtProfile::keycloak(),
            kc.into(),
            "JWT",
            keycloak(json!({"client_id": "app"})),
            "app notes:read",
        ),
        (
            "a logout token with a plain type",
            JwtProfile::okta(),
            okta.into(),
            "JWT",
            claims(
                okta,
                json!({
                    "aud": RESOURCE, "cid": "app",
                    "events": {"http://schemas.openid.net/event/backchannel-logout": {}}
                }),
            ),
            EVENTS,
        ),
        (
            "Okta, its own server's type",
            JwtProfile::okta(),
            okta.into(),
            "application/okta-internal-at+jwt",
            claims(okta, json!({"aud": RESOURCE, "cid": "app"})),
            TYPE,
        ),
        (
            "Auth0, an ID token",
            JwtProfile::auth0(),
            auth0.into(),
            "JWT",
            claims(auth0, json!({"aud": "app", "nonce": "n", "sid": "s"})),
            NONCE,
        ),
        (
            "Auth0, for its own userinfo",
            JwtProfile::auth0(),
            auth0.into(),
            "JWT",
            claims(auth0, json!({"aud": [format!("{auth0}userinfo")], "azp": "app", "scope": "openid"})),
            OTHER_RESOURCE,
        ),
        (
            "Auth0, roles by a name with slashes",
            JwtProfile::auth0().scope_claim("https://example.com/roles"),
            auth0.into(),
            "JWT",
            claims(
                auth0,
                json!({"aud": RESOURCE, "azp": "app", "scope": "a", "https://example.com/roles": ["b", "a"]}),
            ),
            "app a b",
        ),
        (
            "Cognito, groups",
            JwtProfile::cognito().scope_claim("cognito:groups").accept_clients_without_audience(["app"]),
            cognito.into(),
            "JWT",
            claims(
                cognito,
                json!({"client_id": "app", "token_use": "access", "scope": "a", "cognito:groups": ["admin"]}),
            ),
            "app a admin",
        ),
        (
            "Cognito, another client",
            JwtProfile::cognito().accept_clients_without_audience(["other"]),
            cognito.into(),
            "JWT",
            claims(cognito, json!({"client_id": "app", "token_use": "access"})),
            unlisted,
        ),
        (
            "Cognito, an ID token",
            JwtProfile::cognito().accept_audience("app"),
            cognito.into(),
            "JWT",
            claims(cognito, json!({"aud": "app", "token_use": "id"})),
            "it is no access token, but an ID token (by its `token_use`)",
        ),
        ("Clerk, a session", any(), clerk.into(), "JWT", claims(clerk, session.clone()), TYPE),
        ("Clerk, any client", any(), clerk.into(), "at+jwt", claims(clerk, bare.clone()), "app openid"),
        (
            "Clerk, a client that is listed",
            JwtProfile::clerk().accept_clients_without_audience(["app"]),
            clerk.into(),
            "at+jwt",
            claims(clerk, bare.clone()),
            "app openid",
        ),
        (
            "Clerk, another audience",
            any(),
            clerk.into(),
            "at+jwt",
            with(clerk, &bare, json!({"aud": "https://other.example.com"})),
            OTHER_RESOURCE,
        ),
        (
            "Stytch, a session",
            JwtProfile::stytch("project-test-1"),
            stytch.into(),
            "JWT",
            claims(stytch, json!({"aud": ["project-test-1"], "https://stytch.com/session": {}})),
            no_client,
        ),
        (
            "Stytch, another project",
            JwtProfile::stytch("project-test-1"),
            stytch.into(),
            "JWT",
            claims(stytch, json!({"aud": ["project-test-2"], "client_id": "app"})),
            OTHER_RESOURCE,
        ),
        (
            "Descope, a refresh token",
            JwtProfile::descope(),
            descope.into(),
            "JWT",
            claims(descope, json!({"aud": RESOURCE, "azp": "app", "drn": "DSR"})),
            "it is no access token, but a refresh token (its `drn` is `DSR`)",
        ),
        (
            "Descope, the project as issuer",
            JwtProfile::descope().token_issuer("P2abc"),
            descope.into(),
            "JWT",
            claims("P2abc", json!({"aud": RESOURCE, "azp": "app", "scope": "a"})),
            "app a",
        ),
        (
            "Descope, permissions in a tenant",
            JwtProfile::descope().scope_claim("tenants.T1.permissions"),
            descope.into(),
            "JWT",
            claims(
                descope,
                json!({"aud": RESOURCE, "azp": "app", "scope": "a", "tenants": {"T1": {"permissions": ["b"]}}}),
            ),
            "app a b",
        ),
        (
            "Supabase, without a word",
            JwtProfile::supabase(),
            supabase.into(),
            "JWT",
            claims(supabase, json!({"aud": "authenticated", "client_id": "app"})),
            OTHER_RESOURCE,
        ),
        (
            "Supabase, a user of an application",
            JwtProfile::supabase().accept_audience("authenticated"),
            supabase.into(),
            "JWT",
            claims(supabase, json!({"aud": "authenticated", "role": "authenticated"})),
            no_client,
        ),
        (
            "Hydra, both names of scopes",
            JwtProfile::hydra(),
            hydra.into(),
            "JWT",
            claims(hydra, json!({"aud": [RESOURCE], "client_id": "app", "scp": ["a", "b"], "scope": "a b"})),
            "app a b",
        ),
        (
            "Hydra, no audience",
            JwtProfile::hydra(),
            hydra.into(),
            "JWT",
            claims(hydra, json!({"aud": [], "client_id": "app", "scp": ["a"]})),
            HYDRA,
        ),
        (
            "ZITADEL, of a project",
            JwtProfile::zitadel().accept_audience("269374"),
            zitadel.into(),
            "JWT",
            claims(zitadel, project.clone()),
            "app@proj admin",
        ),
        (
            "ZITADEL, of another project",
            JwtProfile::zitadel(),
            zitadel.into(),
            "JWT",
            claims(zitadel, project.clone()),
            OTHER_RESOURCE,
        ),
        (
            "ZITADEL, keys that were named",
            JwtProfile::zitadel().accept_audience("269374").scope_keys("urn:zitadel:iam:org:project:1:roles"),
            zitadel.into(),
            "JWT",
            claims(zitadel, project),
            "app@proj admin owner",
        ),
        (
            "ZITADEL, roles that the owner of another project made up",
            JwtProfile::zitadel().accept_audience("269374"),
            zitadel.into(),
            "JWT",
            claims(zitadel, made_up.clone()),
            "7@evil",
        ),
        (
            "ZITADEL, the same, for a server without a project",
            JwtProfile::zitadel(),
            zitadel.into(),
            "JWT",
            claims(zitadel, json!({"aud": ["7@evil", "8", RESOURCE], "client_id": "7@evil", unnamed: {"admin": {}}})),
            "7@evil",
        ),
        (
            "ZITADEL, roles of the client's project, which is ours",
            JwtProfile::zitadel().accept_audience("269374"),
            zitadel.into(),
            "JWT",
            claims(zitadel, json!({"aud": ["7@ours", "269374"], "client_id": "7@ours", unnamed: {"admin": {}}})),
            "7@ours admin",
        ),
        (
            "ZITADEL, roles of any project, by an operator's word",
            JwtProfile::zitadel().accept_audience("269374").scope_keys(unnamed),
            zitadel.into(),
            "JWT",
            claims(zitadel, made_up),
            "7@evil admin",
        ),
        (
            "authentik, without a word",
            JwtProfile::authentik(),
            authentik.into(),
            "JWT",
            claims(authentik, json!({"aud": "app", "azp": "app", "scope": "a"})),
            OTHER_RESOURCE,
        ),
        (
            "authentik, one client",
            JwtProfile::authentik().accept_audience("app"),
            authentik.into(),
            "JWT",
            claims(authentik, json!({"aud": "app", "azp": "app", "scope": "a", "nonce": "n"})),
            "app a",
        ),
        (
            "authentik, for another client",
            JwtProfile::authentik().accept_client_as_audience(),
            authentik.into(),
            "JWT",
            claims(authentik, json!({"aud": "other", "azp": "app", "scope": "a"})),
            OTHER_RESOURCE,
        ),
        (
            "authentik, an ID token",
            JwtProfile::authentik().accept_client_as_audience(),
            authentik.into(),
            "JWT",
            claims(authentik, json!({"aud": "app", "azp": "app", "at_hash": "x"})),
            HASH,
        ),
        (
            "AD FS, its metadata's issuer",
            JwtProfile::ad_fs(),
            ad_fs.into(),
            "JWT",
            claims(ad_fs, json!({"aud": RESOURCE, "appid": "app", "scp": "a"})),
            "app a",
        ),
        (
            "AD FS, another identifier",
            JwtProfile::ad_fs().token_issuer("urn:contoso:fs"),
            ad_fs.into(),
            "JWT",
            claims("urn:contoso:fs", json!({"aud": RESOURCE, "appid": "app", "scp": ["a"]})),
            "app a",
        ),
        (
            "AD FS, of somebody else",
            JwtProfile::ad_fs(),
            ad_fs.into(),
            "JWT",
            claims("http://fs.fabrikam.com/adfs/services/trust", json!({"aud": RESOURCE, "appid": "app"})),
            NOT_AD_FS,
        ),
        (
            "AD FS, as without the preset",
            JwtProfile::rfc9068(),
            ad_fs.into(),
            "at+jwt",
            claims(trust, json!({"aud": RESOURCE, "client_id": "app"})),
            NOT_AD_FS,
        ),
        (
            "PingAM, its refresh token",
            JwtProfile::ping(),
            "https://am.example.com/oauth2".into(),
            "JWT",
            claims(
                "https://am.example.com/oauth2",
                json!({"aud": RESOURCE, "client_id": "app", "tokenName": "refresh_token"}),
            ),
            "it is no access token, but of another kind (by its `tokenName`)",
        ),
    ])
    .await;
}

/// Microsoft publishes the keys of organisations and of personal accounts together.
#[tokio::test]
async fn a_key_of_one_tenant_signs_for_no_other() {
    let common = "https://login.microsoftonline.com/common/v2.0";
    let key = TestKey::generate(JwtAlgorithm::ES256);
    for (key_issuer, tenant, is_good) in [
        (Some("https://login.microsoftonline.com/{tenantid}/v2.0".to_owned()), TENANT, true),
        (Some(format!("https://login.microsoftonline.com/{PERSONAL}/v2.0")), TENANT, false),
        (Some(format!("https://login.microsoftonline.com/{PERSONAL}/v2.0")), PERSONAL, true),
        (None, TENANT, true),
    ] {
        let mut jwk = key.public_jwk();
        if let Some(issuer) = &key_issuer {
            jwk["issuer"] = json!(issuer);
        }
        let protection = Protection::of::<Notes>().issuer(common).unwrap().resource(RESOURCE).unwrap();
        let profile = JwtProfile::entra(APPLICATION).jwks(json!({"keys": [jwk]}).to_string());
        let verifier = JwtVerifier::builder(&protection).profile(profile).build().unwrap();
        let issuer = format!("https://login.microsoftonline.com/{tenant}/v2.0");
        let claims = claims(&issuer, json!({"aud": APPLICATION, "azp": CLIENT, "scp": "a", "tid": tenant}));
        let token = key.jws(json!({"alg": "ES256", "kid": key.kid()}).to_string(), Value::Object(claims).to_string());
        assert_eq!(verifier.verify_token(&token).await.is_ok(), is_good, "{key_issuer:?} {tenant}");
    }
}

/// The issuer's name says whose a token without `tid` is.
#[tokio::test]
async fn a_key_of_another_issuer_signs_for_no_fixed_name() {
    let tenant = format!("https://login.microsoftonline.com/{TENANT}/v2.0");
    let key = TestKey::generate(JwtAlgorithm::ES256);
    for (key_issuer, token_issuer, is_good) in [
        (tenant.clone(), tenant.clone(), true),
        (tenant.clone(), format!("https://sts.windows.net/{TENANT}/"), true),
        (format!("https://login.microsoftonline.com/{PERSONAL}/v2.0"), tenant.clone(), false),
        ("https://login.microsoftonline.com/".to_owned(), tenant.clone(), false),
        (tenant.clone(), "https://id.example.com".to_owned(), false),
        ("https://id.example.com".to_owned(), "https://id.example.com".to_owned(), true),
    ] {
        let mut jwk = key.public_jwk();
        jwk["issuer"] = json!(key_issuer);
        let protection = Protection::of::<Notes>().issuer(&*tenant).unwrap().resource(RESOURCE).unwrap();
        let profile = JwtProfile::entra(APPLICATION).token_issuer("https://id.example.com");
        let profile = profile.jwks(json!({"keys": [jwk]}).to_string());
        let verifier = JwtVerifier::builder(&protection).profile(profile).build().unwrap();
        let claims = claims(&token_issuer, json!({"aud": APPLICATION, "azp": CLIENT, "scp": "a"}));
        let token = key.jws(json!({"alg": "ES256", "kid": key.kid()}).to_string(), Value::Object(claims).to_string());
        assert_eq!(verifier.verify_token(&token).await.is_ok(), is_good, "{key_issuer} {token_issuer}");
    }
}

/// One published issuer is for many tenants, in each of which there may be the same subject.
#[tokio::test]
async fn a_token_says_which_tenant_it_is_of() {
    let common = "https://login.microsoftonline.com/common/v2.0";
    let header = json!({"alg": "ES256"}).as_object().unwrap().clone();
    for tenant in [TENANT, PERSONAL] {
        let own = format!("https://login.microsoftonline.com/{tenant}/v2.0");
        let claims = claims(&own, json!({"aud": APPLICATION, "azp": CLIENT, "scp": "a", "tid": tenant, "sub": "u"}));
        let token = verify(common, RESOURCE, JwtProfile::entra(APPLICATION), header.clone(), claims).await.unwrap();
        assert_eq!((token.issuer.as_deref(), token.authority()), (Some(common), Some(&*own)));
    }
    let plain = "https://auth.example.com";
    let claims = claims(plain, json!({"aud": RESOURCE, "client_id": "app"}));
    let token = verify(plain, RESOURCE, JwtProfile::rfc9068().allow_plain_typ(), header, claims).await.unwrap();
    assert_eq!((token.issuer.as_deref(), token.authority()), (Some(plain), Some(plain)));
}

#[test]
fn a_provider_sets_up_both_sides() {
    let tenant = format!("https://login.microsoftonline.com/{TENANT}/v2.0");
    let protection = |issuer: &str| Protection::of::<Notes>().issuer(issuer).unwrap().resource(RESOURCE).unwrap();
    let asked = |profile: JwtProfile, protection: Protection<Notes>| {
        let (protection, _) = profile.set_up(protection).unwrap();
        protection.asked_scopes()
    };
    let entra = || JwtProfile::entra(APPLICATION);
    assert_eq!(asked(entra(), protection(&tenant)), [format!("{RESOURCE}/notes:read")]);
    let own = protection(&tenant).scope_prefix("api://notes/").unwrap();
    assert_eq!(asked(entra(), own), ["api://notes/notes:read"], "what an operator says counts");
    let b2c = format!("https://contoso.b2clogin.com/{TENANT}/v2.0/");
    assert_eq!(asked(entra(), protection(&b2c)), ["notes:read"], "its scopes begin with another URI");

    let zitadel = || protection("https://inst.zitadel.cloud").extra_scopes(["openid"]).unwrap();
    assert_eq!(
        asked(JwtProfile::zitadel().accept_audience("269374"), zitadel()),
        ["notes:read", "openid", "urn:zitadel:iam:org:project:id:269374:aud", "urn:zitadel:iam:org:projects:roles"]
    );
    assert_eq!(asked(JwtProfile::zitadel(), zitadel()), ["notes:read", "openid"]);
    assert_eq!(asked(JwtProfile::keycloak(), protection("https://kc.example.com/realms/main")), ["notes:read"]);
}

#[test]
fn the_log_says_where_entra_issues_no_tokens() {
    let tenant = format!("https://login.microsoftonline.com/{TENANT}/v2.0");
    let key = json!({"keys": [TestKey::generate(JwtAlgorithm::ES256).public_jwk()]}).to_string();
    for (resource, is_set_up, expected) in [
        ("http://127.0.0.1:8000/mcp", true, "Entra ID takes no resource on a loopback host"),
        ("https://notes.example.com", true, "Entra ID takes no resource that is a host alone"),
        (RESOURCE, false, "clients ask for scopes that Entra ID does not know (AADSTS9010010)"),
        (RESOURCE, true, ""),
    ] {
        let log = Log::start();
        let protection = Protection::of::<Notes>().issuer(&*tenant).unwrap().resource(resource).unwrap();
        let profile = JwtProfile::entra(APPLICATION).jwks(&*key);
        let builder = match is_set_up {
            true => profile.set_up(protection).unwrap().1,
            false => JwtVerifier::builder(&protection).profile(profile),
        };
        builder.build().unwrap();
        assert!(log.text().contains(expected), "{resource}: {}", log.text());
        assert_eq!(log.text().contains("WARN"), !expected.is_empty(), "{}", log.text());
    }
}
