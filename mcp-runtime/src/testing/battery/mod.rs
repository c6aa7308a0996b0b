//! The battery of attacks that every protected server must refuse.

mod attacks;
mod offers;
mod proofs;
mod report;

use std::panic::Location;
use std::time::Duration;

use http::header::AUTHORIZATION;
use http::{HeaderName, HeaderValue, Method};
use mcp_core::Dpop;
use serde_json::{Value, json};

use self::attacks::{Prover, attacks, satisfies};
use self::offers::{bare, every_request, every_scope, offers};
use self::report::Report;
use super::{TestClient, TestIssuer, TestKey, TestResponse};
use crate::auth::gate::{Bearer, Gate};
use crate::auth::{JwtAlgorithm, JwtVerifier, ProtectedResource, Protection, TokenVerifier};
use crate::server::{Kind, Protected, Server};
use crate::transport::http::Http;

/// Asserts that a server refuses every attack of a battery.
///
/// Pass it the server as in production: with its parts and settings, its verifier, and the replaced [`Protection`], if
/// there is one. For the attacks, only issuer and verifier are exchanged, by a [`TestIssuer`] and a [`JwtVerifier`].
///
/// The server gets requests
///
/// - without a token, and with malformed headers;
/// - with tokens that are expired, for another resource, of another issuer, tampered with, or short of a scope;
/// - with tokens that are signed with another key, by another algorithm, or not at all;
/// - of every HTTP method and of every kind;
/// - if it declares `dpop`, with some eighty proofs that are wrong in one way each, and with a proof twice;
/// - for each tool, resource, template, prompt and completion, hidden or not. Disabled tools are enabled first.
///
/// Every refusal must be, to the letter, that of RFC 6750, or that of RFC 9449. In the end, a good token must be admitted.
///
/// No tool is ever run, so the server may have a database. An [audit](Http::audit) hook is called for every attack. Call
/// this in a test of its own, with `#[tokio::test]`:
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
/// An attack is not refused, or a good token is; the message is a table of these. Also when the verifier is for
/// another resource or for other issuers than those of the server.
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
        // Without a limit, so that every request with an unknown `kid` is refused and none gets a 503.
        .refetch_limit(u32::MAX, Duration::from_secs(1))
        .build()
        .expect("a verifier for a loopback issuer");
    http.service().enable_every_tool();
    (TestClient::new(http.reissued(verifier, protection)), issuer)
}

/// Runs the battery against the server of `client`, which should trust `issuer`.
async fn examine<S: Protected, G: Gate>(client: &TestClient<S, G>, issuer: &TestIssuer) -> Report {
    #[expect(clippy::expect_used, reason = "no gate but the one of protected servers takes a `Protected`")]
    let resource = client.resource().expect("a protected server").clone();
    let mut report = Report::new(S::INFO.name);
    let offers = offers(&client.catalog());
    let key = TestKey::generate(JwtAlgorithm::ES256);
    let mut prover = Prover { key: &key, url: &resource.url, nonce: None };
    for attack in attacks(&offers, &resource, issuer, &key) {
        let requests = match attack.of {
            Some(offer) => offer.requests(client),
            None => every_request(client, &offers),
        };
        for (name, request) in requests {
            let response = client.send(attack.arm(request, &prover)).await;
            let nonce = response.headers().get("dpop-nonce").and_then(|nonce| nonce.to_str().ok());
            prover.nonce = nonce.map(str::to_owned);
            report.expect_refusal(&attack, &name, &response, &resource);
        }
    }
    check_metadata(&mut report, client, &resource, issuer).await;
    if resource.dpop().is_accepted() {
        check_replay(&mut report, client, &resource, issuer, &prover).await;
    }
    check_good_tokens(&mut report, client, &resource, issuer, &key).await;
    report
}

/// Checks that a refused client can find the issuer.
///
/// The challenge must point to the metadata document, which must have this resource and its issuer (RFC 9728 §3.3, §5.1).
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

