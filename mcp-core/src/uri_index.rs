//! An index from URIs to resources and the scopes that they need.

use std::collections::HashMap;

use crate::decoded_uri::{DecodedUri, is_ambiguous};
use crate::resource_uri::NormalUri;
use crate::uri_pattern::UriPattern;
use crate::uri_template::UriTemplate;

/// An index of resources by their URIs.
///
/// A URI without variables takes precedence over templates. Among templates, the first declared one that matches serves
/// the URI.
///
/// A URI needs the scopes of every resource that a spelling of it could mean, so that no spelling needs less than another.
/// These are the resources that match
///
/// - the normal form of the URI;
/// - the URI with some or all escapes decoded, once or several times, because a handler may decode them;
/// - the URI without regard to the case of letters, empty segments and a trailing `/`, because file systems and databases
///   may ignore these;
/// - the URI without its parameters, query or fragment.
///
/// There is one exception. A URI without variables and without ambiguous escapes needs the scopes of its own resource only,
/// because no value of the client reaches the method.
#[derive(Debug, Clone)]
pub struct UriIndex<T> {
    entries: Vec<Entry<T>>,
    /// The entries without variables, by their normal form.
    fixed: HashMap<String, usize>,
    /// The entries with variables, in the order of their declaration.
    templates: Vec<usize>,
    /// Set if all entries need the same scopes. No URI then needs further scopes.
    is_uniform: bool,
}

/// A resource in the index.
#[derive(Debug, Clone)]
struct Entry<T> {
    template: UriTemplate,
    decoded: UriPattern,
    folded: UriPattern,
    scopes: Vec<&'static str>,
    item: T,
}

/// The variables of a URI with their values.
type Values<'a> = Vec<(&'a str, String)>;

/// The result of [`UriIndex::find`].
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct UriMatch<'a, T> {
    /// The resource that serves the URI.
    pub item: &'a T,
    /// The values of its variables.
    pub values: Vec<(&'a str, String)>,
    /// The scopes that the URI needs because of its other interpretations.
    pub further_scopes: Vec<&'static str>,
}

