//! Hostile tokens, one after the other, against a protected server as it is by default: each with the verdict that it
//! must get, and with a reason where the standards leave a choice.

mod claims;
mod header;
mod signature;
mod structure;

use std::collections::HashSet;
use std::time::Duration;

use http::HeaderValue;
use mcp::testing::{TestClient, TestIssuer, TestKey, TestResponse, TestToken};
use mcp::{Bearer, Http, JwtAlgorithm, JwtVerifier, JwtVerifierBuilder, Protection};

use crate::support::client::checked_as;
use crate::support::log::keep_secret;
use crate::support::servers::Notes;

pub(crate) const ALGORITHMS: [JwtAlgorithm; 10] = [
    JwtAlgorithm::ES256,
    JwtAlgorithm::ES384,
    JwtAlgorithm::ES512,
    JwtAlgorithm::EdDSA,
    JwtAlgorithm::RS256,
    JwtAlgorithm::RS384,
    JwtAlgorithm::RS512,
    JwtAlgorithm::PS256,
    JwtAlgorithm::PS384,
    JwtAlgorithm::PS512,
];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Let in.
    Accepted,
    /// 401.
    Invalid,
    /// 401, and told that it was good once.
    Expired,
    /// 401, and told that it is for another resource.
    OtherAudience,
    /// 403: good, but without the server's scope.
    NoScope,
    /// 400: not even the syntax of RFC 6750 §2.1.
    Malformed,
    /// It cannot stand in a header.
    Unsendable,
}
use Verdict::{Accepted, Expired, Invalid, Malformed, NoScope, OtherAudience, Unsendable};

pub(super) struct Vector {
    name: String,
    token: Vec<u8>,
    verdict: Verdict,
    /// The reason of the verdict, where another would be defensible.
    reason: &'static str,
}

pub(super) fn vector(verdict: Verdict, name: impl Into<String>, token: impl Into<Vec<u8>>) -> Vector {
    Vector { name: name.into(), token: token.into(), verdict, reason: "" }
}

impl Vector {
    fn because(self, reason: &'static str) -> Self {
        Self { reason, ..self }
    }
}

type Client = TestClient<Notes, Bearer<JwtVerifier>>;

const HOUR: Duration = Duration::from_secs(3600);

/// The issuers and keys that tokens are made from.
pub(super) struct Kit {
    issuer: TestIssuer,
    /// Also an issuer, but not of this server.
    attacker: TestIssuer,
    resource: String,
    key: TestKey,
    stranger: TestKey,
}

impl Kit {
    async fn new() -> Self {
        let issuer = TestIssuer::start_with(ALGORITHMS).await.expect("an issuer");
        Self {
            attacker: TestIssuer::start().await.expect("an issuer"),
            resource: Protection::of::<Notes>().resource_url().to_owned(),
            key: issuer.key(),
            stranger: TestKey::generate(JwtAlgorithm::ES256),
            issuer,
        }
    }

    /// It outlasts the test, however slow the machine is.
    fn good(&self) -> TestToken {
        self.issuer.token(&self.resource).scopes(["notes:read"]).expires_in(HOUR)
    }

    /// The three parts of a good token.
    fn parts(&self) -> [String; 3] {
        let token = self.good().mint();
        let parts: Vec<&str> = token.split('.').collect();
        [parts[0].to_owned(), parts[1].to_owned(), parts[2].to_owned()]
    }

    /// Correctly signed, with this text as the header.
    fn with_header(&self, header: impl AsRef<[u8]>) -> String {
        self.key.jws(header, self.good().claims_json())
    }

    /// Correctly signed, with this text as the claims.
    fn with_claims(&self, claims: impl AsRef<[u8]>) -> String {
        self.key.jws(self.good().header_json(), claims)
    }

    /// Correctly signed, with one member as JSON text that no [`serde_json::Value`] can be.
    fn with_raw_claim(&self, name: &str, json: &str) -> String {
        self.with_claims(with_member(&self.good().without(name).claims_json(), name, json))
    }

