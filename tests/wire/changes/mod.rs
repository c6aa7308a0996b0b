//! Announcements of changes.

mod subscriptions;
