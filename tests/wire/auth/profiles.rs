//! The tokens of providers that are no RFC 9068, and everything else that the verifier of JWTs can be told.

use std::time::Duration;

use mcp::testing::{TestClient, TestIssuer, TestKey, TestToken};
use mcp::{Bearer, Http, JwtAlgorithm, JwtProfile, JwtVerifier, JwtVerifierBuilder, Protection, ToolResult};
use serde_json::json;

use crate::support::client::checked;
use crate::support::clock::now;
use crate::support::log::Log;
use crate::support::servers::{Notes, RESOURCE};

const APPLICATION_ID: &str = "00001111-aaaa-2222-bbbb-3333cccc4444";

type Client = TestClient<Notes, Bearer<JwtVerifier>>;

fn client_of(issuers: &[&TestIssuer], set: impl FnOnce(JwtVerifierBuilder) -> JwtVerifierBuilder) -> Client {
    let protection = Protection::of::<Notes>().issuers(issuers.iter().map(|issuer| issuer.url())).unwrap();
    let verifier = set(JwtVerifier::builder(&protection)).build().unwrap();
    TestClient::new(Http::protected(Notes::default(), verifier).protection(protection))
}

fn client(issuer: &TestIssuer, profile: &JwtProfile) -> Client {
    client_of(&[issuer], |builder| builder.profile(profile.clone()))
}

/// Sends a call and returns the caller of the token, or the refusal.
async fn verdict(client: &Client, token: &TestToken) -> String {
    let response = checked(client.token(token.mint()).call_tool("whoami", json!({})).await);
    match response.result::<ToolResult>() {
        Ok(result) => result.text().split(' ').next().unwrap_or_default().to_owned(),
        Err(_) => response.json()["error_description"].as_str().unwrap_or_default().to_owned(),
    }
}

const INVALID: &str = "Authentication required";
const OTHER_RESOURCE: &str = "The access token was issued for another resource";
const NO_SCOPE: &str = "Required scope: notes:read";

/// A token of someone else's making, of which nothing is left that RFC 9068 alone asks for.
fn plain(issuer: &TestIssuer) -> TestToken {
    issuer.token(RESOURCE).header("typ", "JWT").without("client_id").without("scope").without("jti")
}

