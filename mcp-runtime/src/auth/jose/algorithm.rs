//! The signature algorithms of tokens (RFC 7518 §3.1, RFC 8037 §3.1).

use ring::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P384_SHA384_FIXED, ED25519, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_2048_8192_SHA384,
    RSA_PKCS1_2048_8192_SHA512, RSA_PSS_2048_8192_SHA256, RSA_PSS_2048_8192_SHA384, RSA_PSS_2048_8192_SHA512,
    RsaParameters, VerificationAlgorithm,
};

/// A signature algorithm of a token (RFC 7518 §3.1, RFC 8037 §3.1).
///
/// All algorithms are asymmetric, so that a server that only verifies has no key that could sign.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum JwtAlgorithm {
    /// RSA PKCS #1 v1.5 with SHA-256.
    RS256,
    /// RSA PKCS #1 v1.5 with SHA-384.
    RS384,
    /// RSA PKCS #1 v1.5 with SHA-512.
    RS512,
    /// RSA PSS with SHA-256.
    PS256,
    /// RSA PSS with SHA-384.
    PS384,
    /// RSA PSS with SHA-512.
    PS512,
    /// ECDSA on P-256 with SHA-256.
    ES256,
    /// ECDSA on P-384 with SHA-384.
    ES384,
    /// ECDSA on P-521 with SHA-512, with the feature `es512`.
    #[cfg(feature = "es512")]
    ES512,
    /// Ed25519, also under its newer name `Ed25519` (RFC 9864 §2.2).
    EdDSA,
}

/// The type of an algorithm's keys, with the verification by such a key.
pub(super) enum Family {
    Rsa(&'static RsaParameters),
    P256(&'static dyn VerificationAlgorithm),
    P384(&'static dyn VerificationAlgorithm),
    #[cfg(feature = "es512")]
    P521,
    Ed25519(&'static dyn VerificationAlgorithm),
}

impl JwtAlgorithm {
    /// All algorithms, which are allowed by default.
    pub(in crate::auth) const ALL: &[Self] = &[
        Self::RS256,
        Self::RS384,
        Self::RS512,
        Self::PS256,
        Self::PS384,
        Self::PS512,
        Self::ES256,
        Self::ES384,
        #[cfg(feature = "es512")]
        Self::ES512,
        Self::EdDSA,
    ];

    /// Returns the algorithm of an `alg`, which is case-sensitive (RFC 7515 §4.1.1).
    pub(in crate::auth) fn named(alg: &str) -> Option<Self> {
        Some(match alg {
            "RS256" => Self::RS256,
            "RS384" => Self::RS384,
            "RS512" => Self::RS512,
            "PS256" => Self::PS256,
            "PS384" => Self::PS384,
            "PS512" => Self::PS512,
            "ES256" => Self::ES256,
            "ES384" => Self::ES384,
            #[cfg(feature = "es512")]
            "ES512" => Self::ES512,
            "EdDSA" | "Ed25519" => Self::EdDSA,
            _ => return None,
        })
    }

    pub(super) fn family(self) -> Family {
        match self {
            Self::RS256 => Family::Rsa(&RSA_PKCS1_2048_8192_SHA256),
            Self::RS384 => Family::Rsa(&RSA_PKCS1_2048_8192_SHA384),
            Self::RS512 => Family::Rsa(&RSA_PKCS1_2048_8192_SHA512),
            Self::PS256 => Family::Rsa(&RSA_PSS_2048_8192_SHA256),
            Self::PS384 => Family::Rsa(&RSA_PSS_2048_8192_SHA384),
            Self::PS512 => Family::Rsa(&RSA_PSS_2048_8192_SHA512),
            Self::ES256 => Family::P256(&ECDSA_P256_SHA256_FIXED),
            Self::ES384 => Family::P384(&ECDSA_P384_SHA384_FIXED),
            #[cfg(feature = "es512")]
            Self::ES512 => Family::P521,
            Self::EdDSA => Family::Ed25519(&ED25519),
        }
    }
}