impl<T> UriIndex<T> {
    /// Creates an index of resources in the order of their declaration.
    ///
    /// Each resource comes with all the scopes that it needs, and with a template that no other one clashes with.
    pub fn new(resources: impl IntoIterator<Item = (UriTemplate, Vec<&'static str>, T)>) -> Self {
        let entries: Vec<Entry<T>> = resources
            .into_iter()
            .map(|(template, scopes, item)| Entry {
                decoded: UriPattern::decoded(template.parts()),
                folded: UriPattern::folded(template.parts()),
                template,
                scopes,
                item,
            })
            .collect();
        let (mut fixed, mut templates) = (HashMap::new(), Vec::new());
        for (index, entry) in entries.iter().enumerate() {
            match entry.template.as_fixed() {
                Some(uri) => drop(fixed.insert(uri.to_owned(), index)),
                None => templates.push(index),
            }
        }
        let is_uniform = entries.windows(2).all(|pair| pair[0].needs_no_more_than(&pair[1].scopes))
            && entries.windows(2).all(|pair| pair[1].needs_no_more_than(&pair[0].scopes));
        Self { entries, fixed, templates, is_uniform }
    }

    /// Finds the resource of a URI.
    #[must_use]
    pub fn find(&self, uri: &NormalUri<'_>) -> Option<UriMatch<'_, T>> {
        let uri = uri.as_str();
        let (entry, values) = self.serving(uri)?;
        let further_scopes = self.further_scopes(entry, uri, &values);
        Some(UriMatch { item: &entry.item, values, further_scopes })
    }

    fn serving(&self, uri: &str) -> Option<(&Entry<T>, Values<'_>)> {
        if let Some(index) = self.fixed.get(uri) {
            return Some((&self.entries[*index], Vec::new()));
        }
        let mut templates = self.templates.iter().map(|index| &self.entries[*index]);
        templates.find_map(|entry| Some((entry, entry.template.match_uri(uri)?)))
    }

    /// Returns the scopes of the other resources that the URI could mean.
    fn further_scopes(&self, serving: &Entry<T>, uri: &str, values: &[(&str, String)]) -> Vec<&'static str> {
        if self.is_uniform || serving.template.is_fixed() && !is_ambiguous(uri) {
            return Vec::new();
        }
        let mut others = self.entries.iter().filter(|entry| !entry.needs_no_more_than(&serving.scopes)).peekable();
        if others.peek().is_none() {
            return Vec::new();
        }
        let decoded = DecodedUri::new(uri);
        let folded = decoded.clone().folded();
        let decoded = decoded.into_characters();
        let mut further = Vec::new();
        for entry in others {
            let could_be_meant = entry.decoded.could_match(&decoded)
                || entry.folded.could_match(&folded)
                || entry.template.as_fixed().is_some_and(|fixed| serving.has_values(fixed, values));
            if !could_be_meant {
                continue;
            }
            for scope in &entry.scopes {
                if !serving.scopes.contains(scope) && !further.contains(scope) {
                    further.push(*scope);
                }
            }
        }
        further
    }
}

impl<T> Entry<T> {
    fn needs_no_more_than(&self, scopes: &[&'static str]) -> bool {
        self.scopes.iter().all(|scope| scopes.contains(scope))
    }

    /// Returns `true` if a URI has the same values, in any order.
    fn has_values(&self, uri: &str, values: &[(&str, String)]) -> bool {
        self.template
            .match_uri(uri)
            .is_some_and(|others| others.len() == values.len() && others.iter().all(|value| values.contains(value)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Creates an index of pairs: a template and its scopes.
    fn index(resources: &[(&str, &'static str)]) -> UriIndex<String> {
        UriIndex::new(resources.iter().map(|(text, scope)| {
            let template = UriTemplate::parse(*text).unwrap_or_else(|error| panic!("{text}: {error}"));
            (template, scope.split_whitespace().collect(), (*text).to_owned())
        }))
    }

    /// Returns the item of a URI and all scopes, as text.
    fn found(index: &UriIndex<String>, uri: &str) -> String {
        let Ok(uri) = NormalUri::parse(uri) else { return "refused".to_owned() };
        let Some(found) = index.find(&uri) else { return "none".to_owned() };
        format!("{} [{}]", found.item, needed(index, &found).join(" "))
    }

    fn needed(index: &UriIndex<String>, found: &UriMatch<'_, String>) -> Vec<&'static str> {
        let own = index.entries.iter().find(|entry| entry.item == *found.item).expect("it is there");
        [&*own.scopes, &found.further_scopes].concat()
    }

    #[test]
    fn no_spelling_of_a_protected_uri_needs_less() {
        let notes = index(&[("notes://payroll", "admin"), ("notes://{name}", ""), ("notes://{+path}", "")]);
        for uri in [
            "notes://payroll",
            "NOTES://payroll",
            "notes://%70ayroll",
            "notes://%2570ayroll",
            "notes://%25%37%30ayroll",
            "notes://%25%25370ayroll",
            "notes://PayRoll",
            "notes://payroll/",
            "notes:///payroll",
            "notes://payroll//",
            "notes://payroll%2F",
            "notes://%2Fpayroll",
            "notes://%5Cpayroll",
            "notes://payroll?x",
            "notes://payroll#x",
            "notes://payroll%3Fx",
            "notes://payroll/?x",
        ] {
            assert!(found(&notes, uri).ends_with("[admin]"), "{uri}: {}", found(&notes, uri));
        }
        for uri in ["notes://%%370ayroll", "notes://payroll%", "notes://a/../payroll", "notes://a%2F%252e%2e%5Cpayroll"]
        {
            assert_eq!(found(&notes, uri), "refused", "{uri}");
        }
        for uri in ["notes://payrolls", "notes://pay", "notes://x/payroll", "notes://payroll%20", "notes://x@payroll"] {
            assert!(found(&notes, uri).ends_with("[]"), "{uri}: {}", found(&notes, uri));
        }
    }

    #[test]
    fn a_uri_needs_the_scopes_of_every_template_that_it_could_mean() {
        let files = index(&[
            ("files://private/{name}", "admin"),
            ("files://{+path}", ""),
            ("files://{id}/log{?day}", "log"),
            ("files://public", ""),
            ("mail://{box}/{id}", "read"),
            ("mail://{box}", "list"),
            ("mail://{box}/sent", ""),
        ]);
        for (uri, expected) in [
            ("files://private/x", "files://private/{name} [admin]"),
            ("files://private%2Fx", "files://{+path} [admin]"),
            ("files://private%252Fx", "files://{+path} [admin]"),
            // The first escape separates, the second does not.
            ("files://private%2Fa%2Fb", "files://{+path} [admin]"),
            ("files://private/a%2Fb", "files://private/{name} [admin]"),
            ("files://private//x", "files://{+path} [admin]"),
            ("files:///private/x", "files://{+path} [admin]"),
            ("files://private/x?y", "files://{+path} [admin]"),
            ("files://Private/x", "files://{+path} [admin]"),
            ("files://private/log", "files://private/{name} [admin log]"),
            ("files://7/log?day=1", "files://{+path} [log]"),
            ("files://private/a/b", "files://{+path} []"),
            ("files://private", "files://{+path} []"),
            // Templates that match do not count, because the method takes no value.
            ("files://public", "files://public []"),
            ("files://%70ublic", "files://public []"),
            ("mail://in/7", "mail://{box}/{id} [read]"),
            ("mail://in%2F7", "mail://{box} [list read]"),
            ("mail://in/sent", "mail://{box}/{id} [read]"),
            ("mail://a%2Fb/7", "mail://{box}/{id} [read]"),
        ] {
            assert_eq!(found(&files, uri), expected, "{uri}");
        }
    }

    #[test]
    fn the_order_of_parameters_changes_nothing() {
        let search = index(&[("search://all?q=secret&page=1", "admin"), ("search://{of}{?q,page}", "")]);
        for (uri, expected) in [
            ("search://all?q=secret&page=1", "search://all?q=secret&page=1 [admin]"),
            ("search://all?page=1&q=secret", "search://{of}{?q,page} [admin]"),
            ("search://all?q=secret", "search://{of}{?q,page} []"),
        ] {
            assert_eq!(found(&search, uri), expected, "{uri}");
        }
    }

    #[test]
    fn an_ambiguous_uri_without_variables_could_mean_a_template() {
        let index = index(&[("a:b%2Fc", ""), ("a:{x}/{y}", "admin"), ("a:{x}", "read"), ("a:caf%c3%a9", "")]);
        assert_eq!(found(&index, "a:b%2fc"), "a:b%2Fc [admin read]");
        assert_eq!(found(&index, "a:caf\u{e9}"), "a:caf%c3%a9 []");
    }

    /// Decodes the escapes of a URI once, like a proxy.
    fn decoded_once(uri: &str) -> Option<String> {
        let mut octets = Vec::new();
        let mut rest = uri;
        while let Some((before, behind)) = rest.split_once('%') {
            octets.extend_from_slice(before.as_bytes());
            octets.push(u8::from_str_radix(behind.get(..2)?, 16).ok()?);
            rest = &behind[2..];
        }
        octets.extend_from_slice(rest.as_bytes());
        String::from_utf8(octets).ok()
    }

    /// Checks every URI of few pieces, with a scope for each resource.
    #[test]
    fn decoding_a_uri_never_finds_what_needs_more() {
        let servers = [
            &[("a:b", "1"), ("a:{x}", "2"), ("a:{+y}", "3")][..],
            &[("a:{x}/{y}", "1"), ("a:b/{y}", "2"), ("a:{x}", "3"), ("a:b%2Fb", "4"), ("a:{+z}", "")],
            &[("a:b/", "1"), ("a:{x}{?q}", "2"), ("a:{+y}", "3"), ("a:b?q=b", "4")],
            &[("a:{x}{;q}", "1"), ("a:b{+y}", "2"), ("a:/{z}", "3"), ("a:{y}b", "")],
        ];
        let servers = servers.map(index);
        let pieces = ["b", "%62", "/", "%2F", "%25", "2F", "?", "%3F", "q=", ";", "%5C"];
        let mut texts = vec!["a:".to_owned()];
        for _ in 0..4 {
            texts = texts.iter().flat_map(|text| pieces.map(|piece| format!("{text}{piece}"))).collect();
            for (text, server) in texts.iter().flat_map(|text| servers.iter().map(move |server| (text, server))) {
                let Some(decoded) = decoded_once(text) else { continue };
                let (Ok(uri), Ok(decoded)) = (NormalUri::parse(text), NormalUri::parse(&decoded)) else { continue };
                let (Some(found), Some(more)) = (server.find(&uri), server.find(&decoded)) else { continue };
                let (needed, more) = (needed(server, &found), needed(server, &more));
                let is_covered = more.iter().all(|scope| needed.contains(scope));
                assert!(is_covered, "{text} needs {needed:?}, and {decoded} {more:?}");
            }
        }
    }

    #[test]
    fn a_long_uri_takes_no_longer_than_its_length() {
        let files = index(&[("a:{+path}", ""), ("a:{x}%2F{y}", "1"), ("a:{x}/aaa/{+y}b", "2")]);
        let uri = format!("a:{}", "%2Faaa".repeat(1 << 16));
        assert_eq!(found(&files, &uri), "a:{+path} [1]");
    }
}
