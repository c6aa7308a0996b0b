//! Arguments that are repeated in headers, so that what stands between client and server can go by them.

use axum::Router;
use mcp::Http;
use mcp::testing::TestClient;
use serde_json::json;

use crate::support::client::{answer, checked, legacy, modern_message, post, send};

struct Store;

#[mcp::server(name = "store", version = "1")]
impl Store {
    /// Find things.
    #[mcp::tool]
    fn find(
        &self,
        /// The region.
        #[arg(header = "Region")]
        region: String,
        #[arg(header = "Limit", default = 10, range = 1..=100)] limit: u32,
        #[arg(header = "X-Deep")] deep: Option<bool>,
        query: Option<String>,
    ) -> String {
        format!("{region} {limit} {deep:?} {query:?}")
    }
}

fn app() -> Router {
    Http::open(Store).router()
}

/// Sends a call with these arguments and further headers, and returns the response.
async fn call(arguments: &str, headers: &[(&str, &str)]) -> String {
    let mut all = vec![("mcp-protocol-version", "2026-07-28"), ("mcp-method", "tools/call"), ("mcp-name", "find")];
    all.extend(headers);
    let body = modern_message("tools/call", &format!(r#""name":"find","arguments":{arguments}"#));
    let response = send(&app(), post(&all, body)).await;
    match response.split_once(r#""text":""#) {
        Some((_, text)) => text.split_once(r#""}]"#).expect("one text").0.replace(r#"\""#, "'"),
        None => response,
    }
}

fn mismatch(message: &str) -> String {
    let error = format!(r#"{{"code":-32020,"message":"Header mismatch: {message}"}}"#);
    format!("400 Bad Request\ncontent-type: application/json\n\n{{\"jsonrpc\":\"2.0\",\"id\":1,\"error\":{error}}}")
}

#[tokio::test]
async fn the_schema_names_the_headers_of_primitive_types() {
    let request =
        post(&[("mcp-protocol-version", "2026-07-28"), ("mcp-method", "tools/list")], modern_message("tools/list", ""));
    let list = answer(&app(), "2026-07-28", request).await;
    let properties = concat!(
        r#""properties":{"region":{"description":"The region.","type":"string","x-mcp-header":"Region"},"#,
        r#""limit":{"default":10,"maximum":100,"minimum":1,"type":"integer","x-mcp-header":"Limit"},"#,
        r#""deep":{"type":"boolean","x-mcp-header":"X-Deep"},"query":{"type":"string"}},"required":["region"]"#,
    );
    assert!(list.contains(properties), "{list}");
}

#[tokio::test]
async fn headers_repeat_the_arguments_that_are_given() {
    for (arguments, headers, expected) in [
        (r#"{"region":"eu"}"#, &[("mcp-param-region", "eu")][..], "eu 10 None None"),
        (
            r#"{"region":"eu","limit":null,"deep":null}"#,
            &[("Mcp-Param-REGION", "eu")],
            "Argument limit: expected an integer, got null",
        ),
        (
            r#"{"region":"eu","limit":7,"deep":true,"query":"q"}"#,
            &[("mcp-param-region", "eu"), ("mcp-param-limit", "7.0"), ("mcp-param-x-deep", "true")],
            "eu 7 Some(true) Some('q')",
        ),
        (r#"{"region":"h\u00e9"}"#, &[("mcp-param-region", "=?base64?aMOp?=")], "hé 10 None None"),
        (r#"{"region":"=?base64?aMOp"}"#, &[("mcp-param-region", "=?base64?aMOp")], "=?base64?aMOp 10 None None"),
        // Only those that the tool names.
        (r#"{"region":"eu"}"#, &[("mcp-param-region", "eu"), ("mcp-param-query", "x")], "eu 10 None None"),
    ] {
        let said = call(arguments, headers).await;
        assert!(said.contains(expected), "{arguments}: {said}");
    }
}

#[tokio::test]
async fn what_the_headers_do_not_repeat_is_not_done() {
    for (arguments, headers, expected) in [
        (r#"{"region":"eu"}"#, &[][..], "Mcp-Param-Region header is missing"),
        (
            r#"{"region":"eu"}"#,
            &[("mcp-param-region", "us")],
            "Mcp-Param-Region header value 'us' does not match body value 'eu'",
        ),
        (
            r#"{"region":"eu"}"#,
            &[("mcp-param-region", "eu"), ("mcp-param-region", "eu")],
            "Mcp-Param-Region header is given more than once",
        ),
        (
            r#"{"region":"eu"}"#,
            &[("mcp-param-region", "=?base64?ZXU?=")],
            "Mcp-Param-Region header value is not valid Base64 of UTF-8 text",
        ),
        (r#"{"region":"eu"}"#, &[("mcp-param-region", "\u{e9}u")], "Mcp-Param-Region header has invalid characters"),
        (
            r#"{"region":"eu"}"#,
            &[("mcp-param-region", "eu"), ("mcp-param-limit", "10")],
            "Mcp-Param-Limit header repeats an argument that is not given",
        ),
        (
            r#"{"region":"eu","limit":7}"#,
            &[("mcp-param-region", "eu"), ("mcp-param-limit", "70")],
            "Mcp-Param-Limit header value '70' does not match body value '7'",
        ),
        (
            r#"{"region":"eu","deep":true}"#,
            &[("mcp-param-region", "eu"), ("mcp-param-x-deep", "True")],
            "Mcp-Param-X-Deep header value 'True' does not match body value 'true'",
        ),
    ] {
        assert_eq!(call(arguments, headers).await, mismatch(expected), "{arguments} {headers:?}");
    }
}

#[tokio::test]
async fn older_versions_know_nothing_of_it() {
    let request = legacy("2025-11-25", "", "tools/call", r#""name":"find","arguments":{"region":"eu"}"#);
    let said = answer(&app(), "2025-11-25", request).await;
    assert!(said.contains("eu 10 None None"), "{said}");
}

#[tokio::test]
async fn the_client_of_the_test_kit_repeats_them() {
    let client = TestClient::new(Http::open(Store));
    let said = checked(client.call_tool("find", json!({"region": " é", "limit": 3, "deep": false})).await);
    let result: mcp::ToolResult = said.result().expect("a result");
    assert_eq!(result.text(), " é 3 Some(false) None");
}
