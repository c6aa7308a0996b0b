//! The part of a session that cannot leave the memory of its process.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::pin::Pin;
use std::sync::{Arc, Mutex};

use tokio::sync::Notify;

use crate::lock::locked;
use crate::protocol::error::Error;
use crate::server::OpenQuestions;

/// The open questions and the running requests of a session.
pub(in crate::transport) struct Live {
    /// The questions that the client has not answered.
    pub(in crate::transport) questions: Arc<OpenQuestions>,
    /// The running requests by their ids, and how to cancel them. Absent once the session has ended.
    running: Mutex<Option<HashMap<Box<str>, Arc<Notify>>>>,
    max_running: usize,
}

impl Live {
    pub(in crate::transport) fn new(questions: OpenQuestions, max_running: usize) -> Self {
        Self { questions: Arc::new(questions), running: Mutex::new(Some(HashMap::new())), max_running }
    }

    /// Registers a request, unless one with the same id runs.
    pub(in crate::transport) fn start<'a>(&'a self, id: &'a str) -> Result<RunningRequest<'a>, Error> {
        let mut running = locked(&self.running);
        let Some(running) = &mut *running else {
            return Err(Error::invalid_request("Invalid request: the session has ended"));
        };
        let count = running.len();
        match running.entry(id.into()) {
            Entry::Occupied(_) => {
                Err(Error::invalid_request("Invalid request: a request with this `id` is still running"))
            }
            Entry::Vacant(_) if count >= self.max_running => {
                Err(Error::internal(format!("More than {} requests at once; try again", self.max_running)))
            }
            Entry::Vacant(place) => {
                let cancelled = Arc::clone(place.insert(Arc::default()));
                Ok(RunningRequest { live: self, id, cancelled })
            }
        }
    }

    /// Cancels a request, whose id is free at once. Returns `true` if it ran here.
    pub(in crate::transport) fn cancel(&self, id: &str) -> bool {
        let cancelled = locked(&self.running).as_mut().and_then(|running| running.remove(id));
        cancelled.inspect(|cancelled| cancelled.notify_one()).is_some()
    }

    /// Cancels everything, and lets nothing begin any more.
    pub(in crate::transport) fn end(&self) {
        let running = locked(&self.running).take().unwrap_or_default();
        running.into_values().for_each(|cancelled| cancelled.notify_one());
        self.questions.close();
    }
}

/// The registration of a request, which lasts as long as this value.
pub(in crate::transport) struct RunningRequest<'a> {
    live: &'a Live,
    id: &'a str,
    cancelled: Arc<Notify>,
}

impl RunningRequest<'_> {
    /// Does `work`. Returns `None` as soon as the client cancels the request.
    pub(in crate::transport) async fn until_cancelled<T>(&self, work: Pin<&mut impl Future<Output = T>>) -> Option<T> {
        tokio::select! {
            biased;
            () = self.cancelled.notified() => None,
            done = work => Some(done),
        }
    }
}

impl Drop for RunningRequest<'_> {
    fn drop(&mut self) {
        if let Some(running) = &mut *locked(&self.live.running)
            // Once this one is cancelled, another request may have its id.
            && running.get(self.id).is_some_and(|cancelled| Arc::ptr_eq(cancelled, &self.cancelled))
        {
            running.remove(self.id);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::pin::pin;

    use super::*;

    fn refusal(live: &Live, id: &str) -> String {
        live.start(id).err().map_or_else(String::new, |error| error.message().to_owned())
    }

    #[test]
    fn an_id_is_taken_until_its_request_ends() {
        let live = Live::new(OpenQuestions::default(), 2);
        let first = live.start("1").expect("nothing runs");
        assert_eq!(refusal(&live, "1"), "Invalid request: a request with this `id` is still running");
        let second = live.start("2").expect("a free id");
        assert_eq!(refusal(&live, "3"), "More than 2 requests at once; try again");
        drop(first);
        assert_eq!(refusal(&live, "1"), "");
        live.end();
        drop(second);
        assert_eq!(refusal(&live, "2"), "Invalid request: the session has ended");
    }

    #[tokio::test]
    async fn a_cancelled_request_leaves_its_id_to_the_next_one() {
        let live = Live::new(OpenQuestions::default(), 2);
        let first = live.start("1").expect("nothing runs");
        live.cancel("1");
        let second = live.start("1").expect("the id is free at once");
        assert_eq!(first.until_cancelled(pin!(async { "done" })).await, None);
        drop(first);
        assert_eq!(refusal(&live, "1"), "Invalid request: a request with this `id` is still running");
        assert_eq!(second.until_cancelled(pin!(async { "done" })).await, Some("done"));
    }
}
