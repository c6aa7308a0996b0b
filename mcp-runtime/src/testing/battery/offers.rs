//! The requests of a battery, for every item and of every kind.

use bytes::Bytes;
use http::{Method, Request};
use serde_json::{Value, json};

use crate::auth::ProtectedResource;
use crate::auth::gate::Gate;
use crate::server::{Catalog, CompletionTarget, Kind, Server};
use crate::testing::TestClient;

/// An item or a completion, with the methods that a client uses it by.
pub(super) struct Offer {
    name: String,
    calls: Vec<(&'static str, Value)>,
    /// All scopes that a caller needs.
    pub(super) needed: Vec<&'static str>,
}

impl Offer {
    /// Creates the offer of an item.
    ///
    /// The argument is one that no item has, so that even an unprotected server runs no code of a tool or a prompt.
    fn of_item(kind: Kind, key: &str, needed: &[&'static str]) -> Self {
        let of_uri = |uri: &str| {
            let params = json!({"uri": uri});
            vec![("resources/read", params.clone()), (SUBSCRIBE, params)]
        };
        let calls = match kind {
            Kind::Tool => vec![("tools/call", json!({"name": key, "arguments": {"no-such-argument": null}}))],
            Kind::Prompt => vec![("prompts/get", json!({"name": key, "arguments": {"no-such-argument": ""}}))],
            Kind::Resource => of_uri(key),
            Kind::Template => of_uri(&example(key)),
        };
        Self { name: key.to_owned(), calls, needed: needed.to_vec() }
    }

    fn of_completion(of: CompletionTarget, argument: &str, needed: &[&'static str]) -> Self {
        let (key, reference) = match of {
            CompletionTarget::Prompt(name) => (name, json!({"type": "ref/prompt", "name": name})),
            CompletionTarget::Resource(template) => (template, json!({"type": "ref/resource", "uri": template})),
        };
        let params = json!({"ref": reference, "argument": {"name": argument, "value": ""}});
        Self {
            name: format!("{argument} for {key}"),
            calls: vec![("completion/complete", params)],
            needed: needed.to_vec(),
        }
    }

    /// Returns requests in two versions, without a token, with their names.
    pub(super) fn requests<S: Server, G: Gate>(&self, client: &TestClient<S, G>) -> Vec<(String, Request<Bytes>)> {
        let mut requests = Vec::new();
        for (method, params) in &self.calls {
            let name = format!("{method} of {}", self.name);
            // Version 2026-07-28 has no such method.
            if *method != SUBSCRIBE {
                requests.push((name.clone(), client.message(Some(1), method, params.clone())));
            }
            requests.push((format!("{name} (legacy)"), client.legacy_message(method, params)));
        }
        requests
    }
}

const SUBSCRIBE: &str = "resources/subscribe";

/// Returns an offer for each item and each completion, listed or hidden.
pub(super) fn offers(catalog: &Catalog) -> Vec<Offer> {
    let items = catalog.items().into_iter();
    let mut offers: Vec<Offer> = items
        .flat_map(|(kind, items)| items.into_iter().map(move |item| (kind, item)))
        .map(|(kind, item)| {
            let own = item.needed.scopes();
            // A URI needs the scopes of all items that it could mean.
            let of_uri = match kind {
                Kind::Resource => catalog.scopes_of_uri(item.key),
                Kind::Template => catalog.scopes_of_uri(&example(item.key)),
                Kind::Tool | Kind::Prompt => None,
            };
            let needed = of_uri.filter(|needed| own.iter().all(|scope| needed.contains(scope)));
            Offer::of_item(kind, item.key, needed.as_deref().unwrap_or(own))
        })
        .collect();
    let completions = catalog.completions().into_iter();
    offers.extend(completions.map(|(item, of, argument)| Offer::of_completion(of, argument, item.needed.scopes())));
    offers
}

/// Returns all scopes that the server and its offers need.
pub(super) fn every_scope(offers: &[Offer], resource: &ProtectedResource) -> Vec<&'static str> {
    let mut scopes = resource.required().to_vec();
    for scope in offers.iter().flat_map(|offer| &offer.needed) {
        if !scopes.contains(scope) {
            scopes.push(scope);
        }
    }
    scopes
}

/// Returns one request of every kind, without a token, with its name.
pub(super) fn every_request<S: Server, G: Gate>(
    client: &TestClient<S, G>,
    offers: &[Offer],
) -> Vec<(String, Request<Bytes>)> {
    let methods =
        [Method::GET, Method::HEAD, Method::POST, Method::PUT, Method::PATCH, Method::DELETE, Method::OPTIONS];
    let mut requests: Vec<(String, Request<Bytes>)> =
        methods.into_iter().map(|method| (method.to_string(), bare(method, client.endpoint()))).collect();
    for method in ["tools/list", "server/discover", "no/such/method"] {
        requests.push((method.to_owned(), client.message(Some(1), method, json!({}))));
    }
    requests
        .push(("notification".to_owned(), client.message(None, "notifications/cancelled", json!({"requestId": 1}))));
    let params =
        json!({"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "", "version": ""}});
    requests.push(("initialize".to_owned(), client.legacy_message("initialize", &params)));
    requests.push(("tools/list (legacy)".to_owned(), client.legacy_message("tools/list", &json!({}))));
    for kind in [Kind::Tool, Kind::Resource, Kind::Prompt] {
        requests.extend(Offer::of_item(kind, "no-such-thing", &[]).requests(client));
    }
    requests.extend(offers.iter().flat_map(|offer| offer.requests(client)));
    requests
}

#[expect(clippy::expect_used, reason = "paths of endpoints and documents are visible ASCII")]
pub(super) fn bare(method: Method, path: &str) -> Request<Bytes> {
    Request::builder().method(method).uri(path).body(Bytes::new()).expect("a request")
}

/// Returns a URI of a template.
fn example(template: &str) -> String {
    let mut uri = String::new();
    let mut rest = template;
    while let Some((literal, expression)) = rest.split_once('{') {
        let (expression, behind) = expression.split_once('}').unwrap_or((expression, ""));
        uri.push_str(literal);
        match expression.chars().next() {
            Some('?' | '&' | ';') => {}
            Some(operator @ ('.' | '/' | '#')) => uri.extend([operator, '0']),
            _ => uri.push('0'),
        }
        rest = behind;
    }
    uri + rest
}
