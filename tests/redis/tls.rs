//! TLS, with an authority that only a process of its own trusts.

use std::env;
use std::process::Command;

use mcp::Redis;
use mcp::testing::assert_backplane;

use crate::server::Server;

/// The variable with the URL for the other process.
const URL: &str = "MCP_TEST_REDIS";

#[tokio::test]
async fn a_server_with_tls_passes_if_its_authority_is_trusted() {
    let (server, authority) = Server::with_tls();
    let error = Redis::connect(&server.url).await.expect_err("an unknown authority").to_string();
    assert!(error.contains("is unreachable (invalid peer certificate: UnknownIssuer)"), "{error}");
    // The trusted authorities are read from the environment, which is the same for all tests of a process.
    let mut test = Command::new(env::current_exe().unwrap());
    test.args(["--exact", "tls::in_a_process_that_trusts_the_authority", "--ignored"]);
    let output = test.env("SSL_CERT_FILE", authority).env(URL, &server.url).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
}

#[tokio::test]
#[ignore = "the test before this one runs it, with its own environment"]
async fn in_a_process_that_trusts_the_authority() {
    let url = env::var(URL).expect("run by another test");
    assert_backplane(async || Redis::connect(&url).await.unwrap()).await;
}
