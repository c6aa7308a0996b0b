//! A verifier that remembers what another one said.

use std::future::pending;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Waker};
use std::time::{Duration, SystemTime};

use mcp::{AcceptedTokens, AccessToken, CachedVerifier, CachedVerifierBuilder, TokenError, TokenVerifier};
use tokio::sync::Semaphore;

const SECOND: Duration = Duration::from_secs(1);

/// Says what a token is named after, and counts how often it was asked.
#[derive(Debug, Clone)]
struct Service {
    asked: Arc<AtomicUsize>,
    /// The permits to answer, one for each call.
    open: Arc<Semaphore>,
}

impl Service {
    fn new() -> Self {
        Self { asked: Arc::default(), open: Arc::new(Semaphore::new(Semaphore::MAX_PERMITS)) }
    }

    fn closed() -> Self {
        Self { open: Arc::new(Semaphore::new(0)), ..Self::new() }
    }

    /// Returns the number of calls since the last time.
    fn asked(&self) -> usize {
        self.asked.swap(0, Ordering::Relaxed)
    }

    fn cached(&self) -> CachedVerifierBuilder<Self> {
        CachedVerifier::builder(self.clone())
    }
}

impl TokenVerifier for Service {
    async fn verify_token(&self, token: &str) -> Result<AccessToken, TokenError> {
        self.asked.fetch_add(1, Ordering::Relaxed);
        let _permit = self.open.acquire().await;
        let good = || AccessToken::ours(token).with_scopes(["a"]);
        match token.split('-').next() {
            Some("good") => Ok(good()),
            Some("large") => Ok(good().with_claim("text", "x".repeat(10_000))),
            Some("short") => Ok(good().with_expires_at(SystemTime::now())),
            Some("down") => Err(TokenError::unavailable("down")),
            Some("silent") => pending().await,
            Some("panic") => panic!("on purpose"),
            _ => Err(TokenError::invalid("unknown")),
        }
    }

    fn accepts(&self) -> Option<AcceptedTokens> {
        Some(AcceptedTokens::new(["https://auth.example.com"], "https://notes.example.com/mcp"))
    }
}

#[tokio::test(start_paused = true)]
async fn verdicts_are_remembered_for_their_time() {
    let service = Service::new();
    let verifier = Arc::new(service.cached().cache_lifetime(30 * SECOND).refusal_lifetime(10 * SECOND).build());
    for (token, passed, expected) in [
        ("good", 0, 1),
        ("good", 29, 0),
        ("good", 1, 1),
        ("bad", 0, 1),
        ("bad", 9, 0),
        ("bad", 1, 1),
        ("down", 0, 1),
        ("down", 0, 1),
        ("panic", 0, 1),
        ("panic", 0, 1),
    ] {
        tokio::time::advance(passed * SECOND).await;
        let verdict = {
            let verifier = Arc::clone(&verifier);
            tokio::spawn(async move { verifier.verify_token(token).await }).await
        };
        if token == "panic" {
            assert!(verdict.is_err_and(|error| error.is_panic()), "the guard has to see that it is a fault");
            assert_eq!(service.asked(), expected);
            continue;
        }
        let verdict = verdict.unwrap();
        match token {
            "good" => assert_eq!(verdict.unwrap().client_id, "good"),
            "bad" => assert_eq!(verdict, Err(TokenError::invalid("unknown"))),
            _ => assert!(matches!(verdict, Err(TokenError::Unavailable { .. })), "{verdict:?}"),
        }
        assert_eq!(service.asked(), expected, "{token} after {passed} s");
    }
    assert!(verifier.verify_token("short").await.is_ok(), "the guard checks that, too");
    assert_eq!(verifier.verify_token("short").await, Err(TokenError::Expired), "whatever the lifetime is");
    assert_eq!(service.asked(), 1);
}

#[tokio::test]
async fn what_is_remembered_is_bounded() {
    let service = Service::new();
    for (verifier, token, expected) in [
        (service.cached().cache_capacity(0), "good", 2),
        (service.cached().cache_lifetime(Duration::ZERO), "good", 2),
        (service.cached().refusal_lifetime(Duration::ZERO), "bad", 2),
        (service.cached(), "large", 1),
        (service.cached().max_entry_bytes(10_000), "large", 2),
        (service.cached().max_entry_bytes(10_000), "good", 1),
        (service.cached().max_token_bytes(3), "good", 0),
        (service.cached().max_token_bytes(4), "good", 1),
    ] {
        let shown = format!("{verifier:?} {token}");
        let verifier = verifier.build();
        let verdicts = [verifier.verify_token(token).await, verifier.verify_token(token).await];
        assert_eq!(verdicts[0], verdicts[1], "{shown}");
        assert_eq!(service.asked(), expected, "{shown}");
    }
    let few = service.cached().cache_capacity(2).build();
    for number in 0..10 {
        assert!(few.verify_token(&format!("good-{number}")).await.is_ok());
    }
    service.asked();
    assert!(few.verify_token("good-0").await.is_ok());
    assert_eq!(service.asked(), 1, "it was forgotten");
}

fn is_waiting<F: Future>(future: std::pin::Pin<&mut F>) -> bool {
    future.poll(&mut Context::from_waker(Waker::noop())).is_pending()
}

#[tokio::test]
async fn those_who_come_together_share_one_verification() {
    let service = Service::closed();
    let verifier = service.cached().build();
    let mut first = Box::pin(verifier.verify_token("good"));
    let mut second = pin!(verifier.verify_token("good"));
    assert!(is_waiting(first.as_mut()) && is_waiting(second.as_mut()));
    // Nobody depends on who came first.
    drop(first);
    service.open.add_permits(1);
    assert!(second.await.is_ok());
    assert_eq!(service.asked(), 1);
}

#[tokio::test(start_paused = true)]
async fn so_many_verifications_are_under_way_for_so_long() {
    let service = Service::closed();
    let verifier = service.cached().max_concurrent(1).timeout(5 * SECOND).build();
    let mut first = pin!(verifier.verify_token("good-1"));
    assert!(is_waiting(first.as_mut()));
    let late = verifier.verify_token("good-2").await.unwrap_err();
    assert_eq!(
        late.to_string(),
        "the token cannot be verified: `max_concurrent` verifications were under way all the time"
    );
    assert_eq!(first.await.unwrap_err().to_string(), "the token cannot be verified: no verdict within 5s");
    service.open.add_permits(10);
    assert!(verifier.verify_token("good-2").await.is_ok(), "the turn came back");
    let silent = verifier.verify_token("silent").await.unwrap_err();
    assert_eq!(silent.to_string(), "the token cannot be verified: no verdict within 5s");
}

#[test]
fn a_cached_verifier_is_for_the_same_tokens() {
    let service = Service::new();
    assert_eq!(CachedVerifier::new(service.clone()).accepts(), service.accepts());
}
