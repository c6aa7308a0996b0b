//! The log of a test. A token or a secret in the log of any test ends the whole run.

use std::cell::RefCell;
use std::collections::HashSet;
use std::io::{self, Write};
use std::sync::{Mutex, Once, PoisonError};

use tracing_subscriber::filter::LevelFilter;

thread_local! {
    static LINES: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// Everything that this thread logs, and so a test whose runtime is this thread.
///
/// One subscriber serves all threads: with one for each, a thread that has none can decide for all of them that an
/// event is of no interest.
pub(crate) struct Log;

impl Log {
    pub(crate) fn start() -> Self {
        subscribe();
        LINES.with_borrow_mut(Vec::clear);
        Self
    }

    pub(crate) fn text(&self) -> String {
        LINES.with_borrow(|lines| String::from_utf8(lines.clone()).expect("a log in UTF-8"))
    }
}

fn subscribe() {
    static SUBSCRIBER: Once = Once::new();
    SUBSCRIBER.call_once(|| {
        tracing_subscriber::fmt().with_ansi(false).with_max_level(LevelFilter::TRACE).with_writer(|| ThisThread).init();
    });
}

/// The words that a log must not have. They are never forgotten, because a server can log at any time.
static SECRETS: Mutex<Option<HashSet<String>>> = Mutex::new(None);

/// From now on, none of the parts of this token, or of another secret, may be logged.
pub(crate) fn keep_secret(text: &str) {
    subscribe();
    // Shorter words are not secrets, but stand for what a parser has to refuse.
    let words = words(text).filter(|word| word.len() >= 8).map(str::to_owned);
    SECRETS.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert_default().extend(words);
}

/// A dot separates the parts of a JWT.
fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !(c.is_ascii_alphanumeric() || "-_~+/%".contains(c)))
}

fn leaks(line: &str) -> bool {
    let secrets = SECRETS.lock().unwrap_or_else(PoisonError::into_inner);
    secrets.as_ref().is_some_and(|secrets| words(line).any(|word| secrets.contains(word)))
}

struct ThisThread;

impl Write for ThisThread {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let line = String::from_utf8_lossy(bytes);
        if leaks(&line) {
            // A panic would be caught with those of handlers, and what is printed in a test is kept from people.
            let _ = writeln!(io::stderr(), "a secret was logged: {line}");
            std::process::exit(101);
        }
        LINES.with_borrow_mut(|lines| lines.write(bytes))
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_leak_is_noticed() {
    keep_secret("Bearer eyJleGFtcGxl.payload-of-it.c2lnbmF0dXJl");
    keep_secret("notes-server-secret");
    for line in [
        "token=eyJleGFtcGxl",
        "{\"token\":\"x.payload-of-it.y\"}",
        "Some(\"c2lnbmF0dXJl\")",
        "a \"notes-server-secret\" b",
    ] {
        assert!(leaks(line), "{line}");
    }
    assert!(!leaks("request refused reason=\"invalid\" token=ba7816bf8f01cfea414140de5dae2223 Bearer"));
}
