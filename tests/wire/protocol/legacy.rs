//! Protocols 2025-03-26, 2025-06-18 and 2025-11-25: a handshake first, and everything is a 200.

use http::Method;

use crate::support::client::{
    FOREIGN_PARAMS, LEGACY, answer, legacy, message, post, rejected, request, send, unchecked,
};
use crate::support::servers::{Workshop, definitions, notes_app};

fn result(members: &str) -> String {
    format!(r#"200 {{"jsonrpc":"2.0","id":1,"result":{{{members}}}}}"#)
}

fn failure(error: &str) -> String {
    format!(r#"200 {{"jsonrpc":"2.0","id":1,"error":{{{error}}}}}"#)
}

fn initialize(version: &str) -> String {
    format!(r#""protocolVersion":"{version}","capabilities":{{}},"clientInfo":{{"name":"test","version":"1"}}"#)
}

#[tokio::test]
async fn a_handshake_settles_on_a_version() {
    let app = notes_app();
    for (asked, agreed, title) in [
        ("2025-03-26", "2025-03-26", ""),
        ("2025-06-18", "2025-06-18", r#""title":"Notebook","#),
        ("2025-11-25", "2025-11-25", r#""title":"Notebook","#),
        ("2024-11-05", "2025-11-25", r#""title":"Notebook","#),
        ("2026-07-28", "2025-11-25", r#""title":"Notebook","#),
        ("2099-01-01", "2025-11-25", r#""title":"Notebook","#),
        ("", "2025-11-25", r#""title":"Notebook","#),
    ] {
        let body = message("initialize", &initialize(asked));
        let handshake = post(&[("authorization", "Bearer alice-token")], body);
        assert_eq!(
            answer(&app, agreed, handshake).await,
            result(&format!(
                r#""protocolVersion":"{agreed}","capabilities":{{"logging":{{}},"tools":{{"listChanged":true}}}},"serverInfo":{{"name":"notes",{title}"version":"1.2.3"}},"instructions":"Keep notes.""#
            )),
            "{asked}"
        );
    }
    let nothing = unchecked(post(&[("authorization", "Bearer alice-token")], message("initialize", "")));
    assert_eq!(
        answer(&app, "2025-11-25", nothing).await,
        failure(r#""code":-32602,"message":"Invalid params: `protocolVersion` is missing""#)
    );
}

#[tokio::test]
async fn each_version_gets_what_it_knows() {
    let app = Workshop::app();
    let measurement = r#"{"type":"object","properties":{"celsius":{"format":"double","type":"number"},"station":{"type":"string"}},"required":["celsius","station"],"title":"Measurement"}"#;
    for version in LEGACY {
        let structured = version >= "2025-06-18";
        let say = async |method: &str, params: &str| answer(&app, version, legacy(version, "", method, params)).await;
        let call = async |tool: &str, arguments: &str| {
            say("tools/call", &format!(r#""name":"{tool}","arguments":{arguments}"#)).await
        };
        let initialized = r#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#;
        let headers = [("mcp-protocol-version", version)];
        assert_eq!(send(&app, post(&headers, initialized)).await, "202 Accepted\n\n");
        assert_eq!(say("ping", "").await, result(""));
        let list: serde_json::Value = serde_json::from_str(&say("tools/list", "").await[4..]).expect("JSON");
        let tools = list["result"]["tools"].as_array().expect("tools");
        let tool = |name: &str| tools.iter().find(|tool| tool["name"] == name).expect("a tool");
        assert_eq!(list["result"].as_object().unwrap().len(), 1, "{list}");
        let schema: serde_json::Value = serde_json::from_str(measurement).expect("JSON");
        assert_eq!(tool("measure").get("outputSchema"), structured.then_some(&schema), "{version}");
        // What is no object had no place before 2026-07-28.
        assert_eq!(tool("numbers").get("outputSchema"), None, "{version}");
        let data = if structured { r#","structuredContent":{"celsius":22.5,"station":"roof"}"# } else { "" };
        assert_eq!(
            call("measure", "{}").await,
            result(&format!(
                r#""content":[{{"type":"text","text":"{{\"celsius\":22.5,\"station\":\"roof\"}}"}}]{data}"#
            ))
        );
        assert_eq!(call("numbers", "{}").await, result(r#""content":[{"type":"text","text":"[1,2,3]"}]"#));
        let link = match structured {
            true => r#""content":[{"type":"resource_link","uri":"file:///a.txt","name":"a"}]"#,
            false => r#""content":[{"type":"text","text":"file:///a.txt"}]"#,
        };
        assert_eq!(call("link", "{}").await, result(link));
        for (tool, arguments, expected) in [
            (
                "fail",
                r#"{"how":"tool"}"#,
                result(r#""content":[{"type":"text","text":"try another one"}],"isError":true"#),
            ),
            ("fail", r#"{"how":"params"}"#, failure(r#""code":-32602,"message":"no such thing","data":["a","b"]"#)),
            ("fail", r#"{"how":"internal"}"#, failure(r#""code":-32603,"message":"broken""#)),
            ("panic_blocking", "{}", failure(r#""code":-32603,"message":"The tool panicked""#)),
            ("nothing", "{}", failure(r#""code":-32602,"message":"Unknown tool: nothing""#)),
        ] {
            assert_eq!(call(tool, arguments).await, expected, "{version} {tool} {arguments}");
        }
        for method in ["server/discover", "resources/list", "subscriptions/listen"] {
            for params in ["", FOREIGN_PARAMS] {
                let request = unchecked(post(&[("mcp-protocol-version", version)], message(method, params)));
                let expected = failure(&format!(r#""code":-32601,"message":"Method not found: {method}""#));
                assert_eq!(answer(&app, version, request).await, expected, "{version} {method} {params}");
            }
        }
    }
    // Titles came with 2025-06-18, too.
    for (version, title) in LEGACY.into_iter().zip(["", r#""title":"List notes","#, r#""title":"List notes","#]) {
        let list = answer(&notes_app(), version, legacy(version, "alice-token", "tools/list", "")).await;
        assert_eq!(list, result(&format!(r#""tools":[{}]"#, definitions(title))), "{version}");
    }
}

#[tokio::test]
async fn a_version_that_is_not_served_is_refused() {
    let body = message("tools/list", "");
    let request = post(&[("mcp-protocol-version", "2024-11-05")], body);
    assert_eq!(
        answer(&Workshop::app(), "2025-11-25", request).await,
        r#"400 {"jsonrpc":"2.0","id":1,"error":{"code":-32022,"message":"Unsupported protocol version","data":{"supported":["2026-07-28","2025-11-25","2025-06-18","2025-03-26"],"requested":"2024-11-05"}}}"#
    );
}

#[tokio::test]
async fn other_methods_are_for_sessions() {
    let refused = |allowed: &str, message: &str| {
        let allow = format!("\nallow: {allowed}\n");
        rejected("405 Method Not Allowed", -32600, message).replacen('\n', &allow, 1)
    };
    let headers = [("authorization", "Bearer alice-token"), ("accept", "text/event-stream")];
    for method in [Method::GET, Method::DELETE] {
        let expected = refused("POST", "This endpoint takes POST requests only, except in a session");
        assert_eq!(send(&notes_app(), request(method.clone(), "/mcp", &headers, "")).await, expected, "{method}");
    }
    for method in [Method::PUT, Method::OPTIONS, Method::PATCH] {
        let message = "This endpoint takes POST requests, and in a session GET and DELETE";
        let expected = refused("DELETE, GET, POST", message);
        assert_eq!(send(&notes_app(), request(method.clone(), "/mcp", &headers, "")).await, expected, "{method}");
    }
}
