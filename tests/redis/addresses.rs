//! Addresses that lead nowhere, and what is never printed.

use std::io::{self, Write};
use std::sync::{Arc, Mutex};

use mcp::Redis;
use mcp::backplane::{Backplane as _, Unavailable};
use tracing_subscriber::fmt::MakeWriter;

use crate::server::Server;

async fn error(url: &str) -> String {
    let error = Redis::connect(url).await.expect_err("a mistake");
    let printed = format!("{error:?} {error}");
    assert!(!printed.contains("s3cret") && !printed.contains("notes"), "{printed}");
    error.to_string()
}

#[tokio::test]
async fn an_error_says_what_to_change() {
    for (url, reason) in [
        ("notes:s3cret@localhost", "Redis URL did not parse"),
        ("http://notes:s3cret@localhost", "Redis URL did not parse"),
        ("redis://notes:s3cret@localhost/zero", "Invalid database number"),
        ("redis://notes:12/s3cret@localhost", "Invalid database number"),
    ] {
        let expected = format!(
            "the URL of Redis is invalid ({reason}); write `redis://USER:PASSWORD@HOST:6379/0`, with `rediss` for TLS, \
             or `redis+unix:///PATH`"
        );
        assert_eq!(error(url).await, expected, "{url}");
    }
    assert_eq!(
        error("redis://notes:s3cret@127.0.0.1:1").await,
        "Redis at 127.0.0.1:1 is unreachable (Connection refused (os error 111)); start it, or correct the URL"
    );
    let server = Server::on_port(&["--requirepass", "another"]);
    let address = server.address();
    let refused = |reason: &str| {
        format!(
            "Redis at {address} refuses the user ({reason}); write `redis://USER:PASSWORD@HOST:6379/0`, and grant the \
             commands that the documentation of `Redis` lists"
        )
    };
    for (credentials, reason) in [
        ("notes:s3cret@", "Password authentication failed - AuthenticationFailed"),
        (":s3cret@", "Password authentication failed - AuthenticationFailed"),
        ("", "\"NOAUTH\": Authentication required."),
    ] {
        assert_eq!(error(&format!("redis://{credentials}{address}")).await, refused(reason), "{credentials}");
    }
}

/// The lines of the log.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, text: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(text)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for Log {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        self.clone()
    }
}

#[tokio::test]
async fn the_log_warns_of_evictions_and_outages_without_the_password() {
    let log = Log::default();
    let subscriber = tracing_subscriber::fmt().with_writer(log.clone()).with_ansi(false).without_time().finish();
    let _guard = tracing::subscriber::set_default(subscriber);
    let mut server = Server::on_port(&["--maxmemory-policy", "allkeys-lru"]);
    server.command(&["ACL", "SETUSER", "notes", "on", ">s3cret", "~*", "+@all"]);
    let address = server.address().to_owned();
    let redis = Redis::connect(&format!("redis://notes:s3cret@{address}")).await.unwrap();
    assert_eq!(format!("{redis:?}"), format!(r#"Redis {{ server: "{address}", .. }}"#));
    server.kill();
    for _ in 0..5 {
        assert_eq!(redis.get("key").await, Err(Unavailable));
    }
    server.restart();
    server.command(&["ACL", "SETUSER", "notes", "on", ">s3cret", "~*", "+@all"]);
    while redis.get("key").await.is_err() {}
    let log = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    let lines: Vec<&str> = log.lines().filter(|line| line.contains("mcp_redis")).collect();
    let evicts = "Redis may evict records; set its `maxmemory-policy` to `noeviction`";
    assert_eq!(lines.len(), 3, "{log}");
    assert_eq!(
        [lines[0], lines[2]],
        [
            &*format!(r#" WARN mcp_redis::engine: {evicts} server="{address}" policy="allkeys-lru""#),
            &*format!(r#" INFO mcp_redis::health: Redis is available again server="{address}""#),
        ]
    );
    assert!(lines[1].starts_with(" WARN mcp_redis::health: Redis is unavailable server="), "{log}");
    assert!(!log.contains("s3cret"), "{log}");
}
