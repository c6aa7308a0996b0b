//! The client in memory: a server object without anything around it.

use mcp::testing::TestClient;
use mcp::{AccessToken, Http, Json, MemoryClient, StaticTokens, ToolResult};
use serde_json::{Value, json};

use crate::support::schema::{MODERN, Watch};
use crate::support::servers::{Notes, Workshop};

#[tokio::test]
async fn a_test_talks_to_the_server_object() {
    let client = MemoryClient::new(Notes::default());
    let names: Vec<_> = client.list_tools().await.unwrap().iter().map(|tool| tool["name"].clone()).collect();
    assert_eq!(
        names,
        ["list_notes", "add_note", "whoami", "whoami_sync", "whoami_blocking", "whoami_surely", "inspect"]
    );
    // No scopes are enforced, but a token cannot be made up.
    let result = client.call_tool("add_note", json!({"text": "a"})).await.unwrap();
    assert!(result.is_error);
    for no_arguments in [json!({}), json!(null)] {
        let result = client.call_tool("list_notes", no_arguments).await.unwrap();
        assert!(!result.is_error && result.content.is_empty());
    }
    let discovered = client.request("server/discover", json!({})).await.unwrap();
    assert_eq!(discovered["supportedVersions"][0], "2026-07-28");
    // There is no wire, but what would be on it is there.
    for (method, params) in [
        ("server/discover", json!({})),
        ("tools/list", json!({})),
        ("tools/call", json!({"name": "whoami"})),
        ("tools/call", json!({"name": "whoami_surely"})),
    ] {
        let result = client.request(method, params.clone()).await.unwrap();
        let watch = Watch::new(MODERN);
        watch.sent_unchecked(
            json!({"jsonrpc": "2.0", "id": 1, "method": method, "params": params}).to_string().as_bytes(),
        );
        watch.received(json!({"jsonrpc": "2.0", "id": 1, "result": result}).to_string().as_bytes());
    }
}

#[tokio::test]
async fn errors_come_as_they_are() {
    let (workshop, _observer) = Workshop::new();
    let client = MemoryClient::new(workshop);
    let result = client.call_tool("measure", ()).await.unwrap();
    assert_eq!(result.structured_content.unwrap().get(), r#"{"celsius":22.5,"station":"roof"}"#);
    let error = client.call_tool("fail", json!({"how": "params"})).await.unwrap_err();
    assert_eq!(
        format!("{error:?}"),
        r#"Error { kind: Protocol(-32602), message: "no such thing", data: Some("[\"a\",\"b\"]") }"#
    );
    for (error, expected) in [
        (client.call_tool("nothing", json!({})).await.unwrap_err(), (-32602, "Unknown tool: nothing")),
        (client.call_tool("echo", [1]).await.unwrap_err(), (-32602, "Invalid params: `arguments` must be an object")),
        (client.call_tool("panic_sync", json!({})).await.unwrap_err(), (-32603, "The tool panicked")),
        (client.call_tool("panic_async", json!({})).await.unwrap_err(), (-32603, "The tool panicked")),
        (client.call_tool("panic_blocking", json!({})).await.unwrap_err(), (-32603, "The tool panicked")),
        (client.request("nothing", json!({})).await.unwrap_err(), (-32601, "Method not found: nothing")),
        (client.request("nothing", json!({"name": {}})).await.unwrap_err(), (-32601, "Method not found: nothing")),
        (
            client.request("tools/list", json!([])).await.unwrap_err(),
            (-32602, "Invalid params: `params` must be an object"),
        ),
    ] {
        assert_eq!((error.code(), error.message()), (Some(expected.0), expected.1));
    }
    assert_eq!(client.call_tool("count", json!({})).await.unwrap().text(), "1", "the server goes on");
}

#[derive(Debug, PartialEq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
struct Book {
    title: String,
    borrower: String,
}

/// A protected server with an item of each kind.
struct Library;

#[mcp::server(
    issuer = "https://auth.example.com",
    resource = "https://library.example.com/mcp",
    scopes = ["books:read"],
    optional_scopes = ["books:lend", "books:burn"],
    hierarchy = ["books:burn" > "books:lend"],
)]
impl Library {
    /// Lend a book.
    #[mcp::tool(scopes = ["books:lend"])]
    fn lend(&self, title: String, token: &AccessToken) -> Json<Book> {
        let current = mcp::access_token().map(|token| token.client_id.clone());
        assert_eq!(current.as_deref(), Some(&*token.client_id));
        Json(Book { title, borrower: token.client_id.clone() })
    }

    /// Burn all books.
    #[mcp::tool(scopes = ["books:burn"], hidden)]
    fn burn(&self) -> Result<String, mcp::Error> {
        Err(mcp::Error::tool("They do not burn."))
    }

    /// A page of a book.
    #[mcp::resource("book://{title}/{page}")]
    fn page(&self, title: String, page: u8, token: &AccessToken) -> String {
        format!("{} reads {title}, {page}", token.client_id)
    }

    /// Summarise a book.
    #[mcp::prompt]
    fn summarise(&self, title: String, token: &AccessToken) -> String {
        format!("Summarise {title} for {}.", token.client_id)
    }

