//! The changes that the instances of a server tell each other.

use std::sync::{Arc, Weak};

use super::changes::subscriptions::Change;
use super::service::Service;
use super::tasks::shared::TaskReceiver;
use crate::backplane::link::Link;
use crate::backplane::repair::Repair;
use crate::backplane::topic::{Receiver, Receivers, Topic};

impl Service {
    /// Connects this instance to the others. The transport receives the messages about sessions.
    ///
    /// # Panics
    /// Outside of a tokio runtime.
    pub(crate) fn connect(self: &Arc<Self>, link: Arc<Link>, sessions: impl Receiver) {
        let changes = ChangeReceiver::new(Arc::downgrade(self));
        let tasks = self.shared().share_tasks(Arc::clone(&link));
        let offer = self.share_offer(&link);
        link.start(Receivers(vec![
            (Topic::Changes, Box::new(changes)),
            (Topic::Sessions, Box::new(sessions)),
            (Topic::Tasks, Box::new(TaskReceiver(Arc::downgrade(&tasks)))),
            (Topic::Offer, Box::new(offer)),
        ]));
        self.shared().set_link(link);
    }

    /// Tells the other instances that this one ends.
    pub(crate) async fn leave(&self) {
        if let Some(link) = self.shared().link() {
            self.shared().end_tasks().await;
            link.leave().await;
        }
    }
}

/// The receiver of the changes of other instances, which ends with its server.
struct ChangeReceiver {
    service: Weak<Service>,
    /// Sends all listeners everything, after a gap.
    repair: Repair,
}

impl ChangeReceiver {
    fn new(service: Weak<Service>) -> Self {
        let repair = Repair::new(Weak::clone(&service), |service: Arc<Service>| {
            // The service is not held meanwhile, because listeners are told everything over some time.
            let listeners = Arc::clone(service.shared().listeners());
            async move { listeners.tell_everything().await }
        });
        Self { service, repair }
    }
}

impl Receiver for ChangeReceiver {
    fn receive(&self, message: &[u8]) {
        if let (Some(service), Some(change)) = (self.service.upgrade(), Change::decode(message)) {
            service.shared().listeners().tell(&change);
        }
    }

    fn miss(&self) {
        self.repair.request();
    }
}
