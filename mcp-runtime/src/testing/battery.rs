//! What every protected server must refuse, however it is asked.

use std::fmt;
use std::panic::Location;
use std::time::{Duration, SystemTime};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use http::header::{AUTHORIZATION, CACHE_CONTROL};
use http::{HeaderValue, Method, Request};
use mcp_core::{OperationScopes, Refusal};
use serde_json::{Value, json};

use super::token::seconds;
use super::{TestClient, TestIssuer, TestKey, TestResponse, TestToken};
use crate::auth::gate::{Bearer, Gate};
use crate::auth::{JwtAlgorithm, JwtVerifier, ProtectedResource, Protection, TokenVerifier};
use crate::server::{Catalog, Completed, Kind, Protected, Server};
use crate::transport::http::Http;

/// Attacks a server in every way that this crate knows of, and panics with a table of what it let through.
///
/// It takes what is served in production: the server with its parts and settings, its verifier, and the replaced
/// [`Protection`], if there is one. Only issuer and verifier are exchanged for the attack, by a [`TestIssuer`] and a
/// [`JwtVerifier`]. Then the server gets no token, malformed headers, tokens that are expired, for another resource, of
/// another issuer, signed with another key, by another algorithm or not at all, tampered with, or short of a scope; with
/// every HTTP method, for every kind of request, and for each tool, resource, template, prompt and completion, hidden or
/// not. Tools that are disabled are enabled before. Every refusal must be, to the letter, the one of RFC 6750. At last, a
/// good token has to be let in.
///
/// No tool is ever run, so that the server may have a database behind it. An [audit](Http::audit) hook is called for
/// every attack. Call it in a test of its own, with `#[tokio::test]`:
///
/// ```
/// use mcp::testing::assert_protected;
/// use mcp::{Http, StaticTokens};
///
/// # struct Notes;
/// # #[mcp::server(
/// #     issuer = "https://auth.example.com",
/// #     resource = "https://notes.example.com/mcp",
/// #     scopes = ["notes:read"],
/// #     optional_scopes = ["notes:write"],
/// # )]
/// # impl Notes {
/// #     /// List every note.
/// #     #[mcp::tool]
/// #     fn list_notes(&self) -> String { unreachable!("no tool is run") }
/// # }
/// # struct Trash;
/// # #[mcp::part(of = Notes)]
/// # impl Trash {
/// #     /// Delete every note.
/// #     #[mcp::tool(scopes = ["notes:write"])]
/// #     fn clear(&self) -> String { unreachable!("no tool is run") }
/// # }
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// # let tokens = StaticTokens::new([("", mcp::AccessToken::ours("alice"))]);
/// assert_protected(Http::protected(Notes, tokens).with(Trash)).await;
/// # }
/// ```
///
/// # Panics
/// When something was let through, or a good token was not; and when the verifier was made for another resource or for
/// other issuers than the server has.
#[track_caller]
#[expect(clippy::panic, reason = "a mistake in a test fails the test")]
pub fn assert_protected<S: Protected, V: TokenVerifier>(http: Http<S, Bearer<V>>) -> impl Future<Output = ()> {
    let asserted_at = Location::caller();
    async move {
        if let Err(foreign) = http.check() {
            panic!("asserted at {asserted_at}: {foreign}");
        }
        let (client, issuer) = connect(http).await;
        let report = examine(&client, &issuer).await;
        assert!(report.failed == 0, "asserted at {asserted_at}: {report}");
    }
}

#[expect(clippy::expect_used, reason = "a mistake in a test fails the test")]
async fn connect<S: Protected, V: TokenVerifier>(
    http: Http<S, Bearer<V>>,
) -> (TestClient<S, Bearer<JwtVerifier>>, TestIssuer) {
    let issuer = TestIssuer::start().await.expect("a free port on loopback");
    let served = http.resource().expect("a protected server").clone();
    let protection = Protection::<S>::serving(served).issuer(issuer.url()).expect("a loopback issuer");
    let verifier = JwtVerifier::builder(&protection)
        // Every request with an unknown `kid` is to be refused, and none put off.
        .refetch_limit(u32::MAX, Duration::from_secs(1))
        .build()
        .expect("a verifier for a loopback issuer");
    http.service().enable_every_tool();
    (TestClient::new(http.reissued(verifier, protection)), issuer)
}

