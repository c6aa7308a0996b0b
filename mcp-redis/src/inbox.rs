//! The messages to one instance, from the two streams that have them.

use std::collections::VecDeque;
use std::time::Duration;

use mcp_runtime::backplane::Recipient;
use redis::RedisResult;

use crate::commands::{self, MessageId, Messages, ReadReply};
use crate::route::{Connection, Route, within};

/// The time that the server waits for messages. A connection that was lost silently is noticed after it.
const WAIT: Duration = Duration::from_secs(1);

/// Limits the delay of a reply, beyond the time that the server waits.
const TIMEOUT: Duration = Duration::from_millis(750);

/// A reader of the messages to all and to one instance, on a connection of its own.
///
/// A read that waits delays everything behind it on its connection, so that no other command uses the connection.
pub(crate) struct Inbox {
    streams: [String; 2],
    /// The last message that was read of each stream.
    positions: [MessageId; 2],
    connection: Option<Connection>,
    messages: VecDeque<Vec<u8>>,
}

impl Inbox {
    pub(crate) fn new(instance: &str) -> Self {
        Self {
            streams: [Recipient::All, Recipient::One(instance)].map(commands::stream),
            // Behind everything: the first connection finds the ends of the streams.
            positions: [MessageId::MAX; 2],
            connection: None,
            messages: VecDeque::new(),
        }
    }

    /// Waits for the next message. Dropping the future loses none.
    pub(crate) async fn next(&mut self, route: &Route) -> RedisResult<Vec<u8>> {
        loop {
            if let Some(message) = self.messages.pop_front() {
                return Ok(message);
            }
            // Taken, because a call that fails or is dropped leaves a connection on which the server still waits.
            let mut connection = match self.connection.take() {
                Some(connection) => connection,
                None => self.connect(route).await?,
            };
            let read = commands::read(&self.streams, self.positions, WAIT);
            let reply: ReadReply = within(WAIT + TIMEOUT, connection.query(&read)).await?;
            self.connection = Some(connection);
            for (stream, messages) in reply.unwrap_or_default() {
                self.take(&stream, messages)?;
            }
        }
    }

    /// Connects, and corrects the positions.
    ///
    /// The streams of a server that lost its data may end before the positions, if its clock is behind. Reading goes on
    /// at their ends then, or else the messages up to the positions would be missed.
    async fn connect(&mut self, route: &Route) -> RedisResult<Connection> {
        let mut connection = route.open().await?;
        for (stream, position) in self.streams.iter().zip(&mut self.positions) {
            let last: Messages = within(TIMEOUT, connection.query(&commands::last(stream))).await?;
            let end = last.first().map_or(Ok(MessageId::MIN), |(id, _)| MessageId::parse(id))?;
            *position = end.min(*position);
        }
        Ok(connection)
    }

    fn take(&mut self, stream: &str, messages: Messages) -> RedisResult<()> {
        for (id, fields) in messages {
            let id = MessageId::parse(&id)?;
            for (_, position) in self.streams.iter().zip(&mut self.positions).filter(|(name, _)| *name == stream) {
                *position = id;
            }
            self.messages.extend(fields.into_iter().map(|(_, message)| message));
        }
        Ok(())
    }
}
