//! Servers with as many tools as the variable `TOOLS` says: 1, 100 or 1000.

use mcp_bench::{Outcome, run, serve};

include!(concat!(env!("OUT_DIR"), "/many.rs"));

fn main() -> Outcome {
    match &*std::env::var("TOOLS")? {
        "1" => run(serve(Tools1)),
        "100" => run(serve(Tools100)),
        "1000" => run(serve(Tools1000)),
        other => Err(format!("there is no server with {other} tools").into()),
    }
}
