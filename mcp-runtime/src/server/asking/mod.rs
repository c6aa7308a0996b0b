//! How a question gets to the client, and its answer back: in rounds since 2026-07-28, and on the open connection before.

pub(crate) mod form;
pub(crate) mod question;
pub(crate) mod state;
pub(crate) mod used_states;

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use serde::de::DeserializeOwned;
use serde::{Serialize, Serializer};
use serde_json::value::RawValue;
use tokio::sync::oneshot;

use self::state::{Answer, Answers, Learnt, Origin, StateRules, digest_of_question};
use self::used_states::{Ticket, Use};
use super::exchange::Outbox;
use super::tasks::TaskSlot;
use crate::json::read::{is_object, without_position};
use crate::json::truncate::truncated;
use crate::lock::locked;
use crate::protocol::error::{Error, INTERNAL_ERROR};
use crate::protocol::message::Response;
use crate::protocol::params::Params;
use crate::protocol::response::{ResultBody, push};

/// A request to the client.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct InputRequest {
    method: &'static str,
    params: Box<RawValue>,
    /// Returns the mistake in a result of this method, whatever was asked in particular.
    #[serde(skip)]
    check: fn(&RawValue) -> Result<(), String>,
}

impl InputRequest {
    /// A request whose result is an `R`.
    #[expect(clippy::expect_used, reason = "the params are of types of this crate, which have a JSON form")]
    pub(super) fn new<R: DeserializeOwned>(method: &'static str, params: &impl Serialize) -> Self {
        let params = serde_json::value::to_raw_value(params).expect("params");
        Self { method, params, check: |raw| read::<R>(raw).map(drop) }
    }

    /// Returns a digest of the whole request.
    fn digest(&self) -> String {
        digest_of_question(self.method, &self.params)
    }
}

/// A request to the client, and how its answer is treated.
#[doc(hidden)]
#[derive(Debug)]
pub struct KeyedRequest {
    /// The answer is found by it.
    pub(super) key: String,
    pub(super) request: InputRequest,
    /// Each answer is good for one run of the method.
    pub(super) once: bool,
    /// Without an answer, the request makes no sense to the client.
    pub(super) required: bool,
}

/// `inputRequests`: an object of questions by their keys, in the order in which they were asked.
pub(super) struct InputRequests<I>(pub(super) I);

impl<'a, I: Iterator<Item = (&'a str, &'a InputRequest)> + Clone> Serialize for InputRequests<I> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.clone())
    }
}

/// What a client answered, as it came.
pub(crate) type Answered = Box<RawValue>;

/// The answer of a client, as the object that it must be.
pub(super) fn read<T: DeserializeOwned>(raw: &RawValue) -> Result<T, String> {
    if !is_object(raw) {
        return Err("it must be an object".to_owned());
    }
    serde_json::from_str(raw.get()).map_err(|error| truncated(&without_position(&error)).to_owned())
}

/// The error of a method whose client takes too long to answer.
pub(super) fn not_in_time(key: &str, timeout: Duration) -> Error {
    Error::tool(format!("The client did not answer `{key}`: it took longer than {timeout:?}"))
}

/// Asks the client of a request.
pub(crate) struct Asker {
    way: Asking,
    outbox: Outbox,
    /// Limits how long the client may take to answer while the method waits.
    timeout: Duration,
    pub(super) task: TaskSlot,
    /// The keys of all questions so far.
    keys: Mutex<HashSet<String>>,
}

/// How the client of a request is asked.
pub(crate) enum Asking {
    /// The request ends with its questions, and is made again with the answers.
    Rounds(Box<Rounds>),
    /// Questions are requests of the server, which the client answers on its own.
    Live(Arc<Pending>),
    /// There is no way to the client.
    Nobody,
    /// This request is not one during which the client can be asked.
    Never,
}

impl Asker {
    pub(crate) fn new(way: Asking, outbox: Outbox, timeout: Duration) -> Arc<Self> {
        Arc::new(Self { way, outbox, timeout, task: TaskSlot::default(), keys: Mutex::default() })
    }

