//! JSON-RPC messages that borrow from the body of the request.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::value::RawValue;

#[derive(Deserialize)]
pub struct Request<'a> {
    #[serde(borrow)]
    pub id: &'a RawValue,
    #[serde(borrow)]
    pub method: Cow<'a, str>,
    #[serde(borrow, default)]
    pub params: Params<'a>,
}

#[derive(Default, Deserialize)]
pub struct Params<'a> {
    #[serde(borrow)]
    pub name: Option<Cow<'a, str>>,
    #[serde(borrow)]
    pub arguments: Option<&'a RawValue>,
    #[serde(borrow, rename = "_meta")]
    pub meta: Option<&'a RawValue>,
}

/// The `_meta` of a request since 2026-07-28.
#[derive(Deserialize)]
pub struct Meta<'a> {
    #[serde(borrow, rename = "io.modelcontextprotocol/protocolVersion")]
    pub version: Cow<'a, str>,
    #[serde(borrow, rename = "io.modelcontextprotocol/clientCapabilities")]
    pub capabilities: &'a RawValue,
}

const SERVER_INFO: &str =
    r#""resultType":"complete","_meta":{"io.modelcontextprotocol/serverInfo":{"name":"Floor","version":"0.0.0"}}}}"#;

/// Writes a result with these members.
pub fn result(id: &RawValue, members: &str) -> String {
    let mut body = String::with_capacity(members.len() + 192);
    body.push_str(r#"{"jsonrpc":"2.0","id":"#);
    body.push_str(id.get());
    body.push_str(r#","result":{"#);
    body.push_str(members);
    body.push(',');
    body.push_str(SERVER_INFO);
    body
}

pub fn error(id: &RawValue, code: i32, message: &str) -> String {
    let id = id.get();
    format!(r#"{{"jsonrpc":"2.0","id":{id},"error":{{"code":{code},"message":"{message}"}}}}"#)
}
