//! Types of other crates and of the standard library.

use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use mcp::Json;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use url::Url;
use uuid::Uuid;

pub(crate) struct Foreign;

#[derive(Serialize, Deserialize, JsonSchema)]
struct Appointment {
    id: Uuid,
    begins: DateTime<Utc>,
    day: NaiveDate,
    time: NaiveTime,
    page: Option<Url>,
    lasts: Duration,
}

#[derive(Serialize, Deserialize, JsonSchema)]
struct Host {
    address: IpAddr,
    root: PathBuf,
}

#[mcp::part(of = crate::Dialects)]
impl Foreign {
    /// Return a point in time.
    #[mcp::tool(read_only)]
    fn foreign_timestamp(&self, value: DateTime<Utc>) -> Json<DateTime<Utc>> {
        Json(value)
    }

    /// Return a time of day.
    #[mcp::tool(read_only)]
    fn foreign_time(&self, value: NaiveTime) -> Json<NaiveTime> {
        Json(value)
    }

    /// Return a UUID.
    #[mcp::tool(read_only)]
    fn foreign_uuid(&self, value: Uuid) -> Json<Uuid> {
        Json(value)
    }

    /// Return a URL.
    #[mcp::tool(read_only)]
    fn foreign_url(&self, value: Url) -> Json<Url> {
        Json(value)
    }

    /// Return an appointment.
    #[mcp::tool(read_only)]
    fn foreign_mixed(&self, value: Appointment) -> Json<Appointment> {
        Json(value)
    }

    /// Return an address and a path.
    #[mcp::tool(read_only)]
    fn foreign_std(&self, value: Host) -> Json<Host> {
        Json(value)
    }
}
