//! The responses for the protected-resource metadata document (RFC 9728).

use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use bytes::Bytes;
use http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_MAX_AGE,
    ALLOW, CACHE_CONTROL, CONTENT_TYPE, ETAG, IF_NONE_MATCH,
};
use http::{HeaderMap, HeaderValue, Method, Response, StatusCode};

use crate::transport::http::cors::MAX_AGE;

const METHODS: HeaderValue = HeaderValue::from_static("GET, HEAD, OPTIONS");
const ANY: HeaderValue = HeaderValue::from_static("*");

/// The protected-resource metadata document (RFC 9728 §3): the same bytes for everyone, without a token, also for
/// clients that run in a browser.
pub(in crate::transport::http) struct Metadata {
    document: Bytes,
    etag: HeaderValue,
}

impl Metadata {
    #[expect(clippy::expect_used, reason = "hexadecimal digits in quotes")]
    pub(in crate::transport::http) fn new(document: String) -> Self {
        let mut hasher = DefaultHasher::new();
        document.hash(&mut hasher);
        let etag = format!("\"{:016x}\"", hasher.finish());
        Self { document: document.into(), etag: HeaderValue::try_from(etag).expect("an entity tag") }
    }

    pub(in crate::transport::http) fn respond(&self, method: &Method, headers: &HeaderMap) -> Response<Bytes> {
        let mut response = Response::new(Bytes::new());
        response.headers_mut().insert(ACCESS_CONTROL_ALLOW_ORIGIN, ANY);
        match *method {
            // `HEAD` has the headers of `GET`; hyper leaves the body out.
            Method::GET | Method::HEAD => self.document(headers, &mut response),
            Method::OPTIONS => {
                *response.status_mut() = StatusCode::NO_CONTENT;
                response.headers_mut().insert(ACCESS_CONTROL_ALLOW_METHODS, METHODS);
                response.headers_mut().insert(ACCESS_CONTROL_ALLOW_HEADERS, ANY);
                response.headers_mut().insert(ACCESS_CONTROL_MAX_AGE, MAX_AGE);
            }
            _ => {
                *response.status_mut() = StatusCode::METHOD_NOT_ALLOWED;
                response.headers_mut().insert(ALLOW, METHODS);
            }
        }
        response
    }

    fn document(&self, headers: &HeaderMap, response: &mut Response<Bytes>) {
        let out = response.headers_mut();
        out.insert(CACHE_CONTROL, HeaderValue::from_static("public, max-age=3600"));
        out.insert(ETAG, self.etag.clone());
        if self.is_known(headers) {
            *response.status_mut() = StatusCode::NOT_MODIFIED;
        } else {
            out.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
            *response.body_mut() = self.document.clone();
        }
    }

    /// RFC 9110 §13.1.2, with the weak comparison.
    fn is_known(&self, headers: &HeaderMap) -> bool {
        headers.get_all(IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok()).any(|value| {
            value
                .split(',')
                .map(str::trim)
                .any(|tag| tag == "*" || self.etag == tag.trim_start_matches("W/").as_bytes())
        })
    }
}
