//! JSON-RPC messages: the envelope, the id and the params of every method.

use std::sync::LazyLock;

use mcp::testing::TestClient;
use mcp::{Anyone, Http, PromptMessage};
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::Value;
use serde_json::value::RawValue;

use crate::wire::{block_on, has_private_text, post, read_unique, respelled};

struct Desk;

#[mcp::server(name = "desk", version = "1")]
impl Desk {
    /// Say it again.
    #[mcp::tool]
    fn echo(&self, text: String, value: Option<Value>) -> String {
        format!("{text}{}", value.unwrap_or_default())
    }

    /// All drawers.
    #[mcp::resource("desk://all")]
    fn all(&self) -> String {
        "pens".to_owned()
    }

    /// One drawer.
    #[mcp::resource("desk://{name}")]
    fn drawer(&self, name: String) -> String {
        name
    }

    /// Ask for advice.
    #[mcp::prompt]
    fn advise(&self, topic: String, tone: Option<String>) -> Vec<PromptMessage> {
        vec![PromptMessage::user(format!("{topic}{}", tone.unwrap_or_default()))]
    }

    /// Known topics.
    #[mcp::completion(prompt = "advise", argument = "topic")]
    fn topics(&self, topic: String) -> Vec<String> {
        vec![topic]
    }
}

static DESK: LazyLock<TestClient<Desk, Anyone>> = LazyLock::new(|| TestClient::new(Http::open(Desk)));

/// Limits a text in which every letter becomes an escape, so that no id gets too long.
const MAX_RESPELLED: usize = 1024 / 6;

/// The envelope of a message.
#[derive(Deserialize)]
struct Envelope<'a> {
    jsonrpc: String,
    #[serde(borrow)]
    id: Option<&'a RawValue>,
    #[expect(dead_code, reason = "without one it is no request")]
    method: String,
}

/// The parts of an answer that repeat its request.
#[derive(Deserialize)]
struct Answer<'a> {
    #[serde(borrow)]
    id: &'a RawValue,
}

/// - What is not JSON is a parse error, and what is an array or an object is none.
/// - An answer is JSON, and repeats the id as it was written.
/// - The same message in other words gets the same answer.
pub fn check(data: &[u8]) {
    let (status, body) = deliver(data);
    let answer: Value = match &body[..] {
        [] => Value::Null,
        body => serde_json::from_slice(body).expect("an answer is JSON"),
    };
    // A byte order mark in front is left out.
    let data = data.strip_prefix(b"\xef\xbb\xbf").unwrap_or(data);
    let is_json = serde_json::from_slice::<IgnoredAny>(data).is_ok();
    let Ok(text) = str::from_utf8(data) else {
        assert_eq!((status, &answer["error"]["code"]), (400, &Value::from(-32700)));
        return;
    };
    if !is_json {
        assert_eq!((status, &answer["error"]["code"]), (400, &Value::from(-32700)), "{text}");
        return;
    }
    let message = read_unique(data);
    if message.as_ref().is_some_and(has_private_text) {
        assert_eq!((status, &answer["error"]["code"]), (400, &Value::from(-32700)), "{text}");
    } else if message.is_some_and(|message| message.is_object())
        && let Ok(envelope) = serde_json::from_str::<Envelope<'_>>(text)
        && envelope.jsonrpc == "2.0"
    {
        match envelope.id.map(RawValue::get) {
            None if has_id(text) => assert_eq!(status, 400, "{text}"),
            None => assert_eq!((status, &*body), (202, &b""[..]), "a notification has no answer: {text}"),
            Some(id) if is_id(id) => {
                let answer: Answer<'_> = serde_json::from_slice(&body).expect("an answer has an id");
                assert_eq!(answer.id.get(), id, "{text}");
            }
            Some(_) => assert_eq!((status, &answer["error"]["code"]), (400, &Value::from(-32600)), "{text}"),
        }
    }
    if text.len() <= MAX_RESPELLED && !text.contains("initialize") {
        let other = respelled(text);
        let (other_status, other_body) = deliver(other.as_bytes());
        let other_answer = serde_json::from_slice(&other_body).unwrap_or_default();
        assert_eq!((status, without_positions(answer)), (other_status, without_positions(other_answer)), "{text}");
    }
}

fn deliver(data: &[u8]) -> (u16, Vec<u8>) {
    let response = block_on(DESK.send(post(data)));
    (response.status().as_u16(), response.body().to_vec())
}

/// Returns `true` for an id of JSON-RPC 2.0 §4 and MCP: a text or an integer.
fn is_id(json: &str) -> bool {
    let digits = json.strip_prefix('-').unwrap_or(json);
    json.len() <= 1024 && (json.starts_with('"') || digits.bytes().all(|byte| byte.is_ascii_digit()))
}

/// Returns `true` if there is an `id`, which may be `null`.
fn has_id(text: &str) -> bool {
    serde_json::from_str::<Value>(text).is_ok_and(|message| message.get("id").is_some())
}

/// Removes the place of a mistake, which depends on how the text is written.
fn without_positions(mut answer: Value) -> Value {
    if let Some(Value::String(message)) = answer.pointer_mut("/error/message")
        && let Some(position) = message.rfind(" at line ")
    {
        message.truncate(position);
    }
    answer
}
