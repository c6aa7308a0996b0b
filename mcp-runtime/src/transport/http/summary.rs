use super::Http;
use crate::auth::ProtectedResource;
use crate::auth::guard::Gate;
use crate::server::{Server, Tool};

#[expect(private_bounds, reason = "the two gates are chosen by the constructors")]
impl<S: Server, G: Gate> Http<S, G> {
    /// What is served, for a person who starts the server: addresses, issuers, and which tool needs which scope.
    ///
    /// ```text
    /// Endpoint  http://127.0.0.1:8000/mcp
    /// Metadata  http://127.0.0.1:8000/.well-known/oauth-protected-resource/mcp
    /// Issuer    https://auth.example.com
    ///
    /// Tool        notes:read  notes:write
    /// list_notes  ✓
    /// add_note    ✓           ✓
    /// ```
    ///
    /// A tool that is not listed for everyone has `(hidden)` behind its name.
    #[must_use]
    pub fn summary(&self) -> String {
        let mut out = String::new();
        match self.gate.resource() {
            None => out.push_str(&format!("Endpoint  {} (open to anyone)\n", self.settings.path)),
            Some(resource) => push_addresses(&mut out, resource),
        }
        out.push('\n');
        push_tools::<S>(&mut out);
        out
    }
}

fn push_addresses(out: &mut String, resource: &ProtectedResource) {
    out.push_str(&format!("Endpoint  {}\n", resource.url));
    out.push_str(&format!("Metadata  {}\n", resource.metadata_url));
    for issuer in &resource.issuers {
        out.push_str(&format!("Issuer    {issuer}\n"));
    }
}

fn push_tools<S: Server>(out: &mut String) {
    let mut scopes: Vec<&str> = Vec::new();
    for scope in S::TOOLS.iter().flat_map(|tool| tool.scopes.scopes) {
        if !scopes.contains(scope) {
            scopes.push(scope);
        }
    }
    let label = |tool: &Tool<S>| format!("{}{}", tool.name, if tool.hidden { " (hidden)" } else { "" });
    let width = S::TOOLS.iter().map(|tool| label(tool).len()).chain(["Tool".len()]).max().unwrap_or_default();
    let mut push_row = |name: &str, cells: Vec<(&str, usize)>| {
        let mut row = format!("{name:width$}");
        for (cell, width) in cells {
            row.push_str(&format!("  {cell:width$}"));
        }
        out.push_str(row.trim_end());
        out.push('\n');
    };
    push_row("Tool", scopes.iter().map(|scope| (*scope, scope.len())).collect());
    for tool in S::TOOLS {
        let mark = |scope: &&str| if tool.scopes.scopes.contains(scope) { "✓" } else { "" };
        push_row(&label(tool), scopes.iter().map(|scope| (mark(scope), scope.len())).collect());
    }
}