    /// Asks several questions at once, and gives their answers in the same order.
    pub(crate) async fn ask(&self, questions: Vec<KeyedRequest>) -> Result<Vec<Answered>, Error> {
        for KeyedRequest { key, .. } in &questions {
            if !locked(&self.keys).insert(key.clone()) {
                return Err(Error::internal(format!(
                    "Two questions of this request have the key `{key}`; each needs one of its own"
                )));
            }
        }
        if let Some(task) = self.task.begun() {
            return task.ask(questions, self.timeout).await;
        }
        match &self.way {
            Asking::Rounds(rounds) => rounds.ask(questions, SystemTime::now()),
            Asking::Live(pending) => pending.ask(&self.outbox, questions, self.timeout).await,
            Asking::Nobody if questions.iter().any(|question| question.required) => {
                Err(Error::internal("There is no way to ask this client"))
            }
            Asking::Nobody => Err(Error::internal("There is no way to ask this client").unaskable()),
            Asking::Never => Err(Error::internal("Only a tool, a prompt or a resource can ask the client")),
        }
    }
}

impl Asker {
    /// Begins the result that asks the client, if the request has to end with questions.
    pub(crate) fn end(&self, rules: &StateRules, now: SystemTime) -> Option<Result<ResultBody, Error>> {
        match &self.way {
            Asking::Rounds(rounds) => rounds.end(rules, now),
            _ => None,
        }
    }
}

/// The rounds of a request so far (MCP 2026-07-28, "Multi Round-Trip Requests").
pub(crate) struct Rounds {
    origin: Origin,
    /// The end of the last round, out of the sealed state, if there is one.
    last: Option<(Learnt, Ticket)>,
    /// What this round brought. Nobody looks at what was not asked.
    given: Answers,
    round: Mutex<Round>,
}

#[derive(Default)]
struct Round {
    /// The answers that were used, for the state of the next round.
    used: HashMap<String, Answer>,
    /// The questions that have no answer yet, with their keys.
    open: Vec<(String, InputRequest)>,
    /// The use of the ticket, once an answer that is good once was taken.
    ticket: Option<Use>,
}

impl Rounds {
    pub(crate) fn first(origin: Origin) -> Self {
        Self { origin, last: None, given: Answers::new(), round: Mutex::default() }
    }

    /// Takes up a request where the last round ended.
    pub(crate) fn resume(
        rules: &StateRules,
        origin: Origin,
        params: &Params<'_>,
        now: SystemTime,
    ) -> Result<Self, Error> {
        let given = match params.input_responses {
            None => Answers::new(),
            Some(raw) if is_object(raw) => serde_json::from_str(raw.get())
                .map_err(|_| Error::invalid_params("Invalid params: `inputResponses` can't be read"))?,
            Some(_) => return Err(Error::invalid_params("Invalid params: `inputResponses` must be an object")),
        };
        let last = params.request_state()?.map(|text| rules.open(&text, &origin, now)).transpose()?;
        Ok(Self { origin, last, given, round: Mutex::default() })
    }

    fn ask(&self, questions: Vec<KeyedRequest>, now: SystemTime) -> Result<Vec<Answered>, Error> {
        let mut round = locked(&self.round);
        let (count, mut answers) = (questions.len(), Vec::new());
        for KeyedRequest { key, request, once, .. } in questions {
            let question = request.digest();
            let found = match self.find(&key, &question) {
                Some(_) if once && !self.use_state(&mut round, &key, now)? => None,
                found => found,
            };
            match found {
                Some(answer) => {
                    answers.push(answer.clone());
                    round.used.insert(key, Answer { question, answer: answer.clone() });
                }
                None => round.open.push((key, request)),
            }
        }
        if answers.len() < count {
            return Err(Error::internal("The client has to answer first; a handler passes this error on, with `?`"));
        }
        Ok(answers)
    }

    /// The answer to this question.
    fn find(&self, key: &str, question: &str) -> Option<&Answered> {
        // A client may answer before it is asked, and then nobody knows what it took the question for.
        let Some((learnt, _)) = &self.last else { return self.given.get(key) };
        // What was answered once stays as it is, so that every round goes the same way up to its end.
        if let Some(known) = learnt.answers.get(key).filter(|known| known.question == question) {
            return Some(&known.answer);
        }
        let given = self.given.get(key)?;
        let is_asked = learnt.open.get(key).is_some_and(|asked| asked == question);
        if !is_asked {
            tracing::debug!(key, "an answer was not taken, because it is not one to what is asked now");
        }
        is_asked.then_some(given)
    }

