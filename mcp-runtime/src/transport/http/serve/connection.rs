//! One connection, from its first byte to its end.

use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use hyper::server::conn::http1;
use tokio::io::ReadBuf;
use tokio::net::TcpStream;
use tokio::time::Instant;

use super::activity::{Activity, Closing, HeadTimer};
use super::alarm::Alarm;
use super::service::SiteService;
use super::socket::{Socket, WriteLimits};
use crate::auth::gate::Gate;
use crate::limits::Limits;
use crate::transport::http::response::expiry::A_YEAR;

/// Limits the rest of a head once the connection has to close: it may be on its way, in another packet.
const LAST_HEADS: Duration = Duration::from_secs(1);

/// The time without a request after which the buffers of a connection are freed.
const REST_AFTER: Duration = Duration::from_secs(1);

/// The smallest buffer that hyper accepts, in bytes.
const MIN_HEAD_BYTES: usize = 8 * 1024;

/// The limits of one connection.
#[derive(Debug, Clone, Copy)]
pub(super) struct ConnectionSettings {
    head_bytes: usize,
    header_timeout: Duration,
    idle_timeout: Duration,
    write: WriteLimits,
}

impl ConnectionSettings {
    pub(super) fn of(limits: &Limits) -> Self {
        Self {
            head_bytes: limits.request.head_bytes.max(MIN_HEAD_BYTES),
            // Clamped, because they are added to the current time, which has an end.
            header_timeout: limits.request.header_timeout.min(A_YEAR),
            idle_timeout: limits.connections.idle_timeout.min(A_YEAR),
            write: WriteLimits {
                timeout: limits.connections.write_timeout.min(A_YEAR),
                bytes: limits.connections.write_bytes,
            },
        }
    }
}

/// Runs a connection to its end.
///
/// While it waits for a request, it has no buffers, and no more memory than its socket needs.
pub(super) async fn run<G: Gate>(
    mut stream: TcpStream,
    service: SiteService<G>,
    activity: Arc<Activity>,
    settings: ConnectionSettings,
) {
    let (mut alarm, mut unread, mut is_new) = (Alarm::new(), Bytes::new(), true);
    activity.state().waiting_since = Some(Instant::now());
    poll_fn(|cx| {
        activity.set_waker(cx.waker());
        Poll::Ready(())
    })
    .await;
    loop {
        if unread.is_empty() && !receives(&stream, &activity, &mut alarm, settings.idle_timeout, is_new).await {
            match last_request(stream).await {
                Ok(last) => stream = last,
                Err(_) => return,
            }
        }
        is_new = false;
        let serving = Serving::new(stream, unread, service.clone(), Arc::clone(&activity), settings);
        match serving.run(&mut alarm).await {
            Some(rest) => (stream, unread) = rest,
            None => return,
        }
    }
}

/// Waits for the first byte of a request. Returns `false` if the connection has to close without one.
async fn receives(
    stream: &TcpStream,
    activity: &Activity,
    alarm: &mut Alarm,
    idle_timeout: Duration,
    is_new: bool,
) -> bool {
    let since = activity.state().waiting_since.unwrap_or_else(Instant::now);
    let mut first = [0];
    poll_fn(|cx| {
        // The runtime takes an accepted socket for readable, which only the system knows.
        if let Poll::Ready(peeked) = stream.poll_peek(cx, &mut ReadBuf::new(&mut first)) {
            return Poll::Ready(peeked.is_ok_and(|bytes| bytes > 0));
        }
        let end = match activity.state().closing {
            Closing::Never => since + idle_timeout,
            // The first request follows the connection in another packet.
            _ if is_new => since + idle_timeout.min(LAST_HEADS),
            _ => since,
        };
        alarm.poll_until(end, cx).map(|()| false)
    })
    .await
}

