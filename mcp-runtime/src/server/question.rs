//! What a handler asks the client: a question, or several at once.

use std::pin::Pin;
use std::sync::Arc;

use serde_json::value::RawValue;

use super::ask::{Answered, Asker, InputRequest};
use crate::protocol::error::Error;

/// A question to the client, which is asked when it is awaited, or handed to [`Context::ask`](crate::Context::ask) together with others.
///
/// # Errors
/// - -32021 when the client did not declare that it can be asked this.
/// - -32602 when its answer is not one to this question.
/// - An internal error when the key is used twice in one request, when the question can't be put, or where the client
///   can't be asked: during a completion.
/// - In protocol 2026-07-28, an error that the handler has to pass on, when there is no answer yet: the client is asked,
///   and the handler is called once more.
#[must_use = "a question is asked when it is awaited"]
pub struct Question<T> {
    asker: Arc<Asker>,
    key: String,
    request: Result<InputRequest, Error>,
    read: Read<T>,
}

/// What goes to the client, by its key, or why it can't.
pub(crate) type Part = Result<(String, InputRequest), Error>;

type Read<T> = Box<dyn FnOnce(&RawValue) -> Result<T, String> + Send>;

impl<T> Question<T> {
    /// `read` gets the result of the client, or says what is wrong with it.
    pub(super) fn new(
        asker: &Arc<Asker>,
        key: String,
        request: Result<InputRequest, Error>,
        read: impl FnOnce(&RawValue) -> Result<T, String> + Send + 'static,
    ) -> Self {
        Self { asker: Arc::clone(asker), key, request, read: Box::new(read) }
    }

    /// What goes to the client; what reads the answer stays.
    fn part(self) -> (Part, Reader<T>) {
        (self.request.map(|request| (self.key.clone(), request)), Reader { key: self.key, read: self.read })
    }
}

impl<T: 'static> IntoFuture for Question<T> {
    type Output = Result<T, Error>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        let asker = Arc::clone(&self.asker);
        Box::pin(async move { ask(&asker, (self,)).await.map(|(answer,)| answer) })
    }
}

/// Asks all of them, or none.
pub(super) async fn ask<Q: Questions>(asker: &Asker, questions: Q) -> Result<Q::Answers, Error> {
    let (parts, readers) = questions.part();
    let answers = asker.ask(parts.into_iter().collect::<Result<_, _>>()?).await?;
    Q::read(readers, answers)
}

#[doc(hidden)]
pub struct Reader<T> {
    key: String,
    read: Read<T>,
}

impl<T> Reader<T> {
    fn read(self, answer: Option<Answered>) -> Result<T, Error> {
        let wrong = |why: &str| Error::invalid_params(format!("Invalid params: the answer to `{}`: {why}", self.key));
        let answer = answer.ok_or_else(|| wrong("it is missing"))?;
        (self.read)(&answer).map_err(|why| wrong(&why))
    }
}

/// Several questions: a tuple of up to eight, an array, or a `Vec`.
pub trait Questions: Send {
    /// The answers, in the same shape.
    type Answers;
    #[doc(hidden)]
    type Readers: Send;

    #[doc(hidden)]
    fn part(self) -> (Vec<Part>, Self::Readers);

    #[doc(hidden)]
    fn read(readers: Self::Readers, answers: Vec<Answered>) -> Result<Self::Answers, Error>;
}

impl<T> Questions for Vec<Question<T>> {
    type Answers = Vec<T>;
    type Readers = Vec<Reader<T>>;

    fn part(self) -> (Vec<Part>, Self::Readers) {
        self.into_iter().map(Question::part).unzip()
    }

    fn read(readers: Self::Readers, answers: Vec<Answered>) -> Result<Self::Answers, Error> {
        let mut answers = answers.into_iter();
        readers.into_iter().map(|reader| reader.read(answers.next())).collect()
    }
}

macro_rules! tuples {
    ($($($T:ident $n:tt)+;)+) => {$(
        impl<$($T),+> Questions for ($(Question<$T>,)+) {
            type Answers = ($($T,)+);
            type Readers = ($(Reader<$T>,)+);

            fn part(self) -> (Vec<Part>, Self::Readers) {
                let parts = ($(self.$n.part(),)+);
                (vec![$(parts.$n.0),+], ($(parts.$n.1,)+))
            }

            fn read(readers: Self::Readers, answers: Vec<Answered>) -> Result<Self::Answers, Error> {
                let mut answers = answers.into_iter();
                Ok(($(readers.$n.read(answers.next())?,)+))
            }
        }
    )+};
}

tuples! {
    A 0;
    A 0 B 1;
    A 0 B 1 C 2;
    A 0 B 1 C 2 D 3;
    A 0 B 1 C 2 D 3 E 4;
    A 0 B 1 C 2 D 3 E 4 F 5;
    A 0 B 1 C 2 D 3 E 4 F 5 G 6;
    A 0 B 1 C 2 D 3 E 4 F 5 G 6 H 7;
}
