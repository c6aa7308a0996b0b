//! Errors that clients read, and one value that is right in every kind of method.

use std::fmt;

use mcp::{Error, MemoryClient, ToolError};
use serde_json::{Value, json};

use crate::support::client::{ask, call, send};
use crate::support::conversation::{Client, Way, silent};
use crate::support::log::Log;
use crate::support::schema::MODERN;

/// An error type with a variant that clients may read.
#[derive(Debug, ToolError)]
enum NoteError {
    #[tool_error(shown)]
    Locked(u64),
    #[tool_error(shown)]
    Unreachable {
        source: std::io::Error,
    },
    Database(std::io::Error),
}

impl fmt::Display for NoteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Locked(id) => write!(f, "note {id} is locked"),
            Self::Unreachable { .. } => f.write_str("try again later"),
            Self::Database(error) => write!(f, "database: {error}"),
        }
    }
}

impl std::error::Error for NoteError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Locked(_) => None,
            Self::Unreachable { source } | Self::Database(source) => Some(source),
        }
    }
}

/// An alias, because no macro knows types by name.
type Result<T, E = NoteError> = std::result::Result<T, E>;

fn note_error(how: &str) -> NoteError {
    let disk = std::io::Error::other("disk 7");
    match how {
        "locked" => NoteError::Locked(3),
        "unreachable" => NoteError::Unreachable { source: disk },
        _ => NoteError::Database(disk),
    }
}

/// Returns each error through what other libraries have for errors.
fn error(how: &str) -> Result<String, Error> {
    let through_anyhow = |error: Error| -> anyhow::Result<String> { Err(error.into_std().into()) };
    match how {
        "missing" => Err(Error::not_found()),
        "tool" => Err(Error::tool("try another one")),
        "text" => Err("try another one")?,
        "string" => Err(format!("try another {}", "one"))?,
        "boxed" => {
            let boxed: Box<dyn std::error::Error + Send + Sync> = Box::new(Error::tool("try another one").into_std());
            Err(boxed)?
        }
        "anyhow" => Ok(through_anyhow(Error::tool("try another one"))?),
        "anyhow_missing" => {
            use anyhow::Context as _;
            Ok(through_anyhow(Error::not_found()).context("read a note")?)
        }
        _ => Err(Error::internal("the notes are gone")),
    }
}

struct Notes;

#[mcp::server]
impl Notes {
    /// Fail with an error type that decides.
    #[mcp::tool]
    async fn decided(&self, how: String) -> Result<String> {
        Err(note_error(&how))
    }

    /// Fail on a thread.
    #[mcp::tool(blocking)]
    fn blocked(&self, how: String) -> Result<String, NoteError> {
        Err(note_error(&how))
    }

    /// A note.
    #[mcp::resource("note://decided/{how}")]
    fn decided_note(&self, how: String) -> Result<String> {
        Err(note_error(&how))
    }

    /// Fail.
    #[mcp::tool]
    async fn fail(&self, how: String) -> Result<String, Error> {
        error(&how)
    }

    /// A note.
    #[mcp::resource("note://{how}")]
    async fn note(&self, how: String) -> Result<String, Error> {
        error(&how)
    }

    /// Explain a note.
    #[mcp::prompt]
    async fn explain(&self, how: String) -> Result<String, Error> {
        error(&how)
    }
}

#[tokio::test]
async fn an_error_type_decides_which_of_its_errors_clients_read() {
    let client = MemoryClient::new(Notes);
    for tool in ["decided", "blocked"] {
        for (how, text, logged) in [
            ("locked", "note 3 is locked", false),
            ("unreachable", "try again later", true),
            ("database", "Internal error (id ", true),
        ] {
            let log = Log::start();
            let result = client.call_tool(tool, json!({"how": how})).await.expect("a result");
            assert!(result.is_error && result.text().starts_with(text), "{result:?}");
            assert!(!result.text().contains("disk"), "{result:?}");
            assert_eq!(log.text().contains("disk 7"), logged, "{}", log.text());
        }
    }
    let error = client.request("resources/read", json!({"uri": "note://decided/locked"})).await.expect_err("an error");
    assert_eq!((error.code(), error.message()), (Some(422), "note 3 is locked"));
}

