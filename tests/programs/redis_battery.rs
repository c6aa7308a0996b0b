//! Tests the server at the URL that is the argument, as the engine between instances.

#![expect(clippy::expect_used, reason = "a mistake in a test fails the test")]

use std::error::Error;

use mcp::Redis;
use mcp::testing::assert_backplane;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let url = std::env::args().nth(1).ok_or("the URL of the server is missing")?;
    Redis::connect(&url).await?;
    assert_backplane(async || Redis::connect(&url).await.expect("it was there before")).await;
    Ok(())
}
