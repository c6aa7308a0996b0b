use std::fmt::{self, Display};

use super::Http;
use crate::auth::Protection;
use crate::auth::guard::Gate;
use crate::server::Server;

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
    pub fn summary(&self) -> impl Display {
        let mut out = String::new();
        match self.gate.protection() {
            None => out.push_str(&format!("Endpoint  {} (open to anyone)\n", self.settings.path)),
            Some(protection) => push_addresses(&mut out, protection),
        }
        out.push('\n');
        push_tools::<S>(&mut out);
        Summary(out)
    }
}

struct Summary(String);

impl Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn push_addresses(out: &mut String, protection: &Protection) {
    out.push_str(&format!("Endpoint  {}\n", protection.resource_url()));
    out.push_str(&format!("Metadata  {}\n", protection.metadata_url()));
    for issuer in protection.issuer_urls() {
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
    let width = S::TOOLS.iter().map(|tool| tool.name.len()).chain(["Tool".len()]).max().unwrap_or_default();
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
        push_row(tool.name, scopes.iter().map(|scope| (mark(scope), scope.len())).collect());
    }
}
