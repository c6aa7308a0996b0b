//! The socket of a connection, which ends it when its client stops reading.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use hyper::rt::{Read, ReadBufCursor, Write};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::time::{Instant, Sleep, sleep_until};

use super::activity::Activity;

/// The least progress of a client that reads a response.
#[derive(Debug, Clone, Copy)]
pub(super) struct WriteLimits {
    /// The bytes that it reads in each timeout.
    pub(super) bytes: usize,
    /// The time for which the server waits, perhaps in several pieces.
    pub(super) timeout: Duration,
}

/// The socket of a connection. A write is an error if its client reads too slowly.
pub(super) struct Socket {
    stream: TokioIo<TcpStream>,
    /// Bytes that were read before, and are read again first.
    unread: Bytes,
    activity: Arc<Activity>,
    limits: WriteLimits,
    /// The rest of the timeout, from the first wait until the client has read enough.
    timer: Option<Pin<Box<Sleep>>>,
}

impl Socket {
    pub(super) fn new(stream: TcpStream, unread: Bytes, activity: Arc<Activity>, limits: WriteLimits) -> Self {
        Self { stream: TokioIo::new(stream), unread, activity, limits, timer: None }
    }

    pub(super) fn into_stream(self) -> TcpStream {
        self.stream.into_inner()
    }

    /// Runs the timeout while a write has to wait, and ends it when enough was written.
    fn watch(&mut self, cx: &mut Context<'_>, written: Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
        match written {
            Poll::Ready(_) if self.timer.is_none() => written,
            Poll::Ready(ref result) => {
                self.progress(result.as_ref().copied().unwrap_or_default());
                written
            }
            Poll::Pending => self.wait(cx).map(|()| Err(io::ErrorKind::TimedOut.into())),
        }
    }

    /// Stops the timeout, and ends it when enough was written.
    fn progress(&mut self, bytes: usize) {
        let mut state = self.activity.state();
        let mut stall = state.stall.unwrap_or_default();
        stall.written += bytes;
        if let Some(since) = stall.since.take() {
            stall.waited += since.elapsed();
            // The client can send its next request only now.
            state.waiting_since = state.waiting_since.map(|_| Instant::now());
        }
        state.stall = (stall.written < self.limits.bytes).then_some(stall);
        if state.stall.is_none() {
            self.timer = None;
        }
    }

    /// Completes at the timeout.
    fn wait(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let mut state = self.activity.state();
        let stall = state.stall.get_or_insert_default();
        if stall.since.is_none() {
            let now = Instant::now();
            stall.since = Some(now);
            let end = now + self.limits.timeout.saturating_sub(stall.waited);
            match &mut self.timer {
                Some(timer) => timer.as_mut().reset(end),
                timer => *timer = Some(Box::pin(sleep_until(end))),
            }
        }
        drop(state);
        self.timer.as_mut().map_or(Poll::Pending, |timer| timer.as_mut().poll(cx))
    }
}

impl Read for Socket {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, mut buf: ReadBufCursor<'_>) -> Poll<io::Result<()>> {
        if !self.unread.is_empty() {
            let length = buf.remaining().min(self.unread.len());
            buf.put_slice(&self.unread.split_to(length));
            self.activity.state().has_begun = true;
            return Poll::Ready(Ok(()));
        }
        let read = Pin::new(&mut self.stream).poll_read(cx, buf);
        if read.is_ready() {
            self.activity.state().has_begun = true;
        }
        read
    }
}

impl Write for Socket {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(cx, buf);
        self.watch(cx, written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(cx, bufs);
        self.watch(cx, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
