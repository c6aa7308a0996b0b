//! Tests of questions on an open connection.

use std::sync::LazyLock;
use std::task::{Context, Poll, Waker};

use serde_json::json;

use super::*;
use crate::budget::Budget;
use crate::limits::Limits;
use crate::protocol::message::{DEFAULT_MAX_DEPTH, Message};
use crate::protocol::roots::ListRootsResult;
use crate::server::exchange::{Exchange, ServerMessage};

fn question(key: &str) -> KeyedRequest {
    let request = InputRequest::new::<ListRootsResult>("roots/list", &json!({}));
    KeyedRequest { key: key.to_owned(), request, once: false, required: false }
}

/// Returns a permit like which the questions have one.
fn buffer() -> &'static Permit {
    static BUFFER: LazyLock<Permit> = LazyLock::new(|| Budget::new(Limits::default().budget()).buffered.empty(None));
    &BUFFER
}

/// Polls a future once.
fn poll<F: Future>(future: std::pin::Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(Waker::noop()))
}

/// Returns the buffered messages.
fn said(outbox: &Outbox) -> Vec<String> {
    let mut exchange = Exchange::new(Box::pin(std::future::pending::<()>()), outbox.clone());
    let mut said = Vec::new();
    while let Poll::Ready(ServerMessage::Message(message, _)) = poll(std::pin::pin!(exchange.next())) {
        said.push(String::from_utf8(message).expect("UTF-8"));
    }
    said
}

/// Delivers an answer to the question with this id.
fn resolve(open: &OpenQuestions, id: &str, outcome: &str) -> Result<(), String> {
    let message = format!(r#"{{"jsonrpc":"2.0","id":{id},{outcome}}}"#).into();
    let Ok(Message::Response(response)) = Message::parse(&message, DEFAULT_MAX_DEPTH) else { panic!("{message:?}") };
    open.resolve(&response).map_err(|error| error.message().to_owned())
}

const LONG: Duration = Duration::MAX;

const UNKNOWN: &str = "Invalid request: no question with this `id` waits for an answer";

fn id(text: &str) -> u64 {
    text.split(',').next().and_then(|id| id.parse().ok()).expect("an id")
}

#[tokio::test]
async fn answers_find_their_questions_in_any_order() {
    let (open, outbox) = (OpenQuestions::default(), Outbox::default());
    let mut asking = std::pin::pin!(open.ask(&outbox, buffer(), vec![question("a"), question("b")], LONG));
    assert!(poll(asking.as_mut()).is_pending());
    assert_eq!(
        said(&outbox),
        [1, 2].map(|id| format!(r#"{{"jsonrpc":"2.0","id":{id},"method":"roots/list","params":{{}}}}"#))
    );
    assert_eq!(resolve(&open, "2", r#""result":{"roots":[],"n":2}"#), Ok(()));
    assert!(poll(asking.as_mut()).is_pending());
    for nobodys in ["2", "3", "\"1\"", "-1"] {
        let refused = resolve(&open, nobodys, r#""result":{"roots":[]}"#);
        assert_eq!(refused, Err(UNKNOWN.to_owned()), "{nobodys}");
    }
    assert_eq!(resolve(&open, "1", r#""result":{"roots":[],"n":1}"#), Ok(()));
    let Poll::Ready(Ok(answers)) = poll(asking.as_mut()) else { panic!("not answered") };
    let answers: Vec<_> = answers.iter().map(|answer| answer.get()).collect();
    assert_eq!(answers, [r#"{"roots":[],"n":1}"#, r#"{"roots":[],"n":2}"#]);
    assert_eq!(said(&outbox), Vec::<String>::new());
}

#[tokio::test]
async fn a_question_is_forgotten_with_its_asker_and_the_client_is_told() {
    let (open, outbox) = (OpenQuestions::default(), Outbox::default());
    let mut asking = Box::pin(open.ask(&outbox, buffer(), vec![question("a"), question("b")], LONG));
    assert!(poll(asking.as_mut()).is_pending());
    assert_eq!(resolve(&open, "1", r#""error":{"code":-1,"message":"no"}"#), Ok(()));
    let Poll::Ready(Err(error)) = poll(asking.as_mut()) else { panic!("answered") };
    assert_eq!(error.message(), "The client did not answer `a`: no");
    drop(asking);
    let cancelled = r#"{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":2}}"#;
    assert_eq!(said(&outbox).last().map(String::as_str), Some(cancelled));
    assert!(locked(&open.table).by_id.is_empty());
    assert_eq!(resolve(&open, "2", r#""result":{"roots":[]}"#), Err(UNKNOWN.to_owned()), "too late");
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_was_accepted_is_taken_and_a_late_one_is_refused() {
    let (open, outbox) = (OpenQuestions::default(), Outbox::default());
    let limit = Duration::from_secs(60);
    for (id, is_late) in [("1", false), ("2", true)] {
        let mut asking = std::pin::pin!(open.ask(&outbox, buffer(), vec![question("a")], limit));
        assert!(poll(asking.as_mut()).is_pending());
        let answer = || resolve(&open, id, r#""result":{"roots":[]}"#);
        if !is_late {
            assert_eq!(answer(), Ok(()));
        }
        // Both are there when the method looks.
        tokio::time::advance(limit).await;
        let Poll::Ready(result) = poll(asking.as_mut()) else { panic!("it still waits") };
        if is_late {
            let error = result.expect_err("too late");
            assert_eq!(error.message(), "The client did not answer `a`: it took longer than 60s");
            assert_eq!(answer(), Err(UNKNOWN.to_owned()));
        } else {
            assert_eq!(result.expect("in time").len(), 1);
        }
    }
}

#[tokio::test]
async fn a_result_of_another_method_is_refused_at_both_ends() {
    let (open, outbox) = (OpenQuestions::default(), Outbox::default());
    for (id, result, why) in [
        ("1", "5", "it must be an object"),
        ("2", "[]", "it must be an object"),
        ("3", r#"{"action":"accept"}"#, "missing field `roots`"),
        ("4", r#"{"roots":[{}]}"#, "missing field `uri`"),
    ] {
        let mut asking = std::pin::pin!(open.ask(&outbox, buffer(), vec![question("a")], LONG));
        assert!(poll(asking.as_mut()).is_pending());
        let refused = resolve(&open, id, &format!(r#""result":{result}"#));
        assert_eq!(refused, Err(format!("Invalid params: the answer to question {id}: {why}")));
        // Whoever asked reads it, and finds the same.
        let Poll::Ready(Ok(answers)) = poll(asking.as_mut()) else { panic!("nobody waits any more") };
        assert_eq!(answers[0].get(), result);
    }
}

#[tokio::test]
async fn nobody_waits_for_a_client_that_has_left() {
    let (open, outbox) = (OpenQuestions::starting_at(u64::MAX), Outbox::default());
    let mut asking = std::pin::pin!(open.ask(&outbox, buffer(), vec![question("a")], LONG));
    assert!(poll(asking.as_mut()).is_pending());
    open.close();
    assert!(matches!(poll(asking.as_mut()), Poll::Ready(Err(_))));
    let mut later = std::pin::pin!(open.ask(&outbox, buffer(), vec![question("b")], LONG));
    assert!(matches!(poll(later.as_mut()), Poll::Ready(Err(_))));
    let ids: Vec<_> = said(&outbox).iter().map(|message| message.split("\"id\":").nth(1).map(id)).collect();
    assert_eq!(ids, [Some(1 << 52), Some((1 << 52) + 1)]);
}
