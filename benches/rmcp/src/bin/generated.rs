//! A server by the macros of `rmcp`, with as many tools as the variable `TOOLS` says: 1, 20 or 100.

use rmcp::handler::server::wrapper::Parameters;
use rmcp::{tool, tool_router};
use rmcp_bench::{Add, Outcome, run};

include!(concat!(env!("OUT_DIR"), "/generated.rs"));

fn main() -> Outcome {
    match &*std::env::var("TOOLS")? {
        "1" => run(Tools1),
        "20" => run(Tools20),
        "100" => run(Tools100),
        other => Err(format!("there is no server with {other} tools").into()),
    }
}
