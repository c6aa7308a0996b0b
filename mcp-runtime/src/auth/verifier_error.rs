//! The error of the builders of verifiers and exchanges.

use std::fmt;

/// The error of a verifier, or of a `TokenExchange`, with a setting that could never work.
///
/// The message names the setting and its remedy. An authorization server that is down is no such error, because no
/// request is sent while one is built.
#[derive(Clone, PartialEq, Eq)]
pub struct VerifierError(Problem);

/// The setting that could never work.
#[derive(Clone, PartialEq, Eq)]
pub(super) enum Problem {
    IntrospectionUrl(UnusableUrl),
    JwksUrl(UnusableUrl),
    TokenUrl(UnusableUrl),
    TargetResource { mistake: &'static str },
    NoCredentials,
    SeveralIssuers { known: Vec<String> },
    Jwks { issuer: String, reason: String },
    UnknownIssuer { given: String, known: Vec<String> },
    DuplicateProfile { issuer: String },
    SharedKeys { issuers: Vec<String> },
    NoAlgorithm { issuer: String },
    KeysForIntrospection,
    ListedAndAnyClients,
    UnusableKey { reason: &'static str },
    UnusableBearerToken,
    Certificates { reason: String },
    Empty { name: &'static str },
    Zero { setting: &'static str },
}

/// The reason why a URL can't be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum UnusableUrl {
    Malformed,
    Insecure,
    Credentials,
}

/// Checks that no limit is zero. Each has its name, and `true` for a zero.
pub(super) fn refuse_zeros<const N: usize>(settings: [(&'static str, bool); N]) -> Result<(), VerifierError> {
    match settings.into_iter().find(|(_, is_zero)| *is_zero) {
        Some((setting, _)) => Err(Problem::Zero { setting }.into()),
        None => Ok(()),
    }
}

impl From<Problem> for VerifierError {
    fn from(problem: Problem) -> Self {
        Self(problem)
    }
}

impl fmt::Display for UnusableUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Malformed => "it is not an absolute URL; write one like `https://auth.example.com/path`",
            Self::Insecure => "`http` is for loopback hosts only; write `https`",
            Self::Credentials => "it carries a user name or a password; remove the part up to `@`",
        })
    }
}

impl fmt::Display for VerifierError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Problem::IntrospectionUrl(error) => write!(f, "invalid introspection URL: {error}"),
            Problem::JwksUrl(error) => write!(f, "invalid JWKS URL: {error}"),
            Problem::TokenUrl(error) => write!(f, "invalid URL of the token endpoint: {error}"),
            Problem::TargetResource { mistake } => f.write_str(mistake),
            Problem::NoCredentials => f.write_str(
                "no authorization server exchanges tokens for strangers; set `client_secret_basic`, `client_secret_post` or \
                 `private_key_jwt`",
            ),
            Problem::SeveralIssuers { known } => write!(
                f,
                "the tokens of one issuer can be exchanged, and this server has `{}`; choose one with `issuer`",
                known.join("`, `")
            ),
            Problem::Jwks { issuer, reason } => write!(f, "invalid JWKS for the issuer `{issuer}`: {reason}"),
            Problem::UnknownIssuer { given, known } => {
                write!(f, "`{given}` is not an issuer of this server, which has `{}`", known.join("`, `"))
            }
            Problem::DuplicateProfile { issuer } => {
                write!(f, "the issuer `{issuer}` has two profiles of its own; keep one")
            }
            Problem::SharedKeys { issuers } => write!(
                f,
                "the keys in `profile` would be those of `{}`, each of which could sign for the others; give each its own \
                 with `issuer_profile`",
                issuers.join("` and `")
            ),
            Problem::NoAlgorithm { issuer } => {
                write!(f, "no algorithm is allowed for the issuer `{issuer}`; name at least one")
            }
            Problem::KeysForIntrospection => f.write_str(
                "a profile with keys is for `JwtVerifier`; introspection verifies no signatures, so leave `jwks` and \
                     `jwks_url` out",
            ),
            Problem::ListedAndAnyClients => f.write_str(
                "`accept_any_client_without_audience` makes the list of `accept_clients_without_audience` void; keep one",
            ),
            Problem::UnusableKey { reason } => write!(f, "the private key can't be used: {reason}"),
            Problem::UnusableBearerToken => {
                f.write_str("the bearer token of this server has a character that no header can have")
            }
            Problem::Certificates { reason } => {
                write!(f, "the root certificates of this machine can't be used, so no `https` URL can: {reason}")
            }
            Problem::Empty { name } => {
                write!(f, "the {name} is empty; look at where it comes from, such as an environment variable")
            }
            Problem::Zero { setting } => {
                write!(f, "`{setting}` is zero, and no token could ever be accepted")
            }
        }
    }
}

/// Prints the message, because `main` prints the error that it returns in this form.
impl fmt::Debug for VerifierError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for VerifierError {}

/// Converts the error, so that `main` can return `std::io::Result`, as it does for `serve`.
impl From<VerifierError> for std::io::Error {
    fn from(error: VerifierError) -> Self {
        Self::new(std::io::ErrorKind::InvalidInput, error)
    }
}
