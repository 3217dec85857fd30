//! Starts a temporary PostgreSQL, asks for its version, and stops it.
//!
//! With a directory as an argument, the cluster is there and stays: run it twice and the count grows.

use std::error::Error;
use std::path::Path;

use embedded_postgres::EmbeddedPostgres;
use sqlx::postgres::PgConnection;
use sqlx::{Connection, query, query_scalar};

#[tokio::main]
#[expect(clippy::disallowed_methods, reason = "an example has SQL of its own")]
async fn main() -> Result<(), Box<dyn Error>> {
    let postgres = match std::env::args().nth(1) {
        Some(directory) => EmbeddedPostgres::start("hello", Path::new(&directory)).await?,
        None => EmbeddedPostgres::start_temporary("hello").await?,
    };
    let mut connection = PgConnection::connect_with(&postgres.connect_options()).await?;
    let version: String = query_scalar("SELECT version()").fetch_one(&mut connection).await?;
    query("CREATE TABLE IF NOT EXISTS start (at timestamptz DEFAULT now())")
        .execute(&mut connection)
        .await?;
    query("INSERT INTO start DEFAULT VALUES").execute(&mut connection).await?;
    let starts: i64 = query_scalar("SELECT count(*) FROM start").fetch_one(&mut connection).await?;
    println!("{version}\nStarted {starts} times.");
    connection.close().await?;
    postgres.stop().await;
    Ok(())
}
