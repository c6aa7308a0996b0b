//! The tools: `add`, `blob` and `whoami`.

use std::borrow::Cow;
use std::fmt::Write as _;

use serde::Deserialize;

use crate::message::{Params, Request, error, result};
use crate::{Caller, Server};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Add {
    a: i64,
    b: i64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Blob<'a> {
    #[serde(borrow)]
    data: Cow<'a, str>,
}

/// Answers a request of an admitted caller.
pub fn answer(server: &Server, caller: &Caller, request: &Request<'_>) -> String {
    match &*request.method {
        "tools/call" => match call(caller, &request.params) {
            Some(text) => result(request.id, &content(&text)),
            None => error(request.id, -32602, "Invalid params"),
        },
        "tools/list" => result(request.id, &server.list),
        _ => error(request.id, -32601, "Method not found"),
    }
}

fn call<'a>(caller: &Caller, params: &Params<'a>) -> Option<Cow<'a, str>> {
    let arguments = params.arguments.map_or("{}", |arguments| arguments.get());
    match params.name.as_deref()? {
        "add" => {
            let Add { a, b } = serde_json::from_str(arguments).ok()?;
            Some(a.wrapping_add(b).to_string().into())
        }
        "blob" => {
            let Blob { data } = serde_json::from_str(arguments).ok()?;
            Some(data.len().to_string().into())
        }
        "whoami" => Some(caller.client_id.into()),
        _ => None,
    }
}

/// Writes a content with one text, which is a number or a name.
fn content(text: &str) -> String {
    format!(r#""content":[{{"type":"text","text":"{text}"}}]"#)
}

/// Writes the members of `tools/list` for any number of tools: `add`, `add_1`, `add_2`, …
pub fn list(tools: usize) -> String {
    let mut list = r#""tools":["#.to_owned();
    for number in 0..tools {
        let (comma, suffix) = if number == 0 { ("", String::new()) } else { (",", format!("_{number}")) };
        let _ = write!(
            list,
            r#"{comma}{{"name":"add{suffix}","description":"Add two numbers.","inputSchema":{{"type":"object","properties":{{"a":{{"format":"int64","type":"integer"}},"b":{{"format":"int64","type":"integer"}}}},"required":["a","b"],"additionalProperties":false}},"annotations":{{"readOnlyHint":true}}}}"#
        );
    }
    list + r#"],"ttlMs":300000,"cacheScope":"public""#
}
