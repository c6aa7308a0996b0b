//! What every protected server must refuse, however it is asked.

use std::fmt;
use std::panic::Location;
use std::time::{Duration, SystemTime};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use http::header::{AUTHORIZATION, CACHE_CONTROL};
use http::{HeaderValue, Method, Request};
use mcp_core::Refusal;
use serde_json::json;

use super::token::seconds;
use super::{TestClient, TestIssuer, TestKey, TestResponse, TestToken};
use crate::auth::guard::Gate;
use crate::auth::{JwtAlgorithm, JwtVerifier, ProtectedResource, Protection};
use crate::server::{Catalog, Kind, Protected, Server};
use crate::transport::http::Http;

/// Attacks a server in every way that this crate knows of, and panics with a table of what it let through.
///
/// The server is served as it is in production, with a [`JwtVerifier`] and all that its `#[mcp::server]` says, except
/// that the issuer is a [`TestIssuer`]. Then it gets no token, malformed headers, tokens that are expired, for another
/// resource, of another issuer, signed with another key, by another algorithm or not at all, tampered with, or short of
/// a scope; with every HTTP method, for every kind of request, and for each tool. Every refusal must be, to the letter,
/// the one of RFC 6750. At last, a good token has to be let in.
///
/// No tool is ever run, so that the server may have a database behind it. Call it in a test of its own, with
/// `#[tokio::test]`:
///
/// ```
/// # struct Notes;
/// # #[mcp::server(
/// #     issuer = "https://auth.example.com",
/// #     resource = "https://notes.example.com/mcp",
/// #     scopes = ["notes:read"],
/// #     optional_scopes = ["notes:write"],
/// # )]
/// # impl Notes {
/// #     /// Delete every note.
/// #     #[mcp::tool(scopes = ["notes:write"])]
/// #     fn clear(&self) -> String { unreachable!("no tool is run") }
/// # }
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// mcp::testing::assert_protected(Notes).await;
/// # }
/// ```
///
/// # Panics
/// When something was let through, or a good token was not.
#[track_caller]
pub fn assert_protected<S: Protected>(server: S) -> impl Future<Output = ()> {
    let asserted_at = Location::caller();
    async move {
        let (client, issuer) = connect(server).await;
        let report = examine(&client, &issuer).await;
        assert!(report.failed == 0, "asserted at {asserted_at}: {report}");
    }
}

#[expect(clippy::expect_used, reason = "a mistake in a test fails the test")]
async fn connect<S: Protected>(server: S) -> (TestClient<S, crate::Bearer<JwtVerifier>>, TestIssuer) {
    let issuer = TestIssuer::start().await.expect("a free port on loopback");
    let protection = Protection::of::<S>().issuer(issuer.url()).expect("a loopback issuer");
    let verifier = JwtVerifier::builder(&protection)
        // Every request with an unknown `kid` is to be refused, and none put off.
        .refetch_limit(u32::MAX, Duration::from_secs(1))
        .build()
        .expect("a verifier for a loopback issuer");
    (TestClient::new(Http::protected(server, verifier).protection(protection)), issuer)
}

/// Runs the battery against whatever stands behind `client`, which should trust `issuer`.
async fn examine<S: Protected, G: Gate>(client: &TestClient<S, G>, issuer: &TestIssuer) -> Report {
    #[expect(clippy::expect_used, reason = "no gate but the one of protected servers takes a `Protected`")]
    let resource = client.resource().expect("a protected server").clone();
    let mut report = Report { server: S::INFO.name, checks: 0, failed: 0, failures: Vec::new() };
    let catalog = client.catalog();
    for attack in attacks(&catalog, &resource, issuer) {
        let requests = match attack.of {
            Some((kind, key)) => requests_for(client, kind, key),
            None => every_request(client),
        };
        for (name, request) in requests {
            let response = client.send(attack.arm(request)).await;
            report.expect_refusal(&attack, &name, &response, &resource.metadata_url);
        }
    }
    check_metadata(&mut report, client, &resource, issuer).await;
    check_good_tokens(&mut report, client, &resource, issuer).await;
    report
}

