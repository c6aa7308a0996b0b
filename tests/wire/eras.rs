//! Each feature, written once and used in every protocol version: what clients are told, message by message.

use axum::Router;
use mcp::{
    Annotations, Answer, Content, Context, EmbeddedResource, Http, ImageContent, Json, LogLevel, Progress,
    PromptMessage, ResourceLink, Role, Sampling, TextContent,
};
use serde_json::{Value, json};

use crate::client::LEGACY;
use crate::peer::{Peer, VERSIONS};
use crate::schema::MODERN;

struct Fair;

#[derive(serde::Serialize, schemars::JsonSchema)]
struct Size {
    width: u8,
}

#[derive(serde::Deserialize, schemars::JsonSchema)]
struct Visitor {
    /// Who you are.
    name: String,
}

#[mcp::server(
    name = "fair",
    title = "The fair",
    version = "1.0.0",
    instructions = "Have fun.",
    icons = ["https://fair.example/icon.png"],
    website = "https://fair.example",
)]
impl Fair {
    /// Mix what a tool can say.
    #[mcp::tool(title = "Mix", read_only, icons = ["https://fair.example/mix.png"], meta = {"example.fair/stall": 7})]
    fn mix(&self, #[arg(range = 1..=9)] count: u8) -> Vec<Content> {
        let hints = Annotations {
            audience: vec![Role::User],
            priority: Some(0.5),
            last_modified: Some("2026-01-02T03:04:05Z".to_owned()),
        };
        vec![
            TextContent::new(count.to_string()).annotations(hints).into(),
            ImageContent::new([1, 2, 3], "image/png").into(),
            EmbeddedResource::text("fair://hours", "Always").into(),
            ResourceLink::new("fair://hours", "hours").into(),
        ]
    }

    /// Measure the fair.
    #[mcp::tool]
    fn measure(&self) -> Json<Size> {
        Json(Size { width: 3 })
    }

    /// Count, out loud.
    #[mcp::tool]
    fn count(&self, cx: &Context) -> &'static str {
        cx.progress(Progress::new(1.0));
        cx.progress(Progress::new(2.0).total(2.0).message("two"));
        "counted"
    }

    /// Write a diary.
    #[mcp::tool]
    fn write_diary(&self, cx: &Context) -> String {
        cx.log(LogLevel::Debug, "nobody wants to know");
        cx.log(LogLevel::Warning, "it rains");
        cx.log(LogLevel::Error, json!({"umbrella": null}));
        cx.logs(LogLevel::Debug).to_string()
    }

    /// Ask the visitor.
    #[mcp::tool]
    async fn ask_visitor(&self, cx: &Context) -> Result<String, mcp::Error> {
        Ok(match cx.elicit::<Visitor>("visitor", "Who are you?").await? {
            Answer::Accepted(visitor) => format!("Welcome, {}", visitor.name),
            Answer::Declined | Answer::Cancelled => "Welcome, whoever you are".to_owned(),
        })
    }

    /// Ask a model.
    #[mcp::tool]
    async fn ask_model(&self, cx: &Context) -> Result<String, mcp::Error> {
        let sampling = Sampling::new(10).system("Be brief.").user("Greet");
        Ok(cx.sample("greeting", sampling).await?.text())
    }

    /// Ask which folders there are.
    #[mcp::tool]
    async fn ask_roots(&self, cx: &Context) -> Result<String, mcp::Error> {
        let roots = cx.list_roots("roots").await?;
        Ok(roots.into_iter().map(|root| root.uri).collect::<Vec<_>>().join(" "))
    }

    /// Change everything.
    #[mcp::tool]
    fn change(&self, cx: &Context) {
        cx.changes().resource_updated("fair://hours");
        cx.changes().resource_updated("fair://stalls/1");
        cx.changes().tools_changed();
        cx.changes().prompts_changed();
        cx.changes().resources_changed();
    }

    /// When it is open.
    #[mcp::resource(
        "fair://hours",
        title = "Opening hours",
        mime_type = "text/plain",
        size = 6,
        audience = ["user", "assistant"],
        priority = 1.0,
        last_modified = "2026-01-02T03:04:05Z",
        icons = ["https://fair.example/hours.png"],
        meta = {"example.fair/season": "summer"},
        ttl_ms = 60_000,
    )]
    fn hours(&self) -> &'static str {
        "Always"
    }

    /// A map.
    #[mcp::resource("fair://map", name = "the map", mime_type = "image/png")]
    fn map(&self) -> &'static [u8] {
        &[1, 2, 3]
    }

    /// A stall.
    #[mcp::resource("fair://stalls/{id}", title = "Stall")]
    fn stall(&self, id: u8) -> Option<String> {
        (id < 10).then(|| format!("Stall {id}"))
    }

    /// Find your way.
    #[mcp::prompt(title = "Guide", icons = ["https://fair.example/guide.png"], meta = {"example.fair/stall": 8})]
    fn guide(
        &self,
        /// Where to.
        stall: u8,
        language: Option<String>,
    ) -> Vec<PromptMessage> {
        vec![
            PromptMessage::user(format!("Take me to stall {stall} in {}", language.unwrap_or_default())),
            PromptMessage::assistant(ResourceLink::new("fair://map", "map")),
        ]
    }

    #[mcp::completion(prompt = "guide", argument = "language")]
    fn languages(&self, language: String, stall: Option<u8>) -> Vec<String> {
        let known = ["de", "en", "es"].into_iter().filter(|known| known.starts_with(&language));
        known.map(|known| format!("{known}{}", stall.unwrap_or_default())).collect()
    }

    #[mcp::completion(resource = "fair://stalls/{id}", argument = "id")]
    fn stalls(&self, id: String) -> Vec<String> {
        (1..=200).map(|number| format!("{id}{number}")).collect()
    }
}

