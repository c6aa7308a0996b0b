//! Server-sent events, as bytes (HTML, "Server-sent events"). Each is made whole, so that it is written whole.

use std::time::Duration;

use bytes::Bytes;

use crate::budget::{Permit, charged};

/// A comment, which clients ignore: it keeps those between from closing a quiet connection.
pub(in crate::transport::http) const KEEP_ALIVE: Bytes = Bytes::from_static(b":\n\n");

/// One message, and the id by which a client can say that it has it. The event has a name, although `message` is the default:
/// some clients drop what has none. The event holds the permit.
pub(in crate::transport::http) fn event(id: Option<&str>, mut message: Vec<u8>, permit: Option<Box<Permit>>) -> Bytes {
    // A line break ends the field. Raw JSON of a handler can have some; within a string they are escaped.
    message.iter_mut().filter(|byte| matches!(byte, b'\n' | b'\r')).for_each(|byte| *byte = b' ');
    let mut out = Vec::with_capacity(message.len() + 64);
    out.extend_from_slice(b"event: message\n");
    if let Some(id) = id {
        push_id(&mut out, id);
    }
    out.extend_from_slice(b"data: ");
    out.append(&mut message);
    out.extend_from_slice(b"\n\n");
    charged(out, permit.map(|permit| *permit))
}

/// The event without a message that a stream begins with: from here on, the client can come back, after `retry`
/// (MCP 2025-11-25, "Sending Messages to the Server").
pub(in crate::transport::http) fn priming(id: &str, retry: Duration) -> Bytes {
    let mut out = Vec::new();
    push_id(&mut out, id);
    out.extend_from_slice(format!("retry: {}\ndata:\n\n", retry.as_millis()).as_bytes());
    out.into()
}

fn push_id(out: &mut Vec<u8>, id: &str) {
    out.extend_from_slice(b"id: ");
    out.extend_from_slice(id.as_bytes());
    out.push(b'\n');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_one_line() {
        assert_eq!(event(None, b"{\"a\":\r\n\"\\n\"}".to_vec(), None), "event: message\ndata: {\"a\":  \"\\n\"}\n\n");
        assert_eq!(event(Some("a-1"), b"{}".to_vec(), None), "event: message\nid: a-1\ndata: {}\n\n");
        assert_eq!(priming("a-0", Duration::from_secs(1)), "id: a-0\nretry: 1000\ndata:\n\n");
    }
}