/// What is sent in place of one good token, and what must be the answer.
struct Attack {
    name: String,
    credentials: Credentials,
    /// What is asked for, or `None` for every kind of request.
    of: Option<(Kind, &'static str)>,
    refusal: Refusal,
    /// The scopes that the refusal names.
    needed: Vec<&'static str>,
}

enum Credentials {
    /// The values of as many `Authorization` headers.
    Headers(Vec<String>),
    /// `access_token` in the query (RFC 6750 §2.3, which the MCP specification forbids).
    Query(String),
}

impl Attack {
    #[expect(clippy::expect_used, reason = "test tokens are visible ASCII")]
    fn arm(&self, mut request: Request<Bytes>) -> Request<Bytes> {
        match &self.credentials {
            Credentials::Headers(values) => {
                for value in values {
                    let value = HeaderValue::from_str(value).expect("a header value");
                    request.headers_mut().append(AUTHORIZATION, value);
                }
            }
            Credentials::Query(token) => {
                let uri = format!("{}?access_token={token}", request.uri().path());
                *request.uri_mut() = uri.parse().expect("a path and a query");
            }
        }
        request
    }
}

fn attacks(catalog: &Catalog, resource: &ProtectedResource, issuer: &TestIssuer) -> Vec<Attack> {
    let required = resource.required().scopes;
    let mut attacks = Vec::new();
    let mut attack = |name: &str, credentials: Credentials, refusal: Refusal| {
        attacks.push(Attack { name: name.to_owned(), credentials, of: None, refusal, needed: required.to_vec() });
    };
    let good = issuer.token(&resource.url).scopes(every_scope(catalog, resource));
    let bearer = |token: &str| format!("Bearer {token}");

    for (name, values, refusal) in [
        ("no token", vec![], Refusal::AuthenticationRequired),
        ("another scheme", vec![format!("Basic {}", good.mint())], Refusal::AuthenticationRequired),
        ("a scheme without a token", vec!["Bearer".to_owned()], Refusal::InvalidRequest),
        ("two tokens in a header", vec![format!("Bearer {0}, Bearer {0}", good.mint())], Refusal::InvalidRequest),
        ("two headers", vec![bearer(&good.mint()), bearer(&good.mint())], Refusal::InvalidRequest),
        ("a quoted token", vec![format!("Bearer \"{}\"", good.mint())], Refusal::InvalidRequest),
    ] {
        attack(name, Credentials::Headers(values), refusal);
    }
    attack("a token in the query", Credentials::Query(good.mint()), Refusal::AuthenticationRequired);

    for (name, token, refusal) in bad_tokens(&good, resource, issuer) {
        attack(name, Credentials::Headers(vec![bearer(&token)]), refusal);
    }

    let with_scopes = |scopes: &[&str]| {
        let token =
            if scopes.is_empty() { good.clone().without("scope") } else { good.clone().scopes(scopes.to_vec()) };
        Credentials::Headers(vec![bearer(&token.mint())])
    };
    for missing in required {
        let held: Vec<&str> = required.iter().copied().filter(|scope| scope != missing).collect();
        if !covers(resource, &held, required) {
            let name = format!("a token without `{missing}`");
            attack(&name, with_scopes(&held), Refusal::InsufficientScope);
        }
    }
    for (kind, items) in catalog.items() {
        for item in items {
            let needed = item.needed.scopes();
            for missing in needed {
                let held: Vec<&str> = needed.iter().copied().filter(|scope| scope != missing).collect();
                if covers(resource, &held, required) && !covers(resource, &held, needed) {
                    attacks.push(Attack {
                        name: format!("a token without `{missing}`"),
                        credentials: with_scopes(&held),
                        of: Some((kind, item.key)),
                        refusal: Refusal::InsufficientScope,
                        needed: needed.to_vec(),
                    });
                }
            }
        }
    }
    attacks
}

/// Tokens that are wrong in one way each, and would be good for everything otherwise.
fn bad_tokens(
    good: &TestToken,
    resource: &ProtectedResource,
    issuer: &TestIssuer,
) -> Vec<(&'static str, String, Refusal)> {
    use Refusal::{AuthenticationRequired as Invalid, TokenExpired, WrongAudience};

    let key = issuer.key();
    let stranger = TestKey::generate(JwtAlgorithm::ES256);
    let token = || good.clone();
    let in_an_hour = seconds(SystemTime::now() + Duration::from_secs(3600));
    let symmetric = |secret: String| token().header("alg", "HS256").signed_by(&TestKey::shared_secret(secret)).mint();
    let good_text = good.mint();
    let (unsigned, signature) = good_text.rsplit_once('.').unwrap_or_default();
    let (header, _) = unsigned.split_once('.').unwrap_or_default();
    let tampered = URL_SAFE_NO_PAD.encode(token().subject("administrator").claims_json());
    let other_signature = URL_SAFE_NO_PAD.encode(key.sign(b"something else"));
    vec![
        ("no JWT", "not-a-token".to_owned(), Invalid),
        ("an expired token", token().expired().mint(), TokenExpired),
        ("a token without an expiry", token().without("exp").mint(), Invalid),
        ("a token that is not valid yet", token().claim("nbf", in_an_hour).mint(), Invalid),
        ("a token for another resource", token().claim("aud", "https://other.example.com/mcp").mint(), WrongAudience),
        ("a token for a resource below", token().claim("aud", format!("{}/x", resource.url)).mint(), WrongAudience),
        ("a token for no resource", token().without("aud").mint(), Invalid),
        ("a token of another issuer", token().claim("iss", "https://issuer.example.com").mint(), Invalid),
        ("a token of an issuer with a slash", token().claim("iss", format!("{}/", issuer.url())).mint(), Invalid),
        ("a token of no issuer", token().without("iss").mint(), Invalid),
        ("another key by the name of the issuer's", token().signed_by(&stranger).mint(), Invalid),
        ("another key by its own name", token().signed_by(&stranger).header("kid", stranger.kid()).mint(), Invalid),
        ("another key without a name", token().signed_by(&stranger).without_header("kid").mint(), Invalid),
        (
            "another key in the header",
            token().signed_by(&stranger).header("kid", stranger.kid()).header("jwk", stranger.public_jwk()).mint(),
            Invalid,
        ),
        ("the algorithm `none`", token().unsigned().mint(), Invalid),
        ("the algorithm `None`", token().unsigned().header("alg", "None").mint(), Invalid),
        ("the public key (PEM) as a shared secret", symmetric(key.public_pem()), Invalid),
        ("the public key (JWK) as a shared secret", symmetric(key.public_jwk().to_string()), Invalid),
        ("a tampered payload", format!("{header}.{tampered}.{signature}"), Invalid),
        ("the signature of something else", format!("{unsigned}.{other_signature}"), Invalid),
        ("no signature", format!("{unsigned}."), Invalid),
        ("an ID token", token().header("typ", "JWT").mint(), Invalid),
        ("a token that needs a proof", token().claim("cnf", json!({"jkt": "x"})).mint(), Invalid),
    ]
}

/// All that the server and what it offers ask for.
fn every_scope(catalog: &Catalog, resource: &ProtectedResource) -> Vec<&'static str> {
    let mut scopes = resource.required().scopes.to_vec();
    for scope in catalog.items().iter().flat_map(|(_, items)| items).flat_map(|item| item.needed.scopes()) {
        if !scopes.contains(scope) {
            scopes.push(scope);
        }
    }
    scopes
}

