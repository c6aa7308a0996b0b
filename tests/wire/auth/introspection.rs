//! Tokens that an authorization server is asked about, by a server whose own responses are looked at.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Waker};
use std::time::{Duration, SystemTime};

use axum::Router;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use mcp::testing::TestIssuer;
use mcp::{
    Http, IntrospectionVerifier, IntrospectionVerifierBuilder, JwtProfile, JwtVerifier, Protection, TokenVerifier as _,
};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::task::unconstrained;

use crate::support::authorization_server::{AuthorizationServer, Reply};
use crate::support::client::{call, post, send, unchecked};
use crate::support::clock::{now, pass};
use crate::support::log::Log;
use crate::support::refusals::{unauthorized, unavailable};
use crate::support::servers::{Notes, RESOURCE};

/// Starts an authorization server with an introspection endpoint.
async fn introspecting(reply: Reply) -> AuthorizationServer {
    AuthorizationServer::start("/introspect", reply).await
}

impl Reply {
    /// An active token of alice that is good here, with members that differ.
    fn active(changes: Value) -> Self {
        let mut answer = json!({"active": true, "client_id": "alice", "scope": "notes:read", "aud": RESOURCE});
        for (name, value) in changes.as_object().expect("members") {
            answer[name] = value.clone();
        }
        Self::new(200, answer.to_string())
    }

    fn inactive() -> Self {
        Self::new(200, r#"{"active":false}"#)
    }
}

impl AuthorizationServer {
    fn verifier(&self) -> IntrospectionVerifierBuilder {
        IntrospectionVerifier::builder(&Protection::of::<Notes>(), &self.url)
    }

