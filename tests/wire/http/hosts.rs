//! Whose requests are answered at all: `Host` and `Origin`.

use std::panic::catch_unwind;

use mcp::{Http, Protection};

use crate::support::client::{Headers, post, rejected, send, unchecked};
use crate::support::log::Log;
use crate::support::servers::{Notes, Verifier, Workshop};
use crate::support::socket::{Served, exchange, raw};

fn misdirected() -> String {
    rejected("421 Misdirected Request", -32600, "This server does not answer for the requested host")
}

fn foreign() -> String {
    rejected("403 Forbidden", -32600, "This server does not answer to the requesting origin")
}

fn hostless() -> String {
    rejected("400 Bad Request", -32600, "A request needs one Host header")
}

#[tokio::test]
async fn a_foreign_host_or_origin_is_turned_away_before_its_token_is_looked_at() {
    let long = "x".repeat(1000);
    let cut = format!("`Http::allow_hosts` admits it host=\"{}\" suppressed=0", "x".repeat(100));
    let cases: [(Headers<'_>, String, &str); 6] = [
        (
            &[("host", "evil.example")],
            misdirected(),
            "`Http::allow_hosts` admits it host=\"evil.example\" suppressed=0",
        ),
        (&[("host", &long)], misdirected(), &cut),
        (&[("host", "")], hostless(), "refused a request without one `Host` header"),
        (&[("host", "localhost"), ("host", "localhost")], hostless(), "refused a request without one `Host` header"),
        (
            &[("origin", "https://evil.example")],
            foreign(),
            "`Http::allow_origins` admits it origin=\"https://evil.example\" suppressed=0",
        ),
        (&[("origin", "null")], foreign(), "`Http::allow_origins` admits it origin=\"null\" suppressed=0"),
    ];
    for (headers, expected, logged) in cases {
        let log = Log::start();
        let app = Http::protected(Notes::default(), Verifier).router();
        let mut headers = headers.to_vec();
        headers.push(("authorization", "Bearer crash-token"));
        for _ in 0..3 {
            assert_eq!(send(&app, unchecked(post(&headers, "{"))).await, expected, "{headers:?}");
        }
        // Whoever fills the log with it hides something else.
        assert_eq!(log.text().matches("WARN").count(), 1, "{}", log.text());
        assert!(log.text().contains(logged) && !log.text().contains("panicked"), "{}", log.text());
    }
}

/// An open server in an app does not know what it is called.
#[tokio::test]
async fn every_request_has_one_host() {
    let app = Http::open(Workshop::new().0).router();
    for headers in [&[("host", "")][..], &[("host", "any.example"), ("host", "any.example")]] {
        assert_eq!(send(&app, unchecked(post(headers, "{"))).await, hostless(), "{headers:?}");
    }
}

#[tokio::test]
async fn further_hosts_and_origins_are_admitted_by_name() {
    let app = Http::protected(Notes::default(), Verifier)
        .allow_hosts(["notes.internal", "notes.example:8443"])
        .allow_hosts(["other.internal"])
        .allow_origins(["https://app.example.com"])
        .router();
    let open = Http::open(Workshop::new().0).router();
    let cases: [(Headers<'_>, &str); 15] = [
        (&[], "401"),
        (&[("host", "localhost:9")], "401"),
        (&[("host", "[::1]")], "401"),
        (&[("host", "notes.internal")], "401"),
        (&[("host", "Notes.Internal:99")], "401"),
        (&[("host", "other.internal")], "401"),
        (&[("host", "notes.example:8443")], "401"),
        (&[("host", "notes.example")], "421"),
        (&[("host", "a.notes.internal")], "421"),
        (&[("host", "notes.internal:")], "401"),
        (&[("origin", "https://app.example.com")], "401"),
        (&[("origin", "http://localhost:6274")], "401"),
        (&[("origin", "http://app.example.com")], "403"),
        (&[("origin", "https://app.example.com"), ("origin", "https://evil.example")], "403"),
        (&[("origin", "")], "401"),
    ];
    for (headers, status) in cases {
        let response = send(&app, post(headers, "")).await;
        assert!(response.starts_with(status), "{headers:?}: {response}");
    }
    // What an open server in an app is called, only the app knows; pages of other machines still have no business.
    for (headers, status) in [(&[("host", "any.example")], "400"), (&[("origin", "http://any.example")], "403")] {
        let response = send(&open, post(headers, "")).await;
        assert!(response.starts_with(status), "{headers:?}: {response}");
    }
}

/// A value that no client ever sends would admit no request, and the operator would not see why.
#[test]
fn a_host_or_an_origin_that_never_matches_is_an_error_at_the_start() {
    let host = "a host is a name or an address and perhaps a port, like `notes.internal:8080`";
    let origin = "an origin is a scheme, a host and perhaps a port, like `https://app.example.com`";
    let open = || Http::open(Workshop::new().0);
    for (value, errors) in [
        ("notes.internal", [None, Some(origin)]),
        ("notes.internal:8080", [None, Some(origin)]),
        ("10.0.0.1:8080", [None, Some(origin)]),
        ("[2001:db8::1]:8080", [None, Some(origin)]),
        ("xn--e1afmkfd.example", [None, Some(origin)]),
        ("https://app.example.com", [Some(host), None]),
        ("http://localhost:6274", [Some(host), None]),
        ("https://[2001:db8::1]:8443", [Some(host), None]),
        ("chrome-extension://abcdefghijklmnop", [Some(host), None]),
        ("", [Some(host), Some(origin)]),
        ("*", [Some(host), Some(origin)]),
        ("*.example.com", [Some(host), Some(origin)]),
        ("notes.internal/", [Some(host), Some(origin)]),
        ("notes.internal/mcp", [Some(host), Some(origin)]),
        ("notes.internal, other.internal", [Some(host), Some(origin)]),
        (" notes.internal", [Some(host), Some(origin)]),
        ("https://", [Some(host), Some(origin)]),
        ("https://app.example.com/", [Some(host), Some(origin)]),
        ("https://app.example.com/path", [Some(host), Some(origin)]),
        ("https://app.example.com?query", [Some(host), Some(origin)]),
        ("https://alice@app.example.com", [Some(host), Some(origin)]),
        ("https://*.example.com", [Some(host), Some(origin)]),
        ("https://app.example.com https://b.example", [Some(host), Some(origin)]),
    ] {
        // A good one before it does not help.
        let hosts = || drop(open().allow_hosts(["notes.internal", value]));
        let origins = || drop(open().allow_origins(["https://good.example", value]));
        for (result, expected) in [catch_unwind(hosts), catch_unwind(origins)].into_iter().zip(errors) {
            let message = result.err().map(|panic| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()));
            assert_eq!(message, expected.map(|expected| Some(expected.to_owned())), "{value}");
        }
    }
}

#[tokio::test]
async fn a_loopback_resource_that_is_not_listened_on_is_a_warning_at_the_start() {
    let log = Log::start();
    Served::notes().await.stop().await;
    let warnings = |log: &Log| log.text().lines().filter(|line| line.contains(" WARN ")).count();
    assert_eq!(warnings(&log), 1, "{}", log.text());
    assert!(log.text().contains("set `resource` in `#[mcp::server]` or with `Protection::resource`"), "{}", log.text());
    let log = Log::start();
    let served = Served::start(|listener, stop| {
        let resource = format!("http://{}/mcp", listener.local_addr().expect("an address"));
        let protection = Protection::of::<Notes>().resource(resource).expect("a resource");
        Http::protected(Notes::default(), Verifier).protection(protection).serve_until(listener, stop)
    })
    .await;
    let url = format!("http://{}/.well-known/oauth-protected-resource/mcp", served.address);
    let response = exchange(served.address, raw("", "whoami", "Connection: close\r\n").as_bytes()).await;
    assert!(response.contains(&format!("resource_metadata=\"{url}\"")), "{response}");
    served.stop().await;
    assert_eq!(warnings(&log), 0, "{}", log.text());
}
