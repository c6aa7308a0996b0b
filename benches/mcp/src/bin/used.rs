//! The server of the examples with one more part in use, which the variable `USES` names.

use std::time::Duration;

use mcp::{
    AccessToken, Audit, Bearer, Denied, Error, Http, Invocation, Layer, Limits, Next, Protected, Rate, Rates, Reply,
    RequestRecord, StaticTokens,
};
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

/// A server with that tool for anyone, so that no decision is reported.
struct OpenBench;

#[mcp::server]
impl OpenBench {
    /// Add two numbers.
    #[mcp::tool(read_only)]
    async fn add(&self, a: i64, b: i64) -> String {
        a.wrapping_add(b).to_string()
    }
}

/// A server with that tool behind a guard.
struct Guarded;

#[mcp::server(issuer = "https://auth.example.com", resource = "http://127.0.0.1:8000/mcp", scopes = ["notes:read"])]
impl Guarded {
    /// Sums belong to Alice.
    #[mcp::guard]
    async fn is_alice(&self, a: i64, token: &AccessToken) -> Result<(), Denied> {
        if a >= 0 && token.client_id == "alice" { Ok(()) } else { Err(Denied::new("not yours")) }
    }

    /// Add two numbers.
    #[mcp::tool(read_only, guard = is_alice)]
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
        std::hint::black_box(invocation.item().name());
        next.run().await
    }
}

fn http<S: Protected>(server: S, port: u16) -> Outcome<Http<S, Bearer<StaticTokens>>> {
    Ok(Http::protected(server, tokens()).protection(protection(port)?))
}

async fn serve() -> Outcome {
    let port = port()?;
    let uses = std::env::var("USES")?;
    match &*uses {
        "guard" => return Ok(http(Guarded, port)?.serve(("127.0.0.1", port)).await?),
        "nobody" => return Ok(Http::open(OpenBench).serve(("127.0.0.1", port)).await?),
        "record" => return Ok(Http::open(OpenBench).audit(Hook).serve(("127.0.0.1", port)).await?),
        _ => {}
    }
    let http = http(Bench, port)?;
    let http = match &*uses {
        "nothing" => http,
        "audit hook" => http.audit(Hook),
        "rate" => http.rates(Rates::new().item("add", Rate::per_second(1_000_000))),
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