/// Runs the battery against whatever stands behind `client`, which should trust `issuer`.
async fn examine<S: Protected, G: Gate>(client: &TestClient<S, G>, issuer: &TestIssuer) -> Report {
    #[expect(clippy::expect_used, reason = "no gate but the one of protected servers takes a `Protected`")]
    let resource = client.resource().expect("a protected server").clone();
    let mut report = Report { server: S::INFO.name, checks: 0, failed: 0, failures: Vec::new() };
    let offers = offers(&client.catalog());
    for attack in attacks(&offers, &resource, issuer) {
        let requests = match attack.of {
            Some(offer) => offer.requests(client),
            None => every_request(client, &offers),
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

/// One thing that a client can ask for, by one or more methods.
struct Offer {
    name: String,
    calls: Vec<(&'static str, Value)>,
    /// All scopes that a caller needs.
    needed: Vec<&'static str>,
}

impl Offer {
    /// Creates the offer of an item. The argument is one that nothing has, so that even a server without any guard does not
    /// run the code of a tool or a prompt.
    fn of_item(kind: Kind, key: &str, needed: &[&'static str]) -> Self {
        let of_uri = |uri: &str| {
            let params = json!({"uri": uri});
            vec![("resources/read", params.clone()), (SUBSCRIBE, params)]
        };
        let calls = match kind {
            Kind::Tool => vec![("tools/call", json!({"name": key, "arguments": {"no-such-argument": null}}))],
            Kind::Prompt => vec![("prompts/get", json!({"name": key, "arguments": {"no-such-argument": ""}}))],
            Kind::Resource => of_uri(key),
            Kind::Template => of_uri(&example(key)),
        };
        Self { name: key.to_owned(), calls, needed: needed.to_vec() }
    }

    fn of_completion(of: Completed, argument: &str, needed: &[&'static str]) -> Self {
        let (key, reference) = match of {
            Completed::Prompt(name) => (name, json!({"type": "ref/prompt", "name": name})),
            Completed::Resource(template) => (template, json!({"type": "ref/resource", "uri": template})),
        };
        let params = json!({"ref": reference, "argument": {"name": argument, "value": ""}});
        Self {
            name: format!("{argument} for {key}"),
            calls: vec![("completion/complete", params)],
            needed: needed.to_vec(),
        }
    }

    /// Returns requests in both eras, without a token, each with a name for the table.
    fn requests<S: Server, G: Gate>(&self, client: &TestClient<S, G>) -> Vec<(String, Request<Bytes>)> {
        let mut requests = Vec::new();
        for (method, params) in &self.calls {
            let name = format!("{method} of {}", self.name);
            // Gone since 2026-07-28.
            if *method != SUBSCRIBE {
                requests.push((name.clone(), client.message(Some(1), method, params.clone())));
            }
            requests.push((format!("{name} (legacy)"), client.legacy_message(method, params)));
        }
        requests
    }
}

const SUBSCRIBE: &str = "resources/subscribe";

/// Returns an offer for each item and each completion, listed or hidden.
fn offers(catalog: &Catalog) -> Vec<Offer> {
    let items = catalog.items().into_iter();
    let mut offers: Vec<Offer> = items
        .flat_map(|(kind, items)| items.into_iter().map(move |item| (kind, item)))
        .map(|(kind, item)| {
            let own = item.needed.scopes();
            // A URI needs the scopes of everything that it could mean.
            let of_uri = match kind {
                Kind::Resource => catalog.scopes_of_uri(item.key),
                Kind::Template => catalog.scopes_of_uri(&example(item.key)),
                Kind::Tool | Kind::Prompt => None,
            };
            let needed = of_uri.filter(|needed| own.iter().all(|scope| needed.contains(scope)));
            Offer::of_item(kind, item.key, needed.as_deref().unwrap_or(own))
        })
        .collect();
    let completions = catalog.completions().into_iter();
    offers.extend(completions.map(|(item, of, argument)| Offer::of_completion(of, argument, item.needed.scopes())));
    offers
}

/// What is sent in place of one good token, and what must be the answer.
struct Attack<'a> {
    name: String,
    credentials: Credentials,
    /// What is asked for, or `None` for every kind of request.
    of: Option<&'a Offer>,
    refusal: Refusal,
    /// The scopes that the refusal names.
    asked: OperationScopes,
}

enum Credentials {
    /// The values of as many `Authorization` headers.
    Headers(Vec<String>),
    /// `access_token` in the query (RFC 6750 §2.3, which the MCP specification forbids).
    Query(String),
}

impl Attack<'_> {
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

fn attacks<'a>(offers: &'a [Offer], resource: &ProtectedResource, issuer: &TestIssuer) -> Vec<Attack<'a>> {
    let required = resource.required().scopes;
    let mut attacks = Vec::new();
    let mut attack = |name: &str, credentials: Credentials, refusal: Refusal| {
        let asked = resource.ask(required);
        attacks.push(Attack { name: name.to_owned(), credentials, of: None, refusal, asked });
    };
    let good = issuer.token(&resource.url).scopes(every_scope(offers, resource));
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
        if !satisfies(resource, &held, required) {
            let name = format!("a token without `{missing}`");
            attack(&name, with_scopes(&held), Refusal::InsufficientScope);
        }
    }
    for offer in offers {
        for missing in &offer.needed {
            let held: Vec<&str> = offer.needed.iter().copied().filter(|scope| scope != missing).collect();
            if satisfies(resource, &held, required) && !satisfies(resource, &held, &offer.needed) {
                attacks.push(Attack {
                    name: format!("a token without `{missing}`"),
                    credentials: with_scopes(&held),
                    of: Some(offer),
                    refusal: Refusal::InsufficientScope,
                    asked: resource.ask(&offer.needed),
                });
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

/// Returns all scopes that the server and its offers need.
fn every_scope(offers: &[Offer], resource: &ProtectedResource) -> Vec<&'static str> {
    let mut scopes = resource.required().scopes.to_vec();
    for scope in offers.iter().flat_map(|offer| &offer.needed) {
        if !scopes.contains(scope) {
            scopes.push(scope);
        }
    }
    scopes
}

fn satisfies(resource: &ProtectedResource, held: &[&str], needed: &[&str]) -> bool {
    let held: Vec<String> = held.iter().map(|scope| (*scope).to_owned()).collect();
    needed.iter().all(|scope| resource.satisfies(&held, scope))
}

/// One of every kind of request, without a token, with a name for the table.
fn every_request<S: Server, G: Gate>(client: &TestClient<S, G>, offers: &[Offer]) -> Vec<(String, Request<Bytes>)> {
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
    for kind in [Kind::Tool, Kind::Resource, Kind::Prompt] {
        requests.extend(Offer::of_item(kind, "no-such-thing", &[]).requests(client));
    }
    requests.extend(offers.iter().flat_map(|offer| offer.requests(client)));
    requests
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
        ("a token with every scope", every_scope(&offers(&catalog), resource)),
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
            let (response, listed) = list(&client, method, member, key).await;
            let visible =
                items.iter().filter(|item| !item.hidden || satisfies(resource, &scopes, item.needed.scopes()));
            let visible: Vec<&str> = visible.map(|item| item.key).collect();
            let expected = format!("200 and {}", visible.join(", "));
            report.expect(name, method, &expected, &response, listed == visible);
        }
    }
}

/// Returns the keys of a list, from all of its pages, with the response that has the last.
async fn list<S: Server, G: Gate>(
    client: &TestClient<S, G>,
    method: &str,
    member: &str,
    key: &str,
) -> (TestResponse, Vec<String>) {
    let mut listed = Vec::new();
    let mut params = json!({});
    loop {
        let response = client.request(method, params).await;
        let result = &response.json()["result"];
        let items = result[member].as_array().into_iter().flatten();
        listed.extend(items.filter_map(|item| item[key].as_str()).map(str::to_owned));
        match &result["nextCursor"] {
            Value::Null => return (response, listed),
            cursor => params = json!({"cursor": cursor}),
        }
    }
}

/// Returns `true` if a response says what it must: a request that was read gets an answer of JSON-RPC.
fn has_refusal(response: &TestResponse, refusal: Refusal, asked: &OperationScopes, was_read: bool) -> bool {
    if !was_read {
        return response.body() == refusal.body(asked).as_bytes();
    }
    let data = json!({"error": refusal.error(), "scope": asked.all().join(" ")});
    let error = json!({"code": refusal.status(), "message": refusal.description(asked), "data": data});
    response.json() == json!({"jsonrpc": "2.0", "id": 1, "error": error})
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
    fn expect_refusal(&mut self, attack: &Attack<'_>, request: &str, response: &TestResponse, metadata_url: &str) {
        let Attack { name, refusal, asked, of, .. } = attack;
        let challenge = refusal.challenge(metadata_url, asked);
        let passed = response.status() == refusal.status()
            && response.www_authenticate() == Some(&challenge)
            && has_refusal(response, *refusal, asked, of.is_some())
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
    use crate::server::{OneBlockPerTypeOthersAreParts, ServerInfo, Tool, role};
    use crate::{AccessToken, Limits, StaticTokens, TokenError};

    /// A server as the macro writes it.
    struct Notes;

    static RUNS: AtomicUsize = AtomicUsize::new(0);

    const RESOURCE: &str = "https://notes.example.com/mcp";

    macro_rules! challenge {
        ($error:literal, $description:literal, $scope:literal) => {
            concat!(
                "Bearer error=\"",
                $error,
                "\", error_description=\"",
                $description,
                "\", resource_metadata=\"https://notes.example.com/.well-known/oauth-protected-resource/mcp\", scope=\"",
                $scope,
                "\""
            )
        };
    }

    const READ: &ScopeSet =
        &ScopeSet { scopes: &["read"], challenge: challenge!("insufficient_scope", "Required scope: read", "read") };
    const WRITE: &ScopeSet = &ScopeSet {
        scopes: &["read", "write"],
        challenge: challenge!("insufficient_scope", "Required scope: read write", "read write"),
    };

    const fn tool<B>(name: &'static str, scopes: &'static ScopeSet) -> Tool<B> {
        let glue = |_: crate::server::Call<'_, B>| {
            RUNS.fetch_add(1, Ordering::Relaxed);
            panic!("a tool was run")
        };
        Tool::new(name, "", |_| None, glue).scopes(scopes)
    }

    impl OneBlockPerTypeOthersAreParts for Notes {
        type Role = role::Protected;
        type Of = Self;
        const NAME: &'static str = "Notes";
        const INFO: ServerInfo = ServerInfo::new("notes", "1");
        const PROTECTION: &'static DeclaredProtection = &DeclaredProtection {
            required: READ,
            hierarchy: &[("read", &["write"])],
            resource: RESOURCE,
            origin: "https://notes.example.com",
            endpoint: "/mcp",
            metadata_path: "/.well-known/oauth-protected-resource/mcp",
            metadata_url: "https://notes.example.com/.well-known/oauth-protected-resource/mcp",
            challenges: Challenges {
                authentication_required: challenge!("invalid_token", "Authentication required", "read"),
                token_expired: challenge!("invalid_token", "The access token expired", "read"),
                wrong_audience: challenge!("invalid_token", "The access token was issued for another resource", "read"),
                invalid_request: challenge!(
                    "invalid_request",
                    "Expected one Authorization header with one bearer token",
                    "read"
                ),
            },
            ..*DeclaredProtection::UNDECLARED
        };
        const TOOLS: &'static [Tool<Self>] = &[tool("look", READ), tool("clear", WRITE), tool("shred", WRITE).hidden()];
    }

    /// A part whose tool sends clients away with another challenge than the standard's.
    struct Trash;

    impl OneBlockPerTypeOthersAreParts for Trash {
        type Role = role::Part;
        type Of = Notes;
        const PROTECTION: () = ();
        const NAME: &'static str = "Trash";
        const TOOLS: &'static [Tool<Self>] =
            &[tool("empty", &ScopeSet { scopes: &["read", "write"], challenge: "Bearer" })];
    }

    fn served() -> Http<Notes, Bearer<StaticTokens>> {
        let protection = Protection::of::<Notes>().issuer("https://auth.example.com").unwrap();
        let tokens = StaticTokens::new([("alice-token", AccessToken::ours("alice"))]);
        Http::protected(Notes, tokens).protection(protection)
    }

    #[tokio::test]
    async fn one_part_is_found_that_does_not_refuse() {
        assert_protected(served()).await;
        let failed = tokio::spawn(assert_protected(served().with(Trash))).await.unwrap_err().into_panic();
        let report = failed.downcast_ref::<String>().unwrap();
        assert!(report.starts_with("asserted at mcp-runtime/src/testing/battery.rs:"), "{report}");
        let expected = "\n\na token without `write`\n  expected  403 Bearer error=\"insufficient_scope\"";
        assert!(report.contains(expected), "{report}");
        assert!(report.ends_with("\n  for       tools/call of empty, tools/call of empty (legacy)\n"), "{report}");
    }

    #[tokio::test]
    async fn what_is_disabled_is_attacked_and_what_is_on_further_pages_is_found() {
        let mut limits = Limits::default();
        limits.request.page_size = 1;
        let http = served().with(Trash).limits(limits);
        http.changes().disable_tool("empty");
        let failed = tokio::spawn(assert_protected(http)).await.unwrap_err().into_panic();
        let report = failed.downcast_ref::<String>().unwrap();
        assert!(
            report.starts_with("asserted at") && report.contains("\n  for       tools/call of empty, "),
            "{report}"
        );
        assert!(report.contains(": 2 of "), "{report}");
    }

    /// The battery against [`Notes`] behind this verifier.
    async fn report<V: TokenVerifier>(verifier: impl FnOnce(&TestIssuer, &Protection<Notes>) -> V) -> Report {
        let issuer = TestIssuer::start().await.unwrap();
        let protection = Protection::of::<Notes>().issuer(issuer.url()).unwrap();
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