#[tokio::test]
async fn one_error_is_right_in_every_kind_of_method() {
    let of_tool = |text: &str| json!({"content": [{"type": "text", "text": text}], "isError": true});
    for way in Way::ALL {
        let mut client = way.connect(Notes, Client::default()).await;
        let missing = if way.is_modern() { -32602 } else { -32002 };
        for (how, text, code) in [
            ("missing", "Not found", missing),
            ("anyhow_missing", "Not found", missing),
            ("tool", "try another one", 422),
            ("text", "try another one", 422),
            ("string", "try another one", 422),
            ("boxed", "try another one", 422),
            ("anyhow", "try another one", 422),
        ] {
            let mut answer = async |method: &str, params: Value| client.request(method, params, silent).await.answer;
            let mut result =
                answer("tools/call", json!({"name": "fail", "arguments": {"how": how}})).await["result"].take();
            for member in ["_meta", "resultType"] {
                result.as_object_mut().expect("a result").remove(member);
            }
            assert_eq!(result, of_tool(text), "{way:?} {how}");

            let uri = format!("note://{how}");
            let error = answer("resources/read", json!({"uri": uri})).await["error"].take();
            let expected = match text {
                "Not found" => json!({"code": code, "message": "Resource not found", "data": {"uri": uri}}),
                _ => json!({"code": code, "message": text}),
            };
            assert_eq!(error, expected, "{way:?} {how}");

            let error =
                answer("prompts/get", json!({"name": "explain", "arguments": {"how": how}})).await["error"].take();
            let code = if text == "Not found" { -32602 } else { code };
            assert_eq!(error, json!({"code": code, "message": text}), "{way:?} {how}");
        }
    }
}

#[tokio::test]
async fn an_error_in_words_is_no_failure_of_http() {
    let app = mcp::Http::open(Notes).router();
    let (status, _, body) = ask(&app, MODERN, "", "resources/read", json!({"uri": "note://tool"})).await;
    assert_eq!((status, &body["error"]["code"]), (200, &json!(422)));
    assert!(send(&app, call("", "fail", r#"{"how":"text"}"#)).await.starts_with("200 OK\n"));
}

#[tokio::test]
async fn an_internal_error_is_never_silent() {
    let client = MemoryClient::new(Notes);
    for (method, params) in [
        ("tools/call", json!({"name": "fail", "arguments": {"how": "internal"}})),
        ("resources/read", json!({"uri": "note://internal"})),
        ("prompts/get", json!({"name": "explain", "arguments": {"how": "internal"}})),
    ] {
        let log = Log::start();
        let error = client.request(method, params).await.expect_err("an error");
        assert_eq!((error.code(), error.message()), (Some(-32603), "the notes are gone"));
        let text = log.text();
        assert!(text.contains("ERROR") && text.matches("error=the notes are gone").count() == 1, "{text}");
    }
}

#[test]
fn an_error_has_its_source() {
    let error = Error::internal("unreadable").with_source("disk 7 is gone");
    assert_eq!(error.source().map(ToString::to_string), Some("disk 7 is gone".to_owned()));
    assert!(Error::internal("unreadable").source().is_none());
    let texts = |error: Error| -> Vec<String> {
        let error = error.into_std();
        let mut cause = Some(&error as &dyn std::error::Error);
        std::iter::from_fn(|| {
            let error = cause?;
            cause = error.source();
            Some(error.to_string())
        })
        .collect()
    };
    assert_eq!(texts(error), ["unreadable", "JSON-RPC error -32603", "disk 7 is gone"]);
    assert_eq!(texts(Error::tool("try again")), ["try again", "error of a tool"]);
}
