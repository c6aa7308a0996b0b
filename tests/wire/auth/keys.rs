//! The keys of issuers: when they are fetched, when they are not, and what that means for tokens.

use std::time::Duration;

use axum::Router;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use mcp::testing::TestKey;
use mcp::{Http, JwtAlgorithm, JwtProfile, JwtVerifier, JwtVerifierBuilder, Protection};
use serde_json::{Value, json};
use tokio::task::JoinHandle;

use crate::support::client::{call, send};
use crate::support::clock::{at_once, pass};
use crate::support::log::Log;
use crate::support::scripted_issuer::{JWKS, Key, METADATA, OPENID_METADATA, ScriptedIssuer, jwks};
use crate::support::servers::Notes;

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_secs(60);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// A server that trusts these issuers.
fn app_of(issuers: &[&ScriptedIssuer], settings: impl FnOnce(JwtVerifierBuilder) -> JwtVerifierBuilder) -> Router {
    let protection = Protection::of::<Notes>().issuers(issuers.iter().map(|issuer| &*issuer.url)).unwrap();
    let verifier = settings(JwtVerifier::builder(&protection)).build().unwrap();
    Http::protected(Notes::default(), verifier).protection(protection).router()
}

fn app(issuer: &ScriptedIssuer) -> Router {
    app_of(&[issuer], |builder| builder)
}

/// Builds the app without discovery, so that each fetch is one request.
fn plain_app(issuer: &ScriptedIssuer, settings: impl FnOnce(JwtVerifierBuilder) -> JwtVerifierBuilder) -> Router {
    app_of(&[issuer], |builder| settings(builder.profile(JwtProfile::rfc9068().jwks_url(issuer.at(JWKS)))))
}

/// The verdict about a token: the status, and the seconds of `Retry-After` where there are some.
async fn verdict(app: &Router, token: String) -> String {
    let response = send(app, call(&token, "list_notes", "{}")).await;
    let retry = response.lines().find_map(|line| line.strip_prefix("retry-after: "));
    retry.map_or(response[..3].to_owned(), |seconds| format!("{} {seconds}", &response[..3]))
}

fn begin(app: &Router, token: String) -> JoinHandle<String> {
    let app = app.clone();
    tokio::spawn(async move { verdict(&app, token).await })
}

fn seconds(verdict: &str) -> u64 {
    verdict.strip_prefix("503 ").and_then(|seconds| seconds.parse().ok()).unwrap_or_else(|| panic!("{verdict}"))
}

