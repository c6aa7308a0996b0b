//! The report of a battery: a table of the attacks that were let through.

use std::fmt;

use http::header::CACHE_CONTROL;
use mcp_core::{Dpop, OperationScopes, Refusal};
use serde_json::json;

use super::attacks::Attack;
use crate::auth::ProtectedResource;
use crate::testing::TestResponse;

/// The result of a battery.
pub(super) struct Report {
    server: &'static str,
    pub(super) checks: usize,
    pub(super) failed: usize,
    pub(super) failures: Vec<Failure>,
}

/// One response to one attack, with all requests that got it.
pub(super) struct Failure {
    pub(super) attack: String,
    expected: String,
    found: String,
    requests: Vec<String>,
}

impl Report {
    pub(super) fn new(server: &'static str) -> Self {
        Self { server, checks: 0, failed: 0, failures: Vec::new() }
    }

    /// Checks that a response is the refusal of an attack, to the letter.
    pub(super) fn expect_refusal(
        &mut self,
        attack: &Attack<'_>,
        request: &str,
        response: &TestResponse,
        resource: &ProtectedResource,
    ) {
        let Attack { name, refusal, asked, of, .. } = attack;
        let challenge = refusal.challenge(&resource.metadata_url, asked, resource.dpop());
        // Each rule about proofs has a description of its own, which follows from the proof.
        let is_told = match refusal {
            Refusal::InvalidProof(_) => {
                let (before, after) = challenge.split_once(r#"error_description="""#).unwrap_or((&challenge, ""));
                response.www_authenticate().is_some_and(|told| told.starts_with(before) && told.ends_with(after))
                    && response.json()["error"] == refusal.error()
            }
            refusal => {
                response.www_authenticate() == Some(&challenge)
                    && has_refusal(response, *refusal, asked, resource.dpop(), of.is_some())
            }
        };
        let passed = response.status() == refusal.status()
            && is_told
            && response.headers().get(CACHE_CONTROL).is_some_and(|value| value == "no-store");
        self.expect(name, request, &format!("{} {challenge}", refusal.status()), response, passed);
    }

    /// Counts a check, and adds its response to the table if it failed.
    pub(super) fn expect(
        &mut self,
        attack: &str,
        request: &str,
        expected: &str,
        response: &TestResponse,
        passed: bool,
    ) {
        self.checks += 1;
        if passed {
            return;
        }
        self.failed += 1;
        let shown = match response.www_authenticate() {
            Some(challenge) => challenge.to_owned(),
            None => String::from_utf8_lossy(response.body()).chars().take(100).collect(),
        };
        let found = format!("{} {shown}", response.status().as_u16());
        let known = |failure: &&mut Failure| {
            (&*failure.attack, &*failure.expected, &*failure.found) == (attack, expected, &*found)
        };
        match self.failures.iter_mut().find(known) {
            Some(failure) => failure.requests.push(request.to_owned()),
            None => self.failures.push(Failure {
                attack: attack.to_owned(),
                expected: expected.to_owned(),
                found,
                requests: vec![request.to_owned()],
            }),
        }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{} of {} checks of `{}` failed", self.failed, self.checks, self.server)?;
        let mut last = None;
        for Failure { attack, expected, found, requests } in &self.failures {
            if last.replace((attack, expected)) != Some((attack, expected)) {
                writeln!(f, "\n{attack}\n  expected  {expected}")?;
            }
            writeln!(f, "  got       {found}\n  for       {}", requests.join(", "))?;
        }
        Ok(())
    }
}

/// Returns `true` if the body of a response is that of a refusal.
fn has_refusal(response: &TestResponse, refusal: Refusal, asked: &OperationScopes, dpop: Dpop, was_read: bool) -> bool {
    if !was_read {
        return response.body() == refusal.body(asked, dpop).as_bytes();
    }
    let data = json!({"error": refusal.error(), "scope": asked.all().join(" ")});
    let error = json!({"code": refusal.status(), "message": refusal.description(asked, dpop), "data": data});
    response.json() == json!({"jsonrpc": "2.0", "id": 1, "error": error})
}
