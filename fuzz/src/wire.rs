//! A client in the process, and other ways to write the JSON that it sends.

use std::collections::HashSet;
use std::fmt;

use http::Request;
use serde::de::{Deserialize, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::Value;

/// Runs a request to its end, without waiting, because all of its parts are in the process.
pub(crate) fn block_on<F: Future>(future: F) -> F::Output {
    thread_local! {
        static RUNTIME: tokio::runtime::Runtime =
            tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime");
    }
    RUNTIME.with(|runtime| runtime.block_on(future))
}

/// Returns a message of an older version, which needs no further headers.
pub(crate) fn post(body: impl Into<Vec<u8>>) -> Request<Vec<u8>> {
    Request::post("/mcp")
        .header("content-type", "application/json")
        .header("accept", "application/json, text/event-stream")
        .body(body.into())
        .expect("a request")
}

/// Returns a message of the newest version with these members in its params.
pub(crate) fn post_modern(method: &str, name: &str, members: &str) -> Request<Vec<u8>> {
    const VERSION: &str = "2026-07-28";
    let meta = format!(
        r#""_meta":{{"io.modelcontextprotocol/protocolVersion":"{VERSION}","io.modelcontextprotocol/clientCapabilities":{{"elicitation":{{}}}}}}"#
    );
    let mut request = post(format!(r#"{{"jsonrpc":"2.0","id":1,"method":"{method}","params":{{{members},{meta}}}}}"#));
    for (header, value) in [("mcp-protocol-version", VERSION), ("mcp-method", method), ("mcp-name", name)] {
        request.headers_mut().insert(header, value.parse().expect("it can stand in a header"));
    }
    request
}

/// Splits an input into lines, of which the last has the rest.
pub(crate) fn lines<const N: usize>(text: &str) -> [&str; N] {
    let mut lines = text.splitn(N, '\n');
    std::array::from_fn(|_| lines.next().unwrap_or_default())
}

/// Returns a number that depends on every byte of an input, to choose with.
pub(crate) fn choice(data: &[u8]) -> usize {
    data.iter().fold(0_usize, |number, byte| number.wrapping_mul(31).wrapping_add(usize::from(*byte)))
}

/// Returns the text with another character at one place, of those that base64url has.
pub(crate) fn forged(text: &str, choice: usize) -> String {
    let mut characters: Vec<char> = text.chars().collect();
    let position = choice % characters.len();
    characters[position] = if characters[position] == 'A' { 'B' } else { 'A' };
    characters.into_iter().collect()
}

/// Returns `true` if a text begins like the names that mean something to `serde_json`, so that no two parsers read it
/// alike.
pub(crate) fn has_private_text(value: &Value) -> bool {
    let is_private = |text: &str| text.starts_with("$serde_json::private::");
    match value {
        Value::String(text) => is_private(text),
        Value::Array(items) => items.iter().any(has_private_text),
        Value::Object(members) => members.iter().any(|(name, value)| is_private(name) || has_private_text(value)),
        _ => false,
    }
}

/// Reads JSON that everyone reads in the same way: `None` for an object with a member twice on any level.
///
/// It is written without a look at how the framework does that.
pub(crate) fn read_unique(json: &[u8]) -> Option<Value> {
    let Unique(value) = serde_json::from_slice(json).ok()?;
    Some(value)
}

struct Unique(Value);

impl<'de> Deserialize<'de> for Unique {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(UniqueVisitor).map(Self)
    }
}

struct UniqueVisitor;

impl<'de> Visitor<'de> for UniqueVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let mut names = HashSet::new();
        let mut members = serde_json::Map::new();
        while let Some((name, Unique(value))) = map.next_entry::<String, _>()? {
            if !names.insert(name.clone()) {
                return Err(A::Error::custom("a member twice"));
            }
            members.insert(name, value);
        }
        Ok(members.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Value, A::Error> {
        let mut values = Vec::new();
        while let Some(Unique(value)) = seq.next_element()? {
            values.push(value);
        }
        Ok(values.into())
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }
}

/// Returns how deep a JSON text is nested.
pub(crate) fn depth(value: &Value) -> usize {
    match value {
        Value::Array(items) => 1 + items.iter().map(depth).max().unwrap_or_default(),
        Value::Object(members) => 1 + members.values().map(depth).max().unwrap_or_default(),
        _ => 0,
    }
}

/// Writes the same JSON in other words: with white space between its tokens, and every letter in its texts as an escape.
pub(crate) fn respelled(json: &str) -> String {
    let mut out = String::new();
    let mut characters = json.chars();
    let mut in_text = false;
    while let Some(c) = characters.next() {
        match (in_text, c) {
            (_, '"') => {
                in_text = !in_text;
                out.push('"');
            }
            (true, '\\') => {
                out.push('\\');
                out.extend(characters.next());
                // The four digits of an escape are letters, too.
                if out.ends_with('u') {
                    out.extend(characters.by_ref().take(4));
                }
            }
            (true, c) if c.is_ascii_alphanumeric() || c == '$' => out.push_str(&format!("\\u{:04x}", u32::from(c))),
            (false, ',' | ':' | '[' | ']' | '{' | '}') => {
                out.push(' ');
                out.push(c);
                out.push_str("\t\r\n ");
            }
            (_, c) => out.push(c),
        }
    }
    out
}