fn app() -> Router {
    Http::open(Fair).router()
}

/// Runs a check with a client of each version.
async fn in_every_version(check: impl AsyncFn(Peer)) {
    let app = app();
    for version in VERSIONS {
        check(Peer::new(&app, version).await).await;
    }
}

/// What a version that lacks some members has instead of a value.
fn known_to(version: &str, mut value: Value) -> Value {
    let unknown: &[&str] = match version {
        "2025-03-26" => &["title", "icons", "websiteUrl", "_meta", "lastModified", "outputSchema", "structuredContent"],
        "2025-06-18" => &["icons", "websiteUrl"],
        _ => &[],
    };
    match &mut value {
        Value::Object(members) => {
            members.retain(|name, _| !unknown.contains(&name.as_str()));
            members.values_mut().for_each(|member| *member = known_to(version, member.take()));
        }
        Value::Array(items) => items.iter_mut().for_each(|item| *item = known_to(version, item.take())),
        _ => {}
    }
    value
}

/// What a modern client is told about how long it may keep something.
fn cached(peer: &Peer, ttl_ms: u64, scope: &str, mut value: Value) -> Value {
    if peer.is_modern() {
        value["ttlMs"] = json!(ttl_ms);
        value["cacheScope"] = json!(scope);
    }
    value
}

fn called(tool: &str, arguments: Value) -> Value {
    json!({"name": tool, "arguments": arguments})
}