    /// Uses the state for an answer that is good once, however many of those there are. Says whether it is good; if
    /// not, the client is asked again.
    fn use_state(&self, round: &mut Round, key: &str, now: SystemTime) -> Result<bool, Error> {
        // Without a state, it could be given any number of times.
        let Some((_, ticket)) = &self.last else { return Ok(false) };
        let used = match round.ticket.take() {
            Some(used) => used,
            None => ticket.redeem(now)?,
        };
        match round.ticket.insert(used) {
            Use::First => Ok(true),
            Use::Unknown => Ok(false),
            Use::Again => {
                let key = truncated(key);
                Err(Error::invalid_params(format!("Invalid params: the answer to `{key}` was used before; start anew")))
            }
        }
    }

    /// Begins the result that asks the client, if there is something to ask.
    fn end(&self, rules: &StateRules, now: SystemTime) -> Option<Result<ResultBody, Error>> {
        let round = locked(&self.round);
        // Asking for the rest would make a new state of one that was used.
        if round.open.is_empty() || round.ticket == Some(Use::Again) {
            return None;
        }
        let learnt = Learnt {
            answers: round.used.clone(),
            open: round.open.iter().map(|(key, question)| (key.clone(), question.digest())).collect(),
        };
        Some(rules.seal(&self.origin, &learnt, now).map(|state| {
            let mut body = ResultBody::new();
            body.member("inputRequests", &InputRequests(round.open.iter().map(|(key, question)| (&**key, question))));
            body.member("requestState", &state);
            body
        }))
    }
}

/// Questions that wait for the answer of a client, one of these for each connection or session.
#[derive(Default)]
pub(crate) struct Pending {
    waiting: Mutex<Waiting>,
}

#[derive(Default)]
struct Waiting {
    last_id: u64,
    by_id: HashMap<u64, PendingQuestion>,
    closed: bool,
}

struct PendingQuestion {
    check: fn(&RawValue) -> Result<(), String>,
    answer: oneshot::Sender<Result<Answered, Error>>,
}

impl Pending {
    /// The first question has an id near this one, so that late answers to those of somebody before find nobody.
    pub(crate) fn starting_at(id: u64) -> Self {
        // Clients in JavaScript know no larger integers.
        let last_id = id % (1 << 52);
        Self { waiting: Mutex::new(Waiting { last_id, ..Waiting::default() }) }
    }

    /// Hands an answer to whoever asked.
    ///
    /// # Errors
    /// When it can't be accepted: nobody waits for it, or it is no result of the method that was asked. In the latter
    /// case, whoever asked gets an error, too.
    pub(crate) fn resolve(&self, response: &Response<'_>) -> Result<(), Error> {
        let unknown = || Error::invalid_request("Invalid request: no question with this `id` waits for an answer");
        let id: u64 = response.id.and_then(|id| id.as_json().parse().ok()).ok_or_else(unknown)?;
        let question = locked(&self.waiting).by_id.remove(&id).ok_or_else(unknown)?;
        let outcome = match &response.outcome {
            Ok(result) => Ok((*result).to_owned()),
            Err(error) => Err(Error::new(error.code().unwrap_or(INTERNAL_ERROR), error.message().to_owned())),
        };
        let fits = outcome.as_ref().map_or(Ok(()), |result| (question.check)(result));
        question.answer.send(outcome).map_err(|_| unknown())?;
        fits.map_err(|why| Error::invalid_params(format!("Invalid params: the answer to question {id}: {why}")))
    }

    /// There is nobody left who could answer.
    pub(crate) fn close(&self) {
        let mut waiting = locked(&self.waiting);
        waiting.closed = true;
        waiting.by_id.clear();
    }

    async fn ask(
        &self,
        outbox: &Outbox,
        questions: Vec<KeyedRequest>,
        timeout: Duration,
    ) -> Result<Vec<Answered>, Error> {
        let asked: Vec<_> =
            questions.iter().map(|question| (&question.key, self.send(outbox, &question.request))).collect();
        let mut time = std::pin::pin!(tokio::time::sleep(timeout));
        let mut answers = Vec::with_capacity(asked.len());
        for (key, mut asked) in asked {
            let answer = tokio::select! {
                biased;
                answer = &mut asked.receiver => answer,
                () = &mut time => {
                    if asked.withdraw() {
                        return Err(not_in_time(key, timeout));
                    }
                    // It was accepted, and is just being handed over.
                    (&mut asked.receiver).await
                }
            };
            let answer = answer.unwrap_or_else(|_| Err(Error::internal("it has left")));
            answers.push(
                answer
                    .map_err(|error| Error::tool(format!("The client did not answer `{key}`: {}", error.message())))?,
            );
        }
        Ok(answers)
    }

