//! Parts: blocks of other types, of one server.

use std::fmt;
use std::marker::PhantomData;

use mcp::testing::TestClient;
use mcp::{AccessToken, Http, StaticTokens, completion, part, prompt, resource, server, tool};
use serde_json::{Value, json};

struct Notes;

#[server(
    issuer = "https://auth.example.com",
    resource = "https://notes.example.com/mcp",
    scopes = ["notes:read"],
    optional_scopes = ["notes:write", "notes:find"],
    hierarchy = ["notes:write" > "notes:find"],
)]
impl Notes {
    /// List every note.
    #[tool]
    fn list(&self) -> String {
        "all".to_owned()
    }
}

struct Search {
    found: String,
}

#[part(of = Notes)]
impl Search {
    /// Find notes.
    #[tool(scopes = ["notes:find"])]
    async fn find(&self, text: String, token: &AccessToken) -> String {
        format!("{} {} {text}", token.client_id, self.found)
    }

    /// Find notes again.
    #[tool(scopes = ["notes:read"])]
    fn again(&self) -> &str {
        &self.found
    }

    #[resource("search://{text}", scopes = ["notes:find", "notes:read"], hidden)]
    fn results(&self, text: String) -> String {
        format!("{} {text}", self.found)
    }

    /// Search for something.
    #[prompt]
    fn search(&self, text: String) -> String {
        text
    }

    #[completion(prompt = "search", argument = "text")]
    fn texts(&self, text: String) -> [String; 2] {
        [text, self.found.clone()]
    }

    #[cfg(not(test))]
    #[resource("search://none", scopes = ["undeclared"])]
    fn absent(&self) -> String {
        String::new()
    }
}

#[tokio::test]
async fn a_part_has_a_state_of_its_own_and_needs_scopes_of_its_server() {
    let tokens = StaticTokens::new([
        ("reader", AccessToken::ours("reader").with_scopes(["notes:read"])),
        ("writer", AccessToken::ours("writer").with_scopes(["notes:read", "notes:write"])),
    ]);
    let server = Http::protected(Notes, tokens).with(Search { found: "milk".to_owned() });
    let client = TestClient::new(server);
    assert_eq!(client.list_tools().await.status(), 401);

    let (reader, writer) = (client.token("reader"), client.token("writer"));
    let called = writer.call_tool("find", json!({"text": "m"})).await;
    assert_eq!(called.json()["result"]["content"][0]["text"], "writer milk m");
    assert_eq!(reader.call_tool("again", json!({})).await.json()["result"]["content"][0]["text"], "milk");
    assert_eq!(reader.call_tool("list", json!({})).await.json()["result"]["content"][0]["text"], "all");
    let refused = reader.call_tool("find", json!({"text": "m"})).await;
    assert_eq!(refused.status(), 403);
    assert!(refused.www_authenticate().unwrap().contains(r#"scope="notes:read notes:find""#));

    let templates = async |client: &TestClient<_, _>| {
        client.request("resources/templates/list", json!({})).await.json()["result"]["resourceTemplates"].clone()
    };
    assert_eq!(templates(&reader).await, json!([]));
    assert_eq!(templates(&writer).await, json!([{"uriTemplate": "search://{text}", "name": "results"}]));
    let read = writer.request("resources/read", json!({"uri": "search://m"})).await;
    assert_eq!(read.json()["result"]["contents"], json!([{"uri": "search://m", "text": "milk m"}]));

    let prompt = reader.request("prompts/get", json!({"name": "search", "arguments": {"text": "m"}})).await;
    assert_eq!(prompt.json()["result"]["messages"][0]["content"]["text"], "m");
    let reference = json!({"type": "ref/prompt", "name": "search"});
    let params = json!({"ref": reference, "argument": {"name": "text", "value": "m"}});
    let completed = reader.request("completion/complete", params).await;
    assert_eq!(completed.json()["result"]["completion"]["values"], json!(["m", "milk"]));
}

#[tokio::test]
async fn generic_parts_of_generic_servers() {
    struct Shelf<T>(PhantomData<T>);

    #[server(
        issuer = "https://auth.example.com",
        resource = "https://shelf.example.com/mcp",
        scopes = ["shelf:read"],
        optional_scopes = ["shelf:write"],
    )]
    impl<T: Send + Sync + 'static> Shelf<T> {
        /// Look.
        #[tool]
        fn look(&self) {}
    }

    struct Counter<T>(T);

    #[part(of = Shelf<T>)]
    impl<T> Counter<T>
    where
        T: fmt::Display + Send + Sync + 'static,
    {
        /// Count.
        #[tool(scopes = ["shelf:write"])]
        fn count<'a>(&'a self, token: &'a AccessToken) -> String {
            format!("{} {}", self.0, token.client_id)
        }
    }

    struct Sign<'a>(&'a str);

    #[part(of = Shelf<u8>)]
    impl<'a> Sign<'a> {
        #[resource("sign://all", scopes = ["shelf:write"], blocking)]
        fn read(&self) -> &'a str {
            self.0
        }
    }

    let tokens = StaticTokens::new([("alice", AccessToken::ours("alice").with_scopes(["shelf:read", "shelf:write"]))]);
    let server = Http::protected(Shelf(PhantomData::<u8>), tokens).with(Counter(7)).with(Sign("Exit"));
    let alice = TestClient::new(server).token("alice");
    assert_eq!(alice.call_tool("count", json!({})).await.json()["result"]["content"][0]["text"], "7 alice");
    let read = alice.request("resources/read", json!({"uri": "sign://all"})).await;
    assert_eq!(read.json()["result"]["contents"][0]["text"], "Exit");
}

#[tokio::test]
async fn a_renamed_crate_and_an_open_server() {
    mod vendored {
        pub(crate) use ::mcp as framework;
    }

    struct Open;

    #[vendored::framework::server(crate = vendored::framework)]
    impl Open {
        #[vendored::framework::resource("a:{id}")]
        fn read(&self, id: u8) -> String {
            id.to_string()
        }
    }

    struct Part;

    #[vendored::framework::part(of = Open, crate = vendored::framework)]
    impl Part {
        /// Say something.
        #[vendored::framework::prompt]
        fn say(&self, text: Option<String>, token: Option<&AccessToken>) -> String {
            format!("{text:?} {}", token.is_some())
        }

        #[vendored::framework::completion(prompt = "say", argument = "text")]
        fn texts(&self, text: String) -> Vec<String> {
            vec![text]
        }
    }

    let client = TestClient::new(Http::open(Open).with(Part));
    let said: Value = client.request("prompts/get", json!({"name": "say"})).await.json();
    assert_eq!(said["result"]["messages"][0]["content"]["text"], "None false");
    let read = client.request("resources/read", json!({"uri": "a:1"})).await;
    assert_eq!(read.json()["result"]["contents"][0]["text"], "1");
    assert_eq!(client.list_tools().await.json()["error"]["code"], -32601, "there are no tools, in any block");
}