#[tokio::test]
async fn a_tool() {
    in_every_version(async |peer| {
        let list = peer.result("tools/list", json!({})).await;
        let expected = json!({
            "name": "mix",
            "title": "Mix",
            "description": "Mix what a tool can say.",
            "inputSchema": {
                "type": "object",
                "properties": {"count": {"type": "integer", "format": "uint8", "minimum": 1, "maximum": 9}},
                "required": ["count"],
                "additionalProperties": false,
            },
            "annotations": {"readOnlyHint": true},
            "icons": [{"src": "https://fair.example/mix.png"}],
            "_meta": {"example.fair/stall": 7},
        });
        assert_eq!(list["tools"][0], known_to(peer.version, expected), "{}", peer.version);
        let link = match peer.version {
            "2025-03-26" => json!({"type": "text", "text": "fair://hours"}),
            _ => json!({"type": "resource_link", "uri": "fair://hours", "name": "hours"}),
        };
        let content = json!([
            {
                "type": "text",
                "text": "3",
                "annotations": {"audience": ["user"], "priority": 0.5, "lastModified": "2026-01-02T03:04:05Z"},
            },
            {"type": "image", "data": "AQID", "mimeType": "image/png"},
            {"type": "resource", "resource": {"uri": "fair://hours", "text": "Always"}},
            link,
        ]);
        let expected = json!({"content": content});
        assert_eq!(peer.result("tools/call", called("mix", json!({"count": 3}))).await, expected, "{}", peer.version);
        // What is wrong with the arguments is for the model, in every version.
        let wrong = peer.result("tools/call", called("mix", json!({"count": 10}))).await;
        assert_eq!(wrong["isError"], true, "{wrong}");
    })
    .await;
}

#[tokio::test]
async fn structured_content() {
    in_every_version(async |peer| {
        let list = peer.result("tools/list", json!({})).await;
        let schema = &list["tools"][1]["outputSchema"];
        assert_eq!(schema.is_object(), peer.version != "2025-03-26", "{list}");
        let expected = json!({
            "content": [{"type": "text", "text": "{\"width\":3}"}],
            "structuredContent": {"width": 3},
        });
        let expected = known_to(peer.version, expected);
        assert_eq!(peer.result("tools/call", called("measure", json!({}))).await, expected, "{}", peer.version);
    })
    .await;
}

#[tokio::test]
async fn a_resource() {
    in_every_version(async |peer| {
        let expected = json!({"resources": [
            {
                "uri": "fair://hours",
                "name": "hours",
                "title": "Opening hours",
                "description": "When it is open.",
                "mimeType": "text/plain",
                "size": 6,
                "annotations": {
                    "audience": ["user", "assistant"],
                    "priority": 1.0,
                    "lastModified": "2026-01-02T03:04:05Z",
                },
                "icons": [{"src": "https://fair.example/hours.png"}],
                "_meta": {"example.fair/season": "summer"},
            },
            {"uri": "fair://map", "name": "the map", "description": "A map.", "mimeType": "image/png"},
        ]});
        let expected = cached(&peer, 300_000, "public", known_to(peer.version, expected));
        assert_eq!(peer.result("resources/list", json!({})).await, expected, "{}", peer.version);
        let expected = json!({"resourceTemplates": [
            {"uriTemplate": "fair://stalls/{id}", "name": "stall", "title": "Stall", "description": "A stall."},
        ]});
        let expected = cached(&peer, 300_000, "public", known_to(peer.version, expected));
        assert_eq!(peer.result("resources/templates/list", json!({})).await, expected, "{}", peer.version);
        for (uri, ttl_ms, contents) in [
            ("fair://hours", 60_000, json!({"mimeType": "text/plain", "text": "Always"})),
            ("fair://map", 0, json!({"mimeType": "image/png", "blob": "AQID"})),
            ("fair://stalls/7", 0, json!({"text": "Stall 7"})),
        ] {
            let mut contents = contents;
            contents["uri"] = json!(uri);
            let expected = cached(&peer, ttl_ms, "private", json!({"contents": [contents]}));
            assert_eq!(peer.result("resources/read", json!({"uri": uri})).await, expected, "{} {uri}", peer.version);
        }
        for uri in ["fair://stalls/10", "fair://nowhere"] {
            let said = peer.ask("resources/read", json!({"uri": uri})).await;
            let code = if peer.is_modern() { -32602 } else { -32002 };
            let error = json!({"code": code, "message": "Resource not found", "data": {"uri": uri}});
            assert_eq!(said.last().unwrap()["error"], error, "{} {uri}", peer.version);
        }
    })
    .await;
}

