//! Issues in an SQLite database. Every query names the tenant.

use std::str::FromStr as _;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sqlx::sqlite::{SqliteConnectOptions, SqlitePool, SqlitePoolOptions, SqliteRow};
use sqlx::{Error, FromRow, Row as _};

/// An issue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Issue {
    pub(crate) id: i64,
    pub(crate) title: String,
    /// `false` once it is closed.
    pub(crate) open: bool,
    /// The reason for which it was closed.
    pub(crate) reason: Option<String>,
}

impl FromRow<'_, SqliteRow> for Issue {
    fn from_row(row: &SqliteRow) -> Result<Self, Error> {
        Ok(Self {
            id: row.try_get("id")?,
            title: row.try_get("title")?,
            open: row.try_get("open")?,
            reason: row.try_get("reason")?,
        })
    }
}

#[derive(Debug, Clone)]
pub(crate) struct Store(SqlitePool);

impl Store {
    /// Opens a database, such as `sqlite:tracker.db`, and creates its tables.
    pub(crate) async fn open(url: &str) -> Result<Self, Error> {
        let options = SqliteConnectOptions::from_str(url)?.create_if_missing(true);
        // A database in memory is gone with its connection.
        let pool = SqlitePoolOptions::new().max_connections(1).idle_timeout(None).max_lifetime(None);
        let pool = pool.connect_with(options).await?;
        sqlx::query(
            "CREATE TABLE IF NOT EXISTS issues (
                id INTEGER PRIMARY KEY,
                tenant TEXT NOT NULL,
                title TEXT NOT NULL,
                open BOOLEAN NOT NULL DEFAULT TRUE,
                reason TEXT
            )",
        )
        .execute(&pool)
        .await?;
        Ok(Self(pool))
    }

    pub(crate) async fn create(&self, tenant: &str, title: &str) -> Result<Issue, Error> {
        // A random id, because a number in order would tell each tenant how many issues the others have. JavaScript has
        // no larger integers than 2^53.
        let insert = sqlx::query_as(
            "INSERT INTO issues (id, tenant, title) VALUES (abs(random() % 9007199254740991), ?, ?) RETURNING *",
        );
        insert.bind(tenant).bind(title).fetch_one(&self.0).await
    }

    pub(crate) async fn find(&self, tenant: &str, id: i64) -> Result<Option<Issue>, Error> {
        let select = sqlx::query_as("SELECT * FROM issues WHERE tenant = ? AND id = ?");
        select.bind(tenant).bind(id).fetch_optional(&self.0).await
    }

    /// Returns the issues behind `after`, in the order of their ids.
    pub(crate) async fn page(&self, tenant: &str, after: i64, limit: u32) -> Result<Vec<Issue>, Error> {
        let select = sqlx::query_as("SELECT * FROM issues WHERE tenant = ? AND id > ? ORDER BY id LIMIT ?");
        select.bind(tenant).bind(after).bind(limit).fetch_all(&self.0).await
    }

    /// Closes an open issue. Returns `None` if there is none.
    pub(crate) async fn close(&self, tenant: &str, id: i64, reason: Option<&str>) -> Result<Option<Issue>, Error> {
        let update = sqlx::query_as(
            "UPDATE issues SET open = FALSE, reason = ? WHERE tenant = ? AND id = ? AND open RETURNING *",
        );
        update.bind(reason).bind(tenant).bind(id).fetch_optional(&self.0).await
    }

    /// Deletes some closed issues, and returns their number.
    pub(crate) async fn delete_closed(&self, tenant: &str, limit: u32) -> Result<u64, Error> {
        let delete =
            sqlx::query("DELETE FROM issues WHERE id IN (SELECT id FROM issues WHERE tenant = ? AND NOT open LIMIT ?)");
        Ok(delete.bind(tenant).bind(limit).execute(&self.0).await?.rows_affected())
    }

    /// Returns an error if the database does not respond.
    pub(crate) async fn ping(&self) -> Result<(), Error> {
        sqlx::query("SELECT 1").execute(&self.0).await.map(drop)
    }
}
