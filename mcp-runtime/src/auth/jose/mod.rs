//! The formats of signatures and keys (JOSE), without a token's claims.

mod algorithm;
pub(super) mod jwk;
pub(super) mod jws;
#[cfg(all(test, feature = "jwt"))]
mod wycheproof;

pub use self::algorithm::JwtAlgorithm;
