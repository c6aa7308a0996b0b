//! The commands that the engine sends, and the form of its keys.
//!
//! The streams have one hash tag, because one command reads both. Records have none, so that a cluster spreads them.

use std::fmt;
use std::time::Duration;

use mcp_runtime::backplane::{Expected, Put, Recipient, Record};
use redis::{Cmd, ErrorKind, RedisError, RedisResult, cmd};

/// Limits the messages of a stream, roughly. A reader that is further behind loses the oldest.
const MAX_MESSAGES: u32 = 4096;

/// The time after which a stream that nobody writes to expires.
pub(crate) const STREAM_LIFETIME: Duration = Duration::from_secs(60);

/// Limits the messages of one reply, for each stream.
const MAX_READ: u32 = 64;

/// Limits lifetimes, because the server refuses a moment that it can't represent. About three hundred years.
const MAX_LIFETIME_MILLIS: u64 = 10_000_000_000_000;

/// The digits before the value of a record, which are its version.
const VERSION_DIGITS: usize = 16;

const SEND: &str = "\
redis.call('XADD', KEYS[1], 'MAXLEN', '~', ARGV[2], '*', 'm', ARGV[1])
redis.call('PEXPIRE', KEYS[1], ARGV[3])";

// The version of a new record is the time in microseconds, so that it is none of a record that expired.
const PUT: &str = "\
local found = redis.call('GET', KEYS[1])
local version = found and string.sub(found, 1, 16) or ''
if version ~= ARGV[1] then return {0, found} end
local next
if found then
  next = string.format('%016.0f', tonumber(version) + 1)
else
  local now = redis.call('TIME')
  next = string.format('%010.0f%06.0f', tonumber(now[1]), tonumber(now[2]))
end
redis.call('SET', KEYS[1], next .. ARGV[2], 'PX', ARGV[3])
return {1, next}";

// The sum is read as a text, because a number of Lua has 53 bits.
const ADD: &str = "\
redis.call('INCRBY', KEYS[1], ARGV[1])
if redis.call('PTTL', KEYS[1]) < 0 then redis.call('PEXPIRE', KEYS[1], ARGV[2]) end
return redis.call('GET', KEYS[1])";

pub(crate) fn send(to: Recipient<'_>, message: &[u8]) -> Cmd {
    let mut command = script(SEND, &stream(to));
    command.arg(message).arg(MAX_MESSAGES).arg(millis(STREAM_LIFETIME));
    command
}

pub(crate) fn get(key: &str) -> Cmd {
    let mut command = cmd("GET");
    command.arg(record_key(key));
    command
}

/// Returns the record of a stored text.
pub(crate) fn record(stored: &[u8]) -> RedisResult<Record> {
    let parts = stored.split_at_checked(VERSION_DIGITS);
    let version = parts.and_then(|(digits, _)| std::str::from_utf8(digits).ok()?.parse().ok());
    match (parts, version) {
        (Some((_, value)), Some(version)) => Ok(Record { version, value: value.to_vec() }),
        _ => Err(foreign()),
    }
}

pub(crate) fn put(key: &str, value: &[u8], lifetime: Duration, expected: Expected) -> Cmd {
    let mut command = script(PUT, &record_key(key));
    match expected {
        Expected::Absent => command.arg(""),
        Expected::Version(version) => command.arg(format!("{version:0VERSION_DIGITS$}")),
    };
    command.arg(value).arg(millis(lifetime));
    command
}

/// The reply of a [`put`]: if it was stored, then the new version, or else what is there.
pub(crate) type PutReply = (bool, Option<Vec<u8>>);

pub(crate) fn outcome((is_stored, text): PutReply) -> RedisResult<Put> {
    match text {
        Some(version) if is_stored => Ok(Put::Stored(record(&version)?.version)),
        Some(found) => Ok(Put::Found(Some(record(&found)?))),
        None => Ok(Put::Found(None)),
    }
}

