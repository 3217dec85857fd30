//! What reply does a client get when the database does not finish a statement?

use sqlx::Connection;

use crate::harness::{SCRIPTS, Server};

#[tokio::test]
async fn a_statement_that_waits_too_long_for_a_lock_is_503_with_retry_after() {
    let server = Server::start().await;
    let client = server.client();
    let mut database = server.database().await;
    let mut transaction = database.begin().await.unwrap();
    sqlx::query("LOCK TABLE script").execute(&mut *transaction).await.unwrap();
    let reply = client.get(SCRIPTS).await;
    reply.refused(503, "ServiceUnavailable");
    assert_eq!(reply.header("retry-after"), Some("1"));
    assert!(!reply.body.contains("lock"), "{reply:?}");
    transaction.rollback().await.unwrap();
    client.get(SCRIPTS).await.ok();
}
