//! The error of a proof.

use mcp_core::Refusal;

/// The reason why a request with a proof is not admitted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::auth) enum ProofError {
    Refused(Refusal),
    /// It is unknown if the proof was used before, for a reason that is the operator's.
    Undecided(&'static str),
}

impl ProofError {
    /// Creates the error of a proof, with a sentence for the developer of the client.
    pub(super) fn invalid(problem: &'static str) -> Self {
        Self::Refused(Refusal::InvalidProof(problem))
    }
}