/// Returns the stream if a request has arrived of which the runtime does not know yet.
async fn last_request(stream: TcpStream) -> io::Result<TcpStream> {
    // The system knows. It does not wait, because the socket does not block.
    let stream = stream.into_std()?;
    if stream.peek(&mut [0])? == 0 {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    let stream = TcpStream::from_std(stream)?;
    stream.readable().await?;
    Ok(stream)
}

/// A connection with the buffers and the state of hyper.
struct Serving<G: Gate> {
    connection: http1::Connection<Socket, SiteService<G>>,
    activity: Arc<Activity>,
    settings: ConnectionSettings,
    /// The head of which a part has arrived: the time since which it is waited for, and its deadline.
    head: Option<(Instant, Instant)>,
    /// The deadline of every head, once the connection has to close.
    closes_at: Option<Instant>,
}

/// The reason why a connection is no longer polled.
enum Turn {
    /// It has ended.
    Over,
    /// It has to close after the request that it serves.
    Close,
    /// It has waited for a request since this time, and needs no buffers.
    Rest(Instant),
}

impl<G: Gate> Serving<G> {
    /// Not part of an `async fn`, which would have room for all of it even at rest.
    fn new(
        stream: TcpStream,
        unread: Bytes,
        service: SiteService<G>,
        activity: Arc<Activity>,
        settings: ConnectionSettings,
    ) -> Box<Self> {
        let socket = Socket::new(stream, unread, Arc::clone(&activity), settings.write);
        let connection = http1::Builder::new()
            .timer(HeadTimer(Arc::clone(&activity)))
            .header_read_timeout(HeadTimer::TIMEOUT)
            .max_buf_size(settings.head_bytes)
            .serve_connection(socket, service);
        Box::new(Self { connection, activity, settings, head: None, closes_at: None })
    }

    /// Serves requests until there is none for a while, and returns the socket and the bytes that were read from it.
    async fn run(mut self: Box<Self>, alarm: &mut Alarm) -> Option<(TcpStream, Bytes)> {
        loop {
            match poll_fn(|cx| self.poll_turn(cx, alarm)).await {
                Turn::Over => return None,
                Turn::Close => {
                    Pin::new(&mut self.connection).graceful_shutdown();
                    self.closes_at = Some(Instant::now() + LAST_HEADS);
                }
                Turn::Rest(since) => return Some(self.rest(since)),
            }
        }
    }

    fn rest(self: Box<Self>, since: Instant) -> (TcpStream, Bytes) {
        let Self { connection, activity, .. } = *self;
        let http1::Parts { io, read_buf, .. } = connection.into_parts();
        // hyper does not wait any more, but the connection does.
        activity.state().waiting_since = Some(since);
        (io.into_stream(), read_buf)
    }

    fn poll_turn(&mut self, cx: &mut Context<'_>, alarm: &mut Alarm) -> Poll<Turn> {
        if self.poll_connection(cx).is_ready() {
            return Poll::Ready(Turn::Over);
        }
        let state = self.activity.state();
        let (waiting_since, has_begun, is_stalled) = (state.waiting_since, state.has_begun, state.is_stalled());
        let closing = state.closing;
        drop(state);
        if closing == Closing::Now {
            return Poll::Ready(Turn::Over);
        }
        let must_close = closing == Closing::AfterRequest && self.closes_at.is_none();
        // A write that waits has a timeout of its own.
        let waiting_since = waiting_since.filter(|_| !is_stalled);
        if must_close {
            return Poll::Ready(match waiting_since {
                // hyper would drop a request that has arrived and is not read yet.
                Some(since) if !has_begun => Turn::Rest(since),
                _ => Turn::Close,
            });
        }
        let Some(since) = waiting_since else { return Poll::Pending };
        let deadline = match (self.closes_at, self.head) {
            (Some(end), _) => end,
            (None, _) if !has_begun => since + REST_AFTER,
            (None, Some((head, deadline))) if head == since => deadline,
            // The clock is read here, and not for the many heads that arrive whole.
            (None, _) => self.head.insert((since, Instant::now() + self.settings.header_timeout)).1,
        };
        if alarm.poll_until(deadline, cx).is_pending() {
            return Poll::Pending;
        }
        if self.closes_at.is_none() && !has_begun {
            return Poll::Ready(Turn::Rest(since));
        }
        tracing::debug!("connection ended: the head of a request took too long");
        Poll::Ready(Turn::Over)
    }

    fn poll_connection(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        Pin::new(&mut self.connection).poll(cx).map(|ended| {
            if let Err(error) = ended {
                tracing::debug!(%error, "connection ended");
            }
        })
    }
}