/// Checks that a proof is accepted once, and that another one has to have the nonce of the server.
async fn check_replay<S: Server, G: Gate>(
    report: &mut Report,
    client: &TestClient<S, G>,
    resource: &ProtectedResource,
    issuer: &TestIssuer,
    prover: &Prover<'_>,
) {
    let token = issuer.token(&resource.url).scopes(resource.required().to_vec()).bound_to(prover.key).mint();
    let proof = prover.prove(&Method::POST, &token);
    let send = async |proof: String| {
        let mut request = client.message(Some(1), "tools/list", json!({}));
        let headers = request.headers_mut();
        headers.extend([(AUTHORIZATION, header(&format!("DPoP {token}"))), (DPOP, header(&proof))]);
        client.send(request).await
    };
    let (first, second) = (send(proof.mint()).await, send(proof.mint()).await);
    report.expect("a good proof", "tools/list", "200", &first, first.status() == 200);
    let is_refused = second.status() == 401 && second.json()["error"] == "invalid_dpop_proof";
    report.expect("a proof that was used before", "tools/list", "401 invalid_dpop_proof", &second, is_refused);
    if prover.nonce.is_some() {
        let proof = prover.prove(&Method::POST, &token);
        for (name, proof) in [
            ("a proof without a nonce", proof.clone().claim("jti", "a").without("nonce")),
            (
                "a proof with a made-up nonce",
                proof.clone().claim("jti", "b").nonce("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"),
            ),
        ] {
            let response = send(proof.mint()).await;
            let is_asked = response.status() == 401
                && response.json()["error"] == "use_dpop_nonce"
                && response.headers().contains_key("dpop-nonce");
            report.expect(name, "tools/list", "401 use_dpop_nonce with a nonce", &response, is_asked);
        }
    }
}

const DPOP: HeaderName = HeaderName::from_static("dpop");

#[expect(clippy::expect_used, reason = "test tokens are visible ASCII")]
fn header(text: &str) -> HeaderValue {
    HeaderValue::from_str(text).expect("a header value")
}

/// Checks that good tokens are admitted, and see hidden items.
async fn check_good_tokens<S: Server, G: Gate>(
    report: &mut Report,
    client: &TestClient<S, G>,
    resource: &ProtectedResource,
    issuer: &TestIssuer,
    key: &TestKey,
) {
    let good = |scopes: &[&str]| issuer.token(&resource.url).scopes(scopes.to_vec());
    let catalog = client.catalog();
    for (name, scopes) in [
        ("a token with the scopes of the server", resource.required().to_vec()),
        ("a token with every scope", every_scope(&offers(&catalog), resource)),
    ] {
        let client = match resource.dpop() {
            Dpop::Required => client.bound_token(good(&scopes).bound_to(key).mint(), key),
            Dpop::Refused | Dpop::Accepted => client.token(good(&scopes).mint()),
        };
        // The first response has the nonce of a server that demands one.
        drop(client.list_tools().await);
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

/// Returns the keys of a list, with the response of its last page.
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

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;
    use crate::auth::{Challenges, DeclaredProtection, JwtProfile, ScopeSet};
    use crate::server::declare::role;
    use crate::server::{OneBlockPerTypeOthersAreParts, ServerInfo, Tool};
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

    /// A part whose tool has another challenge than that of RFC 6750.
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
        assert!(report.starts_with("asserted at mcp-runtime/src/testing/battery/mod.rs:"), "{report}");
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

    /// Runs the battery against [`Notes`] behind a verifier.
    async fn report<V: TokenVerifier>(verifier: impl FnOnce(&TestIssuer, &Protection<Notes>) -> V) -> Report {
        let issuer = TestIssuer::start().await.unwrap();
        let protection = Protection::of::<Notes>().issuer(issuer.url()).unwrap();
        let verifier = verifier(&issuer, &protection);
        examine(&TestClient::new(Http::protected(Notes, verifier).protection(protection)), &issuer).await
    }

    fn jwt(issuer: &TestIssuer, protection: &Protection<Notes>, profile: JwtProfile) -> JwtVerifier {
        JwtVerifier::builder(protection).profile(profile.jwks(issuer.jwks().to_string())).build().unwrap()
    }

    /// Returns each attack that was not refused, once.
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
    async fn a_guard_with_proofs_passes_in_both_forms_with_nonces_and_without() {
        let mut with_nonces = Limits::default();
        with_nonces.proofs.nonce_lifetime = Some(Duration::from_secs(60));
        let bound = |protection: Protection<Notes>, limits| {
            let tokens = StaticTokens::new([("alice-token", AccessToken::ours("alice"))]);
            Http::protected(Notes, tokens).protection(protection).limits(limits)
        };
        let protection = || Protection::of::<Notes>().issuer("https://auth.example.com").unwrap();
        assert_protected(bound(protection().accept_dpop(), Limits::default())).await;
        assert_protected(bound(protection().require_dpop(), with_nonces)).await;
        let key = TestKey::generate(JwtAlgorithm::ES256);
        let token = TestIssuer::start().await.unwrap().token(RESOURCE).bound_to(&key);
        let resource = protection().accept_dpop().into_resource();
        assert!(proofs::proof_attacks(&token, &resource, &key).len() >= 80);
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
