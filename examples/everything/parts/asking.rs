//! Tools that ask the client for input of its user or model, or for its folders.
//!
//! In older protocol versions, a question is a request on the open stream. In 2026-07-28, the call ends with the question,
//! and the client repeats it with the answer; the method runs from its beginning each time.

use mcp::{Answer, Context, Error, Sampling};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

pub(crate) struct Asking;

#[derive(Deserialize, JsonSchema)]
struct Contact {
    /// User's response
    username: String,
    /// User's email address
    email: String,
}

#[derive(Deserialize, Serialize, JsonSchema)]
struct Profile {
    #[serde(default = "john")]
    name: String,
    #[serde(default = "thirty")]
    age: i64,
    #[serde(default = "high")]
    score: f64,
    #[serde(default)]
    status: Status,
    #[serde(default = "yes")]
    verified: bool,
}

#[derive(Default, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Status {
    #[default]
    Active,
    Inactive,
    Pending,
}

fn john() -> String {
    "John Doe".to_owned()
}

fn thirty() -> i64 {
    30
}

fn high() -> f64 {
    95.5
}

fn yes() -> bool {
    true
}

#[derive(Deserialize, JsonSchema)]
struct Name {
    name: String,
}

#[derive(Deserialize, JsonSchema)]
struct Color {
    color: String,
}

#[derive(Deserialize, JsonSchema)]
struct Confirmation {
    ok: bool,
}

#[mcp::part(of = crate::Everything)]
impl Asking {
    /// Have the client's model complete a prompt.
    #[mcp::tool]
    async fn test_sampling(&self, prompt: String, cx: &Context) -> Result<String, Error> {
        let reply = cx.sample("reply", Sampling::new(100).user(prompt)).await?;
        Ok(format!("LLM response: {}", reply.text()))
    }

    /// Ask the user for contact data.
    #[mcp::tool]
    async fn test_elicitation(&self, message: String, cx: &Context) -> Result<String, Error> {
        Ok(match cx.elicit::<Contact>("contact", message).await? {
            Answer::Accepted(Contact { username, email }) => format!("User response: {username} <{email}>"),
            Answer::Declined => "User response: declined".to_owned(),
            Answer::Cancelled => "User response: cancelled".to_owned(),
        })
    }

    /// Ask for what has defaults.
    #[mcp::tool]
    async fn test_elicitation_sep1034_defaults(&self, cx: &Context) -> Result<String, Error> {
        let answer = cx.elicit::<Profile>("profile", "Please review and update the form fields").await?;
        Ok(completed(&answer))
    }

    /// Ask for one or several of given choices, with a schema that is written by hand.
    #[mcp::tool]
    async fn test_elicitation_sep1330_enums(&self, cx: &Context) -> Result<String, Error> {
        let schema = json!({
            "type": "object",
            "properties": {
                "untitledSingle": { "type": "string", "enum": ["option1", "option2", "option3"] },
                "titledSingle": { "type": "string", "oneOf": [
                    { "const": "value1", "title": "First Option" },
                    { "const": "value2", "title": "Second Option" },
                    { "const": "value3", "title": "Third Option" }
                ] },
                "legacyEnum": {
                    "type": "string",
                    "enum": ["opt1", "opt2", "opt3"],
                    "enumNames": ["Option One", "Option Two", "Option Three"]
                },
                "untitledMulti": {
                    "type": "array",
                    "items": { "type": "string", "enum": ["option1", "option2", "option3"] }
                },
                "titledMulti": { "type": "array", "items": { "anyOf": [
                    { "const": "value1", "title": "First Choice" },
                    { "const": "value2", "title": "Second Choice" },
                    { "const": "value3", "title": "Third Choice" }
                ] } }
            },
        });
        let answer = cx.elicit_schema("choices", "Please select options from the enum fields", schema).await?;
        Ok(completed(&answer))
    }

    /// Ask for a name and greet.
    #[mcp::tool]
    async fn test_input_required_result_elicitation(&self, cx: &Context) -> Result<String, Error> {
        Ok(match cx.elicit::<Name>("user_name", "What is your name?").await? {
            Answer::Accepted(Name { name }) => format!("Hello, {name}!"),
            Answer::Declined | Answer::Cancelled => "Hello!".to_owned(),
        })
    }