    /// Complete the title.
    #[mcp::completion(prompt = "summarise", argument = "title")]
    fn titles(&self, title: String, token: &AccessToken) -> Vec<String> {
        vec![format!("{title} by {}", token.client_id)]
    }

    /// Complete the title of a page.
    #[mcp::completion(resource = "book://{title}/{page}", argument = "title")]
    fn titles_of_pages(&self, title: String) -> Vec<String> {
        vec![title]
    }
}

fn token(name: &str, scopes: &str) -> AccessToken {
    AccessToken::ours(name).with_scopes(scopes)
}

#[tokio::test]
async fn a_token_has_the_rights_that_it_has_over_http() {
    let client = MemoryClient::new(Library);
    let tokens = [
        ("nobody", token("nobody", "books:lend")),
        ("reader", token("reader", "books:read")),
        ("lender", token("lender", "books:read books:lend")),
        ("fireman", token("fireman", "books:read books:burn")),
    ];
    let http = TestClient::new(Http::protected(Library, StaticTokens::new(tokens.clone())));
    for (name, token) in tokens {
        let (memory, http) = (client.with_token(token), http.token(name));
        for (method, params) in [
            ("tools/list", json!({})),
            ("tools/call", json!({"name": "lend", "arguments": {"title": "Emma"}})),
            ("tools/call", json!({"name": "lend", "arguments": {"title": 7}})),
            ("tools/call", json!({"name": "burn"})),
            ("resources/read", json!({"uri": "book://Emma/7"})),
            ("prompts/get", json!({"name": "summarise", "arguments": {"title": "Emma"}})),
            ("nothing", json!({})),
        ] {
            let over_http = http.request(method, params.clone()).await;
            // A token that lacks a scope of every request has no JSON-RPC error over HTTP.
            let expected = match name {
                "nobody" => Err((Some(403), "Required scope: books:read".to_owned())),
                _ => over_http.result::<Value>().map_err(|error| (error.code(), error.message().to_owned())),
            };
            let result = memory.request(method, params.clone()).await;
            assert_eq!(result.map_err(|error| (error.code(), error.message().to_owned())), expected, "{name} {params}");
        }
    }
    let lender = client.with_token(token("lender", "books:read books:lend"));
    assert_eq!(
        lender.call_tool("lend", json!({"title": "Emma"})).await.unwrap().structured::<Book>().unwrap(),
        Book { title: "Emma".to_owned(), borrower: "lender".to_owned() }
    );
}

#[tokio::test]
async fn a_client_reads_every_kind_of_result() {
    let alice = token("alice", "books:read books:burn");
    let memory = MemoryClient::new(Library).with_token(alice.clone());
    let http = TestClient::new(Http::protected(Library, StaticTokens::new([("alice", alice)]))).token("alice");
    let book = Book { title: "Emma".to_owned(), borrower: "alice".to_owned() };
    assert_eq!(http.call_tool("lend", json!({"title": "Emma"})).await.structured::<Book>().unwrap(), book);

    let page = memory.read_resource("book://Emma/7").await.unwrap();
    assert_eq!((page.text().as_str(), page.contents[0].uri.as_str()), ("alice reads Emma, 7", "book://Emma/7"));
    assert_eq!(http.read_resource("book://Emma/7").await.result::<mcp::ReadResult>().unwrap(), page);

    let prompt = memory.prompt("summarise", json!({"title": "Emma"})).await.unwrap();
    assert_eq!(prompt.messages[0].content.as_text(), Some("Summarise Emma for alice."));
    let over_http = http.prompt("summarise", json!({"title": "Emma"})).await;
    assert_eq!(over_http.result::<mcp::PromptResult>().unwrap().messages, prompt.messages);

    let titles = memory.complete_prompt("summarise", "title", "Em").await.unwrap();
    assert_eq!((titles.values.as_slice(), titles.total), (["Em by alice".to_owned()].as_slice(), Some(1)));
    assert_eq!(http.complete_prompt("summarise", "title", "Em").await.completion().unwrap(), titles);
    let pages = memory.complete_resource("book://{title}/{page}", "title", "Em").await.unwrap();
    assert_eq!(pages.values, ["Em"]);
    assert_eq!(http.complete_resource("book://{title}/{page}", "title", "Em").await.completion().unwrap(), pages);

    // An error says what came in place of the expected type.
    let structured = |result: &ToolResult| result.structured::<Vec<u8>>().unwrap_err().message().to_owned();
    let lent = memory.call_tool("lend", json!({"title": "Emma"})).await.unwrap();
    assert_eq!(
        structured(&lent),
        "the structured content is of another type (invalid type: map, expected a sequence at line 1 column 0): \
         {\"title\":\"Emma\",\"borrower\":\"alice\"}"
    );
    assert_eq!(structured(&memory.call_tool("burn", ()).await.unwrap()), "the tool failed: They do not burn.");
    assert_eq!(structured(&ToolResult::new(vec!["plain".into()])), "there is no structured content: plain");
}
