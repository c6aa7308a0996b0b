//! Sealed texts that a client returns: the state of a request with questions, and a session id.

use std::sync::LazyLock;

use http::Request;
use mcp::testing::TestClient;
use mcp::{AccessToken, Bearer, Context, Error, Http, StaticTokens};
use serde_json::{Value, json};

use crate::wire::{
    block_on, choice, depth, forged, has_private_text, lines, post, post_modern, read_unique, respelled,
};

#[derive(serde::Deserialize, schemars::JsonSchema)]
struct Note {
    text: String,
}

struct Desk;

#[mcp::server(issuer = "https://auth.example.com", resource = "http://127.0.0.1:8000/mcp")]
impl Desk {
    /// Ask twice, and tell the first answer.
    #[mcp::tool]
    async fn ask(&self, value: Value, cx: &Context) -> Result<String, Error> {
        drop(value);
        let first = cx.elicit::<Note>("first", "Which?").await?;
        cx.elicit::<Note>("second", "Really?").await?;
        Ok(first.accepted().map(|note| note.text).unwrap_or_default())
    }

    /// Ask in the same way.
    #[mcp::tool]
    async fn other(&self, value: Value, cx: &Context) -> Result<String, Error> {
        self.ask(value, cx).await
    }
}

type Client = TestClient<Desk, Bearer<StaticTokens>>;

static ALICE: LazyLock<Client> = LazyLock::new(|| {
    let tokens = [("alice-token", AccessToken::ours("alice")), ("bob-token", AccessToken::ours("bob"))];
    TestClient::new(Http::protected(Desk, StaticTokens::new(tokens))).token("alice-token")
});
static BOB: LazyLock<Client> = LazyLock::new(|| ALICE.token("bob-token"));

/// The first line is what a client answers, the second an argument, and the rest a text that nobody sealed.
///
/// - What comes out of a state is what the client answered, however it writes the request the second time.
/// - A state opens for nobody else, for no other tool and no other argument, nor as a session.
/// - A session opens for nobody else, nor as a state.
/// - Neither opens with another character in it, and a text that nobody sealed is neither.
pub fn check(data: &[u8]) {
    let Ok(text) = str::from_utf8(data) else { return };
    let [answer, value, unsealed] = lines(text);
    let value = match read_unique(value.as_bytes()) {
        Some(read) if depth(&read) < 60 && !has_private_text(&read) => value,
        _ => "null",
    };
    let first = json!({"first": {"action": "accept", "content": {"text": answer}}});
    let second = json!({"second": {"action": "accept", "content": {"text": ""}}});

    let asked = call(&ALICE, "ask", value, None);
    let state = state_of(&call(&ALICE, "ask", value, Some((&state_of(&asked), &first))));
    let go_on = |client: &Client, tool, value: &str, state: &str| call(client, tool, value, Some((state, &second)));
    let told = go_on(&ALICE, "ask", &respelled(value), &state);
    assert_eq!(told["result"]["content"][0]["text"], answer, "{told}");

    let session = begin_session();
    assert!(is_open(&ALICE, &session));
    let forged_state = forged(&state, choice(data));
    let forged_session = forged(&session, choice(data));
    for (what, answer) in [
        ("another client", go_on(&BOB, "ask", value, &state)),
        ("another tool", go_on(&ALICE, "other", value, &state)),
        ("another argument", go_on(&ALICE, "ask", &format!("[{value}]"), &state)),
        ("another character", go_on(&ALICE, "ask", value, &forged_state)),
        ("a session", go_on(&ALICE, "ask", value, &session)),
        ("an unsealed text", go_on(&ALICE, "ask", value, unsealed)),
    ] {
        assert_eq!(answer["error"]["code"], -32602, "{what}: {answer}");
    }
    assert!(!is_open(&BOB, &session), "another client");
    for text in [&*forged_session, &*state, unsealed] {
        assert!(!is_open(&ALICE, text), "{text}");
    }
}

fn call(client: &Client, tool: &str, value: &str, again: Option<(&str, &Value)>) -> Value {
    let again = again.map(|(state, answers)| format!(r#","requestState":{},"inputResponses":{answers}"#, json!(state)));
    let members = format!(r#""name":"{tool}","arguments":{{"value":{value}}}{}"#, again.unwrap_or_default());
    block_on(client.send(post_modern("tools/call", tool, &members))).json()
}

fn state_of(answer: &Value) -> String {
    answer["result"]["requestState"].as_str().unwrap_or_else(|| panic!("no state: {answer}")).to_owned()
}

fn begin_session() -> String {
    let params = r#"{"protocolVersion":"2025-06-18","capabilities":{},"clientInfo":{"name":"x","version":"1"}}"#;
    let message = format!(r#"{{"jsonrpc":"2.0","id":1,"method":"initialize","params":{params}}}"#);
    let response = block_on(ALICE.send(post(message)));
    let id = response.headers().get("mcp-session-id").expect("a session");
    id.to_str().expect("a text").to_owned()
}

/// Returns `true` if a session goes on; a text that can't stand in a header is none.
fn is_open(client: &Client, session: &str) -> bool {
    let mut request: Request<Vec<u8>> = post(r#"{"jsonrpc":"2.0","id":1,"method":"ping"}"#);
    let Ok(session) = session.parse() else { return false };
    request.headers_mut().insert("mcp-session-id", session);
    match block_on(client.send(request)).status().as_u16() {
        200 => true,
        400 | 404 => false,
        other => panic!("{other} for a session"),
    }
}
