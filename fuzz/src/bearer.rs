//! The `Authorization` header.

use std::cell::RefCell;
use std::sync::LazyLock;

use http::HeaderValue;
use http::header::AUTHORIZATION;
use mcp::testing::TestClient;
use mcp::{AccessToken, Bearer, Http, TokenError, TokenVerifier};

use crate::wire::{block_on, post};

struct Desk;

#[mcp::server(issuer = "https://auth.example.com", resource = "http://127.0.0.1:8000/mcp")]
impl Desk {
    /// Do nothing.
    #[mcp::tool]
    fn nothing(&self) {}
}

/// Accepts everything, and remembers it.
struct Credulous;

thread_local! {
    static LAST_TOKEN: RefCell<Option<String>> = const { RefCell::new(None) };
}

impl TokenVerifier for Credulous {
    async fn verify_token(&self, token: &str) -> Result<AccessToken, TokenError> {
        LAST_TOKEN.set(Some(token.to_owned()));
        Ok(AccessToken::ours("anyone"))
    }
}

static DESK: LazyLock<TestClient<Desk, Bearer<Credulous>>> =
    LazyLock::new(|| TestClient::new(Http::protected(Desk, Credulous)));

/// - A verifier is asked about exactly what the grammar of RFC 6750 calls the token, and about nothing else.
/// - What is no such header is a 401 if it is one of another scheme, and a 400 otherwise. The scheme `DPoP`, which this
///   server does not declare, has the same grammar (RFC 9449 §7.1).
/// - Two headers are a 400, whatever they say.
/// - No answer has the token in it.
pub fn check(data: &[u8]) {
    let Ok(value) = HeaderValue::from_bytes(data) else { return };
    let (status, asked, told) = send(&[&value]);
    let expected = match header(data) {
        Header::Token(token) => (200, Some(token)),
        Header::OtherScheme => (401, None),
        Header::Malformed => (400, None),
    };
    assert_eq!((status, asked.as_deref()), expected, "{value:?}");
    // A shorter one could be a word of the answer.
    if let Some(token) = asked.filter(|token| token.len() > 40) {
        assert!(!told.contains(&token), "{value:?} is in {told}");
    }
    let (status, asked, _) = send(&[&value, &value]);
    assert_eq!((status, asked), (400, None), "{value:?} twice");
}

enum Header<'a> {
    Token(&'a str),
    OtherScheme,
    Malformed,
}

/// `credentials = "Bearer" 1*SP b64token` (RFC 6750 §2.1), byte by byte.
fn header(data: &[u8]) -> Header<'_> {
    let end_of_scheme = data.iter().position(|byte| *byte == b' ').unwrap_or(data.len());
    let (scheme, mut rest) = data.split_at(end_of_scheme);
    let is_scheme = !scheme.is_empty()
        && data.is_ascii()
        && scheme.iter().all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(byte));
    if !is_scheme {
        return Header::Malformed;
    }
    let is_bearer = scheme.eq_ignore_ascii_case(b"bearer");
    if !is_bearer && !scheme.eq_ignore_ascii_case(b"dpop") {
        return Header::OtherScheme;
    }
    while let [b' ', after @ ..] = rest {
        rest = after;
    }
    let mut state = 0;
    for byte in rest {
        state = match (state, byte) {
            (0 | 1, b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'+' | b'/') => 1,
            (1 | 2, b'=') => 2,
            _ => return Header::Malformed,
        };
    }
    match str::from_utf8(rest) {
        Ok(token) if state > 0 && is_bearer => Header::Token(token),
        Ok(_) if state > 0 => Header::OtherScheme,
        _ => Header::Malformed,
    }
}

/// The status, what the verifier was asked about, and all that the client is told.
fn send(values: &[&HeaderValue]) -> (u16, Option<String>, String) {
    let mut request = post(r#"{"jsonrpc":"2.0","id":1,"method":"ping"}"#);
    for value in values {
        request.headers_mut().append(AUTHORIZATION, HeaderValue::clone(value));
    }
    LAST_TOKEN.set(None);
    let response = block_on(DESK.send(request));
    let told = format!("{:?} {}", response.headers(), String::from_utf8_lossy(response.body()));
    (response.status().as_u16(), LAST_TOKEN.take(), told)
}
