//! URIs and templates of URIs.

use mcp_core::{NormalUri, UriTemplate};

use crate::wire::lines;

/// The first line is a template, the rest a URI.
///
/// - A template that was read is written as it was.
/// - The normal form of a normal form is itself.
/// - Values that were taken out of a URI are taken out again of the URI that has them percent-encoded.
/// - Templates clash both ways, and each with itself.
pub fn check(data: &[u8]) {
    let Ok(text) = str::from_utf8(data) else { return };
    let [template, uri] = lines(text);
    let normal = NormalUri::parse(uri);
    if let Ok(normal) = &normal {
        assert_eq!(NormalUri::parse(normal.as_str()).as_ref(), Ok(normal), "{uri}");
    }
    let Ok(template) = UriTemplate::parse(template) else { return };
    assert_eq!(UriTemplate::parse(template.to_string()).as_ref(), Ok(&template));
    assert!(template.clashes_with(&template), "{template}");
    if let Ok(other) = UriTemplate::parse(uri) {
        assert_eq!(template.clashes_with(&other), other.clashes_with(&template), "{template} and {other}");
    }
    let Ok(normal) = normal else { return };
    if let Some(values) = template.match_uri(normal.as_str()) {
        let names: Vec<&str> = template.variables().map(|variable| variable.name).collect();
        assert!(values.iter().all(|(name, _)| names.contains(name)), "{template} of {uri}: {values:?}");
        let expanded = expand(template.as_str(), &values);
        let again = NormalUri::parse(&expanded).ok().and_then(|uri| template.match_uri(uri.as_str()));
        let sorted = |mut values: Vec<(&str, String)>| {
            values.sort_unstable();
            values.into_iter().map(|(name, value)| (name.to_owned(), value)).collect::<Vec<_>>()
        };
        assert_eq!(again.map(sorted), Some(sorted(values)), "{template} of {uri}, and of {expanded}");
    }
}

/// The URI of a template with these values (RFC 6570 §3.2), in which everything but what is unreserved is encoded.
fn expand(template: &str, values: &[(&str, String)]) -> String {
    let mut out = String::new();
    let mut rest = template;
    let value_of = |name: &str| values.iter().find(|(known, _)| *known == name).map(|(_, value)| encoded(value));
    while let Some((literal, after)) = rest.split_once('{') {
        out.push_str(literal);
        let (expression, after) = after.split_once('}').expect("the template was read");
        rest = after;
        let (operator, names) = match expression.chars().next() {
            Some(operator) if "+#./;?&".contains(operator) => (Some(operator), &expression[1..]),
            _ => (None, expression),
        };
        let (first, separator, is_named) = match operator {
            None | Some('+') => ("", ",", false),
            Some('#') => ("#", ",", false),
            Some('.') => (".", ".", false),
            Some('/') => ("/", "/", false),
            Some(';') => (";", ";", true),
            Some('?') => ("?", "&", true),
            _ => ("&", "&", true),
        };
        let mut before = first;
        for name in names.split(',') {
            let Some(value) = value_of(name) else { continue };
            out.push_str(before);
            before = separator;
            match (is_named, operator, &*value) {
                (false, ..) => out.push_str(&value),
                (true, Some(';'), "") => out.push_str(name),
                (true, ..) => out.push_str(&format!("{name}={value}")),
            }
        }
    }
    out + rest
}

fn encoded(value: &str) -> String {
    let is_unreserved = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    let encode = |byte: u8| if is_unreserved(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") };
    value.bytes().map(encode).collect()
}
