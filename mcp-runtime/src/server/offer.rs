//! The record of the disabled tools, which all instances of a server share.

use std::sync::{Arc, Weak};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::time::sleep;

use super::changes::subscriptions::Change;
use super::disabled_tools::ToolSwitches;
use super::service::Service;
use crate::backplane::Unavailable;
use crate::backplane::link::Link;
use crate::backplane::records::RecordName;
use crate::backplane::repair::Repair;
use crate::backplane::topic::{Receiver, Topic};

/// The name of the record.
const RECORD: RecordName<'_> = RecordName { kind: "offer", key: b"disabled tools" };

/// The lifetime of the record, from its last change: a hundred years.
const LIFETIME: Duration = Duration::from_secs(100 * 365 * 24 * 60 * 60);

/// The time before the next attempt to read or change the record.
const RETRY: Duration = Duration::from_millis(500);

/// The content of the record.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
struct StoredOffer {
    /// The tools that were disabled or enabled, with `true` for those that are disabled.
    #[serde(default)]
    disabled_tools: ToolSwitches,
}

impl Service {
    /// Shares the disabled tools with other instances from now on. The record takes precedence over the offer so far.
    ///
    /// # Panics
    /// Outside of a tokio runtime.
    pub(super) fn share_offer(self: &Arc<Self>, link: &Arc<Link>) -> OfferReceiver {
        let link = Arc::clone(link);
        let repair = Repair::new(Arc::downgrade(self), move |service: Arc<Self>| {
            // The service is not held while the engine is down, so that it can end.
            synchronize(Arc::downgrade(&service), Arc::clone(&link))
        });
        repair.request();
        self.set_offer(repair);
        OfferReceiver(Arc::downgrade(self))
    }

    /// Applies the record before the first request, if the engine is available.
    pub(crate) async fn load_offer(&self) {
        if let Some(link) = self.shared().link() {
            // Otherwise, it is applied once the engine is back.
            let _ = self.synchronize(link).await;
        }
    }

    /// Stores the changes of this instance, and applies those of the others.
    async fn synchronize(&self, link: &Link) -> Result<(), Unavailable> {
        // An attempt that failed before may have stored them, and the others do not know yet.
        let has_own = self.has_unstored_switches();
        let mut content = StoredOffer::default();
        let changed = link.records().update(RECORD, LIFETIME, |found: Option<StoredOffer>| {
            let found = found.unwrap_or_default();
            content = StoredOffer { disabled_tools: self.merged_switches(found.disabled_tools.clone()) };
            (content != found).then(|| content.clone())
        });
        if changed.await? || has_own {
            link.tell(Topic::Offer, &[]);
        }
        if self.apply_switches(content.disabled_tools) {
            // Those who listen may have read the list before it changed here.
            self.shared().listeners().tell(&Change::Tools);
        }
        Ok(())
    }
}

/// Synchronizes a service with the record, once the engine is available.
async fn synchronize(service: Weak<Service>, link: Arc<Link>) {
    while let Some(this) = service.upgrade()
        && this.synchronize(&link).await.is_err()
    {
        drop(this);
        sleep(RETRY).await;
    }
}

/// The receiver of the news that the record changed, which ends with its server.
pub(super) struct OfferReceiver(Weak<Service>);

impl Receiver for OfferReceiver {
    fn receive(&self, _message: &[u8]) {
        self.miss();
    }

    fn miss(&self) {
        if let Some(service) = self.0.upgrade() {
            service.request_offer();
        }
    }
}
