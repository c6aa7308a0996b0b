//! The head of a request that outlives its connection.

use std::sync::Arc;

use bytes::BytesMut;
use http::HeaderValue;
use http::request::Parts;

/// The memory of a header beside its texts, in bytes.
const HEADER_BYTES: usize = 100;

/// Returns the bytes of a head.
pub(in crate::transport::http) fn bytes_of_head(parts: &Parts) -> usize {
    let headers = parts.headers.iter().map(|(name, value)| name.as_str().len() + value.len() + HEADER_BYTES);
    headers.sum::<usize>() + parts.uri.path().len() + parts.uri.query().map_or(0, str::len)
}

/// Copies the texts of a head, which are parts of the read buffer of their connection.
///
/// That has up to 64 KiB, and stays for as long as one of its texts.
pub(in crate::transport::http) fn detach_head(parts: &mut Arc<Parts>) {
    let parts = Arc::make_mut(parts);
    let mut texts = BytesMut::with_capacity(parts.headers.values().map(HeaderValue::len).sum());
    for value in parts.headers.values_mut() {
        texts.extend_from_slice(value.as_bytes());
        if let Ok(mut copy) = HeaderValue::from_maybe_shared(texts.split().freeze()) {
            copy.set_sensitive(value.is_sensitive());
            *value = copy;
        }
    }
    if let Ok(copy) = parts.uri.to_string().try_into() {
        parts.uri = copy;
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use http::{Request, Uri};

    use super::*;

    #[test]
    fn a_head_that_is_kept_shares_no_buffer() {
        let read = Bytes::from(b"/mcp?a=b one two".to_vec());
        let uri = Uri::from_maybe_shared(read.slice(..8)).expect("a URI");
        let mut request = Request::builder().uri(uri).body(()).expect("a request");
        for text in [read.slice(9..12), read.slice(13..)] {
            request.headers_mut().append("x", HeaderValue::from_maybe_shared(text).expect("a value"));
        }
        let mut parts = Arc::new(request.into_parts().0);
        let bytes = bytes_of_head(&parts);
        detach_head(&mut parts);
        assert!(read.is_unique());
        assert_eq!(parts.uri, "/mcp?a=b");
        assert_eq!(parts.headers.get_all("x").iter().collect::<Vec<_>>(), ["one", "two"]);
        assert_eq!(bytes_of_head(&parts), bytes);
    }
}
