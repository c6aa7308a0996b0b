//! The page for a person who opens the address of a protected server in a browser: a 401 that explains how to connect.
//!
//! It has what the metadata document has, and the APIs that are called in the user's name. It has no script and loads
//! nothing, and the headers hold the browser to that.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::header::{
    ACCEPT, CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY, VARY, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use http::request::Parts;
use http::{HeaderValue, Method, Response};
use mcp_core::Dpop;
use ring::digest::{SHA256, digest};

use crate::auth::ProtectedResource;
use crate::transport::http::request::headers::accepts_pages;

const STYLE: &str = include_str!("page.css");

pub(in crate::transport::http) struct Page {
    html: Bytes,
    policy: HeaderValue,
}

impl Page {
    #[expect(clippy::expect_used, reason = "base64 is visible ASCII")]
    /// `targets` are the APIs that are called in the user's name.
    pub(in crate::transport::http) fn new(resource: &ProtectedResource, targets: &[String]) -> Self {
        let style = STANDARD.encode(digest(&SHA256, STYLE.as_bytes()));
        let policy = format!(
            "default-src 'none'; style-src 'sha256-{style}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
        );
        Self { html: html(resource, targets).into(), policy: HeaderValue::try_from(policy).expect("a policy") }
    }

    /// Returns `true` for the request of a browser that shows a page.
    pub(in crate::transport::http) fn is_wanted(parts: &Parts) -> bool {
        matches!(parts.method, Method::GET | Method::HEAD) && accepts_pages(&parts.headers)
    }

    /// Puts the page into a refusal, which stays what it is otherwise.
    pub(in crate::transport::http) fn explain(&self, mut response: Response<Bytes>) -> Response<Bytes> {
        *response.body_mut() = self.html.clone();
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
        headers.insert(CONTENT_SECURITY_POLICY, self.policy.clone());
        headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        headers.insert(X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
        headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
        headers.insert(VARY, HeaderValue::from_name(ACCEPT));
        response
    }
}

fn html(resource: &ProtectedResource, targets: &[String]) -> String {
    let url = &*resource.url;
    let name = slug(resource.name().unwrap_or_else(|| url.split_once("://").map_or(url, |(_, rest)| rest)));
    let title = escaped(resource.name().unwrap_or(url));
    let mut out = format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"robots\" content=\"noindex\">\n<title>{title}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n\
         <p class=\"kind\">MCP server</p>\n<h1>{title}</h1>\n\
         <p>This address is for applications that work with AI models. Add it to yours, which will then send you to the \
         sign-in page.</p>\n<pre>{}</pre>\n",
        escaped(url)
    );
    if let Some(documentation) = resource.documentation() {
        let documentation = escaped(documentation);
        out.push_str(&format!("<p><a href=\"{documentation}\" rel=\"noreferrer\">Documentation</a></p>\n"));
    }
    out.push_str("<h2>Connect</h2>\n");
    for (host, place, snippet) in snippets(&name, url) {
        out.push_str(&format!(
            "<h3>{} <small>{}</small></h3>\n<pre>{}</pre>\n",
            escaped(host),
            escaped(place),
            escaped(&snippet)
        ));
    }
    push_list(&mut out, "Sign-in", resource.issuers.iter().map(AsRef::as_ref));
    let asked = resource.ask(resource.required());
    let proof = match resource.dpop() {
        Dpop::Refused => None,
        Dpop::Accepted => Some("An application may bind its access to a key of its own (DPoP)."),
        Dpop::Required => Some("An application has to bind its access to a key of its own (DPoP), which few can."),
    };
    if let Some(proof) = proof {
        out.push_str(&format!("<h2>Keys</h2>\n<p>{proof}</p>\n"));
    }
    push_list(&mut out, "Permissions", asked.all().iter().map(AsRef::as_ref));
    push_list(&mut out, "Called in your name", targets.iter().map(String::as_str));
    out.push_str(
        "<footer>You see this page because your browser sent no access token (HTTP 401). A click on a box selects all of \
         it.</footer>\n</body>\n</html>\n",
    );
    out
}

/// Describes how applications are configured for the server.
fn snippets(name: &str, url: &str) -> [(&'static str, &'static str, String); 5] {
    let quoted = mcp_core::json_string(url);
    let entry = |outer: &str, members: &[String]| {
        let members = members.join(",\n      ");
        format!("{{\n  \"{outer}\": {{\n    \"{name}\": {{\n      {members}\n    }}\n  }}\n}}")
    };
    let address = format!("\"url\": {quoted}");
    let program = ["\"command\": \"npx\"".to_owned(), format!("\"args\": [\"-y\", \"mcp-remote\", {quoted}]")];
    [
        ("Claude Code", "in a terminal", format!("claude mcp add --transport http {name} {}", in_shell(url))),
        ("VS Code", ".vscode/mcp.json", entry("servers", &["\"type\": \"http\"".to_owned(), address.clone()])),
        ("Cursor", "~/.cursor/mcp.json", entry("mcpServers", &[address])),
        ("Codex", "~/.codex/config.toml", format!("[mcp_servers.{name}]\nurl = {quoted}")),
        ("Others", "that start servers as programs", entry("mcpServers", &program)),
    ]
}

fn push_list<'a>(out: &mut String, heading: &str, items: impl Iterator<Item = &'a str>) {
    let items: Vec<_> = items.map(|item| format!("<li><code>{}</code></li>", escaped(item))).collect();
    if !items.is_empty() {
        out.push_str(&format!("<h2>{heading}</h2>\n<ul>{}</ul>\n", items.concat()));
    }
}

/// Returns a name that needs no quotes in a shell, in JSON, or in TOML.
fn slug(text: &str) -> String {
    let words: Vec<_> = text.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let slug = words.join("-").to_ascii_lowercase();
    if slug.is_empty() { "server".to_owned() } else { slug }
}

/// Quotes a text as one word of a command.
fn in_shell(text: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-._~:/".contains(c);
    if text.chars().all(is_plain) { text.to_owned() } else { format!("'{}'", text.replace('\'', r"'\''")) }
}

/// Escapes a text for an element or an attribute.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_fits_into_every_snippet() {
        for (text, name) in [
            ("The \"shelf\" & <more>", "the-shelf-more"),
            ("127.0.0.1:8000/mcp", "127-0-0-1-8000-mcp"),
            ("書架", "server"),
        ] {
            assert_eq!(slug(text), name);
        }
    }

    #[test]
    fn an_address_is_one_word_of_a_command() {
        assert_eq!(in_shell("https://a.example/mcp"), "https://a.example/mcp");
        assert_eq!(in_shell("https://a.example/$(x)&'y'"), r"'https://a.example/$(x)&'\''y'\'''");
    }

    #[test]
    fn nothing_of_a_text_is_markup() {
        assert_eq!(escaped("<a href=\"x\">'&'</a>"), "&lt;a href=&quot;x&quot;&gt;&#39;&amp;&#39;&lt;/a&gt;");
    }
}