#[tokio::test]
async fn the_tokens_of_each_provider_are_good_with_its_recipe_and_no_others_are() {
    let issuer = TestIssuer::start().await.unwrap();
    let rfc9068 = JwtProfile::rfc9068();
    let auth0 = rfc9068.clone().allow_plain_typ().client_claim("azp");
    let auth0_rbac = auth0.clone().scope_claim("permissions");
    let keycloak = rfc9068.clone().client_claim("azp");
    let plain_keycloak = keycloak.clone().allow_plain_typ();
    let entra = rfc9068.clone().allow_plain_typ().client_claim("azp").accept_audience(APPLICATION_ID);
    let okta = rfc9068.clone().allow_plain_typ().client_claim("cid");
    let cognito = rfc9068.clone().allow_plain_typ();
    let unbound_cognito = cognito.clone().accept_clients_without_audience(["first", "second"]);

    let of_auth0 = plain(&issuer)
        .claim("aud", json!([RESOURCE, format!("{}/userinfo", issuer.url())]))
        .claim("azp", "app")
        .claim("scope", "openid notes:read");
    let of_auth0_rbac = of_auth0.clone().claim("scope", "openid").claim("permissions", json!(["notes:read"]));
    let of_keycloak =
        plain(&issuer).header("typ", "at+jwt").claim("typ", "Bearer").claim("azp", "app").claim("scope", "notes:read");
    let of_plain_keycloak = of_keycloak.clone().header("typ", "JWT");
    let of_entra = plain(&issuer)
        .claim("aud", APPLICATION_ID)
        .claim("azp", "app")
        .claim("scp", "notes:read notes:write")
        .claim("ver", "2.0");
    let of_okta =
        plain(&issuer).without_header("typ").claim("cid", "app").claim("scp", json!(["notes:read"])).claim("ver", 1);
    let of_cognito = plain(&issuer)
        .without_header("typ")
        .claim("client_id", "first")
        .claim("token_use", "access")
        .claim("scope", "notes:read");
    let of_unbound_cognito = of_cognito.clone().without("aud");

    for (name, token, profile, expected) in [
        ("Auth0", &of_auth0, &auth0, "app"),
        ("Auth0 with RBAC", &of_auth0_rbac, &auth0_rbac, "app"),
        ("Auth0 with RBAC, as without", &of_auth0_rbac, &auth0, NO_SCOPE),
        ("Auth0, as with RBAC", &of_auth0, &auth0_rbac, "app"),
        ("Auth0, with nothing but RBAC", &of_auth0, &auth0.clone().only_scope_claims(["permissions"]), NO_SCOPE),
        ("Keycloak", &of_keycloak, &keycloak, "app"),
        ("Keycloak with a plain type", &of_plain_keycloak, &plain_keycloak, "app"),
        ("Keycloak with a plain type, as without", &of_plain_keycloak, &keycloak, INVALID),
        ("Entra ID", &of_entra, &entra, "app"),
        ("Entra ID for another application", &of_entra.clone().claim("aud", "other"), &entra, OTHER_RESOURCE),
        ("Okta", &of_okta, &okta, "app"),
        ("Cognito", &of_cognito, &cognito, "first"),
        ("Cognito without an audience", &of_unbound_cognito, &unbound_cognito, "first"),
        ("its second client", &of_unbound_cognito.clone().claim("client_id", "second"), &unbound_cognito, "second"),
        ("another client", &of_unbound_cognito.clone().claim("client_id", "third"), &unbound_cognito, INVALID),
        ("no client", &of_unbound_cognito.clone().without("client_id"), &unbound_cognito, INVALID),
        ("Cognito without an audience, as with it", &of_unbound_cognito, &cognito, INVALID),
        ("an audience that is another", &of_cognito.clone().claim("aud", "x"), &unbound_cognito, OTHER_RESOURCE),
        ("an audience of nobody", &of_cognito.clone().claim("aud", json!([])), &unbound_cognito, "first"),
        ("an audience of nobody, of another client", &of_cognito.clone().claim("aud", json!([])), &cognito, INVALID),
        // What else these providers issue.
        ("an ID token of Auth0", &of_auth0.clone().claim("aud", "app"), &auth0, OTHER_RESOURCE),
        ("an ID token with a hash", &of_entra.clone().claim("at_hash", "x"), &entra, INVALID),
        ("an ID token with the other hash", &of_entra.clone().claim("c_hash", "x"), &entra, INVALID),
        ("an ID token of Keycloak", &of_plain_keycloak.clone().claim("typ", "ID"), &plain_keycloak, INVALID),
        ("a refresh token of Keycloak", &of_plain_keycloak.clone().claim("typ", "Refresh"), &plain_keycloak, INVALID),
        ("an ID token of Cognito", &of_cognito.clone().claim("token_use", "id"), &cognito, INVALID),
        // A plain type is no other type.
        ("a logout token", &of_okta.clone().header("typ", "logout+jwt"), &okta, INVALID),
        ("RFC 9068 still", &of_okta.clone().header("typ", "application/at+jwt"), &okta, "app"),
        // The claim that was chosen has the client, and no other.
        ("no such claim", &of_okta.clone().without("cid").claim("client_id", "app"), &okta, INVALID),
        ("an empty client", &of_okta.clone().claim("cid", ""), &okta, INVALID),
        ("a client that is no text", &of_okta.clone().claim("cid", 7), &okta, INVALID),
    ] {
        assert_eq!(verdict(&client(&issuer, profile), token).await, expected, "{name}");
    }
    for token in [of_auth0, of_keycloak, of_entra, of_okta, of_cognito, of_unbound_cognito] {
        assert_eq!(verdict(&client(&issuer, &rfc9068), &token).await, INVALID, "{token:?}");
    }
}

#[tokio::test]
async fn an_issuer_has_its_own_profile_or_that_of_all() {
    let (ours, theirs) = (TestIssuer::start().await.unwrap(), TestIssuer::start().await.unwrap());
    let strict = |issuer: &TestIssuer| issuer.token(RESOURCE).scopes(["notes:read"]);
    let odd = |issuer: &TestIssuer| strict(issuer).header("typ", "JWT");
    let relaxed = JwtProfile::rfc9068().allow_plain_typ();
    let client = client_of(&[&ours, &theirs], |builder| builder.issuer_profile(theirs.url(), relaxed.clone()));
    assert_eq!(verdict(&client, &strict(&ours)).await, "test-client");
    assert_eq!(verdict(&client, &odd(&ours)).await, INVALID);
    assert_eq!(verdict(&client, &odd(&theirs)).await, "test-client");
    let client = client_of(&[&ours, &theirs], |builder| {
        builder.issuer_profile(ours.url(), JwtProfile::rfc9068()).profile(relaxed.clone())
    });
    assert_eq!(verdict(&client, &odd(&ours)).await, INVALID);
    assert_eq!(verdict(&client, &odd(&theirs)).await, "test-client");
}

