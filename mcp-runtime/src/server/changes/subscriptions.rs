//! Subscriptions to changes, each with the changes that its subscriber has not received yet.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::json::truncate::excerpt;
use crate::limits::StreamLimits;
use crate::lock::locked;
use crate::protocol::error::Error;
use crate::protocol::response::push;
use crate::throttle::Throttle;

/// The time over which all listeners are told everything.
const SPREAD: Duration = Duration::from_secs(1);

/// The number of groups that are told one after the other.
const GROUPS: usize = 20;

/// A change of the offer, or of a resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Change {
    Tools,
    Prompts,
    Resources,
    /// The content of the resource at this URI.
    Resource(Arc<str>),
}

impl Change {
    /// Returns the bytes of the change in memory.
    #[cfg(feature = "http")]
    pub(crate) fn bytes(&self) -> usize {
        match self {
            Self::Tools | Self::Prompts | Self::Resources => size_of::<Self>(),
            Self::Resource(uri) => bytes_of_uri(uri),
        }
    }

    /// Writes the notification, with the id of its subscription as the client wrote it.
    pub(crate) fn notification(&self, subscription: Option<&RawValue>) -> Vec<u8> {
        #[derive(Serialize)]
        struct Notification<'a> {
            jsonrpc: &'static str,
            method: &'static str,
            #[serde(skip_serializing_if = "Option::is_none")]
            params: Option<Params<'a>>,
        }
        #[derive(Serialize)]
        struct Params<'a> {
            #[serde(rename = "_meta", skip_serializing_if = "Option::is_none")]
            meta: Option<SubscriptionMeta<'a>>,
            #[serde(skip_serializing_if = "Option::is_none")]
            uri: Option<&'a str>,
        }
        let (method, uri) = match self {
            Self::Tools => ("notifications/tools/list_changed", None),
            Self::Prompts => ("notifications/prompts/list_changed", None),
            Self::Resources => ("notifications/resources/list_changed", None),
            Self::Resource(uri) => ("notifications/resources/updated", Some(&**uri)),
        };
        let meta = subscription.map(|id| SubscriptionMeta { id });
        let params = (meta.is_some() || uri.is_some()).then_some(Params { meta, uri });
        let mut out = Vec::new();
        push(&mut out, &Notification { jsonrpc: "2.0", method, params });
        out
    }
}

/// The `_meta` of every message of a subscription (MCP 2026-07-28, "Subscriptions").
#[derive(Serialize)]
pub(crate) struct SubscriptionMeta<'a> {
    #[serde(rename = "io.modelcontextprotocol/subscriptionId")]
    pub(crate) id: &'a RawValue,
}

/// The changes that a subscriber wants.
#[derive(Debug, Clone, Default)]
pub(crate) struct Filter {
    pub(crate) tools: bool,
    pub(crate) prompts: bool,
    pub(crate) resources: bool,
    pub(crate) uris: Uris,
}

impl Filter {
    /// Returns `true` if the subscriber wants a change.
    fn wants(&self, change: &Change) -> bool {
        match change {
            Change::Tools => self.tools,
            Change::Prompts => self.prompts,
            Change::Resources => self.resources,
            Change::Resource(uri) => self.uris.position(uri).is_ok(),
        }
    }

    /// Returns all changes that the subscriber wants.
    fn changes(&self) -> impl Iterator<Item = Change> {
        let lists = [(self.tools, Change::Tools), (self.prompts, Change::Prompts), (self.resources, Change::Resources)];
        let lists = lists.into_iter().filter_map(|(is_wanted, change)| is_wanted.then_some(change));
        lists.chain(self.uris.iter().map(|uri| Change::Resource(uri.into())))
    }
}

/// The memory of a URI beside its bytes.
const URI_OVERHEAD: usize = 64;

/// Returns the bytes of a URI in memory.
fn bytes_of_uri(uri: &str) -> usize {
    uri.len() + URI_OVERHEAD
}

/// Returns the bytes that a subscription keeps for a URI: itself, and a change of its resource.
pub(crate) fn bytes_of_subscription(uri: &str) -> usize {
    2 * bytes_of_uri(uri)
}