    fn send<'p>(&'p self, outbox: &'p Outbox, question: &InputRequest) -> Asked<'p> {
        #[derive(Serialize)]
        struct Message<'a> {
            jsonrpc: &'static str,
            id: u64,
            #[serde(flatten)]
            question: &'a InputRequest,
        }
        let (sender, receiver) = oneshot::channel();
        let mut waiting = locked(&self.waiting);
        waiting.last_id += 1;
        let id = waiting.last_id;
        if !waiting.closed {
            waiting.by_id.insert(id, PendingQuestion { check: question.check, answer: sender });
        }
        drop(waiting);
        let mut out = Vec::new();
        push(&mut out, &Message { jsonrpc: "2.0", id, question });
        outbox.send(out);
        Asked { pending: self, outbox, id, receiver }
    }
}

/// A question that is on its way. When the method no longer waits for its answer, the client is told.
struct Asked<'p> {
    pending: &'p Pending,
    outbox: &'p Outbox,
    id: u64,
    receiver: oneshot::Receiver<Result<Answered, Error>>,
}

impl Asked<'_> {
    /// Asks no longer, and tells the client. Says whether there was no answer yet.
    fn withdraw(&self) -> bool {
        let is_open = locked(&self.pending.waiting).by_id.remove(&self.id).is_some();
        if is_open {
            let id = self.id;
            let cancelled = r#"{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":"#;
            self.outbox.send(format!("{cancelled}{id}}}}}").into_bytes());
        }
        is_open
    }
}

impl Drop for Asked<'_> {
    fn drop(&mut self) {
        self.withdraw();
    }
}

#[cfg(test)]
mod tests {
    use std::task::{Context, Poll, Waker};

    use serde_json::json;

    use super::*;
    use crate::protocol::message::{DEFAULT_MAX_DEPTH, Message};
    use crate::protocol::roots::ListRootsResult;
    use crate::server::exchange::{Exchange, Said};

    fn question(key: &str) -> KeyedRequest {
        let request = InputRequest::new::<ListRootsResult>("roots/list", &json!({}));
        KeyedRequest { key: key.to_owned(), request, once: false, required: false }
    }

    #[test]
    fn questions_are_written_in_the_order_in_which_they_were_asked() {
        let asked = [question("when"), question("how")];
        let mut out = Vec::new();
        push(&mut out, &InputRequests(asked.iter().map(|question| (&*question.key, &question.request))));
        let expected = r#"{"when":{"method":"roots/list","params":{}},"how":{"method":"roots/list","params":{}}}"#;
        assert_eq!(String::from_utf8(out).expect("JSON"), expected);
    }

    /// Polls once.
    fn poll<F: Future>(future: std::pin::Pin<&mut F>) -> Poll<F::Output> {
        future.poll(&mut Context::from_waker(Waker::noop()))
    }

    /// What waits to be said.
    fn said(outbox: &Outbox) -> Vec<String> {
        let mut exchange = Exchange::new(Box::pin(std::future::pending::<()>()), outbox.clone());
        let mut said = Vec::new();
        while let Poll::Ready(Said::Message(message)) = poll(std::pin::pin!(exchange.next())) {
            said.push(String::from_utf8(message).expect("UTF-8"));
        }
        said
    }

