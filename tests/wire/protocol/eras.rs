//! Each feature, written once and used in every protocol version: what clients are told, message by message.

use mcp::{
    Annotations, Answer, Content, Context, EmbeddedResource, ImageContent, Json, LogLevel, Progress, PromptMessage,
    ResourceLink, Role, Sampling, TextContent,
};
use serde_json::{Value, json};

use crate::support::conversation::{Client, Connection, Conversation, Way, silent};
use crate::support::schema::MODERN;

struct Fair;

#[derive(serde::Serialize, schemars::JsonSchema)]
struct Size {
    width: u8,
}

#[derive(serde::Deserialize, schemars::JsonSchema)]
struct Visitor {
    /// Your name.
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
        let mut hints = Annotations::default();
        hints.audience = vec![Role::User];
        hints.priority = Some(0.5);
        hints.last_modified = Some("2026-01-02T03:04:05Z".to_owned());
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

    /// The hours.
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
        /// The place.
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

/// Runs a check with a client of each version, over each transport.
async fn in_every_way(check: impl AsyncFn(Peer)) {
    for way in Way::ALL {
        check(Peer { connection: way.connect(Fair, Client::default()).await, way }).await;
    }
}

/// A client that answers what it is asked.
struct Peer {
    connection: Connection,
    way: Way,
}

impl Peer {
    async fn ask(&mut self, method: &str, params: Value) -> Conversation {
        self.connection.request(method, params, answer).await
    }

    async fn call(&mut self, tool: &str, arguments: Value) -> Conversation {
        self.ask("tools/call", json!({"name": tool, "arguments": arguments})).await
    }

    /// A result without what every modern one has.
    async fn result(&mut self, method: &str, params: Value) -> Value {
        let mut result = self.ask(method, params).await.answer["result"].take();
        if self.way.is_modern() {
            let result = result.as_object_mut().expect("a result");
            assert_eq!(result.remove("resultType"), Some(json!("complete")));
            let meta = json!({"io.modelcontextprotocol/serverInfo": description()});
            assert_eq!(result.remove("_meta"), Some(meta));
        }
        result
    }

