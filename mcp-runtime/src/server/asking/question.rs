//! Questions of a handler, alone or several at once.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;

use serde_json::value::RawValue;

use super::Asker;
use super::request::{InputRequest, KeyedRequest, RawAnswer};
use crate::protocol::error::Error;

/// A question to the client, asked when it is awaited.
///
/// [`Context::ask`](crate::Context::ask) asks several questions at once.
///
/// # Errors
/// - When the client cannot be asked, because it lacks the capability or is unreachable. A tool reports this to the
///   model. A prompt, a resource or a [required](Self::required) question fails with -32021 for a missing capability,
///   and with an internal error otherwise.
/// - -32602 when the answer does not fit the question, or is valid [once](Self::once) and was used before.
/// - An internal error when two questions of a request have the same key, or when the question is invalid.
/// - An internal error during a completion, because completions cannot ask.
/// - An error for the model when the client refuses to answer, or exceeds
///   [`question_timeout`](crate::StateLimits::question_timeout).
/// - In protocol 2026-07-28, an error without an answer, which the handler must pass on. The client is then asked, and
///   the handler runs again.
#[must_use = "a question is asked when it is awaited: `.await?`"]
pub struct Question<T> {
    asker: Arc<Asker>,
    key: String,
    request: Result<InputRequest, Error>,
    once: bool,
    required: bool,
    read: Read<T>,
}

type Read<T> = Box<dyn FnOnce(&RawValue) -> Result<T, String> + Send>;

impl<T> Question<T> {
    /// Creates a question whose answer `read` parses, or refuses with a reason.
    pub(crate) fn new(
        asker: &Arc<Asker>,
        key: String,
        request: Result<InputRequest, Error>,
        read: impl FnOnce(&RawValue) -> Result<T, String> + Send + 'static,
    ) -> Self {
        Self { asker: Arc::clone(asker), key, request, once: false, required: false, read: Box::new(read) }
    }

    /// Accepts each answer for one run of the method only.
    ///
    /// Use it before a side effect that must not be repeated, such as a deletion or a payment.
    ///
    /// In protocol 2026-07-28, the client sends its answers with the `requestState` of the response, and could send
    /// both again. The first such request passes this question. Every other one with the same state is refused. An
    /// answer without a state is ignored, and the client is asked. In older versions, every answer is valid once
    /// anyway.
    ///
    /// ```
    /// # use mcp::{Answer, Context};
    /// # #[derive(serde::Deserialize, schemars::JsonSchema)]
    /// # struct Confirmation { confirm: bool }
    /// # async fn delete_all() -> Result<usize, mcp::Error> { Ok(3) }
    /// async fn clear(count: usize, cx: &Context) -> Result<String, mcp::Error> {
    ///     match cx.elicit::<Confirmation>("confirm", format!("Delete {count} notes?")).once().await? {
    ///         Answer::Accepted(Confirmation { confirm: true }) => Ok(format!("Deleted {} notes", delete_all().await?)),
    ///         _ => Ok("Kept all of them".to_owned()),
    ///     }
    /// }
    /// ```
    ///
    /// The process records used states, up to [`used`](crate::StateLimits::used) of them. Beyond it, answers are
    /// refused. After a restart, the client is asked again.
    ///
    /// With [`Http::replicas`](crate::Http::replicas), a state is used once over all instances, also after
    /// a restart. While the engine is down, the answer gets a 503, unless the operator sets
    /// [`single_use_in_outages`](crate::Http::single_use_in_outages). Instances that share only their keys
    /// would each accept the same answer once.
    pub fn once(self) -> Self {
        Self { once: true, ..self }
    }

    /// Reports an unaskable client as a protocol error, also in a tool.
    ///
    /// The error is then for the developer of the client, not for its model. MCP 2026-07-28 defines -32021 for it, over
    /// HTTP as a 400, with the missing capabilities.
    ///
    /// ```
    /// # use mcp::{Context, Sampling};
    /// async fn translate(text: &str, cx: &Context) -> Result<String, mcp::Error> {
    ///     let sampling = Sampling::new(500).user(format!("Translate into French: {text}"));
    ///     Ok(cx.sample("translation", sampling).required().await?.text())
    /// }
    /// ```
    pub fn required(self) -> Self {
        Self { required: true, ..self }
    }

    /// Splits the question into the request and the reader of its answer.
    fn parts(self) -> (Result<KeyedRequest, Error>, Reader<T>) {
        let (once, required) = (self.once, self.required);
        let request = match self.request {
            Ok(request) => Ok(KeyedRequest { key: self.key.clone(), request, once, required }),
            Err(error) if required => Err(error.in_protocol()),
            Err(error) => Err(error),
        };
        (request, Reader { key: self.key, read: self.read })
    }
}

