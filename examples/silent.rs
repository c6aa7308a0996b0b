//! An open server whose tool is silent for a given time, to test proxies and clients.
//!
//! Run it with `cargo run --example silent`. It listens on the port of 127.0.0.1 that the environment variable `PORT` names,
//! 8000 when there is none.

#![expect(clippy::print_stdout, reason = "a program for a person, who reads what it prints")]

use std::env;
use std::error::Error;
use std::time::Duration;

use mcp::Http;

struct Silent;

#[mcp::server]
impl Silent {
    /// Wait for some seconds without a word, then say how many they were.
    #[mcp::tool(read_only)]
    async fn wait(
        &self,
        /// The time, in seconds.
        #[arg(range = 0..=600)]
        seconds: u64,
    ) -> String {
        tokio::time::sleep(Duration::from_secs(seconds)).await;
        format!("{seconds} s")
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let port: u16 = match env::var("PORT") {
        Ok(port) => port.parse().map_err(|_| format!("PORT: {port:?} is not a port"))?,
        Err(_) => 8000,
    };
    let http = Http::open(Silent);
    println!("{}", http.summary());
    http.serve(("127.0.0.1", port)).await?;
    Ok(())
}
