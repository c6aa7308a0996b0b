//! Protocol 2026-07-28: every request says what it needs.

use crate::support::client::{
    FOREIGN_PARAMS, META, answer, call, message, modern, modern_message, post, rejected, send, unchecked,
};
use crate::support::servers::{WORKSHOP_TAIL, Workshop, definitions, notes_app};

const TAIL: &str = r#""resultType":"complete","_meta":{"io.modelcontextprotocol/serverInfo":{"name":"notes","title":"Notebook","version":"1.2.3"}}"#;
fn result(members: &str) -> String {
    format!(r#"200 {{"jsonrpc":"2.0","id":1,"result":{{{members}}}}}"#)
}

fn failure(status: u16, error: &str) -> String {
    format!(r#"{status} {{"jsonrpc":"2.0","id":1,"error":{{{error}}}}}"#)
}

fn unsupported(requested: &str) -> String {
    format!(
        r#""code":-32022,"message":"Unsupported protocol version","data":{{"supported":["2026-07-28","2025-11-25","2025-06-18","2025-03-26"],"requested":"{requested}"}}"#
    )
}

#[tokio::test]
async fn a_server_says_what_it_is_and_has() {
    let app = notes_app();
    let say = async |method: &str| answer(&app, "2026-07-28", modern("alice-token", method, "")).await;
    assert_eq!(
        say("server/discover").await,
        result(&format!(
            r#""supportedVersions":["2026-07-28","2025-11-25","2025-06-18","2025-03-26"],"capabilities":{{"logging":{{}},"tools":{{"listChanged":true}}}},"instructions":"Keep notes.","ttlMs":300000,"cacheScope":"public",{TAIL}"#
        ))
    );
    assert_eq!(
        say("tools/list").await,
        result(&format!(
            r#""tools":[{}],"ttlMs":300000,"cacheScope":"public",{TAIL}"#,
            definitions(r#""title":"List notes","#)
        ))
    );
}

#[tokio::test]
async fn a_call_ends_with_a_result_or_an_error() {
    let app = Workshop::app();
    let text = |text: &str| result(&format!(r#""content":[{{"type":"text","text":"{text}"}}],{WORKSHOP_TAIL}"#));
    let is_error = |text: &str| {
        result(&format!(r#""content":[{{"type":"text","text":"{text}"}}],"isError":true,{WORKSHOP_TAIL}"#))
    };
    for (tool, arguments, expected) in [
        ("echo", r#"{"text":"a\"\u00e9\n\u0000"}"#, text(r#"a\"é\n\u0000"#)),
        (
            "measure",
            "{}",
            result(&format!(
                r#""content":[{{"type":"text","text":"{{\"celsius\":22.5,\"station\":\"roof\"}}"}}],"structuredContent":{{"celsius":22.5,"station":"roof"}},{WORKSHOP_TAIL}"#
            )),
        ),
        (
            "numbers",
            "{}",
            result(&format!(
                r#""content":[{{"type":"text","text":"[1,2,3]"}}],"structuredContent":[1,2,3],{WORKSHOP_TAIL}"#
            )),
        ),
        (
            "link",
            "{}",
            result(&format!(
                r#""content":[{{"type":"resource_link","uri":"file:///a.txt","name":"a"}}],{WORKSHOP_TAIL}"#
            )),
        ),
        ("fail", r#"{"how":"tool"}"#, is_error("try another one")),
        ("fail", r#"{"how":"params"}"#, failure(400, r#""code":-32602,"message":"no such thing","data":["a","b"]"#)),
        ("fail", r#"{"how":"internal"}"#, failure(500, r#""code":-32603,"message":"broken""#)),
        ("fail", r#"{"how":"other"}"#, failure(200, r#""code":1001,"message":"closed today""#)),
        ("panic_async", "{}", failure(500, r#""code":-32603,"message":"The tool panicked""#)),
        ("panic_sync", "{}", failure(500, r#""code":-32603,"message":"The tool panicked""#)),
        ("panic_blocking", "{}", failure(500, r#""code":-32603,"message":"The tool panicked""#)),
        ("Echo", "{}", failure(400, r#""code":-32602,"message":"Unknown tool: Echo""#)),
    ] {
        assert_eq!(answer(&app, "2026-07-28", call("", tool, arguments)).await, expected, "{tool} {arguments}");
    }
    for (params, message) in [
        (r#""arguments":{}"#, "Invalid params: `name` is missing"),
        (r#""name":"echo","arguments":7"#, "Invalid params: `arguments` must be an object"),
        (r#""name":"echo","arguments":["a"]"#, "Invalid params: `arguments` must be an object"),
    ] {
        let headers = [("mcp-protocol-version", "2026-07-28"), ("mcp-method", "tools/call"), ("mcp-name", "echo")];
        let request = unchecked(post(&headers, modern_message("tools/call", params)));
        let expected = failure(400, &format!(r#""code":-32602,"message":"{message}""#));
        assert_eq!(answer(&app, "2026-07-28", request).await, expected, "{params}");
    }
    let cursor = modern("", "tools/list", r#""cursor":"2""#);
    assert_eq!(
        answer(&app, "2026-07-28", cursor).await,
        failure(400, r#""code":-32602,"message":"Invalid params: unknown cursor; begin without one""#)
    );
    for method in ["ping", "initialize", "tools/lists", "resources/list", "subscriptions/listens"] {
        for params in ["", FOREIGN_PARAMS] {
            let headers = [("mcp-protocol-version", "2026-07-28"), ("mcp-method", method)];
            let request = unchecked(post(&headers, modern_message(method, params)));
            let expected = failure(404, &format!(r#""code":-32601,"message":"Method not found: {method}""#));
            assert_eq!(answer(&app, "2026-07-28", request).await, expected, "{method} {params}");
        }
    }
}

#[tokio::test]
async fn what_is_required_is_required() {
    let app = Workshop::app();
    let headers = [("mcp-protocol-version", "2026-07-28"), ("mcp-method", "tools/list")];
    let lacks = |key: &str| {
        format!(r#""code":-32602,"message":"Invalid params: `_meta` must have `io.modelcontextprotocol/{key}`""#)
    };
    let version = r#""io.modelcontextprotocol/protocolVersion":"2026-07-28""#;
    for (params, error) in [
        (String::new(), lacks("protocolVersion")),
        (r#""_meta":null"#.to_owned(), lacks("protocolVersion")),
        (r#""_meta":{}"#.to_owned(), lacks("protocolVersion")),
        (r#""_meta":{"io.modelcontextprotocol/clientCapabilities":{}}"#.to_owned(), lacks("protocolVersion")),
        (format!(r#""_meta":{{{version}}}"#), lacks("clientCapabilities")),
        (
            format!(r#""_meta":{{{version},"io.modelcontextprotocol/clientCapabilities":null}}"#),
            lacks("clientCapabilities"),
        ),
        (
            format!(r#""_meta":{{{version},"io.modelcontextprotocol/clientCapabilities":[]}}"#),
            r#""code":-32602,"message":"Invalid params: `_meta`: `io.modelcontextprotocol/clientCapabilities`: invalid type: sequence, expected an object""#
                .to_owned(),
        ),
        (
            r#""_meta":["2026-07-28",{}]"#.to_owned(),
            r#""code":-32602,"message":"Invalid params: `_meta`: invalid type: sequence, expected an object""#.to_owned(),
        ),
        (
            r#""_meta":{"io.modelcontextprotocol/protocolVersion":20260728}"#.to_owned(),
            r#""code":-32602,"message":"Invalid params: `_meta`: invalid type: integer `20260728`, expected a string""#
                .to_owned(),
        ),
        (
            format!(r#""_meta":{{{version},{version}}}"#),
            r#""code":-32602,"message":"Invalid params: `_meta`: duplicate field `io.modelcontextprotocol/protocolVersion`""#
                .to_owned(),
        ),
    ] {
        let request = unchecked(post(&headers, message("tools/list", &params)));
        assert_eq!(answer(&app, "2026-07-28", request).await, failure(400, &error), "{params}");
    }
    let absent = unchecked(post(&headers, r#"{"jsonrpc":"2.0","id":1,"method":"tools/list"}"#));
    assert_eq!(answer(&app, "2026-07-28", absent).await, failure(400, &lacks("protocolVersion")));
}

/// The headers of a request must say what its body says.
#[tokio::test]
async fn headers_mirror_the_body() {
    let app = Workshop::app();
    let version = ("mcp-protocol-version", "2026-07-28");
    let call = ("mcp-method", "tools/call");
    let body = modern_message("tools/call", r#""name":"echo","arguments":{"text":"a"}"#);
    let mismatch = |text: &str| failure(400, &format!(r#""code":-32020,"message":"Header mismatch: {text}""#));
    let served = result(&format!(r#""content":[{{"type":"text","text":"a"}}],{WORKSHOP_TAIL}"#));
    for (headers, expected) in [
        (vec![version, call, ("mcp-name", "echo")], served.clone()),
        (
            vec![("MCP-Protocol-Version", "2026-07-28"), ("MCP-METHOD", "tools/call"), ("mCP-nAME", "echo")],
            served.clone(),
        ),
        (vec![version, call, ("mcp-name", "=?base64?ZWNobw==?=")], served.clone()),
        (vec![version, call, ("mcp-name", "echo"), ("mcp-session-id", "1"), ("last-event-id", "1")], served),
        (vec![call, ("mcp-name", "echo")], mismatch("MCP-Protocol-Version header is missing")),
        (vec![version, ("mcp-name", "echo")], mismatch("Mcp-Method header is missing")),
        (vec![version, call], mismatch("Mcp-Name header is missing")),
        (
            vec![("mcp-protocol-version", "2025-11-25"), call, ("mcp-name", "echo")],
            mismatch("MCP-Protocol-Version header value '2025-11-25' does not match body value '2026-07-28'"),
        ),
        (
            vec![version, ("mcp-method", "tools/list"), ("mcp-name", "echo")],
            mismatch("Mcp-Method header value 'tools/list' does not match body value 'tools/call'"),
        ),
        (
            vec![version, ("mcp-method", "Tools/Call"), ("mcp-name", "echo")],
            mismatch("Mcp-Method header value 'Tools/Call' does not match body value 'tools/call'"),
        ),
        (
            vec![version, call, ("mcp-name", "count")],
            mismatch("Mcp-Name header value 'count' does not match body value 'echo'"),
        ),
        (
            vec![version, call, ("mcp-name", "=?base64?Y291bnQ=?=")],
            mismatch("Mcp-Name header value 'count' does not match body value 'echo'"),
        ),
        (
            vec![version, call, ("mcp-name", "=?BASE64?ZWNobw==?=")],
            mismatch("Mcp-Name header value '=?BASE64?ZWNobw==?=' does not match body value 'echo'"),
        ),
        (
            vec![version, call, ("mcp-name", "=?base64?ZWNob?=")],
            mismatch("Mcp-Name header value is not valid Base64 of UTF-8 text"),
        ),
        (
            vec![version, call, ("mcp-name", "=?base64?/w==?=")],
            mismatch("Mcp-Name header value is not valid Base64 of UTF-8 text"),
        ),
        (vec![version, call, ("mcp-name", "\u{e9}cho")], mismatch("mcp-name header has invalid characters")),
        (
            vec![version, call, ("mcp-name", "echo"), ("mcp-name", "echo")],
            mismatch("mcp-name header is given more than once"),
        ),
        (vec![version, call, call, ("mcp-name", "echo")], mismatch("mcp-method header is given more than once")),
        (
            vec![version, version, call, ("mcp-name", "echo")],
            mismatch("mcp-protocol-version header is given more than once"),
        ),
    ] {
        assert_eq!(answer(&app, "2026-07-28", post(&headers, body.clone())).await, expected, "{headers:?}");
    }
    for (header, in_body, expected) in [
        ("1900-01-01", "1900-01-01", failure(400, &unsupported("1900-01-01"))),
        ("2024-11-05", "2024-11-05", failure(400, &unsupported("2024-11-05"))),
        ("2026-07-28, 2025-11-25", "2026-07-28, 2025-11-25", failure(400, &unsupported("2026-07-28, 2025-11-25"))),
        (
            "1900-01-01",
            "2026-07-28",
            mismatch("MCP-Protocol-Version header value '1900-01-01' does not match body value '2026-07-28'"),
        ),
    ] {
        let headers = [("mcp-protocol-version", header), ("mcp-method", "tools/list")];
        let body = message("tools/list", &META.replace("2026-07-28", in_body));
        assert_eq!(answer(&app, "2026-07-28", post(&headers, body)).await, expected, "{header} {in_body}");
    }
    let long = "é".repeat(100_000);
    let name = format!(r#""name":"{long}","arguments":{{}}"#);
    let shown: String = long.chars().take(128).collect();
    let request = post(&[version, call, ("mcp-name", "echo")], modern_message("tools/call", &name));
    let text = format!("Mcp-Name header value 'echo' does not match body value '{shown}'");
    assert_eq!(answer(&app, "2026-07-28", request).await, mismatch(&text));
    let discover = unchecked(post(&[], message("server/discover", "")));
    assert_eq!(answer(&app, "2026-07-28", discover).await, mismatch("MCP-Protocol-Version header is missing"));
}

#[tokio::test]
async fn a_notification_is_accepted_and_an_answer_to_nothing_is_not() {
    let app = Workshop::app();
    for body in [
        r#"{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1}}"#,
        r#"{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":[],"requestId":1}}"#,
        // Its params are its own, whatever they are called.
        r#"{"jsonrpc":"2.0","method":"notifications/other","params":{"name":7,"_meta":{},"arguments":1}}"#,
        // A call without an id is one, too, and nothing is called.
        r#"{"jsonrpc":"2.0","method":"tools/call","params":{"name":"count"}}"#,
        // Nobody has asked anything.
        r#"{"jsonrpc":"2.0","id":1,"result":{}}"#,
        r#"{"jsonrpc":"2.0","id":1,"error":{"code":1,"message":"x"}}"#,
        r#"{"jsonrpc":"2.0","error":{"code":1,"message":"x"}}"#,
    ] {
        let expected = if body.contains("method") {
            "202 Accepted\n\n".to_owned()
        } else {
            let message = "Invalid request: without a session, the server has asked nothing";
            rejected("400 Bad Request", -32600, message)
        };
        for version in ["", "2025-03-26", "2025-06-18", "2025-11-25", "2026-07-28"] {
            let request = unchecked(post(&[("mcp-protocol-version", version)], body));
            assert_eq!(send(&app, request).await, expected, "{version} {body}");
        }
        for version in ["1900-01-01", "2024-11-05", "2025-11-25, 2026-07-28", "latest"] {
            let request = unchecked(post(&[("mcp-protocol-version", version)], body));
            let expected = format!(
                "400 Bad Request\ncontent-type: application/json\n\n{{\"jsonrpc\":\"2.0\",\"error\":{{{}}}}}",
                unsupported(version)
            );
            assert_eq!(send(&app, request).await, expected, "{version} {body}");
        }
        let versions = [("mcp-protocol-version", "2026-07-28"), ("mcp-protocol-version", "2026-07-28")];
        let twice = unchecked(post(&versions, body));
        let expected = "Header mismatch: mcp-protocol-version header is given more than once";
        assert_eq!(send(&app, twice).await, rejected("400 Bad Request", -32020, expected), "{body}");
    }
    let count = answer(&app, "2026-07-28", call("", "count", "{}")).await;
    assert_eq!(count, result(&format!(r#""content":[{{"type":"text","text":"1"}}],{WORKSHOP_TAIL}"#)));
}

#[tokio::test]
async fn a_client_that_names_streams_first_gets_its_answer_on_one() {
    let app = Workshop::app();
    let ask = async |accept: &'static str, tool: &str| {
        let mut request = call("", tool, "{}");
        request.headers_mut().insert("accept", http::HeaderValue::from_static(accept));
        send(&app, request).await
    };
    let count = |n: u8| {
        format!(r#"{{"jsonrpc":"2.0","id":1,"result":{{"content":[{{"type":"text","text":"{n}"}}],{WORKSHOP_TAIL}}}}}"#)
    };
    let stream = "cache-control: no-store\ncontent-type: text/event-stream\nx-accel-buffering: no";
    for (n, accept) in [(1, "text/event-stream, application/json"), (2, "Text/Event-Stream;q=0.5,application/json")] {
        assert_eq!(
            ask(accept, "count").await,
            format!("200 OK\n{stream}\n\nevent: message\ndata: {}\n\n", count(n)),
            "{accept}"
        );
    }
    for (n, accept) in [(3, "application/json, text/event-stream"), (4, "*/*"), (5, "text/*, application/json")] {
        let json = format!("200 OK\ncontent-type: application/json\n\n{}", count(n));
        assert_eq!(ask(accept, "count").await, json, "{accept}");
    }
    // A refusal is none.
    let refused = ask("text/event-stream, application/json", "nothing").await;
    assert!(refused.starts_with("400 Bad Request\ncontent-type: application/json\n"), "{refused}");
}
