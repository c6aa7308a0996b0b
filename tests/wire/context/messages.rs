//! Messages of a handler before its answer, and the facts about its client, with the same handler in every version.

use mcp::{Context, LogLevel, Progress};
use serde_json::{Value, json};

use crate::support::client::{call, message, post, send};
use crate::support::conversation::{Client, Way, silent};
use crate::support::schema::MODERN;

struct Reporter;

#[mcp::server(name = "reporter", version = "1")]
impl Reporter {
    /// Report progress.
    #[mcp::tool]
    async fn advance(&self, cx: &Context) -> &'static str {
        cx.progress(1.0);
        tokio::task::yield_now().await;
        cx.progress(Progress::new(2.5).total(4.0).message("more than half"));
        // None of these is progress.
        cx.progress(2.5);
        cx.progress(f64::NAN);
        cx.progress(Progress::new(3.0).total(f64::INFINITY));
        cx.progress(4.0);
        "done"
    }

    /// Log something on every level.
    #[mcp::tool]
    fn log(&self, cx: &Context) -> String {
        cx.log(LogLevel::Debug, "a detail");
        cx.log(LogLevel::Info, json!({"rows": [1, 2]}));
        cx.log(LogLevel::Warning, String::from("careful"));
        // It has no JSON form.
        cx.log(LogLevel::Emergency, std::collections::BTreeMap::from([((1, 2), 3)]));
        format!("{} {} {}", cx.logs(LogLevel::Debug), cx.logs(LogLevel::Info), cx.logs(LogLevel::Emergency))
    }

    /// Log from a method that blocks.
    #[mcp::tool(blocking)]
    fn log_blocking(&self, cx: &Context) -> &'static str {
        cx.log(LogLevel::Error, "on another thread");
        "done"
    }

    /// Say who is there.
    #[mcp::tool]
    fn who(&self, cx: &Context) -> String {
        let client = cx.client().expect("a client");
        let can = cx.capabilities();
        format!(
            "{} {} speaks {}; form {}, url {}, sampling {}, roots {}, tasks {}; {:?}",
            client.name,
            client.version,
            cx.protocol_version(),
            can.elicitation_form,
            can.elicitation_url,
            can.sampling,
            can.roots,
            can.has_extension("io.modelcontextprotocol/tasks"),
            cx.meta::<Value>().expect("an object").get("com.example/tenant"),
        )
    }

    /// Name the tenant, which is a text.
    #[mcp::tool]
    fn tenant(&self, cx: &Context) -> Result<String, mcp::Error> {
        #[derive(serde::Deserialize)]
        struct Meta {
            #[serde(rename = "com.example/tenant")]
            tenant: String,
        }
        Ok(cx.meta::<Meta>()?.tenant)
    }

    /// Say which trace this is.
    #[mcp::tool]
    fn trace(&self, cx: &Context) -> String {
        match cx.trace() {
            Some(trace) => format!("{} {:?} {:?}", trace.trace_id(), trace.tracestate(), trace.baggage()),
            None => "none".to_owned(),
        }
    }

    /// Say what a layer has added.
    #[mcp::tool]
    fn extension(&self, cx: &Context) -> String {
        format!("{:?}", cx.extensions().map(|extensions| extensions.get::<&'static str>().copied()))
    }
}

#[tokio::test]
async fn the_meta_of_a_request_has_a_largest_length() {
    let app = mcp::Http::open(Reporter).router();
    for (tenant, is_read) in [("x".repeat(65_000), true), ("x".repeat(65_536), false)] {
        let meta = format!(r#""com.example/tenant":"{tenant}""#);
        let call = message("tools/call", &format!(r#""name":"tenant","arguments":{{}},"_meta":{{{meta}}}"#));
        let answer = send(&app, post(&[], call)).await;
        let expected = "Invalid params: `_meta`: longer than 65536 bytes";
        assert_eq!(answer.contains(&tenant), is_read, "{answer:.300}");
        assert_eq!(answer.contains(expected), !is_read, "{answer:.300}");
    }
    let call = message("tools/call", r#""name":"tenant","arguments":{},"_meta":{"com.example/tenant":7}"#);
    let answer = send(&app, post(&[], call)).await;
    assert!(answer.contains("-32602") && answer.contains("`_meta`: invalid type: integer `7`"), "{answer}");
}

#[tokio::test]
async fn progress_is_reported_to_those_who_ask_for_it() {
    for way in Way::ALL {
        for token in [json!("token-1"), json!(17)] {
            let client = Client { meta: json!({"progressToken": token}), ..Client::default() };
            let conversation = way.connect(Reporter, client).await.call("advance", json!({}), silent).await;
            assert_eq!(conversation.text(), "done");
            let expected = [
                json!({"progressToken": token, "progress": 1.0}),
                json!({"progressToken": token, "progress": 2.5, "total": 4.0, "message": "more than half"}),
                json!({"progressToken": token, "progress": 4.0}),
            ];
            let told: Vec<_> = conversation.told("notifications/progress").into_iter().cloned().collect();
            assert_eq!(told, expected, "{way:?}");
        }
        let conversation = way.connect(Reporter, Client::default()).await.call("advance", json!({}), silent).await;
        assert_eq!(conversation.told, Vec::<Value>::new(), "{way:?}");
    }
}

#[tokio::test]
async fn messages_are_logged_from_the_level_that_a_client_asks_for() {
    for way in Way::ALL {
        for (level, expected, text) in [
            (None, vec![], "false false false"),
            (Some("error"), vec![], "false false true"),
            (Some("warning"), vec![json!({"level": "warning", "data": "careful"})], "false false true"),
            (
                Some("debug"),
                vec![
                    json!({"level": "debug", "data": "a detail"}),
                    json!({"level": "info", "data": {"rows": [1, 2]}}),
                    json!({"level": "warning", "data": "careful"}),
                ],
                "true true true",
            ),
        ] {
            let client = Client { log_level: level, ..Client::default() };
            let mut connection = way.connect(Reporter, client).await;
            let conversation = connection.call("log", json!({}), silent).await;
            let told: Vec<_> = conversation.told("notifications/message").into_iter().cloned().collect();
            assert_eq!((told, conversation.text()), (expected, text), "{way:?} {level:?}");
        }
        let client = Client { log_level: Some("info"), ..Client::default() };
        let conversation = way.connect(Reporter, client).await.call("log_blocking", json!({}), silent).await;
        let told = conversation.told("notifications/message");
        assert_eq!(told, [&json!({"level": "error", "data": "on another thread"})], "{way:?}");
    }
}

#[tokio::test]
async fn what_a_client_says_about_itself_is_known() {
    for way in Way::ALL {
        let capabilities = json!({
            "elicitation": {"form": {}, "url": {}}, "sampling": {}, "extensions": {"io.modelcontextprotocol/tasks": {}},
        });
        let client = Client { meta: json!({"com.example/tenant": "acme"}), ..Client::with(capabilities) };
        let conversation = way.connect(Reporter, client).await.call("who", json!({}), silent).await;
        let version = way.version();
        let (form, url, tasks) = (version >= "2025-06-18", version >= "2025-11-25", version == MODERN);
        assert_eq!(
            conversation.text(),
            format!(
                "conversation 7 speaks {version}; form {form}, url {url}, sampling true, roots false, tasks {tasks}; \
                 Some(String(\"acme\"))"
            ),
            "{way:?}"
        );
    }
}

#[tokio::test]
async fn a_trace_is_handed_on() {
    let parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    for way in Way::ALL {
        for (meta, expected) in [
            (
                json!({"traceparent": parent, "tracestate": "a=1", "baggage": "b=2"}),
                r#"0af7651916cd43dd8448eb211c80319c Some("a=1") Some("b=2")"#,
            ),
            (json!({"traceparent": parent, "tracestate": "A"}), "0af7651916cd43dd8448eb211c80319c None None"),
            (json!({"traceparent": "00-0-0-0"}), "none"),
            (json!({}), "none"),
        ] {
            let client = Client { meta, ..Client::default() };
            let conversation = way.connect(Reporter, client).await.call("trace", json!({}), silent).await;
            assert_eq!(conversation.text(), expected, "{way:?}");
        }
    }
}

#[tokio::test]
async fn what_makes_no_sense_is_refused_before_a_method_runs() {
    for way in Way::ALL.into_iter().filter(|way| way.version() == MODERN) {
        let mut connection = way.connect(Reporter, Client::default()).await;
        for (key, value, message) in [
            (
                "io.modelcontextprotocol/logLevel",
                json!("loud"),
                "Invalid params: unknown log level 'loud'; the levels are debug, info, notice, warning, error, critical, \
                 alert, emergency",
            ),
            (
                "io.modelcontextprotocol/clientCapabilities",
                json!({"sampling": true}),
                "Invalid params: `_meta`: `io.modelcontextprotocol/clientCapabilities`: invalid type: boolean `true`, expected \
                 an object",
            ),
            (
                "io.modelcontextprotocol/clientInfo",
                json!({"name": "nameless"}),
                "Invalid params: `_meta`: `io.modelcontextprotocol/clientInfo`: missing field `version`",
            ),
            ("progressToken", json!([]), "Invalid params: `_meta.progressToken` must be a text or a number"),
        ] {
            let error = connection.refused("who", key, value).await;
            assert_eq!(error, json!({"code": -32602, "message": message}), "{way:?}");
        }
    }
    let mut connection = Way::Stdio("2025-11-25").connect(Reporter, Client::default()).await;
    for (params, message) in [
        (json!({}), "Invalid params: `level` is missing"),
        (json!({"level": 7}), "Invalid params: `level`: invalid type: integer `7`, expected a string"),
    ] {
        let error = connection.unchecked("logging/setLevel", params).await["error"].take();
        assert_eq!(error, json!({"code": -32602, "message": message}));
    }
}

#[tokio::test]
async fn layers_are_heard_of_over_http_only() {
    let app = mcp::Http::open(Reporter).router().layer(axum::Extension("from a layer"));
    let response = send(&app, call("", "extension", "{}")).await;
    assert!(response.contains(r#"Some(Some(\"from a layer\"))"#), "{response}");
    for way in Way::ALL.into_iter().filter(|way| matches!(way, Way::Stdio(_))) {
        let conversation = way.connect(Reporter, Client::default()).await.call("extension", json!({}), silent).await;
        assert_eq!(conversation.text(), "None");
    }
}

#[tokio::test]
async fn in_memory_there_is_nobody_to_tell() {
    let client = mcp::MemoryClient::new(Reporter);
    let meta = json!({"progressToken": 1, "io.modelcontextprotocol/logLevel": "debug"});
    let params = json!({"name": "log", "_meta": meta});
    let result = client.request("tools/call", params).await.expect("a result");
    assert_eq!(result["content"][0]["text"], "true true true");
}
