//! The attacks of a battery, each with its refusal.

use std::time::{Duration, SystemTime};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use http::header::AUTHORIZATION;
use http::{HeaderValue, Method, Request};
use mcp_core::{Dpop, OperationScopes, Refusal};
use serde_json::json;

use super::offers::{Offer, every_scope};
use super::proofs::{ProofAttack, Proofs, good_proof, proof_attacks};
use crate::auth::{JwtAlgorithm, ProtectedResource};
use crate::testing::token::seconds;
use crate::testing::{TestIssuer, TestKey, TestProof, TestToken};

/// Bad credentials, and the refusal that they must get.
pub(super) struct Attack<'a> {
    pub(super) name: String,
    credentials: Credentials,
    /// The offer that is requested, or `None` for every kind of request.
    pub(super) of: Option<&'a Offer>,
    pub(super) refusal: Refusal,
    /// The scopes that the refusal names.
    pub(super) asked: OperationScopes,
}

/// The credentials of a request.
enum Credentials {
    /// The values of as many `Authorization` headers.
    Headers(Vec<String>),
    /// A scheme, a token, and the proofs for a request with it.
    Proved { scheme: &'static str, token: String, proofs: Proofs },
    /// `access_token` in the query (RFC 6750 §2.3, which the MCP specification forbids).
    Query(String),
}

/// The maker of good proofs.
pub(super) struct Prover<'a> {
    pub(super) key: &'a TestKey,
    pub(super) url: &'a str,
    /// The last nonce of the server.
    pub(super) nonce: Option<String>,
}

impl Prover<'_> {
    /// Returns a good proof for a request with this method and token.
    pub(super) fn prove(&self, method: &Method, token: &str) -> TestProof {
        let proof = TestProof::new(self.key, method.as_str(), self.url).token(token);
        match &self.nonce {
            Some(nonce) => proof.nonce(nonce),
            None => proof,
        }
    }
}

impl Attack<'_> {
    #[expect(clippy::expect_used, reason = "test tokens are visible ASCII")]
    /// Adds the credentials to a request.
    pub(super) fn arm(&self, mut request: Request<Bytes>, prover: &Prover<'_>) -> Request<Bytes> {
        let value = |text: &str| HeaderValue::from_str(text).expect("a header value");
        match &self.credentials {
            Credentials::Headers(values) => {
                for text in values {
                    request.headers_mut().append(AUTHORIZATION, value(text));
                }
            }
            Credentials::Proved { scheme, token, proofs } => {
                let proofs = proofs(&prover.prove(request.method(), token));
                request.headers_mut().insert(AUTHORIZATION, value(&format!("{scheme} {token}")));
                for proof in proofs {
                    request.headers_mut().append("dpop", value(&proof));
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

/// Returns all attacks, without the requests.
pub(super) fn attacks<'a>(
    offers: &'a [Offer],
    resource: &ProtectedResource,
    issuer: &TestIssuer,
    key: &TestKey,
) -> Vec<Attack<'a>> {
    let required = resource.required();
    let mut attacks = Vec::new();
    let mut attack = |name: &str, credentials: Credentials, refusal: Refusal| {
        let asked = resource.ask(required);
        attacks.push(Attack { name: name.to_owned(), credentials, of: None, refusal, asked });
    };
    let good = issuer.token(&resource.url).scopes(every_scope(offers, resource));
    let bearer = |token: &str| format!("Bearer {token}");
    // A server that requires proofs judges a token only if it has one.
    let is_bound = resource.dpop() == Dpop::Required;
    let present = |token: String| match is_bound {
        true => Credentials::Proved { scheme: "DPoP", token, proofs: good_proof() },
        false => Credentials::Headers(vec![bearer(&token)]),
    };
    let presented = if is_bound { good.clone().bound_to(key) } else { good.clone() };

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

    for (name, token, refusal) in bad_tokens(&presented, resource, issuer) {
        attack(name, present(token), refusal);
    }
    if resource.dpop().is_accepted() {
        for ProofAttack { name, scheme, token, proofs, refusal } in
            proof_attacks(&good.clone().bound_to(key), resource, key)
        {
            attack(name, Credentials::Proved { scheme, token, proofs }, refusal);
        }
    }

    let with_scopes = |scopes: &[&str]| {
        let token = if scopes.is_empty() {
            presented.clone().without("scope")
        } else {
            presented.clone().scopes(scopes.to_vec())
        };
        present(token.mint())
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

/// Returns tokens that are wrong in one way each, and have every scope.
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

/// Returns `true` if `held` has all `needed` scopes, by the hierarchy of the server.
pub(super) fn satisfies(resource: &ProtectedResource, held: &[&str], needed: &[&str]) -> bool {
    let held: Vec<String> = held.iter().map(|scope| (*scope).to_owned()).collect();
    needed.iter().all(|scope| resource.satisfies(&held, scope))
}
