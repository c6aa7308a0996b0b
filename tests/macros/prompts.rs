//! Prompts: their arguments and their messages.

use std::borrow::Cow;

use mcp::{AccessToken, Context, EmbeddedResource, Error, MemoryClient, PromptMessage, PromptResult, prompt, server};
use serde_json::{Value, json};

use crate::answered;

/// The result with one message of the person.
fn said(text: &str) -> Value {
    json!({"messages": [{"role": "user", "content": {"type": "text", "text": text}}]})
}

#[derive(Debug, Default, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Tone {
    #[default]
    Kind,
    VeryStrict,
}

#[tokio::test]
async fn everything_that_can_be_said_about_a_prompt() {
    const TIMES: u8 = 2;

    struct Reviews;

    #[server]
    impl Reviews {
        /// Review code.
        #[prompt(
            name = "code.review",
            title = "Code review",
            icons = ["https://example.com/icon.svg"],
            meta = { "com.example/color": "red" },
        )]
        #[expect(clippy::too_many_arguments, reason = "one for each form")]
        async fn review(
            &self,
            /// The "code".
            code: String,
            #[arg(name = "programmingLanguage", description = "In which language.")] language: Option<String>,
            #[arg(default = "main.rs")] file: String,
            #[arg(default = TIMES)] times: u8,
            #[arg(default = Tone::default())] tone: Tone,
            cx: &Context,
            token: Option<&AccessToken>,
        ) -> String {
            format!("{code} {language:?} {file} {times} {tone:?} {} {}", cx.protocol_version(), token.is_some())
        }

        #[prompt(description = "Nothing to say.", blocking)]
        fn r#match(&self) -> &str {
            "match"
        }
    }

    let client = MemoryClient::new(Reviews);
    assert_eq!(
        answered(&client, "prompts/list", json!({})).await["prompts"],
        json!([
            {
                "name": "code.review",
                "title": "Code review",
                "description": "Review code.",
                "arguments": [
                    {"name": "code", "description": "The \"code\".", "required": true},
                    {"name": "programmingLanguage", "description": "In which language.", "required": false},
                    {"name": "file", "required": false},
                    {"name": "times", "required": false},
                    {"name": "tone", "required": false},
                ],
                "icons": [{"src": "https://example.com/icon.svg"}],
                "_meta": {"com.example/color": "red"},
            },
            {"name": "match", "description": "Nothing to say."},
        ])
    );
    let get = async |arguments: Value| {
        client.request("prompts/get", json!({"name": "code.review", "arguments": arguments})).await
    };
    let expected = "x None main.rs 2 Kind 2026-07-28 false";
    assert_eq!(get(json!({"code": "x"})).await.unwrap()["messages"], said(expected)["messages"]);
    let arguments =
        json!({"code": "x", "programmingLanguage": "Rust", "file": "a", "times": "3", "tone": "very-strict"});
    let expected = "x Some(\"Rust\") a 3 VeryStrict 2026-07-28 false";
    assert_eq!(get(arguments).await.unwrap()["messages"], said(expected)["messages"]);
    for (arguments, name) in [
        (json!({}), "code"),
        (json!({"code": "x", "times": "many"}), "times"),
        (json!({"code": "x", "tone": "rude"}), "tone"),
        (json!({"code": "x", "language": "Rust"}), "language"),
    ] {
        let error = get(arguments).await.unwrap_err();
        assert_eq!(error.code(), Some(-32602));
        assert!(error.message().contains(&format!("`{name}`")), "{}", error.message());
    }
    assert_eq!(answered(&client, "prompts/get", json!({"name": "match"})).await, said("match"));
}

#[tokio::test]
async fn every_type_of_message() {
    struct Prompts;

    #[server]
    impl Prompts {
        /// A text.
        #[prompt]
        fn string(&self) -> String {
            "text".to_owned()
        }

        /// A text.
        #[prompt]
        async fn cow(&self) -> Cow<'_, str> {
            "text".into()
        }

        /// A message.
        #[prompt]
        fn message(&self) -> PromptMessage {
            PromptMessage::user("text")
        }

        /// Messages.
        #[prompt]
        fn messages(&self) -> Vec<PromptMessage> {
            vec![PromptMessage::user(EmbeddedResource::text("a:b", "text")), PromptMessage::assistant("Yes?")]
        }

        /// A result by hand.
        #[prompt]
        fn result(&self) -> PromptResult {
            PromptResult::new(vec![PromptMessage::user("text")]).description("What it is for.")
        }

        /// It works.
        #[prompt]
        fn works(&self) -> Result<&str, Error> {
            Ok("text")
        }

        /// It fails.
        #[prompt]
        fn fails(&self) -> Result<String, String> {
            Err("no".to_owned())
        }
    }

    let client = MemoryClient::new(Prompts);
    for name in ["string", "cow", "message", "works"] {
        assert_eq!(answered(&client, "prompts/get", json!({"name": name})).await, said("text"), "{name}");
    }
    assert_eq!(
        answered(&client, "prompts/get", json!({"name": "messages"})).await,
        json!({"messages": [
            {"role": "user", "content": {"type": "resource", "resource": {"uri": "a:b", "text": "text"}}},
            {"role": "assistant", "content": {"type": "text", "text": "Yes?"}},
        ]})
    );
    let result = answered(&client, "prompts/get", json!({"name": "result"})).await;
    assert_eq!((&result["description"], &result["messages"]), (&json!("What it is for."), &said("text")["messages"]));
    assert_eq!(client.request("prompts/get", json!({"name": "fails"})).await.unwrap_err().message(), "no");
}
