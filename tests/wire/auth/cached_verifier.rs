//! A verifier that remembers what another one said.

use std::future::pending;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::task::{Context, Poll, Waker};
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
    is_down: Arc<AtomicBool>,
}

impl Service {
    fn new() -> Self {
        Self { asked: Arc::default(), open: Arc::new(Semaphore::new(Semaphore::MAX_PERMITS)), is_down: Arc::default() }
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
        // Each permit is for one call.
        self.open.acquire().await.expect("a service").forget();
        if self.is_down.load(Ordering::Relaxed) {
            return Err(TokenError::unavailable("down"));
        }
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
        ("good", 23, 0),
        // After a while without a request.
        ("good", 30, 1),
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
        (service.cached().cache_bytes(20_000), "large", 2),
        (service.cached().cache_bytes(40_000), "large", 1),
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

fn is_ready<F: Future<Output = Result<AccessToken, TokenError>>>(future: std::pin::Pin<&mut F>) -> bool {
    matches!(future.poll(&mut Context::from_waker(Waker::noop())), Poll::Ready(Ok(_)))
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

/// Lets tasks in the background do what they can.
async fn settle() {
    for _ in 0..10 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_token_in_use_is_verified_again_in_the_background() {
    let service = Service::closed();
    let verifier = service.cached().max_concurrent(1).build();
    service.open.add_permits(1);
    assert!(verifier.verify_token("good").await.is_ok());
    assert_eq!(service.asked(), 1);
    let at = async |seconds: u32, expected: usize| {
        tokio::time::advance(seconds * SECOND).await;
        // No request waits, though there is no answer yet.
        assert!(is_ready(pin!(verifier.verify_token("good"))));
        settle().await;
        assert_eq!(service.asked(), expected, "{seconds} s later");
    };
    at(23, 0).await;
    at(1, 1).await;
    // It runs once, and a failed one is repeated, but not by each request.
    at(1, 0).await;
    tokio::time::advance(SECOND).await;
    service.open.add_permits(1);
    settle().await;
    // Its lifetime counts from the second verification.
    at(20, 0).await;
}

#[tokio::test(start_paused = true)]
async fn a_renewal_that_fails_is_repeated_now_and_then() {
    let service = Service::new();
    let verifier = service.cached().build();
    assert!(verifier.verify_token("good").await.is_ok());
    service.asked();
    // It answers, but not about the token.
    let mut renewals = 0;
    service.is_down.store(true, Ordering::Relaxed);
    tokio::time::advance(24 * SECOND).await;
    for _ in 0..59 {
        assert!(verifier.verify_token("good").await.is_ok());
        settle().await;
        tokio::time::advance(SECOND / 10).await;
        renewals += service.asked();
    }
    assert_eq!(renewals, 4, "every 1.5 seconds");
    tokio::time::advance(SECOND).await;
    assert!(verifier.verify_token("good").await.is_err(), "nothing is accepted for longer");
}

#[tokio::test(start_paused = true)]
async fn unknown_tokens_leave_turns_for_known_ones() {
    let service = Service::closed();
    let verifier = service.cached().max_concurrent(4).cache_lifetime(SECOND).build();
    service.open.add_permits(1);
    assert!(verifier.verify_token("good").await.is_ok());
    tokio::time::advance(2 * SECOND).await;
    service.asked();
    // A flood of tokens that nobody has seen.
    let mut flood: Vec<_> = (0..100)
        .map(|number| {
            Box::pin({
                let verifier = &verifier;
                async move { verifier.verify_token(&format!("bad-{number}")).await }
            })
        })
        .collect();
    assert!(flood.iter_mut().all(|request| is_waiting(request.as_mut())));
    settle().await;
    assert_eq!(service.asked(), 3);
    let mut known = Box::pin(verifier.verify_token("good"));
    assert!(is_waiting(known.as_mut()));
    settle().await;
    assert_eq!(service.asked(), 1, "its turn does not wait for theirs");
    service.open.add_permits(200);
    assert!(known.await.is_ok());
    for request in flood {
        assert_eq!(request.await, Err(TokenError::invalid("unknown")));
    }
}

#[tokio::test(start_paused = true)]
async fn a_service_that_does_not_answer_is_tried_once_at_a_time() {
    let service = Service::closed();
    let verifier = service.cached().timeout(5 * SECOND).build();
    let failed = |verdict: Result<AccessToken, TokenError>| match verdict {
        Err(TokenError::Unavailable { reason, .. }) => reason.into_owned(),
        other => panic!("{other:?}"),
    };
    for number in 0..3 {
        assert_eq!(failed(verifier.verify_token(&format!("good-{number}")).await), "no verdict within 5s");
    }
    service.asked();
    let mut probe = Box::pin(verifier.verify_token("good-3"));
    assert!(is_waiting(probe.as_mut()));
    // Everybody else gets an answer at once.
    let start = tokio::time::Instant::now();
    for number in 0..100 {
        let verdict = verifier.verify_token(&format!("good-{number}")).await;
        let expected = "the last verifications took longer than `timeout`, so one is tried at a time";
        assert_eq!(failed(verdict), expected);
    }
    assert_eq!(start.elapsed(), Duration::ZERO);
    settle().await;
    assert_eq!(service.asked(), 1);
    assert_eq!(failed(probe.await), "no verdict within 5s");
    // The next one is a probe, too, and its answer ends the outage.
    service.open.add_permits(100);
    assert!(verifier.verify_token("good-3").await.is_ok());
    service.open.forget_permits(100);
    let mut several = [4, 5].map(|number| {
        Box::pin({
            let verifier = &verifier;
            async move { verifier.verify_token(&format!("good-{number}")).await }
        })
    });
    assert!(several.iter_mut().all(|request| is_waiting(request.as_mut())));
    settle().await;
    service.open.add_permits(2);
    for request in several {
        assert!(request.await.is_ok());
    }
}

#[test]
fn a_cached_verifier_is_for_the_same_tokens() {
    let service = Service::new();
    assert_eq!(CachedVerifier::new(service.clone()).accepts(), service.accepts());
}