    fn app(&self) -> Router {
        app(self.verifier())
    }
}

fn app(verifier: IntrospectionVerifierBuilder) -> Router {
    Http::protected(Notes::default(), verifier.build().expect("a verifier")).router()
}

/// Sends a call and returns the verdict about its token.
async fn verdict(app: &Router, token: &str) -> String {
    let response = send(app, call(token, "whoami", "{}")).await;
    let known = [
        ("unauthenticated", unauthorized("Authentication required")),
        ("expired", unauthorized("The access token expired")),
        ("wrong audience", unauthorized("The access token was issued for another resource")),
    ];
    if let Some((name, _)) = known.iter().find(|(_, expected)| *expected == response) {
        return (*name).to_owned();
    }
    if response.starts_with("503 ") {
        let seconds = response.split("retry-after: ").nth(1).and_then(|rest| rest.lines().next()).expect("a time");
        assert_eq!(response, unavailable(seconds.parse().unwrap()));
        return format!("unavailable for {seconds} s");
    }
    let (_, text) = response.split_once(r#""text":""#).unwrap_or_else(|| panic!("{response}"));
    let client = text.split(' ').next().unwrap_or_default();
    assert!(text.starts_with(&format!(r#"{client} {client} {client}""#)), "{response}");
    client.to_owned()
}

type Waiting = Pin<Box<dyn Future<Output = String>>>;

/// Requests that have come as far as to wait for the authorization server.
fn waiting(app: &Router, token: &'static str, count: usize) -> Vec<Waiting> {
    let start = |_| {
        let app = app.clone();
        // Many of them are started in one go, more than the runtime would let a task do.
        let mut request: Waiting = Box::pin(unconstrained(async move { verdict(&app, token).await }));
        assert!(request.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
        request
    };
    (0..count).map(start).collect()
}

fn seconds_from_now(seconds: i64) -> i64 {
    i64::try_from(now()).unwrap() + seconds
}

#[tokio::test]
async fn the_question_is_a_form_with_the_token_and_who_asks() {
    let mut server = introspecting(Reply::active(json!({}))).await;
    let (id, secret) = ("notes server:ü", "p&s=s +%/w:örd~");
    let form = "token=a.b-c_d%7Ee%2Bf%2Fg%3D%3D&token_type_hint=access_token";
    let head = |authorization: &str| {
        format!(
            "POST /introspect\naccept: application/json\n{authorization}\
             content-type: application/x-www-form-urlencoded\nuser-agent: mcp/0.1.0\n"
        )
    };
    for (verifier, expected) in [
        (server.verifier(), format!("{}\n{form}", head(""))),
        (
            server.verifier().client_secret_post("forgotten", "x").client_secret_basic(id, secret),
            format!(
                "{}\n{form}",
                head(
                    "authorization: Basic \
                     bm90ZXMrc2VydmVyJTNBJUMzJUJDOnAlMjZzJTNEcyslMkIlMjUlMkZ3JTNBJUMzJUI2cmQlN0U=\n"
                )
            ),
        ),
        (
            server.verifier().client_secret_basic("forgotten", "x").client_secret_post(id, secret),
            format!(
                "{}\n{form}&client_id=notes+server%3A%C3%BC&client_secret=p%26s%3Ds+%2B%25%2Fw%3A%C3%B6rd%7E",
                head("")
            ),
        ),
    ] {
        assert_eq!(verdict(&app(verifier), "a.b-c_d~e+f/g==").await, "alice");
        assert_eq!(server.asked(), [expected]);
    }
}

/// A key that only this test has, and its public half.
const EC_KEY: &str = "
-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQglB2O2saG75o3IOGw
sOWTAUgl6VleSwiU+DQNiAo29juhRANCAAREZqgBp4g8wrHirfkJBl8TwgqKaIVO
DO0hiT2W6X9PILfjrR8lFOGwj6HmAWAWEXR3+lC7HDGrPefgLmgAEofS
-----END PRIVATE KEY-----
";
const EC_X: &str = "RGaoAaeIPMKx4q35CQZfE8IKimiFTgztIYk9lul_TyA";
const EC_Y: &str = "t-OtHyUU4bCPoeYBYBYRdHf6ULscMas95-AuaAASh9I";
const EC_D: &str = "lB2O2saG75o3IOGwsOWTAUgl6VleSwiU-DQNiAo29js";

/// Another one, in the older form of RSA keys.
const RSA_KEY: &str = "
-----BEGIN RSA PRIVATE KEY-----
MIIEogIBAAKCAQEAycgRJ53MwgG6meC+xyAy8gxMsX/TCw+eLzvlqq82Px+xsV6q
/cQZhgyRMdpoIDur4k0kd+zxcqc4xwDUCulEWznCkPtv37tkYgUI740IZnDx5t0s
dX9x6VbybyYZFZ38LB79wUTFMc+FVQ7XbjCg2M+c8PS4zLeaU1v1PU4iKujq0zuq
qBOs3gmLu787IxnYzrdq+W8xAzOhUHd9TMa5hZ4FgEG+dppPFzL51qP2YjnLByWx
wPV2G1AymNM89Kyqahknxw3ES8Hmu9UEwesDSlQndLrcvqn1DUSZQEvxXHtlHks7
SDSmhvym+f84+URZC1Ph8drEH9VOkA4M3mC30QIDAQABAoIBAAl6dufT/0bLuv64
cm27IvmAv2eFGB5IZQdV+nNamKM9c2TgDAswl3xXAckEN+jvtKLEOebSQANBPKcI
cG10yKu6WlviG764OD5sex95kf/x5UMRd6GrU2gBGBFFil8cFTjjWcsm1laBJ4O3
10HLUfrtQbOF41pmc37f7nSrQ2qdgfFcGlwsBKsB5LlAcINoe3Mkl/uzqYqf+SiW
R2o9+nl4esiD4F4x8NdJHOXiXyAeQhds6lyXS9/1yisaE/yx2xqkWhf8MIJKghQ6
2QGsTjI1WCqX7BA4ztUeAg3+F+0Ww3won6OrWwO3Dy0ITIjcxF1zKode3cXExreL
yyg5kIsCgYEA6pfpDh6kj7HHcD1V+U342JOM/Rt5F298Py3+KKkQQGGsowj6yNG1
L/P9pkHFaJlR+YKNgXpE6aiIPBbkol56hkMJqzXK+Z9JXR28VHhUz35Lq0X0dW8t
BmTVluGEjvjeJJzd7Y4soReawAMDsD5kPP4W7MT0HMMwgVhhPTYbICcCgYEA3DGs
Mf1ISvLqhgGetI+RcQYQ7lIUGXhQk8ZMl38MmzKVGbQiloGRq5JPdtcqOeviBYSC
wG3NUux33yY7BKGZ+t14SXBuiHDDLp+kFRKNW2D28wUQcTG6dtWZ8hzn59dvzOG2
1N/o8lg3iubkyPSlDIZasDF7vjgM6nZKqyZR60cCgYA31JFtf9NwM0Igryg/3dOk
T3FVZ21pK2opaxu6t4mbmONKJb/xfR8e23V5VNvTafG9bNmaf+vYo/hQPK6LCesk
+t1ZNsMop0UBeSsx+zVL8GW3zD1CmYPgqqy+bMtsb0QG+KJEf/qVGBYHLnB5SE/4
yAvSq4jhM37euZbix3arLwKBgGXk2pE7atO7+0jNwRo/AYeyzezqsIBky6zGa7UD
Rtsemh6N3B+Xj8g8aWdOBC1PeYUiH7taVFRWNtZdg5wOCAotqDcbvxqGS9vsZeqW
bjFl+oDUzBoFcAsDpzyBodMIP6Uoogl6H/rdVb6CQEa55xKXramxDFkm6NsqqDzw
+6GLAoGARQV7eQ7Yi381ziQqAJ6TY3NQy1uNn0wBTlW+lwIzKYoOolvai15Ghf8w
NJGXK7m/Hec3htuSlq3USVBo43q6FAL5fHjB8aD+03luwUGg19YCw5mfmdIaQtK3
Pi85Zx8TEYInoydGuQ9jzK7ZPaQkJl86qYfGZxRoHznjGEOLk9Q=
-----END RSA PRIVATE KEY-----
";
const RSA_N: &str = "ycgRJ53MwgG6meC-xyAy8gxMsX_TCw-eLzvlqq82Px-xsV6q_cQZhgyRMdpoIDur4k0kd-zxcqc4xwDUCulEWznCkPtv37tkYgUI\
    740IZnDx5t0sdX9x6VbybyYZFZ38LB79wUTFMc-FVQ7XbjCg2M-c8PS4zLeaU1v1PU4iKujq0zuqqBOs3gmLu787IxnYzrdq-W8x\
    AzOhUHd9TMa5hZ4FgEG-dppPFzL51qP2YjnLByWxwPV2G1AymNM89Kyqahknxw3ES8Hmu9UEwesDSlQndLrcvqn1DUSZQEvxXHtl\
    Hks7SDSmhvym-f84-URZC1Ph8drEH9VOkA4M3mC30Q";

#[tokio::test]
async fn who_asks_may_have_a_token_or_sign_an_assertion() {
    let mut server = introspecting(Reply::active(json!({}))).await;
    assert_eq!(verdict(&app(server.verifier().bearer("a.b-c")), "token-1").await, "alice");
    let request = server.asked().remove(0);
    assert!(request.contains("\nauthorization: Bearer a.b-c\n"), "{request}");
    assert!(request.ends_with("\ntoken=token-1&token_type_hint=access_token"), "{request}");

    let jwk = json!({"kty": "EC", "crv": "P-256", "x": EC_X, "y": EC_Y, "d": EC_D, "kid": "k1"});
    let ec = json!({"kty": "EC", "crv": "P-256", "x": EC_X, "y": EC_Y});
    let rsa = json!({"kty": "RSA", "n": RSA_N, "e": "AQAB"});
    let endpoint = server.url.clone();
    for (verifier, public, header, audience) in [
        (
            server.verifier().private_key_jwt("notes server", EC_KEY),
            &ec,
            json!({"alg": "ES256", "typ": "JWT"}),
            "https://auth.example.com",
        ),
        (
            server.verifier().private_key_jwt("notes server", jwk.to_string()).assertion_audience(&endpoint),
            &ec,
            json!({"alg": "ES256", "typ": "JWT", "kid": "k1"}),
            &endpoint,
        ),
        (
            server.verifier().private_key_jwt("notes server", RSA_KEY),
            &rsa,
            json!({"alg": "RS256", "typ": "JWT"}),
            "https://auth.example.com",
        ),
    ] {
        let app = app(verifier);
        let mut ids = Vec::new();
        for token in ["token-2", "token-3"] {
            assert_eq!(verdict(&app, token).await, "alice");
            let request = server.asked().remove(0);
            assert!(!request.contains("authorization:"), "{request}");
            let (form, assertion) = request.rsplit_once("&client_assertion=").unwrap();
            let form = form.rsplit_once('\n').unwrap().1;
            assert_eq!(
                form,
                format!(
                    "token={token}&token_type_hint=access_token&client_id=notes+server&client_assertion_type=\
                     urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer"
                )
            );
            // Looked at as the authorization server does: who signed it is who it says.
            let profile = JwtProfile::rfc9068()
                .allow_plain_typ()
                .client_claim("sub")
                .token_issuer("notes server")
                .accept_audience(audience)
                .jwks(json!({"keys": [public]}).to_string());
            let judge = JwtVerifier::builder(&Protection::of::<Notes>()).profile(profile).build().unwrap();
            let claims: Value = judge.verify_token(assertion).await.expect("a good assertion").claims().unwrap();
            let signed = URL_SAFE_NO_PAD.decode(assertion.split('.').next().unwrap()).unwrap();
            assert_eq!(serde_json::from_slice::<Value>(&signed).unwrap(), header);
            let issued_at = claims["iat"].as_u64().unwrap();
            assert!(issued_at <= now() && now() - issued_at < 60);
            assert_eq!(
                claims,
                json!({
                    "iss": "notes server", "sub": "notes server", "aud": audience, "jti": claims["jti"],
                    "iat": issued_at, "exp": issued_at + 60,
                })
            );
            ids.push(claims["jti"].as_str().unwrap().to_owned());
        }
        assert_ne!(ids[0], ids[1], "an assertion is good once");
        assert_eq!(ids[0].len(), 22);
    }
}

#[tokio::test]
async fn an_answer_is_read_by_the_profile_of_its_provider() {
    let server = introspecting(Reply::inactive()).await;
    let keycloak = || JwtProfile::keycloak().scope_claim("realm_access.roles");
    let foreign = "the token is not valid: its issuer is not, to the letter, one of this server's: \
                   `https://auth.example.com`";
    for (profile, changes, expected) in [
        (keycloak(), json!({"azp": "app", "client_id": null, "typ": "Bearer"}), "app [\"notes:read\"]"),
        (keycloak(), json!({"azp": "alice", "realm_access": {"roles": ["b"]}}), "alice [\"notes:read\", \"b\"]"),
        (
            keycloak(),
            json!({"typ": "Refresh"}),
            "the token is not valid: it is no access token, but a refresh token (by its claim `typ`)",
        ),
        (
            keycloak(),
            json!({"azp": "app"}),
            "the token cannot be verified: the answer to the introspection is unclear: its `azp` and its `client_id` are \
             different clients",
        ),
        (
            JwtProfile::zitadel(),
            json!({"urn:zitadel:iam:org:project:roles": {"admin": {"1": "x"}}}),
            "alice [\"notes:read\", \"admin\"]",
        ),
        (JwtProfile::stytch("project-1"), json!({"aud": "project-1"}), "alice [\"notes:read\"]"),
        (
            JwtProfile::rfc9068().accept_clients_without_audience(["alice"]),
            json!({"aud": []}),
            "alice [\"notes:read\"]",
        ),
        (
            JwtProfile::rfc9068().accept_clients_without_audience(["bob"]),
            json!({"aud": []}),
            "the token is not valid: it has no `aud`; its client is none of \
             `JwtProfile::accept_clients_without_audience`",
        ),
        (JwtProfile::authentik().accept_client_as_audience(), json!({"aud": "alice"}), "alice [\"notes:read\"]"),
        (
            JwtProfile::ad_fs(),
            json!({"iss": "http://auth.example.com/adfs/services/trust"}),
            "alice [\"notes:read\"] of http://auth.example.com/adfs/services/trust",
        ),
        (JwtProfile::rfc9068(), json!({"iss": "http://auth.example.com/adfs/services/trust"}), foreign),
        (
            JwtProfile::rfc9068().tenants(["ours"]),
            json!({"tid": "theirs"}),
            "the token is not valid: its tenant is not accepted; `JwtProfile::tenants` lists those that are",
        ),
        (
            JwtProfile::rfc9068().tenants(["ours"]),
            json!({}),
            "the token is not valid: it names no tenant: it has no `tid`",
        ),
        (JwtProfile::rfc9068().tenants(["ours"]), json!({"tid": "ours"}), "alice [\"notes:read\"] of ours"),
        (
            JwtProfile::rfc9068().token_issuer("https://{tid}.example.com"),
            json!({"tid": "a"}),
            "alice [\"notes:read\"] of a",
        ),
        (
            JwtProfile::rfc9068().token_issuer("https://id.example.com/{tid}"),
            json!({"iss": "https://id.example.com/a", "tid": "a"}),
            "alice [\"notes:read\"] of https://id.example.com/a",
        ),
    ] {
        server.reply(Reply::active(changes.clone()));
        let verifier = server.verifier().profile(profile).build().unwrap();
        let found = match verifier.verify_token("token").await {
            Ok(token) => {
                let is_known = token.issuer.as_deref().is_none_or(|issuer| issuer == "https://auth.example.com");
                assert!(is_known, "{changes}: {:?}", token.issuer);
                let authority = token.authority().filter(|authority| token.issuer.as_deref() != Some(authority));
                let of = authority.map(|authority| format!(" of {authority}")).unwrap_or_default();
                format!("{} {:?}{of}", token.client_id, token.scopes)
            }
            Err(error) => error.to_string(),
        };
        assert_eq!(found, expected, "{changes}");
    }
}

#[tokio::test]
async fn what_the_server_says_is_what_the_token_is() {
    let server = introspecting(Reply::inactive()).await;
    let app = app(server.verifier().accept_audience("api://notes").accept_audience("notes"));
    let end = seconds_from_now(3600);
    let token = |client: &str, scopes: &str, subject: &str, audience: &str, issuer: &str, claims: &str| {
        format!(
            "AccessToken {{ client_id: {client:?}, scopes: {scopes}, subject: {subject}, expires_at: None, audience: \
             {audience}, issuer: {issuer}, claims: {claims} }}"
        )
    };
    let plain = |client: &str, claims: &str| {
        token(client, r#"["notes:read"]"#, "None", &format!("[{RESOURCE:?}]"), "None", claims)
    };
    let usual = r#"["active", "aud", "client_id", "scope"]"#;
    for (number, (changes, expected)) in [
        (json!({}), plain("alice", usual)),
        (json!({"aud": [RESOURCE]}), plain("alice", usual)),
        (json!({"aud": "api://notes"}), plain("alice", usual)),
        (
            json!({"aud": ["https://else.example.com", "notes"]}),
            token(
                "alice",
                r#"["notes:read"]"#,
                "None",
                &format!(r#"["https://else.example.com", {RESOURCE:?}]"#),
                "None",
                usual,
            ),
        ),
        (
            json!({"client_id": null, "sub": null, "exp": null, "nbf": null, "iss": null, "cnf": null}),
            plain("", r#"["active", "aud", "scope"]"#),
        ),
        (
            json!({"scope": ["notes:admin", "notes:read"], "sub": "user-17", "iss": "https://auth.example.com"}),
            token(
                "alice",
                r#"["notes:admin", "notes:read"]"#,
                r#"Some("user-17")"#,
                &format!("[{RESOURCE:?}]"),
                r#"Some("https://auth.example.com")"#,
                r#"["active", "aud", "client_id", "iss", "scope", "sub"]"#,
            ),
        ),
        (
            json!({"scope": "  notes:read  x ", "username": "al", "nbf": seconds_from_now(30), "token_type": "bearer"}),
            token(
                "alice",
                r#"["notes:read", "x"]"#,
                "None",
                &format!("[{RESOURCE:?}]"),
                "None",
                r#"["active", "aud", "client_id", "nbf", "scope", "token_type", "username"]"#,
            ),
        ),
    ]
    .into_iter()
    .enumerate()
    {
        server.reply(Reply::active(changes.clone()));
        let response = send(&app, call(&format!("token-{number}"), "whoami_surely", "{}")).await;
        let text = serde_json::to_string(&expected).unwrap();
        assert!(response.contains(&format!(r#""text":{text}"#)), "{changes}: {response}\nexpected {text}");
    }
    // An end with a fraction, and claims with their values.
    server.reply(Reply::active(json!({"exp": end as f64 + 0.5, "tenant": {"id": 7}})));
    let token = server.verifier().build().unwrap().verify_token("token").await.unwrap();
    let expected = Duration::from_millis(u64::try_from(end).unwrap() * 1000 + 500);
    assert_eq!(token.expires_at, Some(SystemTime::UNIX_EPOCH + expected));
    assert_eq!(token.claims::<Value>().unwrap()["tenant"], json!({"id": 7}));
}

#[tokio::test]
async fn no_hostile_answer_lets_anyone_in() {
    const UNAUTHENTICATED: &str = "unauthenticated";
    const UNCLEAR: &str = "unavailable for 5 s";
    let good = format!(r#""scope":"notes:read","aud":"{RESOURCE}""#);
    let text = |text: &str| Reply::new(200, text.replace("GOOD", &good));
    let deep = format!(r#"{{"active":true,GOOD,"x":{}{}}}"#, "[".repeat(50_000), "]".repeat(50_000));
    let mut rows = vec![
        // Verdicts, whatever else is said.
        (text(r#"{"active":false}"#), UNAUTHENTICATED),
        (text(r#"{"active":false,GOOD,"exp":"soon","iss":7}"#), UNAUTHENTICATED),
        // No verdict: the server is not one that answers introspections, or it is broken.
        (text(""), UNCLEAR),
        (text("true"), UNCLEAR),
        (text("null"), UNCLEAR),
        (text("active"), UNCLEAR),
        (text(r#"[{"active":true,GOOD}]"#), UNCLEAR),
        (text(r#""{\"active\":true}""#), UNCLEAR),
        (text("<html>Sign in</html>").header("content-type", "text/html"), UNCLEAR),
        (text("eyJhbGciOiJSUzI1NiJ9.eyJhY3RpdmUiOnRydWV9.c2ln"), UNCLEAR),
        (text("active=true"), UNCLEAR),
        (text("{}"), UNCLEAR),
        (text(r#"{GOOD}"#), UNCLEAR),
        (text(r#"{"ACTIVE":true,GOOD}"#), UNCLEAR),
        (text(r#"{"data":{"active":true,GOOD}}"#), UNCLEAR),
        (text(r#"{"active":"true",GOOD}"#), UNCLEAR),
        (text(r#"{"active":1,GOOD}"#), UNCLEAR),
        (text(r#"{"active":null,GOOD}"#), UNCLEAR),
        (text(r#"{"active":[true],GOOD}"#), UNCLEAR),
        (text(r#"{"active":True,GOOD}"#), UNCLEAR),
        (text(r#"{"active":"false"}"#), UNCLEAR),
        (text(r#"{"error":"invalid_token"}"#), UNCLEAR),
        // Two readings.
        (text(r#"{"active":true,"active":true,GOOD}"#), UNCLEAR),
        (text(r#"{"active":false,"active":true,GOOD}"#), UNCLEAR),
        (text(r#"{"active":true,"\u0061ctive":false,GOOD}"#), UNCLEAR),
        (text(r#"{"active":true,GOOD,"aud":"https://else.example.com"}"#), UNCLEAR),
        (text(r#"{"active":true,GOOD,"exp":1,"exp":9999999999}"#), UNCLEAR),
        (text(r#"{"active":true,GOOD,"x":{"y":1,"y":2}}"#), UNCLEAR),
        (text(r#"{"active":true,GOOD}{}"#), UNCLEAR),
        (text(r#"{"active":true,GOOD} x"#), UNCLEAR),
        (text(r#"{"active":true,GOOD"#), UNCLEAR),
        (text("\u{feff}{\"active\":true,GOOD}"), UNCLEAR),
        (text(r#"{"active":true,GOOD,"x":"\ud800"}"#), UNCLEAR),
        (text(r#"{"active":true,GOOD,"exp":1e400}"#), UNCLEAR),
        (text(r#"{"active":true,GOOD,"exp":NaN}"#), UNCLEAR),
        (text(&deep), UNCLEAR),
        (Reply::new(200, *b"{\"active\":true,\"x\":\"\xff\"}"), UNCLEAR),
        (Reply::new(200, *b"\x1f\x8b\x08\x00"), UNCLEAR),
    ];
    // What is clear about a token that is good in everything else.
    for (changes, expected) in [
        (json!({"exp": "soon"}), UNCLEAR),
        (json!({"exp": "9999999999"}), UNCLEAR),
        (json!({"exp": true}), UNCLEAR),
        (json!({"exp": [9_999_999_999_u64]}), UNCLEAR),
        (json!({"exp": {}}), UNCLEAR),
        (json!({"exp": -1}), UNCLEAR),
        (json!({"exp": 1e300}), UNCLEAR),
        (json!({"exp": u64::MAX}), UNCLEAR),
        (json!({"nbf": "now"}), UNCLEAR),
        (json!({"nbf": 1e300}), UNCLEAR),
        (json!({"aud": 7}), UNCLEAR),
        (json!({"aud": {RESOURCE: true}}), UNCLEAR),
        (json!({"aud": [RESOURCE, 7]}), UNCLEAR),
        (json!({"aud": [[RESOURCE]]}), UNCLEAR),
        (json!({"iss": 7}), UNCLEAR),
        (json!({"iss": ["https://auth.example.com"]}), UNCLEAR),
        (json!({"sub": 7}), UNCLEAR),
        (json!({"sub": {"id": 7}}), UNCLEAR),
        (json!({"client_id": 7}), UNCLEAR),
        (json!({"client_id": ["alice"]}), UNCLEAR),
        (json!({"scope": 7}), UNCLEAR),
        (json!({"scope": {"notes:read": true}}), UNCLEAR),
        (json!({"scope": ["notes:read", null]}), UNCLEAR),
        (json!({"token_type": 7}), UNCLEAR),
        (json!({"exp": 0}), "expired"),
        (json!({"exp": 0.5}), "expired"),
        (json!({"exp": seconds_from_now(0)}), "expired"),
        (json!({"nbf": seconds_from_now(3600)}), UNAUTHENTICATED),
        (json!({"iss": ""}), UNAUTHENTICATED),
        (json!({"iss": "https://auth.example.com/"}), UNAUTHENTICATED),
        (json!({"iss": "https://AUTH.example.com"}), UNAUTHENTICATED),
        (json!({"aud": null}), UNAUTHENTICATED),
        (json!({"aud": []}), UNAUTHENTICATED),
        (json!({"aud": ""}), "wrong audience"),
        (json!({"aud": "https://else.example.com"}), "wrong audience"),
        (json!({"aud": "http://127.0.0.1:8000/mcp/"}), "wrong audience"),
        (json!({"aud": "http://127.0.0.1:8000"}), "wrong audience"),
        (json!({"aud": "http://127.0.0.1:8000/MCP"}), "wrong audience"),
        (json!({"aud": format!("https://else.example.com {RESOURCE}")}), "wrong audience"),
        (json!({"aud": ["https://else.example.com", "http://127.0.0.1:8000/mcp2"]}), "wrong audience"),
        (json!({"token_type": "refresh_token"}), UNAUTHENTICATED),
        (json!({"token_use": "refresh_token"}), UNAUTHENTICATED),
        (json!({"token_type": "DPoP"}), UNAUTHENTICATED),
        (json!({"cnf": {"jkt": "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I"}}), UNAUTHENTICATED),
    ] {
        rows.push((Reply::active(changes), expected));
    }
    let server = introspecting(Reply::inactive()).await;
    let app = server.app();
    for (number, (reply, expected)) in rows.into_iter().enumerate() {
        server.reply(reply.clone());
        let said = String::from_utf8_lossy(&reply.body).into_owned();
        assert_eq!(verdict(&app, &format!("token-{number}")).await, expected, "{said:.200}");
    }
    // Scopes are the guard's, and a list is not read as if it were a text.
    let scopes =
        [json!(""), json!([]), json!(null), json!("notes:read,x"), json!("notes:read\tx"), json!(["x notes:read"])];
    for (number, scope) in scopes.into_iter().enumerate() {
        server.reply(Reply::active(json!({"scope": scope})));
        let response = send(&app, call(&format!("scoped-token-{number}"), "whoami", "{}")).await;
        assert!(response.starts_with("403 "), "{scope}: {response}");
    }
}

#[tokio::test]
async fn a_status_is_about_the_token_or_about_the_server() {
    let server = introspecting(Reply::inactive()).await;
    let app = server.app();
    let good = Reply::active(json!({})).body;
    let secs = |text: &str| ("retry-after", text.to_owned());
    for (number, (status, headers, body, expected)) in [
        // About the token: some servers answer like this for one that they cannot introspect.
        (400, vec![], r#"{"error":"unsupported_token_type"}"#, "unauthenticated"),
        (400, vec![], r#"{"error":"invalid_request"}"#, "unauthenticated"),
        (400, vec![], r#"{"error":["invalid_client"]}"#, "unauthenticated"),
        (400, vec![], "", "unauthenticated"),
        (400, vec![], "<html>", "unauthenticated"),
        // About who asks.
        (400, vec![], r#"{"error":"invalid_client"}"#, "unavailable for 5 s"),
        (400, vec![], r#"{"error":"unauthorized_client","error_description":"x"}"#, "unavailable for 5 s"),
        (401, vec![], r#"{"error":"invalid_client"}"#, "unavailable for 5 s"),
        (401, vec![], "", "unavailable for 5 s"),
        (403, vec![], r#"{"active":false}"#, "unavailable for 5 s"),
        // About what was asked.
        (404, vec![], "", "unavailable for 5 s"),
        (405, vec![], "", "unavailable for 5 s"),
        (301, vec![], "", "unavailable for 5 s"),
        (304, vec![], "", "unavailable for 5 s"),
        (418, vec![secs("99")], "", "unavailable for 5 s"),
        // Only a 200 is an answer.
        (201, vec![], "GOOD", "unavailable for 5 s"),
        (202, vec![], r#"{"active":false}"#, "unavailable for 5 s"),
        (204, vec![], "", "unavailable for 5 s"),
        (500, vec![], "GOOD", "unavailable for 5 s"),
        (404, vec![], "GOOD", "unavailable for 5 s"),
        // About its health.
        (429, vec![secs("7")], "", "unavailable for 7 s"),
        (429, vec![], "", "unavailable for 5 s"),
        (500, vec![], r#"{"active":false}"#, "unavailable for 5 s"),
        (502, vec![], "<html>", "unavailable for 5 s"),
        (503, vec![secs("120")], "", "unavailable for 120 s"),
        (503, vec![secs("0")], "", "unavailable for 1 s"),
        (503, vec![secs("99999999")], "", "unavailable for 3600 s"),
        (503, vec![secs("99999999999999999999999")], "", "unavailable for 5 s"),
        (503, vec![secs("-1")], "", "unavailable for 5 s"),
        (503, vec![secs("Wed, 21 Oct 2099 07:28:00 GMT")], "", "unavailable for 5 s"),
        (504, vec![], "", "unavailable for 5 s"),
        (599, vec![], "", "unavailable for 5 s"),
    ]
    .into_iter()
    .enumerate()
    {
        let body = if body == "GOOD" { good.clone() } else { body.as_bytes().to_vec() };
        server.reply(Reply { status, headers, body: body.clone() });
        let given = format!("{status} {}", String::from_utf8_lossy(&body));
        assert_eq!(verdict(&app, &format!("token-{number}")).await, expected, "{given}");
    }
}

#[tokio::test]
async fn a_setting_that_is_wrong_is_an_error_in_the_log() {
    let log = Log::start();
    let server = introspecting(Reply::new(401, "")).await;
    let url = &server.url;
    let with = |number: usize| match number {
        0 => server.verifier(),
        1 => server.verifier().client_secret_basic("id", "secret"),
        _ => server.verifier().client_secret_post("id", "secret"),
    };
    for (number, reply, advice) in [
        (
            0,
            Reply::new(401, ""),
            "it wants to know who asks: set `client_secret_basic`, `client_secret_post`, `private_key_jwt` or `bearer`",
        ),
        (1, Reply::new(401, ""), "check the id and the secret of `client_secret_basic`"),
        (2, Reply::new(403, ""), "check the id and the secret of `client_secret_post`"),
        (2, Reply::new(400, r#"{"error":"invalid_client"}"#), "check the id and the secret of `client_secret_post`"),
        (1, Reply::new(404, ""), "check that the URL is that of an introspection endpoint"),
        (1, Reply::new(307, ""), "check that the URL is that of an introspection endpoint"),
    ] {
        Log::start();
        let status = http::StatusCode::from_u16(reply.status).unwrap();
        server.reply(reply);
        let app = app(with(number));
        for token in ["token", "another", "a-third"] {
            assert_eq!(verdict(&app, token).await, "unavailable for 5 s");
        }
        let text = log.text();
        let line = text.lines().find(|line| line.contains("ERROR")).unwrap_or_else(|| panic!("{text}"));
        assert!(line.contains(&format!("no token can be introspected: {advice}")), "{line}");
        assert!(line.contains(&format!("endpoint={url} status={status}")), "{line}");
        let lines = text.matches("no token can be introspected").count();
        assert_eq!(lines, 1, "{text}");
    }
    // What passes by itself is none.
    Log::start();
    server.reply(Reply::new(503, ""));
    assert_eq!(verdict(&server.app(), "token").await, "unavailable for 5 s");
    assert!(!log.text().contains("ERROR"), "{}", log.text());
    assert!(log.text().contains(&format!("{url} answers 503 Service Unavailable")), "{}", log.text());
}

#[tokio::test]
async fn an_outage_is_a_503_until_it_is_over() {
    // Nothing listens here.
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let nowhere = format!("http://{}/", listener.local_addr().unwrap());
    drop(listener);
    let notes = Protection::of::<Notes>();
    assert_eq!(verdict(&app(IntrospectionVerifier::builder(&notes, nowhere)), "token").await, "unavailable for 5 s");
    // Connections are closed before an answer, or not spoken on at all.
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let rude = format!("http://{}/", listener.local_addr().unwrap());
    tokio::spawn(async move { while listener.accept().await.is_ok() {} });
    assert_eq!(verdict(&app(IntrospectionVerifier::builder(&notes, rude)), "token").await, "unavailable for 5 s");
    let mut server = introspecting(Reply::active(json!({}))).await;
    for (verifier, timeout) in [(server.verifier(), 5), (server.verifier().timeout(Duration::from_secs(60)), 60)] {
        server.hold();
        let app = app(verifier);
        let requests = waiting(&app, "token", 2);
        server.next().await;
        pass(Duration::from_secs(timeout - 1)).await;
        let mut patient = waiting(&app, "token", 1);
        pass(Duration::from_secs(1)).await;
        patient.extend(requests);
        for request in patient {
            assert_eq!(request.await, "unavailable for 5 s");
        }
        assert_eq!(server.asked(), [""; 0], "nothing is asked twice");
        // It is over.
        server.release();
        assert_eq!(verdict(&app, "token").await, "alice");
        server.asked();
    }
    server.reply(Reply::new(503, "").header("retry-after", "9"));
    let patient = server.app();
    assert_eq!(verdict(&patient, "token").await, "unavailable for 9 s");
    // Nothing of that is remembered, and what is, helps through the next outage.
    server.reply(Reply::active(json!({})));
    assert_eq!(verdict(&patient, "token").await, "alice");
    server.reply(Reply::new(503, ""));
    assert_eq!(verdict(&patient, "token").await, "alice");
    assert_eq!(verdict(&patient, "other-token").await, "unavailable for 5 s");
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let mut elsewhere = introspecting(Reply::active(json!({}))).await;
    let mut server = introspecting(Reply::inactive()).await;
    let app = app(server.verifier().client_secret_post("id", "secret"));
    for status in [301, 302, 303, 307, 308] {
        server.reply(Reply::new(status, "").header("location", elsewhere.url.clone()));
        assert_eq!(verdict(&app, "token").await, "unavailable for 5 s", "{status}");
        assert_eq!(server.asked().len(), 1, "{status}");
    }
    assert_eq!(elsewhere.asked(), [""; 0]);
}

#[tokio::test]
async fn answers_and_tokens_have_limits() {
    let mut server = introspecting(Reply::active(json!({}))).await;
    let length = Reply::active(json!({})).body.len();
    for (limit, expected) in [(length, "alice"), (length - 1, "unavailable for 5 s")] {
        let app = app(server.verifier().max_response_bytes(limit));
        assert_eq!(verdict(&app, "token").await, expected);
    }
    let padded = |length: usize| {
        let mut reply = Reply::active(json!({}));
        reply.body.resize(length, b' ');
        reply
    };
    for (length, expected) in [(64 * 1024, "alice"), (64 * 1024 + 1, "unavailable for 5 s")] {
        server.reply(padded(length));
        assert_eq!(verdict(&server.app(), "token").await, expected);
    }
    server.reply(Reply::active(json!({})));
    server.asked();
    for (verifier, limit) in [(server.verifier(), 16 * 1024), (server.verifier().max_token_bytes(10), 10)] {
        let app = app(verifier);
        assert_eq!(verdict(&app, &"a".repeat(limit + 1)).await, "unauthenticated");
        assert_eq!(server.asked(), [""; 0]);
        assert_eq!(verdict(&app, &"a".repeat(limit)).await, "alice");
        assert_eq!(server.asked().len(), 1);
    }
}

#[tokio::test]
async fn a_verdict_is_remembered_for_a_while() {
    let mut server = introspecting(Reply::active(json!({"exp": seconds_from_now(3600)}))).await;
    server.reply_to("bad", Reply::inactive());
    server.reply_to("old", Reply::active(json!({"exp": 1})));
    server.reply_to("foreign", Reply::active(json!({"aud": "x"})));
    server.reply_to("odd", Reply::new(400, ""));
    server.reply_to("down", Reply::new(500, ""));
    let verdicts = [
        ("good", "alice"),
        ("bad", "unauthenticated"),
        ("old", "expired"),
        ("foreign", "wrong audience"),
        ("odd", "unauthenticated"),
        ("down", "unavailable for 5 s"),
    ];
    async fn ask_all(app: &Router, verdicts: [(&str, &str); 6]) {
        for (token, expected) in verdicts {
            assert_eq!(verdict(app, token).await, expected);
        }
    }
    fn tokens(requests: Vec<String>) -> Vec<String> {
        let token = |request: &String| request.split("token=").nth(1).unwrap().split('&').next().unwrap().to_owned();
        requests.iter().map(token).collect()
    }
    for (verifier, good, bad) in [
        (server.verifier(), 30, 10),
        (server.verifier().cache_lifetime(Duration::from_secs(5)).refusal_lifetime(Duration::from_secs(100)), 5, 100),
    ] {
        let app = app(verifier);
        ask_all(&app, verdicts).await;
        assert_eq!(tokens(server.asked()), ["good", "bad", "old", "foreign", "odd", "down"]);
        ask_all(&app, verdicts).await;
        assert_eq!(tokens(server.asked()), ["down"], "that it cannot be asked is not remembered");
        pass(Duration::from_secs(good.min(bad) + 1)).await;
        ask_all(&app, verdicts).await;
        let over = if good < bad { vec!["good", "down"] } else { vec!["bad", "old", "foreign", "odd", "down"] };
        assert_eq!(tokens(server.asked()), over);
        pass(Duration::from_secs(good.max(bad) + 1)).await;
        ask_all(&app, verdicts).await;
        assert_eq!(tokens(server.asked()), ["good", "bad", "old", "foreign", "odd", "down"]);
    }
    for verifier in [
        server.verifier().cache_capacity(0),
        server.verifier().cache_lifetime(Duration::ZERO).refusal_lifetime(Duration::ZERO),
    ] {
        let app = app(verifier);
        for _ in 0..2 {
            ask_all(&app, verdicts).await;
            assert_eq!(server.asked().len(), 6);
        }
    }
    // No lifetime is too long.
    let app = app(server.verifier().cache_lifetime(Duration::MAX).refusal_lifetime(Duration::MAX));
    for asked in [6, 1] {
        ask_all(&app, verdicts).await;
        assert_eq!(server.asked().len(), asked);
    }
}

#[tokio::test]
async fn bad_tokens_push_out_no_good_one() {
    let mut server = introspecting(Reply::inactive()).await;
    server.reply_to("good", Reply::active(json!({})));
    let app = app(server.verifier().cache_capacity(2));
    assert_eq!(verdict(&app, "good").await, "alice");
    for number in 0..20 {
        assert_eq!(verdict(&app, &format!("bad-{number}")).await, "unauthenticated");
    }
    server.asked();
    assert_eq!(verdict(&app, "good").await, "alice");
    assert_eq!(verdict(&app, "bad-19").await, "unauthenticated");
    assert_eq!(server.asked(), [""; 0]);
    assert_eq!(verdict(&app, "bad-0").await, "unauthenticated");
    assert_eq!(server.asked().len(), 1, "the first one is forgotten");
}

#[tokio::test]
async fn a_token_is_revoked_and_comes_back() {
    let mut server = introspecting(Reply::active(json!({}))).await;
    let app = app(server.verifier().cache_lifetime(Duration::ZERO));
    assert_eq!(verdict(&app, "token").await, "alice");
    server.reply(Reply::inactive());
    assert_eq!(verdict(&app, "token").await, "unauthenticated");
    server.reply(Reply::active(json!({})));
    assert_eq!(verdict(&app, "token").await, "unauthenticated", "remembered");
    assert_eq!(server.asked().len(), 2);
    pass(Duration::from_secs(11)).await;
    assert_eq!(verdict(&app, "token").await, "alice");
}

#[tokio::test]
async fn requests_with_one_token_share_one_question() {
    let mut server = introspecting(Reply::inactive()).await;
    for (reply, expected, asked_again) in [
        (Reply::active(json!({})), "alice", 0),
        (Reply::inactive(), "unauthenticated", 0),
        (Reply::new(503, "").header("retry-after", "3"), "unavailable for 3 s", 1),
    ] {
        server.reply(reply);
        server.hold();
        let app = server.app();
        let mut requests = waiting(&app, "token", 50);
        // Another token does not wait in the same line.
        requests.extend(waiting(&app, "other-token", 1));
        for _ in 0..2 {
            server.next().await;
        }
        requests.extend(waiting(&app, "token", 50));
        server.release();
        for request in requests {
            assert_eq!(request.await, expected);
        }
        assert_eq!(server.asked(), [""; 0]);
        assert_eq!(verdict(&app, "token").await, expected);
        assert_eq!(server.asked().len(), asked_again, "{expected}");
    }
}

#[tokio::test]
async fn no_more_questions_than_allowed_are_under_way() {
    let mut server = introspecting(Reply::active(json!({}))).await;
    for (verifier, limit) in [
        // A quarter is for tokens that were accepted before.
        (server.verifier(), 75),
        (server.verifier().max_concurrent(2), 2),
        (server.verifier().max_concurrent(usize::MAX), 120),
    ] {
        server.hold();
        let app = app(verifier.timeout(Duration::from_secs(3600)));
        let token = |number: usize| &*format!("token-{number}").leak();
        let mut requests: Vec<_> = (0..120).flat_map(|number| waiting(&app, token(number), 1)).collect();
        // They leave, but what they asked is still under way.
        drop(requests.drain(..limit));
        for _ in 0..limit {
            server.next().await;
        }
        let mut more = waiting(&app, token(0), 20);
        pass(Duration::from_secs(10)).await;
        assert_eq!(server.asked(), [""; 0]);
        // In their turn, and those with the same token by what it brought.
        server.release();
        requests.append(&mut more);
        for request in requests {
            assert_eq!(request.await, "alice");
        }
        assert_eq!(server.asked().len(), 120 - limit);
    }
    // Who waits in vain is told so, and who needs no turn is let in.
    let app = app(server.verifier().max_concurrent(1).timeout(Duration::from_secs(7)));
    assert_eq!(verdict(&app, "remembered").await, "alice");
    server.asked();
    server.hold();
    let first = waiting(&app, "first", 1);
    server.next().await;
    let second = waiting(&app, "second", 1);
    let third = waiting(&app, "third", 1);
    pass(Duration::from_secs(7)).await;
    assert_eq!(verdict(&app, "remembered").await, "alice");
    for request in first.into_iter().chain(third) {
        assert_eq!(request.await, "unavailable for 5 s");
    }
    // Its turn has come.
    server.release();
    for request in second {
        assert_eq!(request.await, "alice");
    }
}

#[tokio::test]
async fn nobody_waits_for_those_who_left() {
    let mut server = introspecting(Reply::active(json!({}))).await;
    server.hold();
    let app = server.app();
    let mut requests = waiting(&app, "token", 5);
    // The one that asked leaves before anything was sent, and another one while the server is busy.
    drop(requests.remove(0));
    server.next().await;
    drop(requests.remove(1));
    server.release();
    for request in requests {
        assert_eq!(request.await, "alice");
    }
    // All of them leave: the next one finds what they asked for.
    server.hold();
    drop(waiting(&app, "other-token", 3));
    server.next().await;
    let requests = waiting(&app, "other-token", 1);
    server.release();
    for request in requests {
        assert_eq!(request.await, "alice");
    }
    assert_eq!(server.asked(), [""; 0]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn everyone_gets_the_answer_about_their_own_token() {
    let server = introspecting(Reply::inactive()).await;
    for number in 0..10 {
        server.reply_to(&format!("token-{number}"), Reply::active(json!({"client_id": format!("client-{number}")})));
    }
    for lifetime in [Duration::ZERO, Duration::from_secs(30)] {
        let app = app(server.verifier().cache_capacity(6).cache_lifetime(lifetime).refusal_lifetime(lifetime));
        let mut tasks = tokio::task::JoinSet::new();
        for client in 0..24_usize {
            let app = app.clone();
            tasks.spawn(async move {
                for turn in 0..20 {
                    let number = (client * 7 + turn * 3) % 12;
                    let expected = if number < 10 { format!("client-{number}") } else { "unauthenticated".to_owned() };
                    assert_eq!(verdict(&app, &format!("token-{number}")).await, expected);
                }
            });
        }
        while let Some(task) = tasks.join_next().await {
            task.unwrap();
        }
    }
    // Once all are revoked, no request that starts then is let in.
    let app = app(server.verifier().cache_lifetime(Duration::ZERO));
    assert_eq!(verdict(&app, "token-1").await, "client-1");
    server.reply_to_all();
    let mut tasks = tokio::task::JoinSet::new();
    for number in 0..24 {
        let app = app.clone();
        tasks.spawn(async move { verdict(&app, &format!("token-{}", number % 3)).await });
    }
    while let Some(verdict) = tasks.join_next().await {
        assert_eq!(verdict.unwrap(), "unauthenticated");
    }
}

/// It reads forms and credentials with code of its own.
#[tokio::test]
async fn the_issuer_of_the_test_kit_can_be_asked() {
    let issuer = TestIssuer::start().await.unwrap();
    let protection = Protection::of::<Notes>().issuer(issuer.url()).unwrap();
    let token = issuer.token(RESOURCE).client_id("alice").scopes(["notes:read"]);
    let (id, secret) = ("notes:sérver", "top +%&= s3cret");
    issuer.require_client(id, secret);
    let builder = || IntrospectionVerifier::builder(&protection, issuer.introspection_url());
    for verifier in [builder().client_secret_basic(id, secret), builder().client_secret_post(id, secret)] {
        let verifier = verifier.cache_lifetime(Duration::ZERO).build().unwrap();
        let app = Http::protected(Notes::default(), verifier).protection(protection.clone()).router();
        let opaque = issuer.opaque_token(token.clone());
        assert_eq!(verdict(&app, &opaque).await, "alice");
        issuer.revoke(&opaque);
        assert_eq!(verdict(&app, &opaque).await, "unauthenticated");
        issuer.fail(500);
        assert_eq!(verdict(&app, "unknown").await, "unavailable for 5 s");
        issuer.recover();
        assert_eq!(verdict(&app, "unknown").await, "unauthenticated");
    }
}

#[tokio::test]
async fn an_audience_may_be_missing_only_where_that_is_said() {
    let server = introspecting(Reply::inactive()).await;
    let app = app(server.verifier().allow_missing_audience());
    for (number, (audience, expected)) in [
        (json!(null), "alice"),
        (json!([]), "alice"),
        (json!(RESOURCE), "alice"),
        (json!("https://else.example.com"), "wrong audience"),
        (json!([""]), "wrong audience"),
        (json!(7), "unavailable for 5 s"),
    ]
    .into_iter()
    .enumerate()
    {
        server.reply(Reply::active(json!({"aud": audience.clone()})));
        assert_eq!(verdict(&app, &format!("token-{number}")).await, expected, "{audience}");
    }
    server.reply(Reply::new(200, r#"{"active":true,"scope":"notes:read","client_id":"alice"}"#));
    assert_eq!(verdict(&app, "bare-token").await, "alice");
}

#[tokio::test]
async fn the_verifier_follows_the_protection() {
    let server = introspecting(Reply::inactive()).await;
    let protection = Protection::of::<Notes>()
        .issuers(["https://one.example.com", "https://two.example.com"])
        .unwrap()
        .resource("http://127.0.0.1:8000/other")
        .unwrap();
    let verifier = Arc::new(IntrospectionVerifier::builder(&protection, &server.url).build().unwrap());
    let app = Http::protected(Notes::default(), Arc::clone(&verifier)).protection(protection).router();
    for (number, (audience, issuer, status)) in [
        ("http://127.0.0.1:8000/other", "https://one.example.com", "200 "),
        ("http://127.0.0.1:8000/other", "https://two.example.com", "200 "),
        ("http://127.0.0.1:8000/other", "https://auth.example.com", "401 "),
        (RESOURCE, "https://one.example.com", "401 "),
    ]
    .into_iter()
    .enumerate()
    {
        server.reply(Reply::active(json!({"aud": audience, "iss": issuer})));
        let mut request = call(&format!("token-{number}"), "whoami", "{}");
        *request.uri_mut() = "/other".parse().unwrap();
        let response = send(&app, request).await;
        assert!(response.starts_with(status), "{audience} {issuer}: {response}");
        // The verifier is right on its own, too.
        let admitted = verifier.verify_token(&format!("token-{number}")).await.is_ok();
        assert_eq!(admitted, status == "200 ");
    }
}

#[tokio::test]
async fn how_far_a_clock_may_be_ahead_is_a_setting() {
    let mut server = introspecting(Reply::active(json!({"nbf": seconds_from_now(600)}))).await;
    for (leeway, expected) in [(0, "unauthenticated"), (500, "unauthenticated"), (700, "alice"), (u64::MAX, "alice")] {
        let app = app(server.verifier().leeway(Duration::from_secs(leeway)));
        assert_eq!(verdict(&app, "token").await, expected, "{leeway}");
    }
    assert_eq!(server.asked().len(), 4);
}

#[tokio::test]
async fn nothing_secret_is_printed() {
    let log = Log::start();
    let mut server = introspecting(Reply::inactive()).await;
    let (id, secret, token) = ("client-id", "s3cret+value", "raw-token+value");
    let verifiers =
        [server.verifier().client_secret_basic(id, secret), server.verifier().client_secret_post(id, secret)];
    let mut printed = String::new();
    for verifier in &verifiers {
        printed += &format!("{verifier:?} {:?}\n", verifier.clone().build().unwrap());
        let app = app(verifier.clone().cache_capacity(0));
        for reply in [
            Reply::active(json!({})),
            Reply::inactive(),
            Reply::new(400, format!(r#"{{"error":"{token}"}}"#)),
            Reply::new(400, r#"{"error":"invalid_client"}"#),
            Reply::new(401, secret),
            Reply::new(500, token),
            Reply::new(200, format!("{{{token}")),
            Reply::active(json!({"exp": token, "iss": secret})),
            Reply::active(json!({"iss": token})),
            Reply::active(json!({"aud": token})),
            Reply::new(302, "").header("location", format!("https://{token}.example.com/{secret}")),
        ] {
            server.reply(reply);
            printed += &send(&app, call(token, "whoami_surely", "{}")).await;
            printed += &send(&app, unchecked(post(&[("authorization", &format!("Bearer {token}"))], "{"))).await;
        }
    }
    assert_eq!(server.asked().len(), 2 * 11 * 2);
    server.hold();
    for request in waiting(&app(server.verifier().client_secret_basic(id, secret)), token, 1) {
        server.next().await;
        pass(Duration::from_secs(5)).await;
        printed += &request.await;
    }
    printed += &log.text();
    assert!(printed.contains("did not answer within 5s"), "{printed}");
    assert!(printed.contains("TRACE hyper_util::"), "the HTTP client says what it does");
    for hidden in [secret, "s3cret%2Bvalue", token, "raw-token%2Bvalue", "Y2xpZW50LWlkOnMzY3JldCUyQnZhbHVl"] {
        assert!(!printed.contains(hidden), "{hidden}");
    }
}

#[test]
fn settings_are_shown_without_what_is_secret() {
    let verifier = IntrospectionVerifier::builder(&Protection::of::<Notes>(), "https://auth.example.com/introspect")
        .accept_audience("api://notes")
        .client_secret_basic("id", "secret");
    // Not built: that needs the root certificates of the machine.
    assert_eq!(
        format!("{verifier:?}"),
        "IntrospectionVerifierBuilder { endpoint: Ok(https://auth.example.com/introspect), authentication: \
         Ok(client_secret_basic), assertion_audience: None, resource: \"http://127.0.0.1:8000/mcp\", accepts_bound: false, issuers: [\"https://auth.example.com\"], \
         profile: JwtProfile { preset: \"rfc9068()\", client_claims: [\"client_id\"], scope_claims: [\"scope\", \
         \"scp\"], audiences: [], .. }, audiences: [\"api://notes\"], audience_may_be_missing: false, leeway: 60s, \
         max_token_bytes: 16384, cache: CacheLimits { entries: 10000, bytes: 33554432 }, cache_lifetime: 30s, refusal_lifetime: 10s, max_concurrent: 100, \
         limits: Limits { timeout: 5s, max_bytes: 65536 } }"
    );
}

#[tokio::test]
async fn a_setting_that_cannot_work_is_an_error_before_the_start() {
    let at = |url: &str| IntrospectionVerifier::builder(&Protection::of::<Notes>(), url);
    let local = || at("http://127.0.0.1:9/introspect");
    let older = "-----BEGIN EC PRIVATE KEY-----\nAAAA\n-----END EC PRIVATE KEY-----";
    let encrypted = "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----";
    let no_key = "the private key can't be used: it is neither a JWK nor a PEM text with `BEGIN PRIVATE KEY` or `BEGIN \
                  RSA PRIVATE KEY`";
    for (verifier, expected) in [
        (
            local().private_key_jwt("id", ""),
            "the private key is empty; look at where it comes from, such as an environment variable",
        ),
        (
            local().private_key_jwt("", EC_KEY),
            "the client id is empty; look at where it comes from, such as an environment variable",
        ),
        (local().private_key_jwt("id", "secret"), no_key),
        (local().private_key_jwt("id", "{}{}"), no_key),
        (
            local().private_key_jwt("id", r#"{"kty":"EC","crv":"P-384"}"#),
            "the private key can't be used: it is no private key on P-256 and no private RSA key of 2048 bits or more",
        ),
        (
            local().private_key_jwt("id", older),
            "the private key can't be used: it is in an older form; convert it: `openssl pkcs8 -topk8 -nocrypt -in key.pem`",
        ),
        (
            local().private_key_jwt("id", encrypted),
            "the private key can't be used: it is encrypted; decrypt it: `openssl pkcs8 -in key.pem`",
        ),
        (
            local().private_key_jwt(
                "id",
                json!({"kty": "EC", "crv": "P-256", "x": EC_X, "y": EC_Y, "d": EC_D, "alg": "ES384"}).to_string(),
            ),
            "the private key can't be used: its `alg` is not `ES256` on P-256 or `RS256` of RSA",
        ),
        (
            local().bearer(""),
            "the bearer token of this server is empty; look at where it comes from, such as an environment variable",
        ),
        (local().bearer("a\nb"), "the bearer token of this server has a character that no header can have"),
        (
            local().private_key_jwt("id", EC_KEY).assertion_audience(""),
            "the audience of assertions is empty; look at where it comes from, such as an environment variable",
        ),
        (
            local().profile(JwtProfile::rfc9068().jwks("{}")),
            "a profile with keys is for `JwtVerifier`; introspection verifies no signatures, so leave `jwks` and `jwks_url` out",
        ),
        (
            local().profile(JwtProfile::rfc9068().tenants([""])),
            "the tenant is empty; look at where it comes from, such as an environment variable",
        ),
        (
            local().profile(JwtProfile::rfc9068().tenants([""; 0])),
            "the list of tenants is empty; look at where it comes from, such as an environment variable",
        ),
        (
            local().profile(
                JwtProfile::rfc9068().accept_any_client_without_audience().accept_clients_without_audience([""; 0]),
            ),
            "`accept_any_client_without_audience` makes the list of `accept_clients_without_audience` void; keep one",
        ),
        (
            local().profile(
                JwtProfile::rfc9068().accept_clients_without_audience(["app"]).accept_any_client_without_audience(),
            ),
            "`accept_any_client_without_audience` makes the list of `accept_clients_without_audience` void; keep one",
        ),
        (
            at("auth.example.com/introspect"),
            "invalid introspection URL: it is not an absolute URL; write one like `https://auth.example.com/path`",
        ),
        (
            at("http://auth.example.com/introspect"),
            "invalid introspection URL: `http` is for loopback hosts only; write `https`",
        ),
        (
            at("https://id:secret@auth.example.com/introspect"),
            "invalid introspection URL: it carries a user name or a password; remove the part up to `@`",
        ),
        (
            local().client_secret_basic("", "secret"),
            "the client id is empty; look at where it comes from, such as an environment variable",
        ),
        (
            local().client_secret_post("id", ""),
            "the client secret is empty; look at where it comes from, such as an environment variable",
        ),
        (
            local().accept_audience(""),
            "the accepted audience is empty; look at where it comes from, such as an environment variable",
        ),
        (local().timeout(Duration::ZERO), "`timeout` is zero, and no token could ever be accepted"),
        (local().max_concurrent(0), "`max_concurrent` is zero, and no token could ever be accepted"),
        (local().max_token_bytes(0), "`max_token_bytes` is zero, and no token could ever be accepted"),
        (local().max_response_bytes(0), "`max_response_bytes` is zero, and no token could ever be accepted"),
    ] {
        assert!(!format!("{verifier:?}").contains("secret@"));
        let error = verifier.build().unwrap_err();
        assert_eq!((error.to_string(), format!("{error:?}")), (expected.to_owned(), expected.to_owned()));
        assert_eq!(std::io::Error::from(error).kind(), std::io::ErrorKind::InvalidInput);
    }
}