/// A sorted set of URIs, smaller than a tree in code and memory.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(from = "Vec<String>")]
pub(crate) struct Uris(Vec<String>);

impl From<Vec<String>> for Uris {
    fn from(mut uris: Vec<String>) -> Self {
        uris.sort_unstable();
        uris.dedup();
        Self(uris)
    }
}

impl Uris {
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// Returns the length of all of them.
    pub(crate) fn bytes(&self) -> usize {
        self.iter().map(str::len).sum()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }

    /// Retains some of the URIs, and frees the rest, because a listener lives long.
    pub(crate) fn retain(&mut self, keep: impl FnMut(&String) -> bool) {
        self.0.retain(keep);
        self.0.shrink_to_fit();
    }

    /// Returns the index of a URI, or the index at which to insert it.
    fn position(&self, uri: &str) -> Result<usize, usize> {
        self.0.binary_search_by(|known| known.as_str().cmp(uri))
    }
}

/// The number of steps in which subscriptions are ended.
const CLOSING_STEPS: u32 = 50;

/// The listeners of a server.
#[derive(Default)]
pub(crate) struct Listeners {
    state: Mutex<Registry>,
    wrong_uris: Throttle,
    without_room: Throttle,
}

/// The listeners by number.
#[derive(Default)]
struct Registry {
    listeners: HashMap<u64, Arc<Listener>>,
    next: u64,
    closed: bool,
}

impl Listeners {
    /// Begins a subscription.
    pub(crate) fn subscribe(self: &Arc<Self>, filter: Filter) -> Subscription {
        let mut state = self.lock();
        let listener = Arc::new(Listener::new(filter, state.closed));
        let number = state.next;
        state.next += 1;
        state.listeners.insert(number, Arc::clone(&listener));
        Subscription { listener, listeners: Arc::clone(self), number }
    }

    /// Sends a change to every listener that wants it.
    ///
    /// A change that a listener has not received yet is not queued again, so that its filter bounds its queue.
    pub(crate) fn tell(&self, change: &Change) {
        self.wake(|listener| listener.tell(change));
    }

    /// Sends every listener all changes that it wants, because some were lost.
    ///
    /// Listeners read again what they have heard of, so they are told one group after the other, over a second.
    pub(crate) async fn tell_everything(&self) {
        let listeners: Vec<_> = self.lock().listeners.values().cloned().collect();
        for group in listeners.chunks(listeners.len().div_ceil(GROUPS).max(1)) {
            group.iter().filter_map(|listener| listener.tell_everything()).for_each(Waker::wake);
            tokio::time::sleep(SPREAD / GROUPS as u32).await;
        }
    }

    /// Warns of a URI whose change reaches nobody. It may be one that a client wrote.
    pub(crate) fn warn_of_uri(&self, uri: &str, error: &str) {
        if let Some(suppressed) = self.wrong_uris.pass() {
            let (uri, error) = (excerpt(uri), excerpt(error));
            tracing::warn!(uri, error, suppressed, "no client is told that a resource changed");
        }
    }

    /// Warns of a subscription that another instance accepted and this one does not. Any client can cause many.
    pub(crate) fn warn_of_room(&self, error: &Error) {
        if let Some(suppressed) = self.without_room.pass() {
            tracing::warn!(%error, suppressed, "a subscription of another instance has no room here");
        }
    }

    /// Ends every subscription after its queued changes, and every later one.
    pub(crate) fn close(&self) {
        self.lock().closed = true;
        self.wake(Listener::close);
    }

    /// Ends every subscription within `time`, in equal steps, and every later one at once.
    pub(crate) async fn close_within(&self, time: Duration) {
        let open: Vec<Arc<Listener>> = {
            let mut state = self.lock();
            state.closed = true;
            state.listeners.values().cloned().collect()
        };
        let mut steps = open.chunks(open.len().div_ceil(CLOSING_STEPS as usize).max(1));
        while let Some(step) = steps.next() {
            step.iter().filter_map(|listener| listener.close()).for_each(Waker::wake);
            if !time.is_zero() && steps.len() > 0 {
                tokio::time::sleep(time / CLOSING_STEPS).await;
            }
        }
    }