#[tokio::test]
async fn a_prompt() {
    in_every_version(async |peer| {
        let expected = json!({"prompts": [{
            "name": "guide",
            "title": "Guide",
            "description": "Find your way.",
            "arguments": [
                {"name": "stall", "description": "Where to.", "required": true},
                {"name": "language", "required": false},
            ],
            "icons": [{"src": "https://fair.example/guide.png"}],
            "_meta": {"example.fair/stall": 8},
        }]});
        let expected = cached(&peer, 300_000, "public", known_to(peer.version, expected));
        assert_eq!(peer.result("prompts/list", json!({})).await, expected, "{}", peer.version);
        let link = match peer.version {
            "2025-03-26" => json!({"type": "text", "text": "fair://map"}),
            _ => json!({"type": "resource_link", "uri": "fair://map", "name": "map"}),
        };
        let messages = json!([
            {"role": "user", "content": {"type": "text", "text": "Take me to stall 7 in en"}},
            {"role": "assistant", "content": link},
        ]);
        let params = json!({"name": "guide", "arguments": {"stall": "7", "language": "en"}});
        assert_eq!(peer.result("prompts/get", params).await["messages"], messages, "{}", peer.version);
        let wrong = peer.ask("prompts/get", json!({"name": "guide", "arguments": {"stall": "x"}})).await;
        assert_eq!(wrong.last().unwrap()["error"]["code"], -32602, "{}", peer.version);
    })
    .await;
}

#[tokio::test]
async fn a_completion() {
    in_every_version(async |peer| {
        // What the other arguments are came with 2025-06-18, and is no secret to an older client.
        let params = json!({
            "ref": {"type": "ref/prompt", "name": "guide"},
            "argument": {"name": "language", "value": "e"},
            "context": {"arguments": {"stall": "7"}},
        });
        let expected = json!({"completion": {"values": ["en7", "es7"], "total": 2, "hasMore": false}});
        assert_eq!(peer.result("completion/complete", params).await, expected, "{}", peer.version);
        let params = json!({
            "ref": {"type": "ref/resource", "uri": "fair://stalls/{id}"},
            "argument": {"name": "id", "value": ""},
        });
        let many = peer.result("completion/complete", params).await;
        assert_eq!(many["completion"]["values"].as_array().unwrap().len(), 100);
        assert_eq!((&many["completion"]["total"], &many["completion"]["hasMore"]), (&json!(200), &json!(true)));
    })
    .await;
}

#[tokio::test]
async fn progress() {
    in_every_version(async |peer| {
        for token in [json!("a"), json!(7)] {
            let mut call = called("count", json!({}));
            call["_meta"] = json!({"progressToken": token});
            let mut said = peer.ask("tools/call", call).await;
            let answer = said.pop().unwrap();
            assert_eq!(answer["result"]["content"][0]["text"], "counted");
            let progress =
                |params: Value| json!({"jsonrpc": "2.0", "method": "notifications/progress", "params": params});
            let expected = [
                progress(json!({"progressToken": token, "progress": 1.0})),
                progress(json!({"progressToken": token, "progress": 2.0, "total": 2.0, "message": "two"})),
            ];
            assert_eq!(said, expected, "{}", peer.version);
        }
        // Nobody asked.
        assert_eq!(peer.ask("tools/call", called("count", json!({}))).await.len(), 1, "{}", peer.version);
    })
    .await;
}

#[tokio::test]
async fn log_messages() {
    in_every_version(async |peer| {
        let mut call = called("write_diary", json!({}));
        if peer.is_modern() {
            call["_meta"] = json!({"io.modelcontextprotocol/logLevel": "warning"});
        } else {
            assert_eq!(peer.result("logging/setLevel", json!({"level": "warning"})).await, json!({}));
        }
        let mut said = peer.ask("tools/call", call).await;
        assert_eq!(said.pop().unwrap()["result"]["content"][0]["text"], "false");
        let message = |level: &str, data: Value| {
            let params = json!({"level": level, "logger": "write_diary", "data": data});
            json!({"jsonrpc": "2.0", "method": "notifications/message", "params": params})
        };
        for message in &mut said {
            message["params"]["logger"] = json!("write_diary");
        }
        let expected = [message("warning", json!("it rains")), message("error", json!({"umbrella": null}))];
        assert_eq!(said, expected, "{}", peer.version);
    })
    .await;
}

