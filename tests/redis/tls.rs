//! TLS, with an authority that only a process of its own trusts.

use std::process::Command;

use mcp::Redis;

use crate::server::Server;

#[tokio::test]
async fn a_server_with_tls_passes_if_its_authority_is_trusted() {
    let (server, authority) = Server::with_tls();
    let error = Redis::connect(&server.url).await.expect_err("an unknown authority").to_string();
    assert!(error.contains("is unreachable (invalid peer certificate: UnknownIssuer)"), "{error}");
    // The trusted authorities are read from the environment, which is the same for all tests of a process.
    let mut battery = Command::new(env!("CARGO_BIN_EXE_redis-battery"));
    let output = battery.arg(&server.url).env("SSL_CERT_FILE", authority).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}
