//! The loop that accepts connections.

use std::future::poll_fn;
use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::task::Poll;

use tokio::net::{TcpListener, TcpStream};

use super::connections::Connections;
use crate::auth::gate::Gate;
use crate::throttle::Throttle;

/// Limits the connections that are accepted from the queue of the listener at once.
const MAX_QUEUE: usize = 1024;

/// A listener, and the connections that it accepted.
pub(super) struct Acceptor<G> {
    listener: TcpListener,
    pub(super) connections: Connections<G>,
    /// The connection that was accepted beyond the limit, and is served as soon as another one ends.
    newcomer: Option<(TcpStream, SocketAddr)>,
    /// Set after the process had no file descriptor for a connection, until another one may have ended.
    lacks_descriptors: bool,
    failures: Throttle,
}

impl<G: Gate> Acceptor<G> {
    pub(super) fn new(listener: TcpListener, connections: Connections<G>) -> Self {
        Self { listener, connections, newcomer: None, lacks_descriptors: false, failures: Throttle::default() }
    }

    /// Accepts connections until `end` is ready, and returns its output.
    pub(super) async fn accept_until<T>(&mut self, end: impl Future<Output = T>) -> T {
        let mut end = pin!(end);
        loop {
            self.connections.reap();
            if !self.connections.is_full()
                && let Some((stream, peer)) = self.newcomer.take()
            {
                self.connections.serve(stream, peer);
            }
            let needs_room = self.newcomer.is_some() || self.lacks_descriptors;
            tokio::select! {
                biased;
                output = &mut end => return output,
                () = self.connections.wait(needs_room) => self.lacks_descriptors = false,
                accepted = self.listener.accept(), if !needs_room => self.receive(accepted),
            }
        }
    }

    /// Serves what is in the queue of the listener, and ends each connection after its request.
    pub(super) async fn close(&mut self) {
        tokio::task::yield_now().await;
        for _ in 0..MAX_QUEUE {
            match poll_fn(|cx| Poll::Ready(self.listener.poll_accept(cx))).await {
                Poll::Ready(Ok((stream, peer))) => self.connections.serve(stream, peer),
                _ => break,
            }
        }
        if let Some((stream, peer)) = self.newcomer.take() {
            self.connections.serve(stream, peer);
        }
        self.connections.close();
    }

    /// Closes the listener. What is in its queue is served, because a request may have arrived.
    pub(super) fn into_connections(self) -> io::Result<Connections<G>> {
        let Self { listener, mut connections, newcomer, .. } = self;
        if let Some((stream, peer)) = newcomer {
            connections.serve(stream, peer);
        }
        // The system knows of connections earlier than the runtime. It does not wait, because the socket does not block.
        let listener = listener.into_std()?;
        for _ in 0..MAX_QUEUE {
            let Ok((stream, peer)) = listener.accept() else { break };
            stream.set_nonblocking(true)?;
            connections.serve(TcpStream::from_std(stream)?, peer);
        }
        drop(listener);
        connections.close();
        Ok(connections)
    }

    fn receive(&mut self, accepted: io::Result<(TcpStream, SocketAddr)>) {
        use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
        match accepted {
            Ok(newcomer) => self.newcomer = Some(newcomer),
            Err(error) if matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset) => {}
            Err(error) => {
                self.lacks_descriptors = true;
                if let Some(suppressed) = self.failures.pass() {
                    tracing::error!(%error, suppressed, "a connection could not be accepted");
                }
            }
        }
    }
}
