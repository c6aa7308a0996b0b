//! Servers that stop, end, lose their data, or cut their connections.

use std::cell::RefCell;
use std::time::Duration;

use mcp::Redis;
use mcp::backplane::{Backplane as _, Expected, Put, Recipient, Unavailable};
use mcp::testing::assert_backplane_outage;
use tokio::time::timeout;

use crate::server::Server;

const PATIENCE: Duration = Duration::from_secs(20);

#[tokio::test]
async fn a_stopped_server_is_down_until_it_goes_on() {
    let server = Server::on_socket(&[]);
    let connect = async || Redis::connect(&server.url).await.unwrap();
    assert_backplane_outage(connect, async || server.signal("STOP"), async || server.signal("CONT")).await;
}

#[tokio::test]
async fn a_killed_server_is_down_until_it_is_started_again() {
    for persistence in ["no", "yes"] {
        let server = RefCell::new(Server::on_port(&["--appendonly", persistence, "--appendfsync", "always"]));
        let url = server.borrow().url.clone();
        let redis = Redis::connect(&url).await.unwrap();
        let kept = redis.put("kept", b"value", PATIENCE * 10, Expected::Absent).await.unwrap();
        let connect = async || Redis::connect(&url).await.unwrap();
        let (kill, restart) = (async || server.borrow_mut().kill(), async || server.borrow_mut().restart());
        assert_backplane_outage(connect, kill, restart).await;
        // The first operation may find the connection that was lost.
        let record = match redis.get("kept").await {
            Err(Unavailable) => redis.get("kept").await.unwrap(),
            Ok(record) => record,
        };
        let expected = (persistence == "yes").then_some(kept);
        assert_eq!(record.map(|record| Put::Stored(record.version)), expected, "appendonly {persistence}");
    }
}

/// Sends numbers until one is received, and returns all that were received meanwhile.
async fn receive_until_heard(redis: &Redis, first: u32) -> Vec<u32> {
    let mut received = vec![];
    for number in first.. {
        let _ = redis.send(Recipient::All, &number.to_be_bytes()).await;
        while let Ok(Ok(message)) = timeout(Duration::from_millis(200), redis.receive("one")).await {
            received.push(u32::from_be_bytes(message.try_into().unwrap()));
        }
        if received.last().is_some_and(|last| *last >= number) {
            break;
        }
    }
    received
}

#[tokio::test]
async fn no_message_is_received_twice_after_cut_connections_or_lost_data() {
    let server = Server::on_port(&[]);
    let redis = Redis::connect(&server.url).await.unwrap();
    let test = async {
        let mut received = receive_until_heard(&redis, 0).await;
        let commands: [&[&str]; 2] = [&["CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"], &["FLUSHALL"]];
        for command in commands.into_iter().cycle().take(10) {
            let next = received.last().map_or(0, |last| last + 1);
            redis.send(Recipient::All, &next.to_be_bytes()).await.unwrap();
            server.command(command);
            received.extend(receive_until_heard(&redis, next + 1).await);
        }
        assert!(received.is_sorted_by(|one, next| one < next), "{received:?}");
    };
    timeout(PATIENCE * 3, test).await.expect("the engine reconnects");
}

#[tokio::test]
async fn messages_go_on_if_the_clock_of_a_new_server_is_behind() {
    let server = Server::on_port(&[]);
    let redis = Redis::connect(&server.url).await.unwrap();
    timeout(PATIENCE, receive_until_heard(&redis, 0)).await.expect("the engine connects");
    // A message of the future, and a failover to a server without it.
    server.command(&["XADD", "mcp:{bus}:all", "9999999999999-1", "m", "AAAA"]);
    assert_eq!(timeout(PATIENCE, redis.receive("one")).await.unwrap(), Ok(b"AAAA".to_vec()));
    server.command(&["FLUSHALL"]);
    server.command(&["CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"]);
    timeout(PATIENCE, receive_until_heard(&redis, u32::from_be_bytes(*b"AAAB")))
        .await
        .expect("the engine reads what is new");
}
