//! The gate of an open server, which admits everyone.

use std::io;
use std::sync::Arc;

use bytes::Bytes;
use http::header::AUTHORIZATION;
use http::request::Parts;
use http::{HeaderValue, Response};
use mcp_core::{OperationScopes, Refusal};

use super::refusals::{insufficient_scope, refusal_response};
use super::{Admitted, AuditTarget, Gate};
use crate::auth::audit::Audit;
use crate::auth::proof::ProofSetup;
use crate::auth::{AccessToken, ForeignVerifier, ProtectedResource, RequiredScopes};

/// The callers of an open server, in the type [`Http<S, Anyone>`](crate::Http).
#[derive(Debug)]
pub struct Anyone(());

impl Anyone {
    pub(crate) fn new() -> Self {
        Self(())
    }
}

impl Gate for Anyone {
    /// Returns the same gate, because an open server decides nothing.
    fn with_audit(self, _: Arc<dyn Audit>) -> Self {
        self
    }

    /// Does nothing, because an open server has no tokens.
    fn set_up_proofs(&mut self, _: ProofSetup) {}

    fn resource(&self) -> Option<&ProtectedResource> {
        None
    }

    fn check(&self, _: Option<&'static str>) -> Result<(), ForeignVerifier> {
        Ok(())
    }

    async fn warm_up(&self) -> io::Result<()> {
        Ok(())
    }

    async fn admit(&self, parts: &mut Parts) -> Result<Admitted, Response<Bytes>> {
        parts.headers.remove(AUTHORIZATION);
        Ok(Admitted { token: None, pending: None })
    }

    /// Returns `None`, because an open server has no tokens.
    fn nonce(&self) -> Option<HeaderValue> {
        None
    }

    /// Returns `true` if no scope is required.
    ///
    /// Nobody has a scope here, so an open server refuses an item that needs one.
    fn satisfies(&self, _: Option<&AccessToken>, required: &RequiredScopes) -> bool {
        required.scopes().is_empty()
    }

    /// Returns `None`, because there is no authorization server to get a broader token from.
    fn challenge(&self, _: Refusal, _: &[String]) -> Option<HeaderValue> {
        None
    }

    fn authorize(
        &self,
        _: Admitted,
        target: AuditTarget<'_>,
        required: Option<&RequiredScopes>,
    ) -> Result<Option<AccessToken>, Box<Response<Bytes>>> {
        match required {
            Some(required) if !self.satisfies(None, required) => {
                // Without a challenge: there is no authorization server to get such a token from.
                let body = insufficient_scope(target.id, required, &OperationScopes::verbatim(required.scopes()));
                Err(Box::new(refusal_response(Refusal::InsufficientScope, None, body)))
            }
            _ => Ok(None),
        }
    }
}

#[cfg(test)]
mod tests {
    use http::StatusCode;
    use http::header::WWW_AUTHENTICATE;

    use super::*;
    use crate::auth::ScopeSet;
    use crate::protocol::message::RequestId;

    #[test]
    fn an_open_gate_refuses_what_needs_scopes() {
        let set = &ScopeSet { scopes: &["admin"], challenge: "Bearer" };
        let gate = Anyone::new();
        let authorize = |needed: Option<&RequiredScopes>| {
            let caller = Admitted { token: None, pending: None };
            gate.authorize(caller, AuditTarget::default(), needed)
        };
        for needed in [RequiredScopes::Declared(set), RequiredScopes::Composed(["read", "admin"].into())] {
            assert!(!gate.satisfies(None, &needed), "{needed:?}");
            let refused = authorize(Some(&needed)).expect_err("refused");
            assert_eq!(refused.status(), StatusCode::FORBIDDEN, "{needed:?}");
            assert!(!refused.headers().contains_key(WWW_AUTHENTICATE), "no token would do");
            let body = String::from_utf8_lossy(refused.body());
            assert!(body.starts_with(r#"{"error":"insufficient_scope","#) && body.contains("admin"), "{body}");
            let caller = Admitted { token: None, pending: None };
            let target = AuditTarget { id: Some(RequestId::NULL), ..AuditTarget::default() };
            let refused = gate.authorize(caller, target, Some(&needed)).expect_err("refused");
            let body = String::from_utf8_lossy(refused.body());
            assert!(body.starts_with(r#"{"jsonrpc":"2.0","id":null,"error":{"code":403,"#), "{body}");
        }
        for nothing in [RequiredScopes::Declared(ScopeSet::NONE), RequiredScopes::Composed([].into())] {
            assert!(gate.satisfies(None, &nothing), "{nothing:?}");
            assert!(authorize(Some(&nothing)).is_ok(), "{nothing:?}");
        }
        assert!(authorize(None).is_ok());
    }
}