    /// Adds how long a modern client may cache the value.
    fn cached(&self, ttl_ms: u64, scope: &str, mut value: Value) -> Value {
        if self.way.is_modern() {
            value["ttlMs"] = json!(ttl_ms);
            value["cacheScope"] = json!(scope);
        }
        value
    }
}

/// Answers a question as a client.
fn answer(method: &str, params: &Value) -> Value {
    match method {
        "elicitation/create" => json!({"action": "accept", "content": {"name": "Ann"}}),
        "sampling/createMessage" => {
            json!({"role": "assistant", "content": {"type": "text", "text": "Hello"}, "model": "test"})
        }
        "roots/list" => json!({"roots": [{"uri": "file:///home", "name": "Home"}]}),
        _ => silent(method, params),
    }
}

fn description() -> Value {
    json!({
        "name": "fair",
        "title": "The fair",
        "version": "1.0.0",
        "icons": [{"src": "https://fair.example/icon.png"}],
        "websiteUrl": "https://fair.example",
    })
}

/// Removes the members that a version lacks.
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

#[tokio::test]
async fn a_tool() {
    in_every_way(async |mut peer| {
        let list = peer.result("tools/list", json!({})).await;
        let expected = json!({
            "name": "mix",
            "title": "Mix",
            "description": "Mix what a tool can say.",
            "inputSchema": {
                "type": "object",
                "properties": {"count": {"type": "integer", "minimum": 1, "maximum": 9}},
                "required": ["count"],
            },
            "annotations": {"readOnlyHint": true},
            "icons": [{"src": "https://fair.example/mix.png"}],
            "_meta": {"example.fair/stall": 7},
        });
        assert_eq!(list["tools"][0], known_to(peer.way.version(), expected), "{:?}", peer.way);
        let link = match peer.way.version() {
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
        assert_eq!(
            peer.result("tools/call", json!({"name": "mix", "arguments": json!({"count": 3})})).await,
            expected,
            "{:?}",
            peer.way
        );
        // What is wrong with the arguments is for the model, in every version.
        let wrong = peer.result("tools/call", json!({"name": "mix", "arguments": json!({"count": 10})})).await;
        assert_eq!(wrong["isError"], true, "{wrong}");
    })
    .await;
}

#[tokio::test]
async fn structured_content() {
    in_every_way(async |mut peer| {
        let list = peer.result("tools/list", json!({})).await;
        let schema = &list["tools"][1]["outputSchema"];
        assert_eq!(schema.is_object(), peer.way.version() != "2025-03-26", "{list}");
        let expected = json!({
            "content": [{"type": "text", "text": "{\"width\":3}"}],
            "structuredContent": {"width": 3},
        });
        let expected = known_to(peer.way.version(), expected);
        assert_eq!(
            peer.result("tools/call", json!({"name": "measure", "arguments": json!({})})).await,
            expected,
            "{:?}",
            peer.way
        );
    })
    .await;
}

#[tokio::test]
async fn a_resource() {
    in_every_way(async |mut peer| {
        let expected = json!({"resources": [
            {
                "uri": "fair://hours",
                "name": "hours",
                "title": "Opening hours",
                "description": "The hours.",
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
        let expected = peer.cached(300_000, "public", known_to(peer.way.version(), expected));
        assert_eq!(peer.result("resources/list", json!({})).await, expected, "{:?}", peer.way);
        let expected = json!({"resourceTemplates": [
            {"uriTemplate": "fair://stalls/{id}", "name": "stall", "title": "Stall", "description": "A stall."},
        ]});
        let expected = peer.cached(300_000, "public", known_to(peer.way.version(), expected));
        assert_eq!(peer.result("resources/templates/list", json!({})).await, expected, "{:?}", peer.way);
        for (uri, ttl_ms, contents) in [
            ("fair://hours", 60_000, json!({"mimeType": "text/plain", "text": "Always"})),
            ("fair://map", 0, json!({"mimeType": "image/png", "blob": "AQID"})),
            ("fair://stalls/7", 0, json!({"text": "Stall 7"})),
        ] {
            let mut contents = contents;
            contents["uri"] = json!(uri);
            let expected = peer.cached(ttl_ms, "private", json!({"contents": [contents]}));
            assert_eq!(peer.result("resources/read", json!({"uri": uri})).await, expected, "{:?} {uri}", peer.way);
        }
        for uri in ["fair://stalls/10", "fair://nowhere"] {
            let said = peer.ask("resources/read", json!({"uri": uri})).await;
            let code = if peer.way.is_modern() { -32602 } else { -32002 };
            let error = json!({"code": code, "message": "Resource not found", "data": {"uri": uri}});
            assert_eq!(said.answer["error"], error, "{:?} {uri}", peer.way);
        }
    })
    .await;
}

#[tokio::test]
async fn a_prompt() {
    in_every_way(async |mut peer| {
        let expected = json!({"prompts": [{
            "name": "guide",
            "title": "Guide",
            "description": "Find your way.",
            "arguments": [
                {"name": "stall", "description": "The place.", "required": true},
                {"name": "language", "required": false},
            ],
            "icons": [{"src": "https://fair.example/guide.png"}],
            "_meta": {"example.fair/stall": 8},
        }]});
        let expected = peer.cached(300_000, "public", known_to(peer.way.version(), expected));
        assert_eq!(peer.result("prompts/list", json!({})).await, expected, "{:?}", peer.way);
        let link = match peer.way.version() {
            "2025-03-26" => json!({"type": "text", "text": "fair://map"}),
            _ => json!({"type": "resource_link", "uri": "fair://map", "name": "map"}),
        };
        let messages = json!([
            {"role": "user", "content": {"type": "text", "text": "Take me to stall 7 in en"}},
            {"role": "assistant", "content": link},
        ]);
        let params = json!({"name": "guide", "arguments": {"stall": "7", "language": "en"}});
        assert_eq!(peer.result("prompts/get", params).await["messages"], messages, "{:?}", peer.way);
        for (arguments, why) in [
            (json!({"stall": "x"}), "Invalid params: `stall`: expected a whole number from 0 to 255, not `x`"),
            (json!({"stal": "7"}), "Unknown argument `stal`; did you mean `stall`?"),
            (json!({}), "Invalid params: the argument `stall` is missing"),
        ] {
            let wrong = peer.ask("prompts/get", json!({"name": "guide", "arguments": arguments})).await;
            let error = &wrong.answer["error"];
            assert_eq!((&error["code"], &error["message"]), (&json!(-32602), &json!(why)), "{:?}", peer.way);
        }
    })
    .await;
}

#[tokio::test]
async fn a_completion() {
    in_every_way(async |mut peer| {
        // What the other arguments are came with 2025-06-18, and is no secret to an older client.
        let params = json!({
            "ref": {"type": "ref/prompt", "name": "guide"},
            "argument": {"name": "language", "value": "e"},
            "context": {"arguments": {"stall": "7"}},
        });
        let expected = json!({"completion": {"values": ["en7", "es7"], "total": 2, "hasMore": false}});
        assert_eq!(peer.result("completion/complete", params).await, expected, "{:?}", peer.way);
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
    for way in Way::ALL {
        for token in [json!("a"), json!(7)] {
            let client = Client { meta: json!({"progressToken": token}), ..Client::default() };
            let conversation = way.connect(Fair, client).await.call("count", json!({}), silent).await;
            let told = |params: Value| json!({"jsonrpc": "2.0", "method": "notifications/progress", "params": params});
            let expected = [
                told(json!({"progressToken": token, "progress": 1.0})),
                told(json!({"progressToken": token, "progress": 2.0, "total": 2.0, "message": "two"})),
            ];
            assert_eq!(conversation.text(), "counted");
            assert_eq!(conversation.told, expected, "{way:?}");
        }
        // Nobody asked.
        let conversation = way.connect(Fair, Client::default()).await.call("count", json!({}), silent).await;
        assert_eq!(conversation.told, [json!(null); 0], "{way:?}");
    }
}

#[tokio::test]
async fn log_messages() {
    for way in Way::ALL {
        let client = Client { log_level: Some("warning"), ..Client::default() };
        let conversation = way.connect(Fair, client).await.call("write_diary", json!({}), silent).await;
        assert_eq!(conversation.text(), "false");
        let told = |params: Value| json!({"jsonrpc": "2.0", "method": "notifications/message", "params": params});
        let expected = [
            told(json!({"level": "warning", "data": "it rains"})),
            told(json!({"level": "error", "data": {"umbrella": null}})),
        ];
        assert_eq!(conversation.told, expected, "{way:?}");
    }
}

#[tokio::test]
async fn questions() {
    let schema = json!({
        "type": "object",
        "properties": {"name": {"type": "string", "description": "Your name."}},
        "required": ["name"],
    });
    let messages = json!([{"role": "user", "content": {"type": "text", "text": "Greet"}}]);
    let form = json!({"message": "Who are you?", "requestedSchema": schema});
    let sampling = json!({"messages": messages, "systemPrompt": "Be brief.", "maxTokens": 10});
    in_every_way(async |mut peer| {
        for (tool, method, params, expected) in [
            ("ask_visitor", "elicitation/create", Some(&form), "Welcome, Ann"),
            ("ask_model", "sampling/createMessage", Some(&sampling), "Hello"),
            ("ask_roots", "roots/list", None, "file:///home"),
        ] {
            let conversation = peer.call(tool, json!({})).await;
            if (tool, peer.way.version()) == ("ask_visitor", "2025-03-26") {
                // There was no such question.
                let text = "This needs `elicitation.form`, which the client does not declare";
                assert_eq!((conversation.text(), conversation.is_error()), (text, true), "{:?}", peer.way);
                continue;
            }
            let [question] = &conversation.asked[..] else { panic!("{:?} {tool}: {conversation:?}", peer.way) };
            assert_eq!(question["method"], method, "{:?}", peer.way);
            if let Some(params) = params {
                assert_eq!(question["params"], *params, "{:?}", peer.way);
            }
            assert_eq!(conversation.text(), expected, "{:?}", peer.way);
        }
    })
    .await;
}

#[tokio::test]
async fn what_a_client_did_not_declare_it_is_not_asked() {
    for way in Way::ALL {
        let mut connection = way.connect(Fair, Client::with(json!({}))).await;
        for (tool, needed) in [("ask_visitor", "elicitation.form"), ("ask_model", "sampling"), ("ask_roots", "roots")] {
            let conversation = connection.call(tool, json!({}), silent).await;
            let text = format!("This needs `{needed}`, which the client does not declare");
            assert_eq!((conversation.text(), conversation.is_error()), (&*text, true), "{way:?} {tool}");
        }
    }
}

#[tokio::test]
async fn changes() {
    in_every_way(async |mut peer| {
        peer.connection.watch("fair://hours").await;
        // Over stdio, all is told in one place.
        let mut told = peer.call("change", json!({})).await.told;
        while told.len() < 4 {
            told.push(peer.connection.next().await);
        }
        let mut subscriptions = Vec::new();
        let mut changes = Vec::new();
        for change in told {
            subscriptions.push(change["params"]["_meta"]["io.modelcontextprotocol/subscriptionId"].clone());
            changes.push((change["method"].as_str().expect("a method").to_owned(), change["params"]["uri"].clone()));
        }
        changes.sort_by(|a, b| a.0.cmp(&b.0));
        let expected = [
            ("notifications/prompts/list_changed", json!(null)),
            ("notifications/resources/list_changed", json!(null)),
            ("notifications/resources/updated", json!("fair://hours")),
            ("notifications/tools/list_changed", json!(null)),
        ];
        assert_eq!(changes, expected.map(|(method, uri)| (method.to_owned(), uri)), "{:?}", peer.way);
        // The first request of the connection was the one for changes.
        let subscription = if peer.way.is_modern() { json!(1) } else { json!(null) };
        assert_eq!(subscriptions, vec![subscription; 4], "{:?}", peer.way);
    })
    .await;
}

#[tokio::test]
async fn pages() {
    for way in Way::ALL {
        let whole = way.connect(Fair, Client::default()).await.request("tools/list", json!({}), silent).await.answer;
        let mut connection = way.connect_in_pages(Fair, Client::default(), 3).await;
        let (mut tools, mut params, mut pages) = (Vec::new(), json!({}), 0);
        loop {
            let mut page = connection.request("tools/list", params, silent).await.answer["result"].take();
            let items = page["tools"].as_array_mut().expect("tools");
            assert!(items.len() <= 3, "{items:?}");
            tools.append(items);
            pages += 1;
            let Some(next) = page.get("nextCursor") else { break };
            params = json!({"cursor": next});
        }
        assert_eq!((pages, Value::from(tools)), (3, whole["result"]["tools"].clone()), "{way:?}");
        let wrong = connection.request("tools/list", json!({"cursor": "nowhere"}), silent).await;
        assert_eq!(wrong.code(), -32602, "{way:?}");
    }
}

/// The self-description of the server, in the handshake and in `server/discover`.
#[tokio::test]
async fn the_server() {
    in_every_way(async |mut peer| {
        let version = peer.way.version();
        let mut expected = json!({
            "capabilities": {
                "tools": {"listChanged": true},
                "resources": {"listChanged": true, "subscribe": true},
                "prompts": {"listChanged": true},
                "completions": {},
                "logging": {},
            },
            "instructions": "Have fun.",
        });
        let said = if version == MODERN {
            expected["supportedVersions"] = json!([MODERN, "2025-11-25", "2025-06-18", "2025-03-26"]);
            expected = peer.cached(300_000, "public", expected);
            peer.result("server/discover", json!({})).await
        } else {
            expected["protocolVersion"] = json!(version);
            expected["serverInfo"] = known_to(version, description());
            peer.connection.handshake.take()
        };
        assert_eq!(said, expected, "{:?}", peer.way);
    })
    .await;
}
