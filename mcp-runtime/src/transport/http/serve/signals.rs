//! The signals that stop a server.

use std::io;

/// The way in which a server stops.
pub(super) enum Stop {
    /// No further connection is accepted.
    AtOnce,
    /// Connections are accepted for some time more.
    AfterDelay,
}

/// Completes when the process was asked to stop so many times. The handlers are in place when this returns.
///
/// A supervisor sends SIGTERM, and load balancers learn of it later. A person who presses Ctrl-C waits for the end.
#[cfg(unix)]
pub(super) fn signals(count: usize) -> io::Result<impl Future<Output = Stop>> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    Ok(async move {
        let mut stop = Stop::AtOnce;
        for _ in 0..count {
            tokio::select! {
                _ = interrupt.recv() => stop = Stop::AtOnce,
                _ = terminate.recv() => stop = Stop::AfterDelay,
            }
        }
        stop
    })
}

/// Completes when the process was asked to stop so many times. The handlers are in place when this returns.
#[cfg(windows)]
pub(super) fn signals(count: usize) -> io::Result<impl Future<Output = Stop>> {
    let mut interrupt = tokio::signal::windows::ctrl_c()?;
    Ok(async move {
        for _ in 0..count {
            interrupt.recv().await;
        }
        Stop::AtOnce
    })
}