#[tokio::test]
async fn the_log_says_what_to_set() {
    let issuer = TestIssuer::start().await.unwrap();
    let client = client(&issuer, &JwtProfile::rfc9068());
    let token = || issuer.token(RESOURCE).scopes(["notes:read"]);
    let elsewhere = || token().claim("aud", json!(["account", "api://other"]));
    let of_nobody = TestKey::generate(JwtAlgorithm::ES256);
    let expected_audience =
        format!(r#"a token is for another resource aud=["account","api://other"] resource="{RESOURCE}""#);
    let no_issuer = "it names no issuer: it has no `iss`".to_owned();
    for (token, expected) in [
        (elsewhere().mint(), expected_audience),
        (
            token().claim("iss", format!("{}/", issuer.url())).mint(),
            format!("its issuer is not, to the letter, one of this server's: `{}`", issuer.url()),
        ),
        (token().without("iss").mint(), no_issuer),
        (token().claim("iss", json!(null)).mint(), "its `iss` is `null`".to_owned()),
        (token().claim("nbf", json!(null)).mint(), "its `nbf` is `null`".to_owned()),
        (token().claim("cnf", json!(null)).mint(), "its `cnf` is `null`".to_owned()),
        (token().claim("cnf", json!({"jkt": "x"})).mint(), "it is bound to a key (`cnf`)".to_owned()),
        (token().claim("typ", "DPoP").mint(), "it is bound to a key (its claim `typ` is `DPoP`)".to_owned()),
        (
            "2YotnFZFEjr1zCsicMWpAA".to_owned(),
            "it is no JWT, because it has no three parts; for opaque tokens, see `IntrospectionVerifier`".to_owned(),
        ),
        (
            "eyJhbGciOiJkaXIiLCJlbmMiOiJBMjU2R0NNIn0..aXY.dGV4dA.dGFn".to_owned(),
            "it is encrypted, or no JWT: it has more than three parts".to_owned(),
        ),
    ] {
        let log = Log::start();
        assert_eq!(checked(client.token(token).list_tools().await).status(), 401);
        assert!(log.text().contains(&expected), "{expected}: {}", log.text());
    }
    // What nobody signed is shown to nobody.
    let log = Log::start();
    assert_eq!(checked(client.token(elsewhere().signed_by(&of_nobody).mint()).list_tools().await).status(), 401);
    assert!(!log.text().contains("api://other"), "{}", log.text());
}

#[tokio::test]
async fn algorithms_can_be_chosen() {
    let issuer = TestIssuer::start_with([JwtAlgorithm::ES256, JwtAlgorithm::EdDSA]).await.unwrap();
    let client = client(&issuer, &JwtProfile::rfc9068().algorithms([JwtAlgorithm::EdDSA]));
    let token = issuer.token(RESOURCE).scopes(["notes:read"]);
    assert_eq!(verdict(&client, &token).await, INVALID);
    assert_eq!(verdict(&client, &token.algorithm(JwtAlgorithm::EdDSA)).await, "test-client");
}

#[tokio::test]
async fn the_clock_of_an_issuer_may_be_ahead_by_the_leeway() {
    let issuer = TestIssuer::start().await.unwrap();
    let now = now();
    let hour = Duration::from_secs(3600);
    for (leeway, ahead, expected) in [
        (None, 50, "test-client"),
        (None, 100, INVALID),
        (Some(Duration::ZERO), 50, INVALID),
        (Some(hour), 3000, "test-client"),
    ] {
        let client = client_of(&[&issuer], |builder| match leeway {
            Some(leeway) => builder.leeway(leeway),
            None => builder,
        });
        for claim in ["nbf", "iat"] {
            let token = issuer.token(RESOURCE).scopes(["notes:read"]).expires_in(2 * hour).claim(claim, now + ahead);
            assert_eq!(verdict(&client, &token).await, expected, "{claim} {ahead} {leeway:?}");
        }
        let expired = issuer.token(RESOURCE).scopes(["notes:read"]).claim("exp", now - 1);
        assert_eq!(verdict(&client, &expired).await, "The access token expired", "no leeway for that");
    }
}

#[tokio::test]
async fn a_token_has_a_longest_length() {
    let issuer = TestIssuer::start().await.unwrap();
    let padded = |bytes: usize| issuer.token(RESOURCE).scopes(["notes:read"]).claim("padding", "x".repeat(bytes));
    let length = padded(0).mint().len();
    for (limit, expected) in [(length, "test-client"), (length - 1, INVALID)] {
        let client = client_of(&[&issuer], |builder| builder.max_token_bytes(limit));
        assert_eq!(verdict(&client, &padded(0)).await, expected);
    }
    let client = client_of(&[&issuer], |builder| builder);
    // Three bytes are four characters.
    let most = (16 * 1024 - length) / 4 * 3;
    for (padding, expected) in [(most, "test-client"), (most + 3, INVALID)] {
        assert_eq!(verdict(&client, &padded(padding)).await, expected);
    }
}

#[tokio::test]
async fn nothing_need_be_remembered() {
    let issuer = TestIssuer::start().await.unwrap();
    let token = issuer.token(RESOURCE).scopes(["notes:read"]);
    for capacity in [0, 1] {
        let client = client_of(&[&issuer], |builder| builder.cache_capacity(capacity));
        for client_id in ["a", "b", "a", "a"] {
            assert_eq!(verdict(&client, &token.clone().client_id(client_id)).await, client_id);
        }
    }
}

#[test]
fn a_setting_that_cannot_work_is_an_error_before_the_start() {
    type Set = fn(JwtVerifierBuilder) -> JwtVerifierBuilder;
    let settings: [(Set, &str); 10] = [
        (
            |builder| builder.issuer_profile("https://auth.example.com/", JwtProfile::rfc9068()),
            "`https://auth.example.com/` is not an issuer of this server, which has `https://auth.example.com`",
        ),
        (
            |builder| builder.profile(JwtProfile::rfc9068().algorithms([])),
            "no algorithm is allowed for the issuer `https://auth.example.com`; name at least one",
        ),
        (
            |builder| builder.profile(JwtProfile::rfc9068().accept_audience("")),
            "the accepted audience is empty; look at where it comes from, such as an environment variable",
        ),
        (
            |builder| builder.profile(JwtProfile::rfc9068().jwks("")),
            "invalid JWKS for the issuer `https://auth.example.com`: it is not JSON",
        ),
        (
            |builder| builder.profile(JwtProfile::rfc9068().jwks(r#"{"keys":[{"kty":"oct","k":"AAAA","kid":"a"}]}"#)),
            "invalid JWKS for the issuer `https://auth.example.com`: no key can verify tokens: the key `a` is of a type \
             that is not supported",
        ),
        (
            |builder| builder.profile(JwtProfile::rfc9068().jwks_url("auth.example.com/jwks")),
            "invalid JWKS URL: it is not an absolute URL; write one like `https://auth.example.com/path`",
        ),
        (
            |builder| builder.profile(JwtProfile::rfc9068().jwks_url("http://auth.example.com/jwks")),
            "invalid JWKS URL: `http` is for loopback hosts only; write `https`",
        ),
        (|builder| builder.max_token_bytes(0), "`max_token_bytes` is zero, and no token could ever be accepted"),
        (
            |builder| builder.fetch_timeout(Duration::ZERO),
            "`fetch_timeout` is zero, and no token could ever be accepted",
        ),
        (|builder| builder.max_document_bytes(0), "`max_document_bytes` is zero, and no token could ever be accepted"),
    ];
    for (set, expected) in settings {
        let error = set(JwtVerifier::builder(&Protection::of::<Notes>())).build().unwrap_err();
        assert_eq!(error.to_string(), expected);
    }
}

#[test]
fn issuers_do_not_sign_for_each_other() {
    let (one, two) = ("https://one.example.com", "https://two.example.com");
    let protection = Protection::of::<Notes>().issuers([one, two]).unwrap();
    let profile = || {
        JwtProfile::rfc9068().jwks(json!({"keys": [TestKey::generate(JwtAlgorithm::ES256).public_jwk()]}).to_string())
    };
    let build = |set: fn(JwtVerifierBuilder, JwtProfile) -> JwtVerifierBuilder| {
        set(JwtVerifier::builder(&protection), profile()).build().map(|_| ()).map_err(|error| error.to_string())
    };
    assert_eq!(
        build(JwtVerifierBuilder::profile),
        Err(
            "the keys in `profile` would be those of `https://one.example.com` and `https://two.example.com`, each of \
             which could sign for the others; give each its own with `issuer_profile`"
                .to_owned()
        )
    );
    assert_eq!(
        build(|builder, profile| {
            builder
                .issuer_profile("https://one.example.com", profile.clone())
                .issuer_profile("https://one.example.com", profile)
        }),
        Err("the issuer `https://one.example.com` has two profiles of its own; keep one".to_owned())
    );
    assert_eq!(
        build(|builder, profile| {
            builder.issuer_profile("https://one.example.com", profile.clone()).profile(profile)
        }),
        Ok(())
    );
}
