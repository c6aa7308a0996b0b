//! The protected-resource metadata document.

use crate::Dpop;
use crate::json::{push_string, push_strings};

/// The content of a protected-resource metadata document (RFC 9728 §2).
///
/// All strings are published verbatim, because clients compare them exactly and a URL type might add a slash. The fields
/// are exhaustive, because the macros and the runtime construct the document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MetadataDocument<'a> {
    /// The resource identifier.
    pub resource: &'a str,
    /// The issuers whose tokens are accepted.
    pub authorization_servers: &'a [&'a str],
    /// The scopes that clients request first, under the names that clients use. Omitted if empty.
    pub scopes_supported: &'a [String],
    /// The treatment of bound tokens, which has two members. Omitted if these are refused.
    pub dpop: Dpop,
    /// A name for people.
    pub resource_name: Option<&'a str>,
    /// A page for developers.
    pub resource_documentation: Option<&'a str>,
}

impl MetadataDocument<'_> {
    /// Returns the document as compact JSON.
    #[must_use]
    pub fn to_json(&self) -> String {
        let mut out = String::from("{\"resource\":");
        push_string(&mut out, self.resource);
        out.push_str(",\"authorization_servers\":");
        push_strings(&mut out, self.authorization_servers);
        if !self.scopes_supported.is_empty() {
            out.push_str(",\"scopes_supported\":");
            push_strings(&mut out, self.scopes_supported);
        }
        out.push_str(",\"bearer_methods_supported\":[\"header\"]");
        if self.dpop.is_accepted() {
            out.push_str(",\"dpop_signing_alg_values_supported\":");
            push_strings(&mut out, Dpop::ALGORITHMS);
        }
        if self.dpop == Dpop::Required {
            out.push_str(",\"dpop_bound_access_tokens_required\":true");
        }
        for (key, value) in
            [("resource_name", self.resource_name), ("resource_documentation", self.resource_documentation)]
        {
            if let Some(value) = value {
                out.push_str(",\"");
                out.push_str(key);
                out.push_str("\":");
                push_string(&mut out, value);
            }
        }
        out.push('}');
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_the_required_fields_in_order() {
        let document = MetadataDocument {
            resource: "http://127.0.0.1:8000/mcp",
            authorization_servers: &["https://auth.example.com"],
            scopes_supported: &["notes:read".to_owned()],
            dpop: Dpop::Refused,
            resource_name: None,
            resource_documentation: None,
        };
        assert_eq!(
            document.to_json(),
            r#"{"resource":"http://127.0.0.1:8000/mcp","authorization_servers":["https://auth.example.com"],"scopes_supported":["notes:read"],"bearer_methods_supported":["header"]}"#
        );
    }

    #[test]
    fn writes_the_optional_fields_behind_them() {
        let document = MetadataDocument {
            resource: "https://mcp.example.com",
            authorization_servers: &["https://a.example.com/", "https://b.example.com"],
            scopes_supported: &[],
            dpop: Dpop::Required,
            resource_name: Some("The \"notes\""),
            resource_documentation: Some("https://example.com/docs"),
        };
        assert_eq!(
            document.to_json(),
            r#"{"resource":"https://mcp.example.com","authorization_servers":["https://a.example.com/","https://b.example.com"],"bearer_methods_supported":["header"],"dpop_signing_alg_values_supported":["ES256","ES384","EdDSA","Ed25519","PS256","PS384","PS512","RS256","RS384","RS512"],"dpop_bound_access_tokens_required":true,"resource_name":"The \"notes\"","resource_documentation":"https://example.com/docs"}"#
        );
    }
}
