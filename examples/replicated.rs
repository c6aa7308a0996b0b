//! A server of which several instances run behind a balancer, with one tool for each kind of state that they share.
//!
//! Run it with `cargo run --example replicated --features redis`. Without further settings, it runs alone on `127.0.0.1:8000`, and takes
//! the tokens `alice` and `bob`.
//!
//! | variable | value |
//! |---|---|
//! | `MCP_LISTEN` | the address to listen on; `127.0.0.1:8000` when not set |
//! | `MCP_RESOURCE` | the public URL of the endpoint, for all instances; the address with `/mcp` when not set |
//! | `MCP_REDIS` | the URL of the Redis server that connects the instances, with `--features redis`; none when not set |
//! | `MCP_STATE_KEY` | the key that seals sessions and questions, for all instances; 64 hex digits, random when not set |
//! | `MCP_NAME` | the name of the instance, with which each of its answers begins; `alone` when not set |

use std::env;
use std::error::Error;
use std::time::Duration;

use mcp::{AccessToken, Answer, Context, Http, LogLevel, Progress, Protection, Sampling, StaticTokens};
use schemars::JsonSchema;
use serde::Deserialize;
use tokio::time::sleep;

struct Replica {
    name: String,
}

#[derive(Deserialize, JsonSchema)]
struct Confirmation {
    /// Is that all right?
    ok: bool,
}

#[mcp::server(issuer = "https://auth.example.com", resource = "http://127.0.0.1:8000/mcp", scopes = ["r"])]
impl Replica {
    /// Report which account is calling.
    #[mcp::tool(read_only)]
    fn whoami(&self, token: &AccessToken) -> String {
        self.says(token.subject.as_deref().unwrap_or(&token.client_id))
    }

    /// Ask for a confirmation.
    #[mcp::tool]
    async fn confirm(&self, cx: &Context) -> Result<String, mcp::Error> {
        let answer = cx.elicit::<Confirmation>("c", "All right?").await?;
        Ok(self.says(shown(&answer)))
    }

    /// Ask for a confirmation that is valid once.
    #[mcp::tool]
    async fn once(&self, cx: &Context) -> Result<String, mcp::Error> {
        let answer = cx.elicit::<Confirmation>("c", "All right, once?").once().await?;
        Ok(self.says(shown(&answer)))
    }

    /// Ask two questions, one after the other.
    #[mcp::tool]
    async fn two(&self, cx: &Context) -> Result<String, mcp::Error> {
        let first = cx.elicit::<Confirmation>("a", "The first?").await?;
        let second = cx.elicit::<Confirmation>("b", "The second?").await?;
        Ok(self.says(format!("{} {}", shown(&first), shown(&second))))
    }

    /// Ask the client's model.
    #[mcp::tool]
    async fn sample(&self, cx: &Context) -> Result<String, mcp::Error> {
        let reply = cx.sample("s", Sampling::new(100).user("What is the capital of France?")).await?;
        Ok(self.says(reply.text()))
    }

    /// A resource that changes.
    #[mcp::resource("r://x")]
    fn x(&self) -> String {
        self.says("x")
    }

    /// Announce that the resource changed.
    #[mcp::tool]
    fn touch(&self, cx: &Context) -> String {
        cx.changes().resource_updated("r://x");
        self.says("touched")
    }

    /// Announce that the list of tools changed.
    #[mcp::tool]
    fn tools_changed(&self, cx: &Context) -> String {
        cx.changes().tools_changed();
        self.says("announced")
    }

    /// A tool that can be disabled.
    #[mcp::tool]
    fn extra(&self) -> String {
        self.says("extra")
    }

    /// Disable the tool `extra`.
    #[mcp::tool]
    fn disable_extra(&self, cx: &Context) -> String {
        self.says(if cx.changes().disable_tool("extra") { "disabled" } else { "disabled before" })
    }

