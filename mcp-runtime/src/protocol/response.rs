//! JSON-RPC responses: written once into one buffer, and read by clients for tests.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::error::{Error, INTERNAL_ERROR};
use super::message::RequestId;
use super::result_meta::ResultMeta;
use super::version::ProtocolVersion;

/// The result of a request that has nothing to tell.
pub(crate) const EMPTY: &[u8] = b"{}";

/// The object of a result, written member by member. Its members must differ.
pub(crate) struct ResultBody {
    json: Vec<u8>,
    /// The `_meta` of the method, as JSON, if there is one.
    meta: Option<Box<[u8]>>,
}

/// The type of a modern result, with what its type adds.
#[derive(Clone, Copy)]
pub(crate) enum ResultKind {
    /// The whole result.
    Complete,
    /// The whole result, which a client may keep for a time.
    Cacheable { ttl_ms: u64, scope: CacheScope },
    /// A result that asks the client, who makes the request again with the answers.
    InputRequired,
    /// A task, which will have the result.
    Task,
}

/// The caches that may keep a result.
#[derive(Clone, Copy, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum CacheScope {
    /// Any cache: the result is the same for every caller.
    Public,
    /// Only caches of one caller.
    Private,
}

impl ResultBody {
    /// Begins a result.
    pub(crate) fn new() -> Self {
        let mut json = Vec::with_capacity(256);
        json.push(b'{');
        Self { json, meta: None }
    }

    /// Sets the `_meta` of the method.
    pub(crate) fn meta(&mut self, meta: &ResultMeta) {
        if !meta.is_empty() {
            let mut json = Vec::new();
            push(&mut json, meta);
            self.meta = Some(json.into());
        }
    }

    /// Adds a member.
    pub(crate) fn member(&mut self, name: &str, value: &impl Serialize) {
        push(self.value(name), value);
    }

    /// Adds a member whose value is JSON already.
    pub(crate) fn raw(&mut self, name: &str, json: &[u8]) {
        self.value(name).extend_from_slice(json);
    }

    /// Adds a member that is an array, whose items `write` appends.
    pub(crate) fn array<T>(
        &mut self,
        name: &str,
        items: impl IntoIterator<Item = T>,
        mut write: impl FnMut(&mut Vec<u8>, T),
    ) {
        let out = self.value(name);
        out.push(b'[');
        for (index, item) in items.into_iter().enumerate() {
            if index > 0 {
                out.push(b',');
            }
            write(out, item);
        }
        out.push(b']');
    }

    /// Begins a member, and returns the place of its value.
    #[inline]
    fn value(&mut self, name: &str) -> &mut Vec<u8> {
        let json = self.place();
        json.push(b'"');
        json.extend_from_slice(name.as_bytes());
        json.extend_from_slice(b"\":");
        json
    }

    /// Returns the place of the next member.
    #[inline]
    fn place(&mut self) -> &mut Vec<u8> {
        if self.json.len() > 1 {
            self.json.push(b',');
        }
        &mut self.json
    }

    /// Ends the result in the shape of a version. Modern results have a type, and the `meta` of the server.
    pub(crate) fn finish(mut self, version: ProtocolVersion, kind: ResultKind, meta: &[u8]) -> Vec<u8> {
        if version.is_modern() {
            if let ResultKind::Cacheable { ttl_ms, scope } = kind {
                self.member("ttlMs", &ttl_ms);
                self.member("cacheScope", &scope);
            }
            let own = self.meta.take();
            // Every result ends like this, so the two names are one text.
            let json = self.place();
            json.extend_from_slice(match kind {
                ResultKind::Complete | ResultKind::Cacheable { .. } => br#""resultType":"complete","_meta":"#,
                ResultKind::InputRequired => br#""resultType":"input_required","_meta":"#,
                ResultKind::Task => br#""resultType":"task","_meta":"#,
            });
            match own {
                None => json.extend_from_slice(meta),
                Some(own) => json.extend_from_slice(&joined(&own, meta)),
            }
        } else if let Some(own) = self.meta.take() {
            self.raw("_meta", &own);
        }
        self.json.push(b'}');
        self.json
    }
}

