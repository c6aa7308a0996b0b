//! Authentication and authorization: tokens, their verifiers, and the gate in front of a server.

mod account;
pub(crate) mod audit;
#[cfg(feature = "http")]
mod breaker;
#[cfg(feature = "http")]
mod cached_verifier;
#[cfg(feature = "http")]
mod claims;
#[cfg(feature = "fetch")]
mod client_authentication;
mod confirmation;
mod current;
mod digest;
#[cfg(feature = "fetch")]
mod discovery;
#[cfg(feature = "exchange")]
mod exchange;
#[cfg(feature = "jwt")]
mod explanation;
#[cfg(feature = "fetch")]
mod fetch;
#[cfg(feature = "http")]
mod foreign_verifier;
#[cfg(feature = "http")]
pub(crate) mod gate;
mod hierarchy;
#[cfg(feature = "introspection")]
mod introspection;
#[cfg(feature = "http")]
mod jose;
#[cfg(feature = "jwt")]
mod jwt;
#[cfg(feature = "fetch")]
mod lookups;
#[cfg(feature = "http")]
mod permits;
mod principal;
#[cfg(feature = "fetch")]
mod profile;
#[cfg(feature = "http")]
mod proof;
mod protection;
mod protection_error;
mod resource;
#[cfg(feature = "http")]
mod single_flight;
mod static_tokens;
mod target;
mod thumbprint;
mod token;
#[cfg(feature = "http")]
mod token_cache;
mod token_claims;
#[cfg(feature = "http")]
mod turns;
#[cfg(feature = "http")]
mod verdicts;
mod verifier;
#[cfg(feature = "fetch")]
mod verifier_error;

pub(crate) use account::Account;
pub use audit::{Audit, Decision, Outcome, Reason, RequestOutcome, RequestRecord};
#[cfg(feature = "http")]
pub use cached_verifier::{CachedVerifier, CachedVerifierBuilder};
pub use confirmation::{Confirmation, ConfirmationError};
pub use current::access_token;
pub(crate) use current::{with_token, with_token_sync};
use digest::RawToken;
pub use digest::TokenDigest;
#[cfg(feature = "exchange")]
pub(crate) use exchange::InboundToken;
#[cfg(feature = "exchange")]
pub use exchange::{
    Downstream, DownstreamToken, ExchangeError, ExchangeErrorKind, TokenExchange, TokenExchangeBuilder,
};
#[cfg(feature = "jwt")]
pub use explanation::{TokenAspect, TokenExplanation, TokenProblem};
#[cfg(feature = "http")]
pub(crate) use foreign_verifier::ForeignVerifier;
#[cfg(feature = "http")]
pub use gate::{Anyone, Bearer};
#[cfg(feature = "introspection")]
pub use introspection::{IntrospectionVerifier, IntrospectionVerifierBuilder};
#[cfg(feature = "http")]
pub use jose::JwtAlgorithm;
#[cfg(feature = "jwt")]
pub use jwt::{JwtVerifier, JwtVerifierBuilder};
pub(crate) use principal::Principal;
#[cfg(feature = "fetch")]
pub use profile::JwtProfile;
#[cfg(feature = "http")]
pub(crate) use proof::ProofSetup;
pub use protection::Protection;
pub use protection_error::ProtectionError;
pub use resource::{Challenges, DeclaredProtection, ScopeSet};
pub(crate) use resource::{ProtectedResource, RequiredScopes};
pub use static_tokens::StaticTokens;
pub(crate) use target::DeclaredTarget;
#[cfg(feature = "exchange")]
pub use target::Target;
#[cfg(feature = "testing")]
pub(crate) use thumbprint::Thumbprint;
pub use token::{AccessToken, IntoAudience, IntoScopes, TokenInfo};
pub use verifier::{AcceptedTokens, TokenError, TokenVerifier};
#[cfg(feature = "fetch")]
pub use verifier_error::VerifierError;
