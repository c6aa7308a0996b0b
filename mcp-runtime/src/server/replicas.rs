//! The changes that the instances of a server tell each other.

use std::sync::{Arc, Weak};

use super::changes::subscriptions::Change;
use super::service::Service;
use crate::backplane::Backplane;
use crate::backplane::envelope::Envelopes;
use crate::backplane::link::{Link, Receiver};

impl Service {
    /// Connects this instance to the others.
    ///
    /// # Panics
    /// Outside of a tokio runtime.
    pub(crate) fn connect(self: &Arc<Self>, engine: Arc<dyn Backplane>, envelopes: Envelopes) {
        self.shared().set_link(Link::new(engine, envelopes, Instance(Arc::downgrade(self))));
    }

    /// Tells the other instances that this one ends.
    pub(crate) async fn leave(&self) {
        if let Some(link) = self.shared().link() {
            link.leave().await;
        }
    }
}

/// The service of this instance, which ends with its server.
struct Instance(Weak<Service>);

impl Receiver for Instance {
    fn receive(&self, message: &[u8]) {
        if let (Some(service), Some(change)) = (self.0.upgrade(), Change::decode(message)) {
            service.shared().listeners().tell(&change);
        }
    }

    fn miss(&self) {
        if let Some(service) = self.0.upgrade() {
            let listeners = Arc::clone(service.shared().listeners());
            tokio::spawn(async move { listeners.tell_everything().await });
        }
    }
}
