use crate::ScopePrefix;

/// The names by which clients ask for the scopes of a server, and which more they ask for than a token must have.
#[derive(Debug, Clone, Copy)]
pub struct ScopeNames<'a> {
    /// The text before each of the server's own scopes.
    pub prefix: Option<&'a ScopePrefix>,
    /// The resource that the prefix may begin with.
    pub resource: &'a str,
    /// The scopes that single operations need, beside those of every request.
    pub optional: &'a [&'a str],
    /// The scopes that clients ask for with any other. One that is optional gets the prefix; others go as they are.
    pub extra: &'a [&'a str],
}

impl ScopeNames<'_> {
    /// Returns what clients ask for where `needed` is needed.
    #[must_use]
    pub fn ask(&self, needed: &[&str]) -> AskedScopes {
        let mut names: Vec<String> = needed.iter().map(|scope| self.name(scope)).collect();
        let needed = names.len();
        for scope in self.extra {
            let name = if self.optional.contains(scope) { self.name(scope) } else { (*scope).to_owned() };
            if !names.contains(&name) {
                names.push(name);
            }
        }
        AskedScopes { names, needed }
    }

    fn name(&self, scope: &str) -> String {
        self.prefix.map_or_else(|| scope.to_owned(), |prefix| prefix.name(scope, self.resource))
    }
}

/// The scopes of an operation, by the names that clients ask for them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AskedScopes {
    names: Vec<String>,
    /// The number of the names that are needed; the others are extra ones.
    needed: usize,
}

impl AskedScopes {
    /// Returns scopes that are asked for by the names that the server has for them.
    #[must_use]
    pub fn verbatim(needed: &[&str]) -> Self {
        Self { names: needed.iter().map(|&scope| scope.to_owned()).collect(), needed: needed.len() }
    }

    /// Returns the scopes without which the operation is refused.
    #[must_use]
    pub fn needed(&self) -> &[String] {
        &self.names[..self.needed]
    }

    /// Returns the scopes to ask for: those that are needed, then the extra ones.
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
        assert_eq!(names.ask(&["read"]).needed(), [read]);
        assert_eq!(names.ask(&["read"]).all(), [read, "openid", write]);
        assert_eq!(names.ask(&["read", "write"]).all(), [read, write, "openid"]);
        let plain = ScopeNames { prefix: None, ..names };
        assert_eq!(plain.ask(&["read"]).all(), ["read", "openid", "write"]);
        let nothing_extra = ScopeNames { extra: &[], ..plain };
        assert_eq!(nothing_extra.ask(&["read"]), AskedScopes::verbatim(&["read"]));
    }
}
