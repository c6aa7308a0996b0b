//! Guards and extractors that decide by the item that a request is about.

use std::sync::{Arc, Mutex, PoisonError};

use mcp::{Denied, FromRequest, Http, ItemId, ItemKind, Request, ResourceEntry, ResourcePage};
use serde_json::{Value, json};

use crate::support::client::{LEGACY, ask};
use crate::support::schema::MODERN;
use crate::support::stream::{Stream, listen};

/// A server that writes down which items its guard is asked about.
#[derive(Clone, Default)]
struct Register(Arc<Mutex<Vec<String>>>);

impl Register {
    fn write(&self, item: Option<&ItemId>) {
        let line = item.map_or("many".to_owned(), |item| format!("{:?} {}", item.kind(), item.name()));
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(line);
    }

    /// Takes the lines since the last call.
    fn take(&self) -> Vec<String> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Which kinds of items are open.
struct Opening(bool);

impl FromRequest for Opening {
    async fn from_request(request: &Request<'_>) -> Result<Self, Denied> {
        let item = request.item();
        request.server::<Register>().ok_or("another server")?.write(item);
        Ok(Self(item.is_none_or(|item| item.kind() != ItemKind::Prompt && item.name() != "secret://{name}")))
    }
}

#[mcp::server(guard = open)]
impl Register {
    /// Some items are closed.
    #[mcp::guard]
    async fn open(&self, opening: &Opening) -> Result<(), Denied> {
        if opening.0 { Ok(()) } else { Err(Denied::new("this is closed")) }
    }

    /// Rings.
    #[mcp::tool(hidden)]
    fn ring(&self, item: &ItemId, own: Option<&ItemId>) -> bool {
        own.is_some_and(|own| own == item && own.name() == "ring")
    }

    /// A page.
    #[mcp::resource("page://{name}")]
    fn page(&self, name: String) -> String {
        name
    }

    /// A secret.
    #[mcp::resource("secret://{name}")]
    fn secret(&self, name: String) -> String {
        name
    }

    /// Asks something.
    #[mcp::prompt]
    fn question(&self, topic: String) -> String {
        topic
    }

    /// Topics.
    #[mcp::completion(prompt = "question", argument = "topic")]
    fn topics(&self, topic: String, item: &ItemId) -> Vec<String> {
        self.write(Some(item));
        vec![topic]
    }
}

#[tokio::test]
async fn a_guard_of_a_block_knows_the_item() {
    let register = Register::default();
    let app = Http::open(register.clone()).router();
    let topic = json!({"ref": {"type": "ref/prompt", "name": "question"}, "argument": {"name": "topic", "value": "t"}});
    for version in [MODERN, LEGACY[2]] {
        let denied = json!({"code": 403, "message": "this is closed"});
        for (method, params, item, error) in [
            ("tools/call", json!({"name": "ring", "arguments": {}}), "Tool ring", &Value::Null),
            ("tools/list", json!({}), "many", &Value::Null),
            ("resources/read", json!({"uri": "page://1"}), "Resource page://{name}", &Value::Null),
            ("resources/read", json!({"uri": "secret://1"}), "Resource secret://{name}", &denied),
            ("resources/read", json!({"uri": "SECRET://%31"}), "Resource secret://{name}", &denied),
            ("prompts/get", json!({"name": "question", "arguments": {"topic": "t"}}), "Prompt question", &denied),
            ("completion/complete", topic.clone(), "Completion question", &Value::Null),
        ] {
            let (_, _, body) = ask(&app, version, "", method, params).await;
            // Whether a hidden item is known is decided as for a list.
            let known = if item == "Tool ring" { &["many"][..] } else { &[] };
            assert_eq!(register.take(), [known, &[item]].concat(), "{version} {method}");
            assert_eq!(body["error"], *error, "{version} {method}");
            if item == "Tool ring" {
                assert_eq!(body["result"]["content"][0]["text"], "true");
            }
        }
    }
}

#[tokio::test]
async fn each_resource_of_a_stream_is_an_item() {
    let register = Register::default();
    let http = Http::open(register.clone());
    let (changes, app) = (http.changes(), http.router());
    let mut stream =
        Stream::open(&app, listen("7", r#""resourceSubscriptions":["page://1","secret://2","page://3"]"#)).await;
    let acknowledged = stream.message().await;
    assert!(acknowledged.contains(r#""resourceSubscriptions":["page://1","page://3"]"#), "{acknowledged}");
    let (page, secret) = ("Resource page://{name}", "Resource secret://{name}");
    assert_eq!(register.take(), [page, page, secret]);
    changes.resource_updated("page://3");
    assert!(stream.message().await.contains(r#""uri":"page://3""#));
    assert_eq!(register.take(), [page]);
}

/// A server whose archive is closed at night.
struct Library;

#[mcp::server(guard = awake)]
impl Library {
    /// The archive is closed.
    #[mcp::guard]
    pub(crate) fn awake(&self, item: &ItemId) -> Result<(), Denied> {
        if item.name().contains("archive") { Err(Denied::new("closed until 8:00")) } else { Ok(()) }
    }

    /// List the archive.
    #[mcp::tool(hidden)]
    fn archive(&self) {}

    /// List today's books.
    #[mcp::tool(hidden)]
    fn today(&self) {}

    /// A page of the archive.
    #[mcp::resource("archive://{page}", list = pages)]
    fn archived(&self, page: u8) -> String {
        page.to_string()
    }

    /// A page.
    #[mcp::resource("page://{page}", list = pages)]
    fn page(&self, page: u8) -> String {
        page.to_string()
    }

    fn pages(&self) -> ResourcePage {
        ResourcePage::new([ResourceEntry::new("one").value("page", 1)])
    }
}

/// A part of the library.
struct Cellar;

#[mcp::part(of = Library, guard = Library::awake)]
impl Cellar {
    /// List the older archive.
    #[mcp::tool(hidden)]
    fn older_archive(&self) {}

    /// List the maps.
    #[mcp::tool(hidden)]
    fn maps(&self) {}
}

#[tokio::test]
async fn a_guard_that_takes_the_item_decides_about_each_one_of_a_list() {
    let app = Http::open(Library).with(Cellar).router();
    for version in [MODERN, LEGACY[2]] {
        let (_, _, body) = ask(&app, version, "", "tools/list", json!({})).await;
        let tools = body["result"]["tools"].as_array().expect("tools");
        assert_eq!(tools.iter().map(|tool| &tool["name"]).collect::<Vec<_>>(), ["today", "maps"], "{version}");
        let (_, _, body) = ask(&app, version, "", "resources/list", json!({})).await;
        let resources = body["result"]["resources"].as_array().expect("resources");
        assert_eq!(resources.iter().map(|entry| &entry["uri"]).collect::<Vec<_>>(), ["page://1"], "{version}");
        for (tool, error) in [
            ("archive", json!("Unknown tool: archive")),
            ("older_archive", json!("Unknown tool: older_archive")),
            ("maps", Value::Null),
        ] {
            let (_, _, body) = ask(&app, version, "", "tools/call", json!({"name": tool})).await;
            assert_eq!(body["error"]["message"], error, "{version}");
        }
    }
}