/// Joins two objects without a common member, neither of them empty.
fn joined(one: &[u8], other: &[u8]) -> Vec<u8> {
    let one = one.strip_suffix(b"}").unwrap_or(one);
    [one, b",", other.strip_prefix(b"{").unwrap_or(other)].concat()
}

/// Writes a successful response with a finished result.
pub(crate) fn success<'a>(id: RequestId<'_>, result: impl Into<Cow<'a, [u8]>>) -> Vec<u8> {
    let head: [&[u8]; 3] = [b"{\"jsonrpc\":\"2.0\",\"id\":", id.as_json().as_bytes(), b",\"result\":"];
    match result.into() {
        Cow::Borrowed(result) => {
            let [start, id, end] = head;
            [start, id, end, result, b"}"].concat()
        }
        // The buffer of a result has room for the rest.
        Cow::Owned(mut json) => {
            json.push(b'}');
            head.iter().for_each(|part| json.extend_from_slice(part));
            json.rotate_right(head.iter().map(|part| part.len()).sum());
            json
        }
    }
}

/// Writes the response with a finished result, or with an error.
pub(crate) fn answer<'a>(id: RequestId<'_>, result: Result<impl Into<Cow<'a, [u8]>>, Error>) -> Vec<u8> {
    match result {
        Ok(result) => success(id, result),
        Err(error) => failure(Some(id), &error),
    }
}

/// Writes a notification with its params.
pub(crate) fn notification(method: &'static str, params: &impl Serialize) -> Vec<u8> {
    #[derive(Serialize)]
    struct Notification<'a, P> {
        jsonrpc: &'static str,
        method: &'static str,
        params: &'a P,
    }
    let mut out = Vec::new();
    push(&mut out, &Notification { jsonrpc: "2.0", method, params });
    out
}

/// Writes an error response; without an id if none could be read.
pub(crate) fn failure(id: Option<RequestId<'_>>, error: &Error) -> Vec<u8> {
    let mut out = b"{\"jsonrpc\":\"2.0\",".to_vec();
    if let Some(id) = id {
        out.extend_from_slice(b"\"id\":");
        out.extend_from_slice(id.as_json().as_bytes());
        out.push(b',');
    }
    out.extend_from_slice(b"\"error\":");
    push_error(&mut out, error);
    out.push(b'}');
    out
}

/// Appends the error object of a response.
pub(crate) fn push_error(out: &mut Vec<u8>, error: &Error) {
    #[derive(Serialize)]
    struct Failure<'a> {
        code: i32,
        message: &'a str,
        #[serde(skip_serializing_if = "Option::is_none")]
        data: Option<&'a RawValue>,
    }
    let (code, message) = (error.code().unwrap_or(INTERNAL_ERROR), error.message());
    push(out, &Failure { code, message, data: error.raw_data() });
}

/// Reads the result of a response, or its error. `None` if there is neither, or the result is no `T`.
pub(crate) fn read<T: for<'de> Deserialize<'de>>(response: &[u8]) -> Option<Result<T, Error>> {
    #[derive(Deserialize)]
    struct Response<T> {
        result: Option<T>,
        error: Option<Failure>,
    }
    #[derive(Deserialize)]
    struct Failure {
        code: i32,
        message: String,
        data: Option<Box<RawValue>>,
    }
    match serde_json::from_slice(response) {
        Ok(Response { result: Some(result), .. }) => Some(Ok(result)),
        Ok(Response { error: Some(error), .. }) => Some(Err(Error::from_wire(error.code, error.message, error.data))),
        _ => None,
    }
}

/// Appends a value of this crate's own, which always has a JSON form.
#[expect(clippy::expect_used, reason = "only for types of this crate, whose serialisation cannot fail")]
pub(crate) fn push(out: &mut Vec<u8>, value: &impl Serialize) {
    serde_json::to_writer(out, value).expect("a wire type serialises");
}