    /// Applies `each` to the listeners, and wakes the returned wakers.
    fn wake(&self, each: impl Fn(&Listener) -> Option<Waker>) {
        let wakers: Vec<_> = self.lock().listeners.values().filter_map(|listener| each(listener)).collect();
        // A waker may run any code, so it runs without the lock.
        wakers.into_iter().for_each(Waker::wake);
    }

    fn lock(&self) -> MutexGuard<'_, Registry> {
        locked(&self.state)
    }
}

/// One listener, shared with its subscription.
struct Listener {
    state: Mutex<ListenerState>,
}

/// The filter and the queue of a listener.
struct ListenerState {
    filter: Filter,
    changes: VecDeque<Change>,
    closed: bool,
    waker: Option<Waker>,
}

impl Listener {
    fn new(filter: Filter, closed: bool) -> Self {
        Self { state: Mutex::new(ListenerState { filter, changes: VecDeque::new(), closed, waker: None }) }
    }

    fn tell(&self, change: &Change) -> Option<Waker> {
        let mut state = self.lock();
        if !state.filter.wants(change) || state.changes.contains(change) {
            return None;
        }
        state.changes.push_back(change.clone());
        state.waker.take()
    }

    fn tell_everything(&self) -> Option<Waker> {
        let mut state = self.lock();
        let ListenerState { filter, changes, .. } = &mut *state;
        for change in filter.changes() {
            if !changes.contains(&change) {
                changes.push_back(change);
            }
        }
        if state.changes.is_empty() { None } else { state.waker.take() }
    }

    fn close(&self) -> Option<Waker> {
        let mut state = self.lock();
        state.closed = true;
        state.waker.take()
    }

    fn lock(&self) -> MutexGuard<'_, ListenerState> {
        locked(&self.state)
    }
}

/// The receiver of the changes of one listener. Dropping it unsubscribes.
pub(crate) struct Subscription {
    listener: Arc<Listener>,
    listeners: Arc<Listeners>,
    number: u64,
}

impl Subscription {
    /// Polls for the next change, or `None` when the server closes. Only the last poller is woken.
    pub(crate) fn poll_next(&self, cx: &Context<'_>) -> Poll<Option<Change>> {
        let mut state = self.listener.lock();
        if let Some(change) = state.changes.pop_front() {
            return Poll::Ready(Some(change));
        }
        if state.closed {
            return Poll::Ready(None);
        }
        let old = state.waker.replace(cx.waker().clone());
        // Dropping a waker may run any code, so it is dropped without the lock.
        drop(state);
        drop(old);
        Poll::Pending
    }

    /// Subscribes to a resource. Returns `true` if that is new.
    ///
    /// # Errors
    /// That would exceed a limit.
    pub(crate) fn add(&self, uri: &str, limits: &StreamLimits) -> Result<bool, Error> {
        let uris = &mut self.listener.lock().filter.uris;
        let Err(place) = uris.position(uri) else { return Ok(false) };
        let wrong = |message: String| Err(Error::invalid_params(format!("Invalid params: {message}")));
        let StreamLimits { uri_bytes, subscriptions, subscription_bytes, .. } = *limits;
        if uri.len() > uri_bytes {
            return wrong(format!("`uri` is longer than {uri_bytes} bytes, which is all that can be subscribed to"));
        }
        if uris.len() >= subscriptions {
            return wrong(format!(
                "there are {subscriptions} subscriptions already, which is all that this server takes"
            ));
        }
        if uris.bytes() + uri.len() > subscription_bytes {
            return wrong(format!(
                "the URIs of all subscriptions are longer than {subscription_bytes} bytes, which is all that this server \
                 takes"
            ));
        }
        uris.0.insert(place, uri.to_owned());
        Ok(true)
    }

    /// Unsubscribes from a resource, and drops its queued change. Returns `true` if there was a subscription.
    pub(crate) fn remove(&self, uri: &str) -> bool {
        let mut state = self.listener.lock();
        let place = state.filter.uris.position(uri);
        if let Ok(place) = place {
            state.filter.uris.0.remove(place);
        }
        state.changes.retain(|change| !matches!(change, Change::Resource(changed) if **changed == *uri));
        place.is_ok()
    }

    /// Returns the resources that are subscribed to.
    pub(crate) fn uris(&self) -> Vec<String> {
        self.listener.lock().filter.uris.iter().map(str::to_owned).collect()
    }

