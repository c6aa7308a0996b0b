//! Proofs of possession (DPoP, RFC 9449): a client shows for each request that it has the key of its token.

mod error;
mod nonces;
mod parsed;
mod used;

use std::fmt;
use std::sync::{Arc, Mutex};
use std::time::SystemTime;

use http::request::Parts;
use http::{HeaderMap, HeaderValue};
use mcp_core::{Dpop, Refusal, TargetUri};

pub(super) use self::error::ProofError;
use self::nonces::Nonces;
use self::parsed::{Proof, ProofHeader};
use self::used::{Use, UsedProofs};
use super::{AccessToken, ProtectedResource};
use crate::backplane::link::Link;
use crate::limits::ProofLimits;
use crate::lock::locked;
use crate::seal::StateKeys;
use crate::throttle::Throttle;

/// The header with the proof (RFC 9449 §4.1).
pub(super) const DPOP: &str = "dpop";

/// The rules for the proofs at one resource, and the proofs that were used.
pub(super) struct Proofs {
    is_required: bool,
    target: Target,
    limits: ProofLimits,
    used: UsedProofs,
    /// The header of the last proof, which its key has signed.
    last_header: Mutex<Option<Arc<ProofHeader>>>,
    /// Present if a proof needs a nonce of this server.
    nonces: Option<Nonces>,
    /// Limits the lines in the log about clients without proofs.
    clients_without: Throttle,
}

/// The address that proofs have to name.
pub(super) enum Target {
    /// The resource itself, whatever address a proxy requests. Absent is an address that no proof can name.
    Resource(Option<TargetUri>),
    /// The path of the request, at the origin of the resource.
    Route { origin: String },
}

/// The parts of a running server that proofs need.
pub(crate) struct ProofSetup {
    pub(crate) limits: ProofLimits,
    /// The keys that seal nonces.
    pub(crate) keys: Arc<StateKeys>,
    /// The link to other instances, which take each proof once together.
    pub(crate) link: Option<Arc<Link>>,
}

impl Default for ProofSetup {
    fn default() -> Self {
        Self { limits: ProofLimits::default(), keys: Arc::new(StateKeys::random()), link: None }
    }
}

impl Proofs {
    /// Creates the rules of a resource, unless it refuses bound tokens.
    pub(super) fn new(resource: &ProtectedResource, target: Target, setup: ProofSetup) -> Option<Arc<Self>> {
        let ProofSetup { limits, keys, link } = setup;
        resource.dpop().is_accepted().then(|| {
            Arc::new(Self {
                is_required: resource.dpop() == Dpop::Required,
                target,
                used: UsedProofs::new(limits.used_bytes, link),
                nonces: limits.nonce_lifetime.map(|lifetime| Nonces::new(keys, &resource.url, lifetime)),
                last_header: Mutex::default(),
                limits,
                clients_without: Throttle::default(),
            })
        })
    }

    /// Returns `true` if bearer tokens are refused.
    pub(super) fn is_required(&self) -> bool {
        self.is_required
    }

    /// Returns a new nonce, if proofs need one.
    pub(super) fn nonce(&self) -> Option<HeaderValue> {
        self.nonces.as_ref()?.issue()
    }

    /// Logs that a client sent a bearer token, because clients do not report the reason of the refusal.
    pub(super) fn warn_of_bearer(&self) {
        if let Some(suppressed) = self.clients_without.pass() {
            tracing::warn!(
                suppressed,
                "refused a client with a bearer token; `dpop = \"required\"` needs clients with DPoP, and `\"accepted\"` \
                 admits others, too"
            );
        }
    }

    /// Checks the proof of a request with a verified token (RFC 9449 §4.3).
    ///
    /// `raw` is the token as the client sent it. A proof is recorded as used only if it is valid otherwise.
    pub(super) async fn check(&self, parts: &Parts, raw: &str, token: &AccessToken) -> Result<(), ProofError> {
        let refused = ProofError::Refused;
        let confirmation = token.confirmation().ok_or(refused(Refusal::UnboundToken))?;
        let text = proof_header(&parts.headers)?;
        if text.len() > self.limits.bytes {
            return Err(ProofError::invalid("The proof is too long"));
        }
        let known = locked(&self.last_header).clone();
        let (proof, header) = Proof::parse(text, confirmation.thumbprint(), known)?;
        *locked(&self.last_header) = Some(header);
        if proof.method != parts.method.as_str() {
            return Err(ProofError::invalid("The `htm` of the proof is not the method of the request"));
        }
        if !self.target.is_named(&proof.target, parts) {
            return Err(ProofError::invalid("The `htu` of the proof is not the URL of this resource"));
        }
        if !proof.is_for_token(raw) {
            return Err(ProofError::invalid("The `ath` of the proof is not the SHA-256 of the access token"));
        }
        let now = SystemTime::now();
        if !proof.is_fresh(now, self.limits.age) {
            return Err(ProofError::invalid("The `iat` of the proof is too far from the time of the server"));
        }
        if let Some(nonces) = &self.nonces
            && !proof.nonce.as_deref().is_some_and(|nonce| nonces.is_valid(nonce, now))
        {
            return Err(refused(Refusal::NonceRequired));
        }
        match self.used.record(&proof, now, self.limits.age, token).await {
            Use::First => Ok(()),
            Use::Again => Err(ProofError::invalid("The proof was used before; each request needs a new `jti`")),
            Use::Unknown(reason) => Err(ProofError::Undecided(reason)),
        }
    }
}

/// Prints neither keys nor nonces.
impl fmt::Debug for Proofs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Proofs").field("is_required", &self.is_required).finish_non_exhaustive()
    }
}

impl Target {
    /// Returns the target of an endpoint that is the resource.
    pub(super) fn of(resource: &ProtectedResource) -> Self {
        Self::Resource(TargetUri::parse(&resource.url))
    }

    /// Returns the target of the other routes beside a resource.
    pub(super) fn routes_beside(resource: &ProtectedResource) -> Self {
        Self::Route { origin: resource.origin.clone().into_owned() }
    }

    fn is_named(&self, named: &TargetUri, parts: &Parts) -> bool {
        match self {
            Self::Resource(target) => target.as_ref() == Some(named),
            Self::Route { origin } => {
                TargetUri::parse(&format!("{origin}{}", parts.uri.path())).as_ref() == Some(named)
            }
        }
    }
}

/// Returns the one proof of a request.
fn proof_header(headers: &HeaderMap) -> Result<&str, ProofError> {
    let mut values = headers.get_all(DPOP).iter();
    match (values.next(), values.next()) {
        (Some(value), None) => value.to_str().map_err(|_| ProofError::invalid("The proof is not a signed JWT")),
        (None, _) => Err(ProofError::invalid("A proof is missing: expected one DPoP header")),
        (Some(_), Some(_)) => Err(ProofError::invalid("There are several DPoP headers: expected one")),
    }
}
