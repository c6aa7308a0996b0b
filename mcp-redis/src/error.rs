//! The error of a connection that could not be made.

use std::error::Error;
use std::fmt;

use redis::{ErrorKind, ServerErrorKind};

/// An error of [`Redis::connect`](crate::Redis::connect), which says what to change.
///
/// The message names the server, and never the user or the password.
#[derive(Debug, Clone)]
pub struct RedisError(Problem);

#[derive(Debug, Clone)]
pub(crate) enum Problem {
    Url { reason: String },
    Unreachable { server: String, reason: String },
    Credentials { server: String, reason: String },
    Refused { server: String, reason: String },
}

/// The codes of a server that wants a user or a password.
const CREDENTIALS: [&str; 3] = ["NOAUTH", "WRONGPASS", "NOPERM"];

impl RedisError {
    /// Returns the error of addresses that the crate `redis` refuses.
    pub(crate) fn of_url(error: &redis::RedisError) -> Self {
        // The text has the name of a kind behind its sentence.
        let text = error.to_string();
        let reason = text.split_once(" - ").map_or(&*text, |(sentence, _)| sentence).to_owned();
        Self(Problem::Url { reason })
    }

    /// Returns the error of a server at its first use.
    pub(crate) fn of_server(server: &str, error: &redis::RedisError) -> Self {
        let (server, reason) = (server.to_owned(), error.to_string());
        Self(match error.kind() {
            ErrorKind::AuthenticationFailed => Problem::Credentials { server, reason },
            _ if error.code().is_some_and(|code| CREDENTIALS.contains(&code)) => {
                Problem::Credentials { server, reason }
            }
            ErrorKind::Server(ServerErrorKind::BusyLoading) | ErrorKind::Io => Problem::Unreachable { server, reason },
            _ => Problem::Refused { server, reason },
        })
    }
}

impl fmt::Display for RedisError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Problem::Url { reason } => write!(
                f,
                "the URL of Redis is invalid ({reason}); write `redis://USER:PASSWORD@HOST:6379/0`, with `rediss` for \
                 TLS, or `redis+unix:///PATH`"
            ),
            Problem::Unreachable { server, reason } => {
                write!(f, "Redis at {server} is unreachable ({reason}); start it, or correct the URL")
            }
            Problem::Credentials { server, reason } => write!(
                f,
                "Redis at {server} refuses the user ({reason}); write `redis://USER:PASSWORD@HOST:6379/0`, and grant \
                 the commands that the documentation of `Redis` lists"
            ),
            Problem::Refused { server, reason } => {
                write!(f, "Redis at {server} refuses a command ({reason}); Redis 5, Valkey, or newer is needed")
            }
        }
    }
}

impl Error for RedisError {}
