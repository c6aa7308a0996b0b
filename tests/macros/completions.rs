//! Completions, of the arguments of prompts and the variables of templates.

use mcp::{Completion, Context, Error, MemoryClient, Server, completion, prompt, resource, server};
use serde_json::{Value, json};

use crate::answered;

/// The answer to what was typed for an argument of the only prompt, or the only template.
async fn completed<S: Server>(client: &MemoryClient<S>, of: Value, argument: Value, others: Value) -> Value {
    let params = json!({"ref": of, "argument": argument, "context": {"arguments": others}});
    answered(client, "completion/complete", params).await["completion"].take()
}

#[tokio::test]
async fn what_was_typed_and_what_was_chosen_before() {
    const LANGUAGES: [&str; 3] = ["python", "pytorch", "rust"];

    struct Reviews;

    #[server]
    impl Reviews {
        /// Review code.
        #[prompt(name = "code.review")]
        fn review(&self, language: String, #[arg(name = "type")] kind: String, count: Option<u8>) -> String {
            format!("{language} {kind} {count:?}")
        }

        #[completion(prompt = "code.review", argument = "language")]
        async fn languages(&self, language: String) -> Vec<&'static str> {
            LANGUAGES.into_iter().filter(|known| known.starts_with(&language)).collect()
        }

        #[completion(prompt = "code.review", argument = "type", blocking)]
        fn kinds(
            &self,
            language: Option<String>,
            #[arg(name = "type")] typed: String,
            #[arg(default = 1)] count: u8,
            cx: &Context,
        ) -> Result<Completion, Error> {
            let text = format!("{language:?} {typed} {count} {}", cx.protocol_version());
            Ok(Completion::new([text]).total(7))
        }

        #[resource("notes://{folder}/{id}{?rev}")]
        fn note(&self, folder: String, id: u64, rev: Option<u64>) -> String {
            format!("{folder} {id} {rev:?}")
        }

        #[completion(resource = "notes://{folder}/{id}{?rev}", argument = "id")]
        fn ids(&self, id: String, folder: Option<String>) -> [String; 2] {
            [format!("{id}1"), folder.unwrap_or_default()]
        }

        #[completion(resource = "notes://{folder}/{id}{?rev}", argument = "rev")]
        fn revs(&self, rev: String) -> Vec<String> {
            vec![rev]
        }
    }

    let client = MemoryClient::new(Reviews);
    let of = || json!({"type": "ref/prompt", "name": "code.review"});
    assert_eq!(
        completed(&client, of(), json!({"name": "language", "value": "py"}), json!({})).await["values"],
        json!(["python", "pytorch"])
    );
    let kinds = completed(&client, of(), json!({"name": "type", "value": ""}), json!({"language": "rust"})).await;
    assert_eq!((&kinds["values"], &kinds["total"]), (&json!(["Some(\"rust\")  1 2026-07-28"]), &json!(7)));
    let kinds = completed(&client, of(), json!({"name": "type", "value": "x"}), json!({"count": "2"})).await;
    assert_eq!(kinds["values"], json!(["None x 2 2026-07-28"]));
    let of = || json!({"type": "ref/resource", "uri": "notes://{folder}/{id}{?rev}"});
    let ids = completed(&client, of(), json!({"name": "id", "value": "4"}), json!({"folder": "home"})).await;
    assert_eq!(ids["values"], json!(["41", "home"]));
    let none = completed(&client, of(), json!({"name": "folder", "value": "4"}), json!({})).await;
    assert_eq!(none["values"], json!([]));
}
