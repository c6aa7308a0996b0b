//! Prompts, and completions of their arguments.

use mcp::{EmbeddedResource, ImageContent, PromptMessage};

use super::content::PIXEL;

pub(crate) struct Prompts;

#[mcp::part(of = crate::Everything)]
impl Prompts {
    /// A prompt without arguments.
    #[mcp::prompt]
    fn test_simple_prompt(&self) -> &'static str {
        "This is a simple prompt for testing."
    }

    /// A prompt with two arguments.
    #[mcp::prompt(title = "With arguments")]
    fn test_prompt_with_arguments(
        &self,
        /// The first argument.
        arg1: String,
        /// The second argument.
        arg2: String,
    ) -> String {
        format!("Prompt with arguments: arg1='{arg1}', arg2='{arg2}'")
    }

    #[mcp::completion(prompt = "test_prompt_with_arguments", argument = "arg1")]
    fn first_arguments(&self, arg1: String) -> Vec<String> {
        let known = ["paris", "park", "party", "test", "testing"];
        known.into_iter().filter(|value| value.starts_with(&arg1)).map(str::to_owned).collect()
    }

    /// Completes the second argument from the first one.
    #[mcp::completion(prompt = "test_prompt_with_arguments", argument = "arg2")]
    fn second_arguments(&self, arg2: String, arg1: Option<String>) -> Vec<String> {
        arg1.into_iter().map(|first| format!("{first}{arg2}")).collect()
    }

    /// A prompt that brings a resource with it.
    #[mcp::prompt]
    fn test_prompt_with_embedded_resource(
        &self,
        /// The resource to bring.
        #[arg(name = "resourceUri")]
        resource_uri: String,
    ) -> Vec<PromptMessage> {
        let resource = EmbeddedResource::text(resource_uri, "Embedded resource content for testing.");
        vec![
            PromptMessage::user(resource.mime_type("text/plain")),
            PromptMessage::user("Please process the embedded resource above."),
        ]
    }

    /// A prompt that brings a picture with it.
    #[mcp::prompt]
    fn test_prompt_with_image(&self) -> Vec<PromptMessage> {
        vec![
            PromptMessage::user(ImageContent::new(PIXEL, "image/png")),
            PromptMessage::user("Please analyze the image above."),
        ]
    }

    /// A prompt that asks the user something before it is there.
    #[mcp::prompt]
    async fn test_input_required_result_prompt(&self, cx: &mcp::Context) -> Result<String, mcp::Error> {
        let question = cx.elicit::<Background>("user_context", "What context should the prompt use?");
        Ok(match question.await? {
            mcp::Answer::Accepted(Background { context }) => format!("Use this context: {context}"),
            _ => "Use no context.".to_owned(),
        })
    }
}

#[derive(serde::Deserialize, schemars::JsonSchema)]
struct Background {
    context: String,
}