    /// Enable the tool `extra`.
    #[mcp::tool]
    fn enable_extra(&self, cx: &Context) -> String {
        self.says(if cx.changes().enable_tool("extra") { "enabled" } else { "enabled before" })
    }

    /// Work in steps of 300 ms, and report each.
    #[mcp::tool]
    async fn slow(&self, n: u32, cx: &Context) -> String {
        for step in 1..=n {
            sleep(Duration::from_millis(300)).await;
            cx.progress(Progress::new(step.into()).total(n.into()).message(self.says(step)));
            cx.log(LogLevel::Info, self.says(step));
        }
        self.says("done")
    }

    /// Close the stream, and answer three seconds later.
    #[mcp::tool]
    async fn poll(&self, cx: &Context) -> String {
        cx.close_stream();
        sleep(Duration::from_secs(3)).await;
        self.says("polled")
    }

    /// Run as a task, and ask in it if that is wished.
    #[mcp::tool(task)]
    async fn job(&self, secs: u64, #[arg(default = false)] ask: bool, cx: &Context) -> Result<String, mcp::Error> {
        cx.start_task()?;
        sleep(Duration::from_secs(secs)).await;
        if !ask {
            return Ok(self.says("done"));
        }
        let answer = cx.elicit::<Confirmation>("c", "All right?").await?;
        Ok(self.says(shown(&answer)))
    }

    fn says(&self, text: impl std::fmt::Display) -> String {
        format!("{} {text}", self.name)
    }
}

fn shown(answer: &Answer<Confirmation>) -> &'static str {
    match answer {
        Answer::Accepted(Confirmation { ok: true }) => "yes",
        Answer::Accepted(Confirmation { ok: false }) => "no",
        Answer::Declined => "declined",
        Answer::Cancelled => "cancelled",
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    // Another thread writes the log, so that requests do not wait for who reads it.
    let (log, _flushed_at_the_end) = tracing_appender::non_blocking(std::io::stderr());
    tracing_subscriber::fmt().with_writer(log).init();
    let listen = variable("MCP_LISTEN").unwrap_or_else(|| "127.0.0.1:8000".to_owned());
    let resource = variable("MCP_RESOURCE").unwrap_or_else(|| format!("http://{listen}/mcp"));
    let state_key = variable("MCP_STATE_KEY").map(|digits| state_key(&digits)).transpose()?;
    let server = Replica { name: variable("MCP_NAME").unwrap_or_else(|| "alone".to_owned()) };
    let token = |name: &'static str| (name, AccessToken::ours(name).with_subject(name).with_scopes(["r"]));
    let http = Http::protected(server, StaticTokens::new(["alice", "bob"].map(token)))
        .protection(Protection::of::<Replica>().resource(resource)?)
        .state_keys(state_key);
    let http = match variable("MCP_REDIS") {
        None => http,
        #[cfg(feature = "redis")]
        Some(url) => {
            let key = state_key.ok_or("MCP_REDIS: the instances share a key, so set MCP_STATE_KEY, too")?;
            http.replicas(mcp::Redis::connect(&url).await?, [key])
        }
        #[cfg(not(feature = "redis"))]
        Some(_) => return Err("MCP_REDIS: the engine is missing, so add `--features redis`".into()),
    };
    http.serve(listen).await?;
    Ok(())
}

/// Returns the value of an environment variable, unless it is empty.
fn variable(name: &str) -> Option<String> {
    env::var(name).ok().filter(|value| !value.is_empty())
}

fn state_key(digits: &str) -> Result<[u8; 32], &'static str> {
    const INVALID: &str = "MCP_STATE_KEY: not 64 hex digits";
    if digits.len() != 64 || !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
        return Err(INVALID);
    }
    let mut key = [0; 32];
    for (byte, place) in key.iter_mut().zip((0..64).step_by(2)) {
        *byte = u8::from_str_radix(&digits[place..place + 2], 16).map_err(|_| INVALID)?;
    }
    Ok(key)
}
