//! The source of an error: in the log, and in no response.

use std::io;

use mcp::{Error, MemoryClient};
use serde_json::json;

use crate::support::log::Log;

struct Disk;

fn broken() -> io::Error {
    io::Error::other("disk 7\nis gone")
}

#[mcp::server]
impl Disk {
    /// Read the disk, with an error for the model or for the developer.
    #[mcp::tool]
    fn read(&self, for_model: bool) -> Result<String, Error> {
        let error = if for_model { Error::tool("unreadable") } else { Error::internal("unreadable") };
        Err(error.with_source(broken()))
    }

    /// A file.
    #[mcp::resource("disk://file")]
    fn file(&self) -> Result<String, Error> {
        Err(Error::not_found().with_source(broken()))
    }

    /// A prompt.
    #[mcp::prompt]
    fn ask(&self, about: String) -> Result<String, Error> {
        Err(Error::tool(about).with_source(broken()))
    }

    /// Completions of it.
    #[mcp::completion(prompt = "ask", argument = "about")]
    fn about(&self, about: String) -> Result<Vec<String>, Error> {
        Err(Error::invalid_params(about).with_source(broken()))
    }
}

#[tokio::test]
async fn the_source_of_an_error_is_logged_and_never_sent() {
    let client = MemoryClient::new(Disk);
    for (method, params) in [
        ("tools/call", json!({"name": "read", "arguments": {"for_model": true}})),
        ("tools/call", json!({"name": "read", "arguments": {"for_model": false}})),
        ("resources/read", json!({"uri": "disk://file"})),
        ("prompts/get", json!({"name": "ask", "arguments": {"about": "unreadable"}})),
        (
            "completion/complete",
            json!({"ref": {"type": "ref/prompt", "name": "ask"}, "argument": {"name": "about", "value": "unreadable"}}),
        ),
    ] {
        let log = Log::start();
        let response = client.request(method, params).await;
        assert!(!format!("{response:?}").contains("disk 7"), "{response:?}");
        let text = log.text();
        assert_eq!(text.matches(r"disk 7\nis gone").count(), 1, "{method}: {text}");
        assert!(text.contains("ERROR"), "{method}: {text}");
    }
}