/// The call of a tool that asks one thing: the question, and what comes of the answer.
async fn ask(peer: &Peer, tool: &str, key: &str) -> (Value, Value) {
    let said = peer.ask("tools/call", called(tool, json!({}))).await;
    let [question, answer] = &said[..] else { panic!("{}: {said:?}", peer.version) };
    let question = match peer.is_modern() {
        true => question["result"]["inputRequests"][key].clone(),
        false => json!({"method": question["method"], "params": question["params"]}),
    };
    (question, answer["result"]["content"][0]["text"].clone())
}

#[tokio::test]
async fn a_question_to_the_user() {
    in_every_version(async |peer| {
        if peer.version == "2025-03-26" {
            // There was no such question.
            let said = peer.ask("tools/call", called("ask_visitor", json!({}))).await;
            let error = &said.last().unwrap()["error"];
            assert_eq!(
                (&error["code"], &error["data"]),
                (&json!(-32021), &json!({"requiredCapabilities": {"elicitation": {"form": {}}}}))
            );
            return;
        }
        let (question, answer) = ask(&peer, "ask_visitor", "visitor").await;
        let schema = json!({
            "type": "object",
            "properties": {"name": {"type": "string", "description": "Who you are."}},
            "required": ["name"],
        });
        let params = json!({"message": "Who are you?", "requestedSchema": schema});
        assert_eq!(question, json!({"method": "elicitation/create", "params": params}), "{}", peer.version);
        assert_eq!(answer, "Welcome, Ann", "{}", peer.version);
    })
    .await;
}

#[tokio::test]
async fn a_question_to_the_model() {
    in_every_version(async |peer| {
        let (question, answer) = ask(&peer, "ask_model", "greeting").await;
        let messages = json!([{"role": "user", "content": {"type": "text", "text": "Greet"}}]);
        let params = json!({"messages": messages, "systemPrompt": "Be brief.", "maxTokens": 10});
        assert_eq!(question, json!({"method": "sampling/createMessage", "params": params}), "{}", peer.version);
        assert_eq!(answer, "Hello", "{}", peer.version);
    })
    .await;
}

#[tokio::test]
async fn a_question_about_folders() {
    in_every_version(async |peer| {
        let (question, answer) = ask(&peer, "ask_roots", "roots").await;
        assert_eq!(question["method"], "roots/list", "{}", peer.version);
        assert_eq!(answer, "file:///home", "{}", peer.version);
    })
    .await;
}

#[tokio::test]
async fn what_a_client_did_not_declare_it_is_not_asked() {
    let app = app();
    for version in VERSIONS {
        let peer = Peer::with_capabilities(&app, version, json!({})).await;
        for (tool, needed) in [
            ("ask_visitor", json!({"elicitation": {"form": {}}})),
            ("ask_model", json!({"sampling": {}})),
            ("ask_roots", json!({"roots": {}})),
        ] {
            let said = peer.ask("tools/call", called(tool, json!({}))).await;
            let [answer] = &said[..] else { panic!("{said:?}") };
            assert_eq!(answer["error"]["code"], -32021, "{version} {tool}");
            assert_eq!(answer["error"]["data"], json!({"requiredCapabilities": needed}), "{version} {tool}");
        }
    }
}

