//! The engine of Redis, with Debian's `redis-server`: the battery, outages, and the messages about a wrong address.
//!
//! Each test starts and ends a server of its own.

#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "a mistake in a test fails the test")]

mod addresses;
mod outages;
mod server;
mod tls;

use mcp::Redis;
use mcp::testing::assert_backplane;

use server::Server;

/// The permissions that the documentation of `Redis` lists.
const PERMISSIONS: &str = "~mcp:* +eval +get +set +incrby +pttl +pexpire +time +xadd +xread +xrevrange +info";

#[tokio::test]
async fn a_server_passes() {
    let server = Server::on_socket(&[]);
    assert_backplane(async || Redis::connect(&server.url).await.unwrap()).await;
}

#[tokio::test]
async fn a_user_with_the_documented_permissions_passes() {
    let server = Server::on_port(&[]);
    let user = format!("ACL SETUSER notes on >s3cret resetkeys -@all {PERMISSIONS}");
    server.command(&user.split(' ').collect::<Vec<_>>());
    server.command(&["CONFIG", "SET", "requirepass", "another"]);
    let url = format!("redis://notes:s3cret@{}/0?protocol=resp3", server.address());
    assert_backplane(async || Redis::connect(&url).await.unwrap()).await;
}

#[tokio::test]
async fn a_cluster_passes() {
    let server = Server::on_port(&["--cluster-enabled", "yes"]);
    server.command(&["CLUSTER", "ADDSLOTSRANGE", "0", "16383"]);
    server.wait_until(&["CLUSTER", "INFO"], "cluster_state:ok");
    assert_backplane(async || Redis::connect_cluster(&[&server.url]).await.unwrap()).await;
}

#[tokio::test]
async fn a_master_of_sentinels_passes() {
    let server = Server::on_port(&["--requirepass", "s3cret"]);
    let sentinel = Server::sentinel(&server, "s3cret");
    // The first sentinel is gone, as after the loss of its machine.
    let sentinels = ["redis://127.0.0.1:1", &sentinel.url];
    let connect = async || Redis::connect_sentinel("redis://:s3cret@notes", &sentinels).await.unwrap();
    assert_backplane(connect).await;
    assert_eq!(format!("{:?}", connect().await), r#"Redis { server: "the sentinels' master notes", .. }"#);
}