async fn until_logged(log: &Log, text: &str) {
    let logged = async {
        while !log.text().contains(text) {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(MINUTE, logged).await.unwrap_or_else(|_| panic!("{text} in {}", log.text()));
}

/// A fetch that nobody waits for has an end, too.
const STORED: &str = "fetched the keys of an issuer";
const FAILED: &str = "the keys of an issuer can't be fetched";

#[tokio::test]
async fn many_first_requests_share_one_fetch_whoever_goes_away() {
    let key = Key::new("one");
    let issuer = ScriptedIssuer::start(&[&key]).await;
    let app = app(&issuer);
    assert_eq!(issuer.take_asked(), [""; 0], "a server starts without its issuers");
    issuer.hold(METADATA);
    let mut requests: Vec<_> = (0..50).map(|_| begin(&app, issuer.token(&key))).collect();
    issuer.until_asked(METADATA, 1).await;
    for gone in requests.drain(..10) {
        gone.abort();
        assert!(gone.await.unwrap_err().is_cancelled());
    }
    issuer.release();
    for request in requests {
        assert_eq!(request.await.unwrap(), "200");
    }
    assert_eq!(issuer.take_asked(), [METADATA, JWKS]);
    assert_eq!(verdict(&app, issuer.token(&key)).await, "200");
    assert_eq!(issuer.take_asked(), [""; 0]);
}

#[tokio::test]
async fn an_issuer_that_is_down_at_first_is_asked_again_soon() {
    let key = Key::new("one");
    let issuer = ScriptedIssuer::start(&[&key]).await;
    let app = app(&issuer);
    issuer.fail(JWKS);
    let requests = [(); 20].map(|()| begin(&app, issuer.token(&key)));
    for request in requests {
        assert_eq!(request.await.unwrap(), "503 1");
    }
    at_once(async {
        issuer.publish(&[&key]);
        assert_eq!(verdict(&app, issuer.token(&key)).await, "503 1", "not so soon");
    })
    .await;
    assert_eq!(issuer.count(JWKS), 1);
    pass(SECOND).await;
    assert_eq!(verdict(&app, issuer.token(&key)).await, "200");
    assert_eq!(issuer.count(JWKS), 2);
}

#[tokio::test]
async fn an_issuer_that_hangs_costs_no_more_than_the_timeout() {
    let key = Key::new("one");
    let issuer = ScriptedIssuer::start(&[&key]).await;
    let app = app_of(&[&issuer], |builder| builder.fetch_timeout(3 * SECOND));
    issuer.hold(METADATA);
    let requests = [(); 20].map(|()| begin(&app, issuer.token(&key)));
    issuer.until_asked(METADATA, 1).await;
    pass(3 * SECOND).await;
    for request in requests {
        assert_eq!(request.await.unwrap(), "503 1");
    }
    assert_eq!(issuer.take_asked(), [METADATA], "the same host is not tried at another path");
}

#[tokio::test]
async fn keys_are_refreshed_before_they_are_old_and_nobody_waits_for_that() {
    let log = Log::start();
    let (old, new) = (Key::new("old"), Key::new("new"));
    let issuer = ScriptedIssuer::start(&[&old]).await;
    let app = app_of(&[&issuer], |builder| builder.key_lifetime(10 * MINUTE));
    assert_eq!(verdict(&app, issuer.token(&old)).await, "200");
    pass(7 * MINUTE).await;
    assert_eq!(verdict(&app, issuer.token(&old)).await, "200");
    assert_eq!(issuer.take_asked(), [METADATA, JWKS]);
    pass(MINUTE).await;
    issuer.hold(METADATA);
    issuer.publish(&[&old, &new]);
    for _ in 0..10 {
        assert_eq!(verdict(&app, issuer.token(&old)).await, "200");
    }
    issuer.release();
    until_logged(&log, r#"kids=["new", "old"]"#).await;
    assert_eq!(issuer.take_asked(), [METADATA, JWKS]);
    assert_eq!(verdict(&app, issuer.token(&new)).await, "200");
    assert_eq!(issuer.take_asked(), [""; 0]);
}

#[tokio::test]
async fn old_keys_are_used_while_the_issuer_is_down_and_not_for_ever() {
    let log = Log::start();
    let key = Key::new("one");
    let issuer = ScriptedIssuer::start(&[&key]).await;
    let app = app_of(&[&issuer], |builder| builder.key_lifetime(10 * MINUTE).max_stale(DAY));
    let cached = issuer.token(&key);
    assert_eq!(verdict(&app, cached.clone()).await, "200");
    issuer.fail(METADATA);
    issuer.fail(JWKS);
    issuer.take_asked();
    pass(11 * MINUTE).await;
    assert_eq!(verdict(&app, issuer.token(&key)).await, "200");
    at_once(async {
        for _ in 0..10 {
            assert_eq!(verdict(&app, issuer.token(&key)).await, "200");
        }
    })
    .await;
    // Where the keys were is good for as long as nothing else is known.
    assert_eq!(issuer.take_asked(), [METADATA, OPENID_METADATA, JWKS]);
    assert_eq!(log.text().matches("those it had are in use, though they are old").count(), 1);

    issuer.hold(METADATA);
    pass(SECOND).await;
    assert_eq!(verdict(&app, issuer.token(&key)).await, "200", "nobody waits for the next attempt");
    issuer.until_asked(METADATA, 1).await;
    assert_eq!(verdict(&app, issuer.token(&key)).await, "200");
    issuer.release();
    issuer.until_asked(JWKS, 1).await;

    pass(DAY).await;
    assert_eq!(verdict(&app, issuer.token(&key)).await, "503 1");
    assert_eq!(verdict(&app, cached.clone()).await, "503 1", "a token that was verified before is no better");
    issuer.publish(&[&key]);
    pass(SECOND).await;
    assert_eq!(verdict(&app, issuer.token(&key)).await, "200");
    assert_eq!(verdict(&app, cached).await, "200");
}

#[tokio::test]
async fn keys_that_their_issuer_withdrew_are_gone_at_once() {
    let (old, new) = (Key::new("old"), Key::new("new"));
    let issuer = ScriptedIssuer::start(&[&old]).await;
    let app = plain_app(&issuer, |builder| builder.key_lifetime(Duration::ZERO));
    assert_eq!(verdict(&app, issuer.token(&old)).await, "200");
    issuer.say(JWKS, "{\"keys\":{}}");
    assert_eq!(verdict(&app, issuer.token(&old)).await, "200", "that is no answer");
    pass(SECOND).await;
    issuer.publish(&[]);
    let asked = issuer.count(JWKS);
    while verdict(&app, issuer.token(&old)).await == "200" {
        tokio::task::yield_now().await;
    }
    assert_eq!(issuer.count(JWKS), asked + 1);
    assert_eq!(verdict(&app, issuer.token(&old)).await, "503 1");
    issuer.publish(&[&new]);
    pass(SECOND).await;
    assert_eq!(verdict(&app, issuer.token(&new)).await, "200");
    assert_eq!(verdict(&app, issuer.token(&old)).await, "401");
}

#[tokio::test]
async fn the_order_of_keys_says_nothing() {
    let (one, two) = (Key::new("one"), Key::new("two"));
    let issuer = ScriptedIssuer::start(&[&one, &two]).await;
    let app = plain_app(&issuer, |builder| builder.key_lifetime(Duration::ZERO));
    let log = Log::start();
    assert_eq!(verdict(&app, issuer.token(&one)).await, "200");
    issuer.publish(&[&two, &one]);
    assert_eq!(verdict(&app, issuer.token(&two)).await, "200");
    assert_eq!(issuer.count(JWKS), 2);
    assert_eq!(log.text().matches(STORED).count(), 1, "they are the same");
}

#[tokio::test]
async fn no_lifetime_and_no_stale_keys_are_settings_too() {
    let key = Key::new("one");
    let issuer = ScriptedIssuer::start(&[&key]).await;
    let app = plain_app(&issuer, |builder| builder.key_lifetime(Duration::ZERO).max_stale(Duration::ZERO));
    for fetches in 1..=3 {
        assert_eq!(verdict(&app, issuer.token(&key)).await, "200");
        assert_eq!(issuer.count(JWKS), fetches);
    }
    issuer.fail(JWKS);
    assert_eq!(verdict(&app, issuer.token(&key)).await, "503 1");
}

#[tokio::test]
async fn a_new_key_is_found_when_its_first_token_comes() {
    let (old, new) = (Key::new("old"), Key::new("new"));
    let issuer = ScriptedIssuer::start(&[&old]).await;
    let app = app(&issuer);
    let cached = issuer.token(&old);
    assert_eq!(verdict(&app, cached.clone()).await, "200");
    issuer.publish(&[&new]);
    issuer.hold(JWKS);
    let requests = [(); 20].map(|()| begin(&app, issuer.token(&new)));
    issuer.until_asked(JWKS, 2).await;
    assert_eq!(verdict(&app, issuer.token(&old)).await, "200", "a token with a known key waits for nothing");
    issuer.release();
    for request in requests {
        assert_eq!(request.await.unwrap(), "200");
    }
    assert_eq!(issuer.count(JWKS), 2);
    assert_eq!(verdict(&app, issuer.token(&old)).await, "401");
    assert_eq!(verdict(&app, cached).await, "401", "a token that was verified before is gone with its key");
}

#[tokio::test]
async fn a_new_key_under_an_old_name_is_found_when_its_first_token_comes() {
    let (old, new) = (Key::new("same"), Key::new("same"));
    let issuer = ScriptedIssuer::start(&[&old]).await;
    let app = app(&issuer);
    let cached = issuer.token(&old);
    assert_eq!(verdict(&app, cached.clone()).await, "200");
    issuer.publish(&[&new]);
    let requests = [(); 20].map(|()| begin(&app, issuer.token(&new)));
    for request in requests {
        assert_eq!(request.await.unwrap(), "200");
    }
    assert_eq!(issuer.count(JWKS), 2);
    assert_eq!(verdict(&app, issuer.token(&old)).await, "401");
    assert_eq!(verdict(&app, cached).await, "401");
}

#[tokio::test]
async fn a_new_key_is_found_though_its_tokens_are_dated_back_or_its_name_was_guessed() {
    let (old, same, next) = (Key::new("old"), Key::new("old"), Key::new("next"));
    let issuer = ScriptedIssuer::start(&[&old]).await;
    let app = plain_app(&issuer, |builder| builder.refetch_limit(3, DAY));
    assert_eq!(verdict(&app, issuer.token(&old)).await, "200");
    // Clocks differ.
    issuer.publish(&[&same]);
    assert_eq!(verdict(&app, issuer.token_from_before(&same, 5)).await, "200");
    // Somebody knows what the next name will be.
    for _ in 0..3 {
        assert_eq!(verdict(&app, issuer.token(&Key::new("next"))).await, "401");
    }
    issuer.publish(&[&same, &next]);
    assert_eq!(verdict(&app, issuer.token_from_before(&next, 5)).await, "200");
    // Some issuers date all tokens back.
    let other = Key::new("old");
    issuer.publish(&[&other]);
    pass(10 * SECOND).await;
    assert_eq!(verdict(&app, issuer.token_from_before(&other, 300)).await, "200");
}

#[tokio::test]
async fn an_outage_uses_up_nothing_that_finds_new_keys() {
    let (old, new) = (Key::new("old"), Key::new("new"));
    let issuer = ScriptedIssuer::start(&[&old]).await;
    let app = plain_app(&issuer, |builder| builder.refetch_limit(2, DAY));
    assert_eq!(verdict(&app, issuer.token(&old)).await, "200");
    issuer.fail(JWKS);
    for fetches in 2..=20 {
        assert_eq!(verdict(&app, issuer.token(&new)).await, "503 1");
        assert_eq!(issuer.count(JWKS), fetches);
        pass(SECOND).await;
    }
    issuer.publish(&[&new]);
    assert_eq!(verdict(&app, issuer.token(&new)).await, "200", "at once when it is over");
}

#[tokio::test]
async fn a_fetch_that_began_before_the_key_was_asked_for_proves_nothing() {
    let (old, new) = (Key::new("old"), Key::new("new"));
    let issuer = ScriptedIssuer::start(&[&old]).await;
    let app = plain_app(&issuer, |builder| builder.key_lifetime(10 * MINUTE));
    assert_eq!(verdict(&app, issuer.token(&old)).await, "200");
    pass(9 * MINUTE).await;
    issuer.hold(JWKS);
    assert_eq!(verdict(&app, issuer.token(&old)).await, "200");
    issuer.until_asked(JWKS, 2).await;
    // The answer that is under way does not have it yet.
    issuer.publish(&[&old, &new]);
    let requests = [(); 20].map(|()| begin(&app, issuer.token(&new)));
    tokio::task::yield_now().await;
    issuer.release();
    for request in requests {
        assert_eq!(request.await.unwrap(), "200");
    }
    assert_eq!(issuer.count(JWKS), 3);
}

#[tokio::test]
async fn a_flood_of_unknown_keys_is_bounded_and_refuses_no_good_token() {
    let key = Key::new("one");
    let issuer = ScriptedIssuer::start(&[&key]).await;
    let app = plain_app(&issuer, |builder| builder.key_lifetime(DAY).refetch_limit(3, 30 * SECOND));
    assert_eq!(verdict(&app, issuer.token(&key)).await, "200");
    issuer.take_asked();
    for kid in ["a", "b", "c"] {
        for _ in 0..5 {
            let token = issuer.token_from_before(&Key::new(kid), 20);
            assert_eq!(verdict(&app, token).await, "401", "{kid} is looked for once");
        }
    }
    for number in 0..50 {
        let wait = seconds(&verdict(&app, issuer.token(&Key::new(&number.to_string()))).await);
        assert!((1..=30).contains(&wait), "{wait}");
    }
    assert_eq!(issuer.count(JWKS), 3);
    // In the middle of it, the issuer has a new key.
    let new = Key::new("new");
    issuer.publish(&[&key, &new]);
    pass(20 * SECOND).await;
    assert!(seconds(&verdict(&app, issuer.token(&new)).await) <= 10, "nobody can tell");
    assert_eq!(verdict(&app, issuer.token(&key)).await, "200");
    pass(10 * SECOND).await;
    assert_eq!(verdict(&app, issuer.token(&new)).await, "200");
    assert_eq!(issuer.count(JWKS), 4);
    // What was unknown a while ago is looked for again.
    issuer.publish(&[&key, &new, &Key::new("a")]);
    pass(30 * SECOND).await;
    assert_eq!(verdict(&app, issuer.token(&Key::new("b"))).await, "401");
    assert_eq!(issuer.count(JWKS), 5);
}

#[tokio::test]
async fn a_flood_of_unknown_keys_does_not_delay_known_ones_while_the_issuer_hangs() {
    let key = Key::new("one");
    let issuer = ScriptedIssuer::start(&[&key]).await;
    let app = plain_app(&issuer, |builder| builder.key_lifetime(10 * MINUTE).fetch_timeout(5 * SECOND));
    assert_eq!(verdict(&app, issuer.token(&key)).await, "200");
    issuer.hold(JWKS);
    let flood: Vec<_> = (0..50).map(|n| begin(&app, issuer.token(&Key::new(&format!("unknown-{n}"))))).collect();
    issuer.until_asked(JWKS, 2).await;
    for _ in 0..10 {
        assert_eq!(verdict(&app, issuer.token(&key)).await, "200");
    }
    pass(9 * MINUTE).await;
    for request in flood {
        assert_eq!(request.await.unwrap(), "503 1");
    }
    // Now a refresh is due, too, and hangs as well.
    pass(SECOND).await;
    assert_eq!(verdict(&app, issuer.token(&key)).await, "200");
    issuer.until_asked(JWKS, 3).await;
    pass(2 * MINUTE).await;
    assert_eq!(verdict(&app, issuer.token(&key)).await, "200");
    assert_eq!(issuer.count(JWKS), 3);
}

#[tokio::test]
async fn bad_signatures_are_refused_when_the_keys_are_known_to_be_new_enough() {
    let key = Key::new("one");
    let issuer = ScriptedIssuer::start(&[&key]).await;
    let app = plain_app(&issuer, |builder| builder.key_lifetime(DAY).refetch_limit(2, MINUTE));
    let forged = || issuer.token(&Key::new("one"));
    assert_eq!(verdict(&app, forged()).await, "401");
    assert_eq!(verdict(&app, forged()).await, "401");
    assert_eq!(issuer.count(JWKS), 3, "at first, and once for each");
    // The next ones wait for the same fetch.
    let requests = [(); 5].map(|()| begin(&app, forged()));
    tokio::task::yield_now().await;
    at_once(async { assert_eq!(verdict(&app, issuer.token(&key)).await, "200", "a known key waits for nothing") })
        .await;
    pass(SECOND).await;
    for request in requests {
        assert_eq!(request.await.unwrap(), "401");
    }
    assert_eq!(issuer.count(JWKS), 4);
    // Nothing that was forged keeps the issuer from rotating.
    let new = Key::new("one");
    issuer.publish(&[&new]);
    let request = begin(&app, issuer.token(&new));
    tokio::task::yield_now().await;
    pass(SECOND).await;
    assert_eq!(request.await.unwrap(), "200");
    // While nobody can tell, nothing is refused.
    pass(MINUTE).await;
    issuer.fail(JWKS);
    assert_eq!(verdict(&app, forged()).await, "503 1");
    at_once(async {
        assert_eq!(verdict(&app, forged()).await, "503 1");
        assert_eq!(verdict(&app, issuer.token(&Key::new("unknown"))).await, "503 1");
        assert_eq!(verdict(&app, issuer.token(&new)).await, "200");
    })
    .await;
    assert_eq!(issuer.count(JWKS), 6);
}

#[tokio::test]
async fn keys_are_not_fetched_for_forged_tokens_that_are_older_than_they() {
    let key = Key::new("one");
    let issuer = ScriptedIssuer::start(&[&key]).await;
    let app = plain_app(&issuer, |builder| builder);
    assert_eq!(verdict(&app, issuer.token(&key)).await, "200");
    at_once(async {
        for _ in 0..100 {
            assert_eq!(verdict(&app, issuer.token_from_before(&Key::new("one"), 20)).await, "401");
        }
    })
    .await;
    assert_eq!(issuer.count(JWKS), 1);
}

#[tokio::test]
async fn without_refetching_nobody_can_tell_what_an_unknown_key_is() {
    let (old, new) = (Key::new("old"), Key::new("new"));
    let issuer = ScriptedIssuer::start(&[&old]).await;
    let app = plain_app(&issuer, |builder| builder.key_lifetime(MINUTE).refetch_limit(0, 30 * SECOND));
    assert_eq!(verdict(&app, issuer.token(&new)).await, "503 30");
    assert_eq!(verdict(&app, issuer.token(&Key::new("old"))).await, "401");
    issuer.publish(&[&new]);
    assert_eq!(issuer.count(JWKS), 1);
    pass(MINUTE).await;
    assert_eq!(verdict(&app, issuer.token(&new)).await, "200");
}

#[tokio::test]
async fn issuers_have_their_own_keys_and_their_own_outages() {
    let (ours, theirs) = (Key::new("same"), Key::new("same"));
    let (up, down) = (ScriptedIssuer::start(&[&ours]).await, ScriptedIssuer::start(&[&theirs]).await);
    let app = app_of(&[&up, &down], |builder| builder);
    down.fail(METADATA);
    assert_eq!(verdict(&app, up.token(&ours)).await, "200");
    assert_eq!(verdict(&app, down.token(&theirs)).await, "503 1");
    down.say(METADATA, json!({"issuer": down.url, "jwks_uri": down.at(JWKS)}));
    pass(SECOND).await;
    assert_eq!(verdict(&app, down.token(&theirs)).await, "200");
    assert_eq!(verdict(&app, up.token(&theirs)).await, "401");
    assert_eq!(verdict(&app, down.token(&ours)).await, "401");
    assert_eq!(verdict(&app, ours.sign("http://127.0.0.1:1", 0)).await, "401");
}

#[tokio::test]
async fn what_is_not_the_metadata_of_the_issuer_is_not_used() {
    let key = Key::new("one");
    let log = Log::start();
    let good = jwks(&[&key]);
    type Script = fn(&ScriptedIssuer);
    let cases: [(Script, &str); 9] = [
        (
            |issuer| issuer.say(METADATA, json!({"issuer": issuer.url.clone() + "/", "jwks_uri": issuer.at(JWKS)})),
            "to the letter",
        ),
        (|issuer| issuer.say(METADATA, "<html>"), "is not usable: it is not JSON"),
        (
            |issuer| issuer.say(METADATA, json!({"issuer": issuer.url, "jwks_uri": "http://keys.example.com/"})),
            "has an unusable `jwks_uri`: `http` is for loopback hosts only",
        ),
        (|issuer| issuer.redirect(METADATA, METADATA), "redirects more than 3 times"),
        (|issuer| issuer.redirect(METADATA, "http://auth.example.com/"), "redirects to where it may not"),
        (|issuer| issuer.say(METADATA, " ".repeat(4097)), "answers with more than 4096 bytes"),
        (|issuer| issuer.say(JWKS, r#"{"keys":[]}"#), "/jwks: no key can verify tokens"),
        (|issuer| issuer.say(JWKS, " ".repeat(4097)), "/jwks answers with more than 4096 bytes"),
        (|issuer| issuer.redirect(JWKS, JWKS), "/jwks redirects more than 3 times"),
    ];
    for (script, reason) in cases {
        let issuer = ScriptedIssuer::start(&[]).await;
        issuer.say(JWKS, &good);
        script(&issuer);
        let app = app_of(&[&issuer], |builder| builder.max_document_bytes(4096));
        assert_eq!(verdict(&app, issuer.token(&key)).await, "503 1", "{reason}");
        let log = log.text();
        let warning = log.lines().rfind(|line| line.contains(FAILED)).unwrap_or_else(|| panic!("{reason}: {log}"));
        assert!(warning.contains(reason) && warning.contains(&issuer.url), "{warning}");
    }
    assert!(!log.text().contains(STORED));
}

#[tokio::test]
async fn metadata_is_looked_for_where_providers_put_it() {
    let key = Key::new("one");
    let rfc8414 = "/.well-known/oauth-authorization-server/tenant";
    let openid = "/.well-known/openid-configuration/tenant";
    let appended = "/tenant/.well-known/openid-configuration";
    for (place, tried) in
        [(rfc8414, &[rfc8414][..]), (openid, &[rfc8414, openid]), (appended, &[rfc8414, openid, appended])]
    {
        let issuer = ScriptedIssuer::empty("/tenant").await;
        // Pages that a site has instead of a 404.
        issuer.redirect(rfc8414, "http://login.example.com/");
        issuer.say(openid, "x".repeat(5000));
        issuer.redirect(place, "/moved");
        issuer.say("/moved", json!({"issuer": issuer.url, "jwks_uri": issuer.at(JWKS)}));
        issuer.publish(&[&key]);
        let app = app_of(&[&issuer], |builder| builder.max_document_bytes(4096).key_lifetime(MINUTE));
        assert_eq!(verdict(&app, issuer.token(&key)).await, "200", "{place}");
        assert_eq!(issuer.take_asked(), [tried, &["/moved", JWKS]].concat());
        pass(MINUTE).await;
        assert_eq!(verdict(&app, issuer.token(&key)).await, "200");
        assert_eq!(issuer.take_asked(), [place, "/moved", JWKS], "where it was the last time comes first");
    }
}

#[tokio::test]
async fn given_keys_are_never_fetched() {
    let key = Key::new("one");
    let issuer = ScriptedIssuer::start(&[&key]).await;
    let app = app_of(&[&issuer], |builder| {
        builder.profile(JwtProfile::rfc9068().jwks(jwks(&[&key]))).key_lifetime(Duration::ZERO)
    });
    assert_eq!(verdict(&app, issuer.token(&key)).await, "200");
    assert_eq!(verdict(&app, issuer.token(&Key::new("one"))).await, "401");
    assert_eq!(verdict(&app, issuer.token(&Key::new("unknown"))).await, "401");
    assert_eq!(issuer.take_asked(), [""; 0]);
}

/// Each confirms signatures that anyone can write.
#[test]
fn weak_keys_are_not_used() {
    let order_8 = [
        0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b, 0x76, 0x0d, 0x10, 0x67, 0x0f, 0x2a, 0x20,
        0x53, 0xfa, 0x2c, 0x39, 0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77, 0x92, 0xac, 0x03, 0x7a,
    ];
    let (mut one, mut negative) = ([0; 32], order_8);
    one[0] = 1;
    negative[31] |= 0x80;
    let ed25519 = |x: &[u8]| json!({"kty": "OKP", "crv": "Ed25519", "x": URL_SAFE_NO_PAD.encode(x)});
    let rsa = |n: &[u8]| json!({"kty": "RSA", "n": URL_SAFE_NO_PAD.encode(n), "e": "AQAB"});
    let ec = |name: &str, value: Value| {
        let mut jwk = TestKey::generate(JwtAlgorithm::ES256).public_jwk();
        jwk[name] = value;
        jwk
    };
    for (mut jwk, reason) in [
        (ed25519(&[0; 32]), "is of a small order"),
        (ed25519(&one), "is of a small order"),
        (ed25519(&order_8), "is of a small order"),
        (ed25519(&negative), "is of a small order"),
        (ed25519(&[7; 31]), "has a wrong length"),
        (ed25519(&[]), "has a wrong length"),
        (rsa(&[0xff; 255]), "has less than 2048 bits"),
        (rsa(&[&[0][..], &[0xff; 255]].concat()), "has less than 2048 bits"),
        (ec("d", json!("AAAA")), "is a private one"),
        (ec("use", json!("enc")), "is not for signatures"),
        (ec("key_ops", json!(["sign"])), "is not for verifying"),
        (ec("key_ops", json!("verify")), "is not for verifying"),
        (ec("alg", json!("HS256")), "is for an algorithm that is not accepted, or not one of its type"),
        (ec("alg", json!("ES384")), "is for an algorithm that is not accepted, or not one of its type"),
        (ec("alg", json!(["ES256"])), "has a member of a wrong type"),
        (ec("crv", json!("P-384")), "has coordinates of a wrong length"),
        (ec("crv", json!("secp256k1")), "is of a type that is not supported"),
        (ec("y", json!("AA==")), "has a part that is not canonical base64url"),
        (ec("y", Value::Null), "has a member of a wrong type"),
        (json!({"kty": "oct", "k": "AAAA", "alg": "HS256"}), "is of a type that is not supported"),
    ] {
        jwk["kid"] = json!("a");
        let jwks = json!({"keys": [jwk]}).to_string();
        let builder = JwtVerifier::builder(&Protection::of::<Notes>()).profile(JwtProfile::rfc9068().jwks(jwks));
        let error = builder.build().unwrap_err().to_string();
        assert!(error.ends_with(&format!("no key can verify tokens: the key `a` {reason}")), "{error}");
    }
}

#[test]
fn of_thousands_of_keys_that_cannot_be_used_not_every_one_is_told() {
    let jwks = format!(r#"{{"keys":[{}{{}}]}}"#, "{},".repeat(50_000));
    let builder = JwtVerifier::builder(&Protection::of::<Notes>()).profile(JwtProfile::rfc9068().jwks(jwks));
    let error = builder.build().unwrap_err().to_string();
    assert!(error.contains("key 2 is of a type that is not supported") && error.len() < 2000, "{}", error.len());
}