    /// A server that has never seen a token.
    fn client(&self, set: impl FnOnce(JwtVerifierBuilder) -> JwtVerifierBuilder) -> Client {
        let protection = Protection::of::<Notes>().issuer(self.issuer.url()).expect("an issuer");
        let verifier = set(JwtVerifier::builder(&protection)).build().expect("a verifier");
        TestClient::new(Http::protected(Notes::default(), verifier).protection(protection))
    }
}

/// A JSON object with one more member at its end.
pub(super) fn with_member(object: &str, name: &str, json: &str) -> String {
    let comma = if object == "{}" { "" } else { "," };
    format!("{}{comma}\"{name}\":{json}}}", object.strip_suffix('}').expect("an object"))
}

/// `levels` of `{"x":` around a number.
pub(super) fn nested(levels: usize) -> String {
    format!("{}1{}", "{\"x\":".repeat(levels), "}".repeat(levels))
}

async fn verdict(client: &Client, token: &[u8]) -> Result<Verdict, String> {
    let Ok(authorization) = HeaderValue::from_bytes(&[b"Bearer ", token].concat()) else { return Ok(Unsendable) };
    let request = http::Request::post(client.endpoint())
        .header("authorization", authorization)
        .header("content-type", "application/json")
        .body(r#"{"jsonrpc":"2.0","id":1,"method":"tools/list"}"#)
        .expect("a request");
    read(&checked_as("2025-03-26", client.send(request).await))
}

fn read(response: &TestResponse) -> Result<Verdict, String> {
    let description = response.json()["error_description"].as_str().unwrap_or_default().to_owned();
    let challenge = response.www_authenticate().unwrap_or_default();
    let shown = format!("{} {}", response.status(), String::from_utf8_lossy(response.body()));
    if response.status() == 200 && response.json()["result"]["tools"].is_array() {
        return Ok(Accepted);
    }
    if !challenge.contains(&format!("error_description=\"{description}\"")) {
        return Err(shown);
    }
    match (response.status().as_u16(), &*description) {
        (401, "Authentication required") => Ok(Invalid),
        (401, "The access token expired") => Ok(Expired),
        (401, "The access token was issued for another resource") => Ok(OtherAudience),
        (403, "Required scope: notes:read") => Ok(NoScope),
        (400, "Expected one Authorization header with one bearer token") => Ok(Malformed),
        _ => Err(shown),
    }
}

#[tokio::test]
async fn every_token_gets_its_verdict() {
    let kit = Kit::new().await;
    let mut table = structure::vectors(&kit);
    table.extend(header::vectors(&kit));
    table.extend(claims::vectors(&kit));
    table.extend(signature::vectors(&kit));
    let names: HashSet<&str> = table.iter().map(|vector| &*vector.name).collect();
    assert_eq!(names.len(), table.len(), "a name stands for one token");
    assert!(table.len() >= 150, "{}", table.len());

    let mut unexpected = String::new();
    for Vector { name, token, verdict: expected, reason } in &table {
        let client = kit.client(|builder| builder);
        // What is no token may have words in it that are in every log.
        if *expected != Malformed {
            keep_secret(&String::from_utf8_lossy(token));
        }
        let good = kit.good().mint();
        // The second time it may be remembered, and a good token must be good still.
        for (token, expected) in [(&**token, expected), (token, expected), (good.as_bytes(), &Accepted)] {
            let found = verdict(&client, token).await;
            if found.as_ref() != Ok(expected) {
                unexpected += &format!("{name}: {found:?} instead of {expected:?} ({reason})\n");
            }
        }
    }
    assert_eq!(unexpected, "", "of {} tokens", table.len());
    assert_eq!(
        kit.attacker.jwks_requests() + kit.attacker.metadata_requests(),
        0,
        "nobody follows a token's own links"
    );
}

#[tokio::test]
async fn a_token_as_long_as_one_likes_cannot_exhaust_the_stack() {
    let kit = Kit::new().await;
    let client = kit.client(|builder| builder.max_token_bytes(4 * 1024 * 1024));
    for deep in ["[".repeat(100_000), nested(100_000), with_member("{}", "x", &nested(100_000))] {
        assert_eq!(verdict(&client, kit.with_header(&deep).as_bytes()).await, Ok(Invalid));
        assert_eq!(verdict(&client, kit.with_claims(&deep).as_bytes()).await, Ok(Invalid));
    }
}
