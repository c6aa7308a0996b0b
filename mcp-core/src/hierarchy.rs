//! Scopes that include other scopes.

use std::fmt;

use crate::Scope;

/// The scopes that include other scopes.
///
/// A token with the broader scope may do everything that the narrower one allows. The MCP specification requires servers
/// to account for this when they decide whether a token is sufficient.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Hierarchy {
    /// Pairs of a broader scope and one directly below it.
    edges: Vec<(Scope, Scope)>,
}

impl Hierarchy {
    /// Creates a hierarchy from pairs of a broader and a narrower scope.
    ///
    /// # Errors
    /// [`Cycle`] if a scope would include itself, directly or through others.
    pub fn new(edges: impl IntoIterator<Item = (Scope, Scope)>) -> Result<Self, Cycle> {
        let hierarchy = Self { edges: edges.into_iter().collect() };
        match hierarchy.edges.iter().find(|(broad, _)| hierarchy.broader_than(broad).contains(&broad)) {
            Some((scope, _)) => Err(Cycle(scope.clone())),
            None => Ok(hierarchy),
        }
    }

    /// Returns every scope that includes `scope`, nearest first, without `scope` itself.
    #[must_use]
    pub fn broader_than(&self, scope: &Scope) -> Vec<&Scope> {
        let mut found: Vec<&Scope> = Vec::new();
        let mut frontier = vec![scope];
        while let Some(narrow) = frontier.pop() {
            for (broad, below) in &self.edges {
                if below == narrow && !found.contains(&broad) {
                    found.push(broad);
                    frontier.insert(0, broad);
                }
            }
        }
        found
    }
}

/// The error type of [`Hierarchy::new`]: a scope that includes itself.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Cycle(pub Scope);

impl fmt::Display for Cycle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` would include itself; a hierarchy goes from broad to narrow only", self.0)
    }
}

impl std::error::Error for Cycle {}

#[cfg(test)]
mod tests {
    use super::*;

    fn scope(text: &str) -> Scope {
        Scope::parse(text).expect("a scope")
    }

    fn hierarchy(edges: &[(&str, &str)]) -> Result<Hierarchy, Cycle> {
        Hierarchy::new(edges.iter().map(|(broad, narrow)| (scope(broad), scope(narrow))))
    }

    #[test]
    fn a_broader_scope_includes_everything_below_it() {
        let hierarchy = hierarchy(&[("admin", "write"), ("write", "read"), ("audit", "read")]).expect("no cycle");
        let broader = |text| hierarchy.broader_than(&scope(text)).iter().map(|s| s.as_str()).collect::<Vec<_>>();
        assert_eq!(broader("read"), ["write", "audit", "admin"]);
        assert_eq!(broader("write"), ["admin"]);
        assert!(broader("admin").is_empty());
        assert!(broader("unknown").is_empty());
    }

    #[test]
    fn a_cycle_is_refused() {
        assert_eq!(hierarchy(&[("a", "b"), ("b", "c"), ("c", "a")]), Err(Cycle(scope("a"))));
        assert_eq!(hierarchy(&[("a", "a")]), Err(Cycle(scope("a"))));
    }
}