fn covers(resource: &ProtectedResource, held: &[&str], needed: &[&str]) -> bool {
    let held: Vec<String> = held.iter().map(|scope| (*scope).to_owned()).collect();
    needed.iter().all(|scope| resource.covers(&held, scope))
}

/// One of every kind of request, without a token, with a name for the table.
fn every_request<S: Server, G: Gate>(client: &TestClient<S, G>) -> Vec<(String, Request<Bytes>)> {
    let methods =
        [Method::GET, Method::HEAD, Method::POST, Method::PUT, Method::PATCH, Method::DELETE, Method::OPTIONS];
    let mut requests: Vec<(String, Request<Bytes>)> =
        methods.into_iter().map(|method| (method.to_string(), bare(method, client.endpoint()))).collect();
    for method in ["tools/list", "server/discover", "no/such/method"] {
        requests.push((method.to_owned(), client.message(Some(1), method, json!({}))));
    }
    requests
        .push(("notification".to_owned(), client.message(None, "notifications/cancelled", json!({"requestId": 1}))));
    let params =
        json!({"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "", "version": ""}});
    requests.push(("initialize".to_owned(), client.legacy_message("initialize", &params)));
    requests.push(("tools/list (legacy)".to_owned(), client.legacy_message("tools/list", &json!({}))));
    for (kind, items) in client.catalog().items() {
        for key in items.into_iter().map(|item| item.key).chain(["no-such-thing"]) {
            requests.extend(requests_for(client, kind, key));
        }
    }
    requests
}

/// Requests for one thing, in both eras. The argument is one that nothing has, so that even a server without any guard
/// does not run its code; only a resource would be read.
fn requests_for<S: Server, G: Gate>(client: &TestClient<S, G>, kind: Kind, key: &str) -> Vec<(String, Request<Bytes>)> {
    let (method, params) = match kind {
        Kind::Tool => ("tools/call", json!({"name": key, "arguments": {"no-such-argument": null}})),
        Kind::Prompt => ("prompts/get", json!({"name": key, "arguments": {"no-such-argument": ""}})),
        Kind::Resource => ("resources/read", json!({"uri": key})),
        Kind::Template => ("resources/read", json!({"uri": example(key)})),
    };
    vec![
        (format!("{method} of {key}"), client.message(Some(1), method, params.clone())),
        (format!("{method} of {key} (legacy)"), client.legacy_message(method, &params)),
    ]
}

/// A URI of a template.
fn example(template: &str) -> String {
    let mut uri = String::new();
    let mut rest = template;
    while let Some((literal, expression)) = rest.split_once('{') {
        let (expression, behind) = expression.split_once('}').unwrap_or((expression, ""));
        uri.push_str(literal);
        match expression.chars().next() {
            Some('?' | '&' | ';') => {}
            Some(operator @ ('.' | '/' | '#')) => uri.extend([operator, '0']),
            _ => uri.push('0'),
        }
        rest = behind;
    }
    uri + rest
}

/// Who is refused must find out where to get a token: the challenge points to the document, and the document is about
/// this resource and names the issuer (RFC 9728 §3.3, §5.1).
async fn check_metadata<S: Server, G: Gate>(
    report: &mut Report,
    client: &TestClient<S, G>,
    resource: &ProtectedResource,
    issuer: &TestIssuer,
) {
    let name = "finding the issuer";
    let refused = client.send(client.message(Some(1), "tools/list", json!({}))).await;
    let challenge = refused.www_authenticate().unwrap_or_default();
    let url =
        challenge.split("resource_metadata=\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap_or_default();
    let path = url.strip_prefix(&*resource.origin).unwrap_or_default();
    let document = client.send(bare(Method::GET, path)).await;
    let found = document.json();
    report.expect(
        name,
        path,
        "200 with this resource",
        &document,
        document.status() == 200 && found["resource"] == *resource.url,
    );
    let names_issuer = found["authorization_servers"] == json!([issuer.url()]);
    report.expect(name, path, "200 with its issuer", &document, names_issuer);
}

/// A guard that refuses everyone is no use either. Hidden tools are for those who may call them.
async fn check_good_tokens<S: Server, G: Gate>(
    report: &mut Report,
    client: &TestClient<S, G>,
    resource: &ProtectedResource,
    issuer: &TestIssuer,
) {
    let catalog = client.catalog();
    for (name, scopes) in [
        ("a token with the scopes of the server", resource.required().scopes.to_vec()),
        ("a token with every scope", every_scope(&catalog, resource)),
    ] {
        let token = issuer.token(&resource.url).scopes(scopes.clone()).mint();
        let client = client.token(token);
        for (kind, items) in catalog.items() {
            if items.is_empty() {
                continue;
            }
            let (method, member, key) = match kind {
                Kind::Tool => ("tools/list", "tools", "name"),
                Kind::Resource => ("resources/list", "resources", "uri"),
                Kind::Template => ("resources/templates/list", "resourceTemplates", "uriTemplate"),
                Kind::Prompt => ("prompts/list", "prompts", "name"),
            };
            let response = client.request(method, json!({})).await;
            let answer = response.json();
            let listed = answer["result"][member].as_array().into_iter().flatten();
            let visible = items.iter().filter(|item| !item.hidden || covers(resource, &scopes, item.needed.scopes()));
            let visible: Vec<&str> = visible.map(|item| item.key).collect();
            let expected = format!("200 and {}", visible.join(", "));
            report.expect(name, method, &expected, &response, listed.map(|item| &item[key]).eq(visible));
        }
    }
}

#[expect(clippy::expect_used, reason = "paths of endpoints and documents are visible ASCII")]
fn bare(method: Method, path: &str) -> Request<Bytes> {
    Request::builder().method(method).uri(path).body(Bytes::new()).expect("a request")
}

/// What was checked and what failed.
struct Report {
    server: &'static str,
    checks: usize,
    failed: usize,
    failures: Vec<Failure>,
}

/// One answer to one attack, with all requests that got it: what lets one through mostly lets all through.
struct Failure {
    attack: String,
    expected: String,
    found: String,
    requests: Vec<String>,
}

impl Report {
    fn expect_refusal(&mut self, attack: &Attack, request: &str, response: &TestResponse, metadata_url: &str) {
        let Attack { name, refusal, needed, .. } = attack;
        let challenge = refusal.challenge(metadata_url, needed);
        let passed = response.status() == refusal.status()
            && response.www_authenticate() == Some(&challenge)
            && response.body() == refusal.body(needed).as_bytes()
            && response.headers().get(CACHE_CONTROL).is_some_and(|value| value == "no-store");
        self.expect(name, request, &format!("{} {challenge}", refusal.status()), response, passed);
    }

    fn expect(&mut self, attack: &str, request: &str, expected: &str, response: &TestResponse, passed: bool) {
        self.checks += 1;
        if passed {
            return;
        }
        self.failed += 1;
        let shown = match response.www_authenticate() {
            Some(challenge) => challenge.to_owned(),
            None => String::from_utf8_lossy(response.body()).chars().take(100).collect(),
        };
        let found = format!("{} {shown}", response.status().as_u16());
        let known = |failure: &&mut Failure| {
            (&*failure.attack, &*failure.expected, &*failure.found) == (attack, expected, &*found)
        };
        match self.failures.iter_mut().find(known) {
            Some(failure) => failure.requests.push(request.to_owned()),
            None => self.failures.push(Failure {
                attack: attack.to_owned(),
                expected: expected.to_owned(),
                found,
                requests: vec![request.to_owned()],
            }),
        }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{} of {} checks of `{}` failed", self.failed, self.checks, self.server)?;
        let mut last = None;
        for Failure { attack, expected, found, requests } in &self.failures {
            if last.replace((attack, expected)) != Some((attack, expected)) {
                writeln!(f, "\n{attack}\n  expected  {expected}")?;
            }
            writeln!(f, "  got       {found}\n  for       {}", requests.join(", "))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;
    use crate::auth::{Challenges, DeclaredProtection, JwtProfile, ScopeSet};
    use crate::server::{Block, ServerInfo, Tool};
    use crate::{AccessToken, TokenError, TokenVerifier};

    /// A server as the macro writes it.
    struct Notes;

    static RUNS: AtomicUsize = AtomicUsize::new(0);

    const READ: &ScopeSet = &ScopeSet {
        scopes: &["read"],
        challenge: "",
        body: r#"{"error":"insufficient_scope","error_description":"Required scope: read"}"#,
    };
    const WRITE: &ScopeSet = &ScopeSet {
        scopes: &["read", "write"],
        challenge: "",
        body: r#"{"error":"insufficient_scope","error_description":"Required scope: read write"}"#,
    };

    const fn tool(name: &'static str, scopes: &'static ScopeSet) -> Tool<Notes> {
        let glue = |_: crate::server::Call<'_, Notes>| {
            RUNS.fetch_add(1, Ordering::Relaxed);
            panic!("a tool was run")
        };
        Tool::new(name, "", |_| None, glue).scopes(scopes)
    }

    impl Block for Notes {
        const NAME: &'static str = "Notes";
        const TOOLS: &'static [Tool<Self>] = &[tool("look", READ), tool("clear", WRITE), tool("shred", WRITE).hidden()];
    }

    impl Server for Notes {
        const INFO: ServerInfo = ServerInfo::new("notes", "1");
        const REQUIRED: &'static ScopeSet = READ;
    }

    impl Protected for Notes {
        const PROTECTION: &'static DeclaredProtection = &DeclaredProtection {
            required: READ,
            hierarchy: &[("read", &["write"])],
            challenges: Challenges { ..DeclaredProtection::UNDECLARED.challenges },
            ..*DeclaredProtection::UNDECLARED
        };
    }

    /// The battery against [`Notes`] behind this verifier.
    async fn report<V: TokenVerifier>(verifier: impl FnOnce(&TestIssuer, &Protection<Notes>) -> V) -> Report {
        let issuer = TestIssuer::start().await.unwrap();
        let protection = Protection::of::<Notes>().issuer(issuer.url()).unwrap();
        let protection = protection.resource("https://notes.example.com/mcp").unwrap();
        let verifier = verifier(&issuer, &protection);
        examine(&TestClient::new(Http::protected(Notes, verifier).protection(protection)), &issuer).await
    }

    fn jwt(issuer: &TestIssuer, protection: &Protection<Notes>, profile: JwtProfile) -> JwtVerifier {
        JwtVerifier::builder(protection).profile(profile.jwks(issuer.jwks().to_string())).build().unwrap()
    }

    /// Each attack that was let through, once.
    fn attacks_of(report: &Report) -> Vec<&str> {
        let mut names: Vec<&str> = report.failures.iter().map(|failure| &*failure.attack).collect();
        names.dedup();
        names
    }

    #[tokio::test]
    async fn a_good_guard_passes() {
        let report = report(|issuer, protection| jwt(issuer, protection, JwtProfile::rfc9068())).await;
        assert_eq!(report.failed, 0, "{report}");
        // Some thirty attacks with some twenty requests each.
        assert!(report.checks > 500, "{}", report.checks);
    }

    #[tokio::test]
    async fn one_hole_is_found_alone() {
        let report =
            report(|issuer, protection| jwt(issuer, protection, JwtProfile::rfc9068().allow_plain_typ())).await;
        assert_eq!(attacks_of(&report), ["an ID token"]);
        let shown = report.to_string();
        assert!(shown.contains("\n\nan ID token\n  expected  401 Bearer error=\"invalid_token\""), "{shown}");
        assert!(shown.contains("\n  for       server/discover\n"), "{shown}");
    }

    #[tokio::test]
    async fn a_guard_that_believes_everything_fails_and_still_no_tool_is_run() {
        struct Credulous;

        impl TokenVerifier for Credulous {
            async fn verify_token(&self, _: &str) -> Result<AccessToken, TokenError> {
                Ok(AccessToken::ours("anyone").with_scopes(["read", "write"]))
            }
        }

        let report = report(|_, _| Credulous).await;
        assert_eq!(
            attacks_of(&report),
            [
                "no JWT",
                "an expired token",
                "a token without an expiry",
                "a token that is not valid yet",
                "a token for another resource",
                "a token for a resource below",
                "a token for no resource",
                "a token of another issuer",
                "a token of an issuer with a slash",
                "a token of no issuer",
                "another key by the name of the issuer's",
                "another key by its own name",
                "another key without a name",
                "another key in the header",
                "the algorithm `none`",
                "the algorithm `None`",
                "the public key (PEM) as a shared secret",
                "the public key (JWK) as a shared secret",
                "a tampered payload",
                "the signature of something else",
                "no signature",
                "an ID token",
                "a token that needs a proof",
                "a token without `read`",
                "a token without `write`",
                "a token with the scopes of the server",
            ],
            "{report}"
        );
        assert_eq!(RUNS.load(Ordering::Relaxed), 0);
    }

    #[tokio::test]
    async fn a_guard_that_believes_nothing_fails_too() {
        struct Paranoid;

        impl TokenVerifier for Paranoid {
            async fn verify_token(&self, _: &str) -> Result<AccessToken, TokenError> {
                Err(TokenError::invalid("who knows"))
            }
        }

        let report = report(|_, _| Paranoid).await;
        assert_eq!(
            attacks_of(&report),
            [
                "an expired token",
                "a token for another resource",
                "a token for a resource below",
                "a token without `read`",
                "a token without `write`",
                "a token with the scopes of the server",
                "a token with every scope",
            ],
            "{report}"
        );
    }
}
