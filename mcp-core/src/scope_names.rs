//! Scopes under the names that clients request.

use crate::ScopePrefix;

/// The rules for the names under which clients request a server's scopes.
///
/// The fields are exhaustive, because the macros and the runtime construct the rules.
#[derive(Debug, Clone, Copy)]
pub struct ScopeNames<'a> {
    /// The text before each of the server's own scopes.
    pub prefix: Option<&'a ScopePrefix>,
    /// The resource that the prefix may begin with.
    pub resource: &'a str,
    /// The scopes that only single operations require.
    pub optional: &'a [&'a str],
    /// The scopes that clients always request. Optional ones get the prefix, others are sent unchanged.
    pub extra: &'a [&'a str],
}

impl ScopeNames<'_> {
    /// Names the scopes of an operation that requires `scopes`.
    #[must_use]
    pub fn operation(&self, scopes: &[&str]) -> OperationScopes {
        let mut names: Vec<String> = scopes.iter().map(|scope| self.name(scope)).collect();
        let required = names.len();
        for scope in self.extra {
            let name = if self.optional.contains(scope) { self.name(scope) } else { (*scope).to_owned() };
            if !names.contains(&name) {
                names.push(name);
            }
        }
        OperationScopes { names, required }
    }

    fn name(&self, scope: &str) -> String {
        self.prefix.map_or_else(|| scope.to_owned(), |prefix| prefix.name(scope, self.resource))
    }
}

/// The scopes of an operation, under the names that clients request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OperationScopes {
    names: Vec<String>,
    /// The number of required names, which precede the extra ones.
    required: usize,
}

impl OperationScopes {
    /// Creates the scopes of a server whose own names clients request.
    #[must_use]
    pub fn verbatim(scopes: &[&str]) -> Self {
        Self { names: scopes.iter().map(|&scope| scope.to_owned()).collect(), required: scopes.len() }
    }

    /// Returns the scopes without which the operation is refused.
    #[must_use]
    pub fn required(&self) -> &[String] {
        &self.names[..self.required]
    }

    /// Returns the scopes that clients request: required ones, then extra ones.
    #[must_use]
    pub fn all(&self) -> &[String] {
        &self.names
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn own_scopes_get_the_prefix_and_others_do_not() {
        let prefix = ScopePrefix::declared("{resource}/");
        let names = ScopeNames {
            prefix: Some(&prefix),
            resource: "https://a.example.com/mcp",
            optional: &["write"],
            extra: &["openid", "write"],
        };
        let (read, write) = ("https://a.example.com/mcp/read", "https://a.example.com/mcp/write");
        assert_eq!(names.operation(&["read"]).required(), [read]);
        assert_eq!(names.operation(&["read"]).all(), [read, "openid", write]);
        assert_eq!(names.operation(&["read", "write"]).all(), [read, write, "openid"]);
        let plain = ScopeNames { prefix: None, ..names };
        assert_eq!(plain.operation(&["read"]).all(), ["read", "openid", "write"]);
        let nothing_extra = ScopeNames { extra: &[], ..plain };
        assert_eq!(nothing_extra.operation(&["read"]), OperationScopes::verbatim(&["read"]));
    }
}