    /// Hands over an answer to the question with this id.
    fn resolve(pending: &Pending, id: &str, outcome: &str) -> Result<(), String> {
        let message = format!(r#"{{"jsonrpc":"2.0","id":{id},{outcome}}}"#).into();
        let Ok(Message::Response(response)) = Message::parse(&message, DEFAULT_MAX_DEPTH) else {
            panic!("{message:?}")
        };
        pending.resolve(&response).map_err(|error| error.message().to_owned())
    }

    const LONG: Duration = Duration::MAX;

    const UNKNOWN: &str = "Invalid request: no question with this `id` waits for an answer";

    fn id(text: &str) -> u64 {
        text.split(',').next().and_then(|id| id.parse().ok()).expect("an id")
    }

    #[tokio::test]
    async fn answers_find_their_questions_in_any_order() {
        let (pending, outbox) = (Pending::default(), Outbox::default());
        let mut asking = std::pin::pin!(pending.ask(&outbox, vec![question("a"), question("b")], LONG));
        assert!(poll(asking.as_mut()).is_pending());
        assert_eq!(
            said(&outbox),
            [1, 2].map(|id| format!(r#"{{"jsonrpc":"2.0","id":{id},"method":"roots/list","params":{{}}}}"#))
        );
        assert_eq!(resolve(&pending, "2", r#""result":{"roots":[],"n":2}"#), Ok(()));
        assert!(poll(asking.as_mut()).is_pending());
        for nobodys in ["2", "3", "\"1\"", "-1"] {
            let refused = resolve(&pending, nobodys, r#""result":{"roots":[]}"#);
            assert_eq!(refused, Err(UNKNOWN.to_owned()), "{nobodys}");
        }
        assert_eq!(resolve(&pending, "1", r#""result":{"roots":[],"n":1}"#), Ok(()));
        let Poll::Ready(Ok(answers)) = poll(asking.as_mut()) else { panic!("not answered") };
        let answers: Vec<_> = answers.iter().map(|answer| answer.get()).collect();
        assert_eq!(answers, [r#"{"roots":[],"n":1}"#, r#"{"roots":[],"n":2}"#]);
        assert_eq!(said(&outbox), Vec::<String>::new());
    }

    #[tokio::test]
    async fn a_question_is_forgotten_with_its_asker_and_the_client_is_told() {
        let (pending, outbox) = (Pending::default(), Outbox::default());
        let mut asking = Box::pin(pending.ask(&outbox, vec![question("a"), question("b")], LONG));
        assert!(poll(asking.as_mut()).is_pending());
        assert_eq!(resolve(&pending, "1", r#""error":{"code":-1,"message":"no"}"#), Ok(()));
        let Poll::Ready(Err(error)) = poll(asking.as_mut()) else { panic!("answered") };
        assert_eq!(error.message(), "The client did not answer `a`: no");
        drop(asking);
        let cancelled = r#"{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":2}}"#;
        assert_eq!(said(&outbox).last().map(String::as_str), Some(cancelled));
        assert!(locked(&pending.waiting).by_id.is_empty());
        assert_eq!(resolve(&pending, "2", r#""result":{"roots":[]}"#), Err(UNKNOWN.to_owned()), "too late");
    }

    #[tokio::test(start_paused = true)]
    async fn an_answer_that_was_accepted_is_taken_and_a_late_one_is_refused() {
        let (pending, outbox) = (Pending::default(), Outbox::default());
        let limit = Duration::from_secs(60);
        for (id, is_late) in [("1", false), ("2", true)] {
            let mut asking = std::pin::pin!(pending.ask(&outbox, vec![question("a")], limit));
            assert!(poll(asking.as_mut()).is_pending());
            let answer = || resolve(&pending, id, r#""result":{"roots":[]}"#);
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
        let (pending, outbox) = (Pending::default(), Outbox::default());
        for (id, result, why) in [
            ("1", "5", "it must be an object"),
            ("2", "[]", "it must be an object"),
            ("3", r#"{"action":"accept"}"#, "missing field `roots`"),
            ("4", r#"{"roots":[{}]}"#, "missing field `uri`"),
        ] {
            let mut asking = std::pin::pin!(pending.ask(&outbox, vec![question("a")], LONG));
            assert!(poll(asking.as_mut()).is_pending());
            let refused = resolve(&pending, id, &format!(r#""result":{result}"#));
            assert_eq!(refused, Err(format!("Invalid params: the answer to question {id}: {why}")));
            // Whoever asked reads it, and finds the same.
            let Poll::Ready(Ok(answers)) = poll(asking.as_mut()) else { panic!("nobody waits any more") };
            assert_eq!(answers[0].get(), result);
        }
    }

    #[tokio::test]
    async fn nobody_waits_for_a_client_that_has_left() {
        let (pending, outbox) = (Pending::starting_at(u64::MAX), Outbox::default());
        let mut asking = std::pin::pin!(pending.ask(&outbox, vec![question("a")], LONG));
        assert!(poll(asking.as_mut()).is_pending());
        pending.close();
        assert!(matches!(poll(asking.as_mut()), Poll::Ready(Err(_))));
        let mut later = std::pin::pin!(pending.ask(&outbox, vec![question("b")], LONG));
        assert!(matches!(poll(later.as_mut()), Poll::Ready(Err(_))));
        let ids: Vec<_> = said(&outbox).iter().map(|message| message.split("\"id\":").nth(1).map(id)).collect();
        assert_eq!(ids, [Some(1 << 52), Some((1 << 52) + 1)]);
    }
}
