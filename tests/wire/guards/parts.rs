//! Guards of whole blocks, and guards of a server that its parts ask.

use std::time::Duration;

use mcp::{Denied, ItemId, MemoryClient};
use serde_json::{Value, json};

use super::{Caller, Tracker, http};
use crate::support::client::ask;
use crate::support::schema::MODERN;
use crate::support::servers::limits;

/// A part whose items are guarded by its server, and by itself.
struct Comments;

#[mcp::part(of = Tracker, guard = Tracker::known)]
impl Comments {
    /// Comments can be short.
    #[mcp::guard]
    fn short(&self, text: String) -> Result<(), Denied> {
        if text.len() < 10 { Ok(()) } else { Err(Denied::new("this is too long")) }
    }

    /// Comments on an issue.
    #[mcp::tool(guard = [Tracker::visible, short])]
    async fn comment(&self, text: String, id: u64, caller: &Caller) -> String {
        format!("{} says {text} about {id}", caller.tenant)
    }

    /// Counts comments on a thread.
    #[mcp::tool(guard = Tracker::visible, blocking)]
    fn count(&self, id: u64) -> u64 {
        id
    }

    /// Lists every comment.
    #[mcp::tool]
    fn list(&self) -> Vec<String> {
        vec!["a comment".to_owned()]
    }

    /// The comments on an issue.
    #[mcp::resource("comments://{id}", guard = Tracker::visible)]
    fn comments(&self, id: u64) -> String {
        format!("comments on {id}")
    }
}

async fn call(token: &str, params: Value) -> (u16, Value) {
    let app = http(Tracker::default()).with(Comments).router();
    let method = if params.get("uri").is_some() { "resources/read" } else { "tools/call" };
    let (status, _, mut body) = ask(&app, MODERN, token, method, params).await;
    let texts = ["/result/content/0/text", "/result/contents/0/text", "/error/message"];
    let text = texts.into_iter().find_map(|pointer| Some(body.pointer_mut(pointer)?.take()));
    (status, text.unwrap_or(body))
}

#[tokio::test]
async fn a_part_asks_the_guards_of_its_server() {
    let comment = |id: u64, text: &str| json!({"name": "comment", "arguments": {"id": id, "text": text}});
    let count = |id: u64| json!({"name": "count", "arguments": {"id": id}});
    let list = json!({"name": "list", "arguments": {}});
    for (token, params, expected) in [
        ("alice-token", comment(3, "hello"), "acme says hello about 3"),
        ("alice-token", comment(3, "hello hello hello"), "this is too long"),
        ("alice-token", comment(33, "hello hello hello"), "Not found"),
        ("gloria-token", count(33), "33"),
        ("gloria-token", count(3), "Not found"),
        ("gloria-token", json!({"uri": "comments://33"}), "comments on 33"),
        ("gloria-token", json!({"uri": "comments://3"}), "Resource not found"),
        ("alice-token", list.clone(), "a comment"),
        ("stranger-token", list.clone(), "the token names no tenant"),
        ("stranger-token", count(3), "the token names no tenant"),
    ] {
        let (_, text) = call(token, params.clone()).await;
        assert_eq!(text, expected, "{token} {params}");
    }
    assert_eq!(call("down-token", list).await.0, 503);
}

#[test]
fn a_manifest_has_the_guards_of_each_item() {
    let http = http(Tracker::default()).with(Comments);
    let http = http.limits(limits(|limits| limits.request.method_timeout = Some(Duration::from_millis(2500))));
    mcp::testing::assert_manifest(&http, "wire/guards/tracker.manifest");
}

/// A server with a guard of all its items.
struct Closed(bool);

#[mcp::server(guard = is_open)]
impl Closed {
    /// Is open at some time.
    #[mcp::guard]
    fn is_open(&self) -> Result<(), Denied> {
        if self.0 { Ok(()) } else { Err(Denied::new("come back tomorrow")) }
    }

    /// Is even.
    #[mcp::guard]
    fn even(&self, n: u8) -> Result<(), Denied> {
        if n.is_multiple_of(2) { Ok(()) } else { Err(Denied::new("this is odd")) }
    }

    /// Doubles a number.
    #[mcp::tool(guard = even)]
    fn double(&self, n: u8) -> u8 {
        n * 2
    }

    /// A page.
    #[mcp::resource("pages://all")]
    fn pages(&self) -> &'static str {
        "pages"
    }
}

#[tokio::test]
async fn the_guard_of_a_block_is_asked_first_and_for_every_item() {
    for (open, n, expected) in [(true, 2, "4"), (true, 3, "this is odd"), (false, 3, "come back tomorrow")] {
        let result = MemoryClient::new(Closed(open)).call_tool("double", json!({"n": n})).await.expect("a result");
        assert_eq!(result.text(), expected);
    }
    let client = MemoryClient::new(Closed(false));
    let denied = client.request("resources/read", json!({"uri": "pages://all"})).await.expect_err("a denial");
    assert_eq!((denied.code(), denied.message()), (Some(403), "come back tomorrow"));
}

/// Declares a server and its part, whose guards and methods have parameters of these names.
macro_rules! named {
    ($server:ident, $arguments:ident, $request:ident, $call:ident) => {
        struct Names;

        #[mcp::server]
        impl Names {
            /// All of them are equal.
            #[mcp::guard]
            pub(crate) fn equal(
                &self,
                $request: u64,
                $arguments: u64,
                $server: u64,
                $call: Option<&ItemId>,
            ) -> Result<(), Denied> {
                let is_equal = $request == $arguments && $arguments == $server && $call.is_some();
                if is_equal { Ok(()) } else { Err(Denied::new("these differ")) }
            }

            /// Adds them.
            #[mcp::tool(guard = equal)]
            fn add(&self, $server: u64, $arguments: u64, $request: u64) -> u64 {
                $server + $arguments + $request
            }
        }

        struct Others;

        #[mcp::part(of = Names)]
        impl Others {
            /// Multiplies them.
            #[mcp::tool(guard = Names::equal)]
            fn multiply(&self, $server: u64, $arguments: u64, $request: u64) -> u64 {
                $server * $arguments * $request
            }
        }
    };
}
named!(server, arguments, request, call);

#[tokio::test]
async fn a_parameter_may_have_any_name() {
    let client = MemoryClient::new(Names).with(Others);
    for (tool, request, expected) in
        [("add", 2, "6"), ("add", 3, "these differ"), ("multiply", 2, "8"), ("multiply", 3, "these differ")]
    {
        let arguments = json!({"server": 2, "arguments": 2, "request": request});
        assert_eq!(client.call_tool(tool, arguments).await.expect("a result").text(), expected, "{tool}");
    }
}
