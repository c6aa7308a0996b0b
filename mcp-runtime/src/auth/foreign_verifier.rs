//! The check that a verifier is for the tokens of its server.

use std::borrow::Cow;
use std::fmt;
use std::io;

use mcp_core::Resource;

use super::AcceptedTokens;

/// The error of a server whose verifier is for other tokens.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct ForeignVerifier {
    /// The type of the server. Absent for a resource that is not in the source.
    server: Option<&'static str>,
    difference: Difference,
}

/// The difference between accepted tokens and those that clients get.
#[derive(Clone, PartialEq, Eq)]
enum Difference {
    Resource {
        accepted: String,
        served: String,
    },
    /// The issuers that the server publishes and the verifier does not know.
    Issuers {
        accepted: Vec<String>,
        unknown: Vec<String>,
    },
}

impl ForeignVerifier {
    /// Compares the tokens that a verifier accepts with those of `issuers` for `resource`, which clients get.
    ///
    /// The resource must be the same, because every token is issued for one. The verifier must know all published
    /// issuers, because a client may have a token of any of them. It may know more, whose tokens the gate refuses.
    pub(super) fn check(
        server: Option<&'static str>,
        accepted: &AcceptedTokens,
        resource: &str,
        issuers: &[Cow<'static, str>],
    ) -> Result<(), Self> {
        if !Resource::is_named(resource, accepted.resource_url()) {
            let (accepted, served) = (accepted.resource_url().to_owned(), resource.to_owned());
            return Err(Self { server, difference: Difference::Resource { accepted, served } });
        }
        let is_unknown = |issuer: &&str| accepted.issuer_urls().all(|known| known != *issuer);
        let unknown: Vec<String> = issuers.iter().map(AsRef::as_ref).filter(is_unknown).map(str::to_owned).collect();
        if unknown.is_empty() {
            return Ok(());
        }
        let accepted = accepted.issuer_urls().map(str::to_owned).collect();
        Err(Self { server, difference: Difference::Issuers { accepted, unknown } })
    }
}

impl fmt::Display for ForeignVerifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { server, difference } = self;
        let name = server.map_or_else(|| "this resource".to_owned(), |server| format!("`{server}`"));
        match difference {
            Difference::Resource { accepted, served } => write!(
                f,
                "the verifier of {name} is for another resource, so every token would be refused: the server is \
                 `{served}`, and the verifier accepts tokens for `{accepted}`"
            )?,
            Difference::Issuers { accepted, unknown } => write!(
                f,
                "the verifier of {name} is for other issuers, so good tokens would be refused: clients are sent to \
                 {}, and the verifier accepts tokens of {}",
                listed(unknown),
                listed(accepted)
            )?,
        }
        match server {
            Some(server) => write!(
                f,
                "; begin with one `let protection = Protection::of::<{server}>();`, replace in it what differs, and give it to \
                 both: `builder(&protection…)` of the verifier and `Http::protected(…).protection(protection)`"
            ),
            None => f.write_str(
                "; give one `Protection` to both: `builder(&protection…)` of the verifier and `ResourceServer::new(protection, …)`",
            ),
        }
    }
}

fn listed(urls: &[String]) -> String {
    if urls.is_empty() { "nobody".to_owned() } else { format!("`{}`", urls.join("`, `")) }
}

/// Prints the message, because `main` prints the error that it returns in this form.
impl fmt::Debug for ForeignVerifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for ForeignVerifier {}

impl From<ForeignVerifier> for io::Error {
    fn from(error: ForeignVerifier) -> Self {
        Self::new(io::ErrorKind::InvalidInput, error)
    }
}
