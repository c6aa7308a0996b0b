//! The engine between the instances of a server. [`Http::replicas`](../struct.Http.html#method.replicas) takes one.

pub(crate) mod codec;
pub(crate) mod connection;
pub(crate) mod envelope;
mod frame;
pub(crate) mod link;
mod outbound;
mod peers;
pub(crate) mod records;
pub(crate) mod repair;
pub(crate) mod requests;
pub(crate) mod topic;

use std::error::Error;
use std::fmt;
use std::pin::Pin;
use std::time::Duration;

/// A future of a [`Backplane`].
pub type BackplaneFuture<'a, T> = Pin<Box<dyn Future<Output = Result<T, Unavailable>> + Send + 'a>>;

/// An engine that connects the instances of a server, such as Redis.
///
/// An author of an engine tests it with [`assert_backplane`](crate::testing::assert_backplane).
///
/// An engine has five operations, and knows nothing of MCP. Everything else is made of these once, for every engine:
/// the order of messages, requests to another instance, the encryption. Messages and values are encrypted, and keys are
/// digests, so an engine that others can read reveals nothing.
///
/// # Guarantees
/// Each operation either happens or does not. [`Unavailable`] means that it is unknown. An operation responds within two
/// seconds, or is `Unavailable`, so that requests do not wait for an engine that hangs.
pub trait Backplane: Send + Sync + 'static {
    /// Sends a message to one instance, or to all of them, the sender included.
    ///
    /// Each instance receives it at most once, or perhaps not at all. Messages may arrive late, and twice after a failure.
    fn send<'a>(&'a self, to: Recipient<'a>, message: &'a [u8]) -> BackplaneFuture<'a, ()>;

    /// Waits for the next message to an instance.
    ///
    /// An instance receives what is sent after its first call, one call after the other. Dropping a call loses no
    /// message. The engine reconnects by itself.
    fn receive<'a>(&'a self, instance: &'a str) -> BackplaneFuture<'a, Vec<u8>>;

    /// Returns the record of a key, unless there is none or it expired.
    fn get<'a>(&'a self, key: &'a str) -> BackplaneFuture<'a, Option<Record>>;

    /// Stores a record for a time, if the present one is as `expected`.
    ///
    /// The comparison and the change are one step, which no other `put` or [`add`](Self::add) of the key comes between.
    fn put<'a>(
        &'a self,
        key: &'a str,
        value: &'a [u8],
        lifetime: Duration,
        expected: Expected,
    ) -> BackplaneFuture<'a, Put>;

    /// Adds to the counter of a key, and returns the sum. The lifetime begins with the first addition.
    ///
    /// A key is either that of a counter or that of a record.
    fn add<'a>(&'a self, key: &'a str, amount: u64, lifetime: Duration) -> BackplaneFuture<'a, u64>;
}

/// The instances that receive a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Recipient<'a> {
    /// Every instance that receives.
    All,
    /// The instance with this name.
    One(&'a str),
}

/// A value in an engine, with the number of its version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// The version, which every change makes another one. Records that expired have used theirs, too.
    pub version: u64,
    /// The value, encrypted.
    pub value: Vec<u8>,
}

/// The condition of a [`put`](Backplane::put).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expected {
    /// No record, or one that expired.
    Absent,
    /// A record of this version.
    Version(u64),
}

/// The outcome of a [`put`](Backplane::put).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Put {
    /// The record was stored, with this version.
    Stored(u64),
    /// The record was not stored. The present one is this.
    Found(Option<Record>),
}

/// An error of an engine, after which it is unknown if the operation happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unavailable;

impl fmt::Display for Unavailable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the engine between the instances is unavailable")
    }
}

impl Error for Unavailable {}