    /// Ask for a name, on a stream where there is one.
    #[mcp::tool]
    async fn test_streaming_elicitation(&self, cx: &Context) -> Result<String, Error> {
        self.test_input_required_result_elicitation(cx).await
    }

    /// Ask the client's model what the capital of France is.
    #[mcp::tool]
    async fn test_input_required_result_sampling(&self, cx: &Context) -> Result<String, Error> {
        let question = Sampling::new(100).user("What is the capital of France?");
        Ok(cx.sample("capital_question", question).await?.text())
    }

    /// Ask the client's model, which not every client has.
    #[mcp::tool]
    async fn test_missing_capability(&self, cx: &Context) -> Result<String, Error> {
        let question = Sampling::new(100).user("What is the capital of France?");
        Ok(cx.sample("capital_question", question).required().await?.text())
    }

    /// Ask which folders the client works in.
    #[mcp::tool]
    async fn test_input_required_result_list_roots(&self, cx: &Context) -> Result<String, Error> {
        let roots = cx.list_roots("client_roots").await?;
        Ok(roots.iter().map(|root| root.uri.as_str()).collect::<Vec<_>>().join(" "))
    }

    /// Ask for a confirmation. What was asked so far travels with the client, sealed.
    #[mcp::tool]
    async fn test_input_required_result_request_state(&self, cx: &Context) -> Result<String, Error> {
        Ok(match cx.elicit::<Confirmation>("confirm", "Please confirm").await? {
            Answer::Accepted(Confirmation { ok: true }) => "state-ok".to_owned(),
            _ => "not confirmed".to_owned(),
        })
    }

    /// Ask for a confirmation. What comes back changed is refused.
    #[mcp::tool]
    async fn test_input_required_result_tampered_state(&self, cx: &Context) -> Result<String, Error> {
        self.test_input_required_result_request_state(cx).await
    }

    /// Ask three things at once.
    #[mcp::tool]
    async fn test_input_required_result_multiple_inputs(&self, cx: &Context) -> Result<String, Error> {
        let (name, greeting, roots) = cx
            .ask((
                cx.elicit::<Name>("user_name", "What is your name?"),
                cx.sample("greeting", Sampling::new(50).user("Generate a greeting")),
                cx.list_roots("client_roots"),
            ))
            .await?;
        let Answer::Accepted(Name { name }) = name else { return Ok("Nobody wants to be greeted".to_owned()) };
        Ok(format!("{} {name} has {} roots", greeting.text(), roots.len()))
    }

    /// Ask two things, one after the other.
    #[mcp::tool]
    async fn test_input_required_result_multi_round(&self, cx: &Context) -> Result<String, Error> {
        let name = cx.elicit::<Name>("step1", "Step 1: What is your name?").await?;
        let color = cx.elicit::<Color>("step2", "Step 2: What is your favorite color?").await?;
        Ok(match (name, color) {
            (Answer::Accepted(Name { name }), Answer::Accepted(Color { color })) => format!("{name} likes {color}"),
            _ => "One of the questions was not answered".to_owned(),
        })
    }

    /// Ask only what the client can answer.
    #[mcp::tool]
    async fn test_input_required_result_capabilities(&self, cx: &Context) -> Result<String, Error> {
        let mut answers = Vec::new();
        if cx.capabilities().sampling {
            answers.push(cx.sample("greeting", Sampling::new(50).user("Generate a greeting")).await?.text());
        }
        if cx.capabilities().elicitation_form {
            let name = cx.elicit::<Name>("user_name", "What is your name?").await?.accepted();
            answers.extend(name.map(|name| name.name));
        }
        Ok(answers.join(" "))
    }
}

fn completed(answer: &Answer<impl Serialize>) -> String {
    let (action, content) = match answer {
        Answer::Accepted(content) => ("accept", json!(content)),
        Answer::Declined => ("decline", json!({})),
        Answer::Cancelled => ("cancel", json!({})),
    };
    format!("Elicitation completed: action={action}, content={content}")
}
