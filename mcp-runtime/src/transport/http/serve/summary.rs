//! The summary of a server for the person who starts it.

use mcp_core::Dpop;

use crate::auth::ProtectedResource;
use crate::auth::gate::Gate;
use crate::server::{Catalog, Item, Kind, Server};
use crate::transport::http::{Http, OPEN_PATH};

#[expect(private_bounds, reason = "the two gates are chosen by the constructors")]
impl<S: Server, G: Gate> Http<S, G> {
    /// Describes the server: addresses, issuers, and the scopes and rate of each item.
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
    /// An item that is not listed for everyone has `(hidden)` behind its name. A column `Calls` has the APIs that items call
    /// in the name of their caller. Where clients ask for other scopes at first than every request needs, or by other names,
    /// a line `Asked` has them. A line `Proof` stands for `dpop`.
    #[must_use]
    pub fn summary(&self) -> String {
        let mut out = String::new();
        match self.gate.resource() {
            None => {
                let path = self.settings.path.as_deref().unwrap_or(OPEN_PATH);
                out.push_str(&format!("Endpoint  {path} (open to anyone)\n"));
            }
            Some(resource) => push_addresses(&mut out, resource),
        }
        if let (Some(_), Some(path)) = (self.gate.resource(), &self.settings.path) {
            out.push_str(&format!("Mounted   {path}\n"));
        }
        let catalog = self.service.catalog();
        if let Some(rate) = catalog.rate() {
            out.push_str(&format!("Rate      {rate}\n"));
        }
        for (kind, items) in catalog.items() {
            if !items.is_empty() {
                out.push('\n');
                push_table(&mut out, kind, &items, &catalog);
            }
        }
        out
    }
}

fn push_addresses(out: &mut String, resource: &ProtectedResource) {
    out.push_str(&format!("Endpoint  {}\n", resource.url));
    out.push_str(&format!("Metadata  {}\n", resource.metadata_url));
    for issuer in &resource.issuers {
        out.push_str(&format!("Issuer    {issuer}\n"));
    }
    match resource.dpop() {
        Dpop::Refused => {}
        Dpop::Accepted => out.push_str("Proof     DPoP, beside bearer tokens\n"),
        Dpop::Required => out.push_str("Proof     DPoP\n"),
    }
    let required = resource.required();
    let asked = resource.ask(required);
    if asked.all() != required {
        out.push_str(&format!("Asked     {}\n", asked.all().join(" ")));
    }
}

/// Appends a table of the items of one kind, with their scopes and rates.
fn push_table(out: &mut String, kind: Kind, items: &[&Item], catalog: &Catalog) {
    let mut scopes: Vec<&str> = Vec::new();
    for scope in items.iter().flat_map(|item| item.needed.scopes()) {
        if !scopes.contains(scope) {
            scopes.push(scope);
        }
    }
    let kind = match kind {
        Kind::Tool => "Tool",
        Kind::Resource => "Resource",
        Kind::Template => "Template",
        Kind::Prompt => "Prompt",
    };
    let label = |item: &Item| format!("{}{}", item.key, if item.hidden { " (hidden)" } else { "" });
    let width = items.iter().map(|item| label(item).len()).chain([kind.len()]).max().unwrap_or_default();
    let mut push_row = |name: &str, cells: Vec<(&str, usize)>| {
        let mut row = format!("{name:width$}");
        for (cell, width) in cells {
            row.push_str(&format!("  {cell:width$}"));
        }
        out.push_str(row.trim_end());
        out.push('\n');
    };
    let rate = |item: &Item| catalog.rate_of(item).map(|rate| rate.to_string());
    let has_rates = items.iter().any(|item| rate(item).is_some());
    let calls = |item: &Item| item.targets.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    let has_calls = items.iter().any(|item| !item.targets.is_empty());
    let rates = items.iter().filter_map(|item| rate(item)).map(|rate| rate.len()).max().unwrap_or_default();
    let rates = if has_rates { rates.max("Rate".len()) } else { 0 };
    let heading = scopes.iter().map(|scope| (*scope, scope.len())).chain(has_rates.then_some(("Rate", rates)));
    push_row(kind, heading.chain(has_calls.then_some(("Calls", 0))).collect());
    for item in items {
        let mark = |scope: &&str| if item.needed.scopes().contains(scope) { "✓" } else { "" };
        let rate = rate(item).unwrap_or_default();
        let calls = calls(item);
        let cells = scopes.iter().map(|scope| (mark(scope), scope.len()));
        let cells = cells.chain(has_rates.then_some((&*rate, rates))).chain(has_calls.then_some((&*calls, 0)));
        push_row(&label(item), cells.collect());
    }
}