#[tokio::test]
async fn changes() {
    in_every_version(async |peer| {
        let mut stream = if peer.is_modern() {
            let notifications = json!({
                "toolsListChanged": true,
                "promptsListChanged": true,
                "resourcesListChanged": true,
                "resourceSubscriptions": ["fair://hours"],
            });
            let mut stream = peer.open("subscriptions/listen", json!({"notifications": notifications})).await;
            let acknowledged = stream.next().await.expect("an acknowledgement");
            assert_eq!(acknowledged["method"], "notifications/subscriptions/acknowledged");
            assert_eq!(acknowledged["params"]["notifications"], notifications);
            stream
        } else {
            assert_eq!(peer.result("resources/subscribe", json!({"uri": "fair://hours"})).await, json!({}));
            peer.listen().await
        };
        peer.result("tools/call", called("change", json!({}))).await;
        let mut told = Vec::new();
        for _ in 0..4 {
            let mut message = stream.next().await.expect("a notification");
            if peer.is_modern() {
                let meta = message["params"]["_meta"].as_object_mut().expect("which subscription it is for");
                meta.remove("io.modelcontextprotocol/subscriptionId").expect("which subscription it is for");
                if meta.is_empty() {
                    message["params"].as_object_mut().expect("params").remove("_meta");
                }
            }
            told.push((message["method"].as_str().expect("a method").to_owned(), message["params"]["uri"].clone()));
        }
        told.sort_by(|a, b| a.0.cmp(&b.0));
        let expected = [
            ("notifications/prompts/list_changed", json!(null)),
            ("notifications/resources/list_changed", json!(null)),
            ("notifications/resources/updated", json!("fair://hours")),
            ("notifications/tools/list_changed", json!(null)),
        ];
        assert_eq!(told, expected.map(|(method, uri)| (method.to_owned(), uri)), "{}", peer.version);
    })
    .await;
}

#[tokio::test]
async fn pages() {
    let app = Http::open(Fair).page_size(3).router();
    for version in VERSIONS {
        let peer = Peer::new(&app, version).await;
        let whole = Peer::new(&self::app(), version).await.result("tools/list", json!({})).await;
        let (mut tools, mut params, mut pages) = (Vec::new(), json!({}), 0);
        loop {
            let mut page = peer.result("tools/list", params).await;
            let items = page["tools"].as_array_mut().expect("tools");
            assert!(items.len() <= 3, "{items:?}");
            tools.append(items);
            pages += 1;
            let Some(next) = page.get("nextCursor") else { break };
            params = json!({"cursor": next});
        }
        assert_eq!((pages, Value::from(tools)), (3, whole["tools"].clone()), "{version}");
        let wrong = peer.ask("tools/list", json!({"cursor": "nowhere"})).await;
        assert_eq!(wrong[0]["error"]["code"], -32602, "{version}");
    }
}

/// What the server says about itself: in the handshake, or when it is asked.
#[tokio::test]
async fn the_server() {
    let app = app();
    let described = json!({
        "name": "fair",
        "title": "The fair",
        "version": "1.0.0",
        "icons": [{"src": "https://fair.example/icon.png"}],
        "websiteUrl": "https://fair.example",
    });
    let capabilities = json!({
        "tools": {"listChanged": true},
        "resources": {"listChanged": true, "subscribe": true},
        "prompts": {"listChanged": true},
        "completions": {},
        "logging": {},
    });
    for version in LEGACY {
        let expected = json!({
            "protocolVersion": version,
            "capabilities": capabilities,
            "serverInfo": known_to(version, described.clone()),
            "instructions": "Have fun.",
        });
        assert_eq!(Peer::new(&app, version).await.handshake, expected);
    }
    let peer = Peer::new(&app, MODERN).await;
    let said = peer.ask("server/discover", json!({})).await;
    let result = &said[0]["result"];
    assert_eq!(result["_meta"]["io.modelcontextprotocol/serverInfo"], described);
    assert_eq!(result["capabilities"], capabilities);
    assert_eq!(result["supportedVersions"], json!([MODERN, "2025-11-25", "2025-06-18", "2025-03-26"]));
    assert_eq!(result["instructions"], "Have fun.");
}