    /// Returns `true` if the server closes and no change is queued.
    pub(crate) fn is_over(&self) -> bool {
        let state = self.listener.lock();
        state.closed && state.changes.is_empty()
    }

    /// Takes the waker of the last poller, to wake it for another reason.
    pub(crate) fn waker(&self) -> Option<Waker> {
        self.listener.lock().waker.take()
    }

    /// Queues a change again, without a wake-up, because its first delivery may have failed.
    pub(crate) fn repeat(&self, change: &Change) {
        drop(self.listener.tell(change));
    }

    /// Queues every change that the subscriber wants, without a wake-up, because some may be lost.
    pub(crate) fn repeat_all(&self) {
        drop(self.listener.tell_everything());
    }
}

impl Drop for Subscription {
    fn drop(&mut self) {
        let listener = self.listeners.lock().listeners.remove(&self.number);
        // The listener has a waker, whose drop may run any code, so it is dropped without the lock.
        drop(listener);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn heard(subscription: &Subscription) -> Vec<Option<Change>> {
        let mut heard = Vec::new();
        while let Poll::Ready(change) = subscription.poll_next(&Context::from_waker(Waker::noop())) {
            let end = change.is_none();
            heard.push(change);
            if end {
                break;
            }
        }
        heard
    }

    #[test]
    fn each_hears_what_it_asked_for_and_nothing_twice() {
        let listeners = Arc::new(Listeners::default());
        let tools = listeners.subscribe(Filter { tools: true, ..Filter::default() });
        let notes = listeners.subscribe(Filter {
            uris: vec!["notes://1".to_owned()].into(),
            prompts: true,
            ..Filter::default()
        });
        for change in
            [Change::Resource("notes://1".into()), Change::Tools, Change::Prompts, Change::Resource("notes://2".into())]
        {
            listeners.tell(&change);
            listeners.tell(&change);
        }
        assert_eq!(heard(&tools), [Some(Change::Tools)]);
        assert_eq!(heard(&notes), [Some(Change::Resource("notes://1".into())), Some(Change::Prompts)]);
        listeners.tell(&Change::Tools);
        listeners.close();
        assert_eq!(heard(&tools), [Some(Change::Tools), None], "the end comes last");
        assert_eq!(heard(&listeners.subscribe(Filter::default())), [None], "who comes later is told, too");
        drop((tools, notes));
        assert!(listeners.lock().listeners.is_empty());
    }

    #[test]
    fn resources_come_and_go() {
        let listeners = Arc::new(Listeners::default());
        let subscription = listeners.subscribe(Filter::default());
        let limits = StreamLimits { subscriptions: 1, ..StreamLimits::default() };
        let add = |uri: &str| subscription.add(uri, &limits).ok();
        assert_eq!((add("a"), add("a"), add("b")), (Some(true), Some(false), None));
        listeners.tell(&Change::Resource("a".into()));
        assert!(subscription.remove("a") && !subscription.remove("a"));
        assert_eq!(heard(&subscription), []);
        assert_eq!(add("b"), Some(true));
        subscription.repeat(&Change::Resource("a".into()));
        subscription.repeat(&Change::Resource("b".into()));
        assert_eq!(heard(&subscription), [Some(Change::Resource("b".into()))]);
    }

    #[test]
    fn a_notification_names_its_subscription() {
        let id: &RawValue = serde_json::from_str("\"a\\u0020b\"").expect("JSON");
        let text = |change: Change, id| String::from_utf8(change.notification(id)).expect("UTF-8");
        assert_eq!(
            text(Change::Tools, Some(id)),
            r#"{"jsonrpc":"2.0","method":"notifications/tools/list_changed","params":{"_meta":{"io.modelcontextprotocol/subscriptionId":"a\u0020b"}}}"#
        );
        assert_eq!(
            text(Change::Resource("notes://\"1".into()), None),
            r#"{"jsonrpc":"2.0","method":"notifications/resources/updated","params":{"uri":"notes://\"1"}}"#
        );
        assert_eq!(text(Change::Prompts, None), r#"{"jsonrpc":"2.0","method":"notifications/prompts/list_changed"}"#);
    }
}