/// A sum beyond the numbers of the server, `i64`, is an error of the server.
pub(crate) fn add(key: &str, amount: u64, lifetime: Duration) -> Cmd {
    let mut command = script(ADD, &format!("mcp:counter:{key}"));
    command.arg(amount).arg(millis(lifetime));
    command
}

/// Returns the stream of a recipient.
pub(crate) fn stream(recipient: Recipient<'_>) -> String {
    match recipient {
        Recipient::All => "mcp:{bus}:all".to_owned(),
        Recipient::One(instance) => format!("mcp:{{bus}}:one:{instance}"),
    }
}

/// The id of a message in a stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct MessageId(u64, u64);

impl MessageId {
    /// The id before the first message.
    pub(crate) const MIN: Self = Self(0, 0);
    /// The id behind every message.
    pub(crate) const MAX: Self = Self(u64::MAX, u64::MAX);

    pub(crate) fn parse(id: &str) -> RedisResult<Self> {
        let parts = id.split_once('-').and_then(|(time, number)| Some(Self(time.parse().ok()?, number.parse().ok()?)));
        parts.ok_or_else(foreign)
    }
}

impl fmt::Display for MessageId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.0, self.1)
    }
}

/// The messages of a stream, each with its id and its fields.
pub(crate) type Messages = Vec<(String, Vec<(String, Vec<u8>)>)>;

/// The reply of a [`read`]: the streams with new messages, unless the time passed.
pub(crate) type ReadReply = Option<Vec<(String, Messages)>>;

/// Waits for messages behind the ids, for a time.
pub(crate) fn read(streams: &[String; 2], after: [MessageId; 2], wait: Duration) -> Cmd {
    let mut command = cmd("XREAD");
    command.arg("COUNT").arg(MAX_READ).arg("BLOCK").arg(millis(wait)).arg("STREAMS").arg(streams);
    command.arg(&after.map(|id| id.to_string()));
    command
}

/// Returns the last message of a stream, as [`Messages`].
pub(crate) fn last(stream: &str) -> Cmd {
    let mut command = cmd("XREVRANGE");
    command.arg(stream).arg("+").arg("-").arg("COUNT").arg(1);
    command
}

/// Asks for the memory of the server, and its policy of eviction.
pub(crate) fn memory() -> Cmd {
    let mut command = cmd("INFO");
    command.arg("memory");
    command
}

fn script(source: &str, key: &str) -> Cmd {
    let mut command = cmd("EVAL");
    command.arg(source).arg(1).arg(key);
    command
}

fn record_key(key: &str) -> String {
    format!("mcp:record:{key}")
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX).clamp(1, MAX_LIFETIME_MILLIS)
}

fn foreign() -> RedisError {
    RedisError::from((ErrorKind::UnexpectedReturnType, "another program wrote to a key that begins with `mcp:`"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_begins_with_its_version() {
        let stored = Record { version: 1_764_547_200_000_000, value: b"value".to_vec() };
        assert_eq!(record(b"1764547200000000value").ok(), Some(stored));
        for foreign in [&b""[..], b"176454720000000", b"17645472000000xxvalue", b"-764547200000000value"] {
            assert!(record(foreign).is_err(), "{foreign:?}");
        }
    }

    #[test]
    fn the_first_position_is_behind_every_message() {
        let id = MessageId::parse("1764547200000-3").expect("an id");
        assert_eq!(id.to_string(), "1764547200000-3");
        assert!(MessageId::MIN < id && id < MessageId::MAX);
        assert!(MessageId::parse("1764547200000").is_err());
    }

    #[test]
    fn lifetimes_are_what_the_server_accepts() {
        for (lifetime, expected) in [(Duration::ZERO, 1), (Duration::MAX, MAX_LIFETIME_MILLIS)] {
            assert_eq!(millis(lifetime), expected);
        }
    }
}
