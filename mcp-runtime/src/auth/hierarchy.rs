//! The hierarchy of a server's scopes.

/// Pairs of a scope and the broader ones that include it.
#[derive(Debug, Default)]
pub(crate) struct ScopeHierarchy(pub(crate) Vec<(&'static str, Vec<&'static str>)>);

impl ScopeHierarchy {
    /// Returns `true` if `granted` has `scope`, or a broader one.
    pub(crate) fn satisfies(&self, granted: &[String], scope: &str) -> bool {
        let has = |wanted: &str| granted.iter().any(|scope| scope == wanted);
        has(scope)
            || (self.0.iter()).any(|(narrow, broader)| *narrow == scope && broader.iter().any(|broad| has(broad)))
    }
}
