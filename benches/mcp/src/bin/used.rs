//! The server of the examples with one more part in use, which the variable `USES` names.

use std::time::Duration;

use mcp::{Audit, Error, Http, Invocation, Layer, Limits, Next, Reply, RequestRecord};
use mcp_bench::{Outcome, port, protection, run, tokens};

struct Bench;

#[mcp::server(issuer = "https://auth.example.com", resource = "http://127.0.0.1:8000/mcp", scopes = ["notes:read"])]
impl Bench {
    /// Add two numbers.
    #[mcp::tool(read_only)]
    async fn add(&self, a: i64, b: i64) -> String {
        a.wrapping_add(b).to_string()
    }
}

/// Reads a record as far as a counter would.
struct Hook;

impl Audit for Hook {
    fn ended(&self, record: &RequestRecord<'_>) {
        std::hint::black_box((record.item, record.outcome, record.duration));
    }
}

/// Passes everything on.
struct Through;

impl Layer for Through {
    async fn call(&self, invocation: &Invocation<'_>, next: Next<'_>) -> Result<Reply, Error> {
        std::hint::black_box(invocation.name());
        next.run().await
    }
}

async fn serve() -> Outcome {
    let port = port()?;
    let http = Http::protected(Bench, tokens()).protection(protection(port)?);
    let http = match &*std::env::var("USES")? {
        "audit" => http.audit(Hook),
        "layer" => http.layer(Through),
        "time limit" => {
            let mut limits = Limits::default();
            limits.request.method_timeout = Some(Duration::from_secs(10));
            http.limits(limits)
        }
        other => return Err(format!("there is no server that uses a {other}").into()),
    };
    Ok(http.serve(("127.0.0.1", port)).await?)
}

fn main() -> Outcome {
    run(serve())
}