impl<T: 'static> IntoFuture for Question<T> {
    type Output = Result<T, Error>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        let asker = Arc::clone(&self.asker);
        Box::pin(async move { ask(&asker, self).await })
    }
}

impl<T> fmt::Debug for Question<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { key, request, once, required, .. } = self;
        f.debug_struct("Question")
            .field("key", key)
            .field("request", request)
            .field("once", once)
            .field("required", required)
            .finish_non_exhaustive()
    }
}

/// Asks all questions at once, or none.
pub(crate) async fn ask<Q: Questions>(asker: &Asker, questions: Q) -> Result<Q::Answers, Error> {
    let (requests, readers) = questions.split();
    let answers = asker.ask(requests.into_iter().collect::<Result<_, _>>()?).await?;
    Q::read(readers, answers).inspect_err(|_| asker.refuse_answer())
}

/// The reader of the answer to a question.
#[doc(hidden)]
pub struct Reader<T> {
    key: String,
    read: Read<T>,
}

impl<T> fmt::Debug for Reader<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reader").field("key", &self.key).finish_non_exhaustive()
    }
}

impl<T> Reader<T> {
    fn read(self, answer: Option<RawAnswer>) -> Result<T, Error> {
        let wrong = |why: &str| Error::invalid_params(format!("Invalid params: the answer to `{}`: {why}", self.key));
        let answer = answer.ok_or_else(|| wrong("it is missing"))?;
        (self.read)(&answer).map_err(|why| wrong(&why))
    }
}

/// Questions to ask at once: one, a tuple of up to eight, or a `Vec` of one kind.
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be asked",
    label = "not questions to the client",
    note = "ask a tuple of up to eight questions, `cx.ask((a, b)).await?`, or a `Vec` of those of one kind",
    note = "a question comes from `cx.elicit::<…>(…)`, `cx.elicit_url(…)`, `cx.sample(…)` or `cx.list_roots(…)`"
)]
pub trait Questions: Send {
    /// The answers, in the same shape.
    type Answers;
    #[doc(hidden)]
    type Readers: Send;

    #[doc(hidden)]
    fn split(self) -> (Vec<Result<KeyedRequest, Error>>, Self::Readers);

    #[doc(hidden)]
    fn read(readers: Self::Readers, answers: Vec<RawAnswer>) -> Result<Self::Answers, Error>;
}

#[diagnostic::do_not_recommend]
impl<T> Questions for Question<T> {
    type Answers = T;
    type Readers = Reader<T>;

    fn split(self) -> (Vec<Result<KeyedRequest, Error>>, Self::Readers) {
        let (request, reader) = self.parts();
        (vec![request], reader)
    }

    fn read(reader: Self::Readers, answers: Vec<RawAnswer>) -> Result<Self::Answers, Error> {
        reader.read(answers.into_iter().next())
    }
}

#[diagnostic::do_not_recommend]
impl<T> Questions for Vec<Question<T>> {
    type Answers = Vec<T>;
    type Readers = Vec<Reader<T>>;

    fn split(self) -> (Vec<Result<KeyedRequest, Error>>, Self::Readers) {
        self.into_iter().map(Question::parts).unzip()
    }

    fn read(readers: Self::Readers, answers: Vec<RawAnswer>) -> Result<Self::Answers, Error> {
        let mut answers = answers.into_iter();
        readers.into_iter().map(|reader| reader.read(answers.next())).collect()
    }
}

macro_rules! tuples {
    ($($($T:ident $n:tt)+;)+) => {$(
        #[diagnostic::do_not_recommend]
        impl<$($T),+> Questions for ($(Question<$T>,)+) {
            type Answers = ($($T,)+);
            type Readers = ($(Reader<$T>,)+);

            fn split(self) -> (Vec<Result<KeyedRequest, Error>>, Self::Readers) {
                let parts = ($(self.$n.parts(),)+);
                (vec![$(parts.$n.0),+], ($(parts.$n.1,)+))
            }

            fn read(readers: Self::Readers, answers: Vec<RawAnswer>) -> Result<Self::Answers, Error> {
                let mut answers = answers.into_iter();
                Ok(($(readers.$n.read(answers.next())?,)+))
            }
        }
    )+};
}

tuples! {
    A 0 B 1;
    A 0 B 1 C 2;
    A 0 B 1 C 2 D 3;
    A 0 B 1 C 2 D 3 E 4;
    A 0 B 1 C 2 D 3 E 4 F 5;
    A 0 B 1 C 2 D 3 E 4 F 5 G 6;
    A 0 B 1 C 2 D 3 E 4 F 5 G 6 H 7;
}
