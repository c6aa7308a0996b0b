//! Short answers to common questions.
//!
//! `cargo run --example cookbook --features testing` lists them.
//!
//! Each file answers one question. Its server is complete, and `run` checks the results of a client.
#![allow(clippy::needless_pass_by_value, reason = "arguments of tools are owned")]

use std::error::Error;
use std::future::Future;
use std::pin::Pin;

type Outcome = Result<(), Box<dyn Error>>;
type Recipe = fn() -> Pin<Box<dyn Future<Output = Outcome>>>;

macro_rules! recipes {
    ($($name:ident: $question:literal,)*) => {
        $(mod $name;)*

        const RECIPES: &[(&str, &str, Recipe)] = &[$((stringify!($name), $question, || Box::pin($name::run()))),*];

        #[cfg(test)]
        mod tests {
            $(#[tokio::test]
            async fn $name() -> super::Outcome {
                super::$name::run().await
            })*
        }
    };
}

recipes! {
    admin_part: "How do I add tools in some deployments only?",
    api_keys: "How do I accept API keys from a table?",
    audit_trail: "How do I record who called what?",
    blocking_code: "How do I call a library that blocks?",
    claims: "How do I read a claim of the token?",
    confirmation: "How do I ask the user before I delete?",
    cors: "How do I let pages in browsers call the server?",
    dynamic_tools: "How do I add tools from a configuration?",
    environment: "How do I use other addresses in production?",
    errors: "How do I tell the model about some errors, and hide others?",
    expensive_arguments: "How do I need more scopes for some arguments?",
    health: "How do I add a health check beside the server?",
    hidden_tool: "How do I list a tool for administrators only?",
    image: "How do I return an image?",
    limits: "How do I limit the size of a request?",
    maintenance: "How do I run code around every tool?",
    other_routes: "How do I protect my other routes with the same tokens?",
    pages: "How do I return long lists?",
    progress: "How do I report progress?",
    rate_limit: "How do I limit the calls of one user?",
    resource_changes: "How do I tell clients that a resource has changed?",
    shared_arguments: "How do several tools share arguments?",
    structured: "How do I return structured data with a short text?",
    tasks: "How do I run something for minutes?",
    tenants: "How do I keep tenants apart?",
    timeouts: "How do I stop a tool that takes too long?",
    two_servers: "How do I serve two servers in one program?",
    unusual_types: "How do I use a date as an argument?",
}

#[tokio::main]
#[expect(clippy::print_stdout, reason = "for the person who starts it")]
async fn main() -> Outcome {
    let Some(wanted) = std::env::args().nth(1) else {
        for (name, question, _) in RECIPES {
            println!("{name:<20} {question}");
        }
        println!("\nThe files are in examples/cookbook. To run one, add `-- NAME`.");
        return Ok(());
    };
    let (_, question, recipe) =
        RECIPES.iter().find(|(name, _, _)| *name == wanted).ok_or_else(|| format!("there is no `{wanted}`"))?;
    println!("{question}");
    recipe().await?;
    println!("It works, see examples/cookbook/{wanted}.rs");
    Ok(())
}
