//! The way from a URI to the resource that is read, and the scopes that it needs.

use std::sync::LazyLock;

use mcp::testing::TestClient;
use mcp::{AccessToken, Bearer, Http, StaticTokens};
use mcp_core::UriTemplate;
use serde_json::json;

use crate::wire::{block_on, post};

struct Archive;

#[mcp::server(
    issuer = "https://auth.example.com",
    resource = "http://127.0.0.1:8000/mcp",
    optional_scopes = ["admin", "secret"],
)]
impl Archive {
    /// The payroll.
    #[mcp::resource("notes://payroll", scopes = ["admin"])]
    fn payroll(&self) -> String {
        "payroll".to_owned()
    }

    /// Any other note.
    #[mcp::resource("notes://{name}")]
    fn note(&self, name: String) -> String {
        format!("note {name}")
    }

    /// A private file.
    #[mcp::resource("files://private/{name}", scopes = ["secret"])]
    fn private(&self, name: String) -> String {
        format!("private {name}")
    }

    /// Any other file.
    #[mcp::resource("files://{+path}")]
    fn file(&self, path: String) -> String {
        format!("file {path}")
    }

    /// The log of a month in a year.
    #[mcp::resource("logs://{year}-{month}{?level}", scopes = ["admin"])]
    fn log(&self, year: String, month: String, level: Option<String>) -> String {
        format!("log {year} {month} {level:?}")
    }

    /// The log of a year.
    #[mcp::resource("logs://year/{year}")]
    fn year(&self, year: String) -> String {
        format!("year {year}")
    }
}

/// The items that need a scope, as declared above.
static NARROW_ITEMS: LazyLock<Vec<UriTemplate>> = LazyLock::new(|| {
    let templates = ["notes://payroll", "files://private/{name}", "logs://{year}-{month}{?level}"];
    templates.map(|template| UriTemplate::parse(template).expect("a template")).into()
});

type Client = TestClient<Archive, Bearer<StaticTokens>>;

static CHIEF: LazyLock<Client> = LazyLock::new(|| {
    let chief = AccessToken::ours("chief").with_scopes(["admin", "secret"]);
    let tokens = StaticTokens::new([("chief-token", chief), ("clerk-token", AccessToken::ours("clerk"))]);
    TestClient::new(Http::protected(Archive, tokens)).token("chief-token")
});
static CLERK: LazyLock<Client> = LazyLock::new(|| CHIEF.token("clerk-token"));

/// The input is a URI.
///
/// - Nobody without a scope reads what a URI means in any spelling that needs it.
/// - Who has all scopes gets the same for a URI that is written in another way.
/// - A URI with a malformed escape is nothing.
pub fn check(data: &[u8]) {
    let Ok(uri) = str::from_utf8(data) else { return };
    let (clerk, chief) = (read(&CLERK, uri), read(&CHIEF, uri));
    assert!(clerk == Reading::Refused || clerk == chief, "{uri}: {clerk:?} and {chief:?}");
    let decoded = decoded(uri);
    let spellings = [Some(uri), decoded.as_deref()];
    let needs_scope = spellings.into_iter().flatten().any(|spelling| {
        NARROW_ITEMS.iter().any(|template| template.as_str() == spelling || template.match_uri(spelling).is_some())
    });
    if needs_scope {
        assert!(!matches!(clerk, Reading::Contents(_)), "{uri}: {clerk:?}");
    }
    if decoded.is_none() {
        assert_eq!(chief, Reading::Nothing, "{uri}");
    }
    assert_eq!(read(&CHIEF, &encoded(uri)), chief, "{uri}");
}

#[derive(Debug, PartialEq)]
enum Reading {
    Contents(String),
    Nothing,
    /// A refusal without the scopes.
    Refused,
}

fn read(client: &Client, uri: &str) -> Reading {
    let message = json!({"jsonrpc": "2.0", "id": 1, "method": "resources/read", "params": {"uri": uri}});
    let response = block_on(client.send(post(message.to_string())));
    let answer = response.json();
    match (response.status().as_u16(), answer["result"]["contents"][0]["text"].as_str()) {
        (200, Some(text)) => Reading::Contents(text.to_owned()),
        (403, None) => Reading::Refused,
        (_, None) if answer["error"]["code"].is_i64() => Reading::Nothing,
        other => panic!("{uri}: {other:?} {answer}"),
    }
}

/// Decodes every escape; `None` for a `%` that begins no escape.
fn decoded(uri: &str) -> Option<String> {
    let mut bytes = Vec::new();
    let mut rest = uri.as_bytes();
    while let [byte, after @ ..] = rest {
        rest = after;
        match (byte, after) {
            (b'%', [high, low, after @ ..]) if high.is_ascii_hexdigit() && low.is_ascii_hexdigit() => {
                let digits = [*high, *low];
                bytes.push(u8::from_str_radix(str::from_utf8(&digits).ok()?, 16).ok()?);
                rest = after;
            }
            (b'%', _) => return None,
            (byte, _) => bytes.push(*byte),
        }
    }
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

/// Returns the URI with an escape for every letter and digit behind the scheme.
fn encoded(uri: &str) -> String {
    let Some((scheme, rest)) = uri.split_once(':') else { return uri.to_owned() };
    let mut out = format!("{scheme}:");
    let mut characters = rest.chars();
    while let Some(c) = characters.next() {
        match c {
            '%' => {
                out.push('%');
                out.extend(characters.by_ref().take(2));
            }
            c if c.is_ascii_alphanumeric() => out.push_str(&format!("%{:02x}", u32::from(c))),
            c => out.push(c),
        }
    }
    out
}
