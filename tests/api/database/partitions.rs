//! Are partitions of the history made ahead, and dropped when all of their versions are too old?

use serde_json::json;
#[expect(clippy::disallowed_types, reason = "the SQL of tests contains no input of clients")]
use sqlx::AssertSqlSafe;
use sqlx::{Connection, Executor, PgConnection};
use uuid::Uuid;

use crate::harness::{Server, error_code, execute, in_one_day, wait_until_blocked};

/// A version that ended so many days ago, in the class of retention with these days. Returns its id.
async fn add_version(database: &mut PgConnection, class: i16, days_ago: i32) -> String {
    let id = format!("{class}-{days_ago}");
    let insert = "
        INSERT INTO device_state_history (
            tenant_id, script_id, id, last_state_update, last_state_update_offset, valid_from,
            valid_to, run_state, error_code, version, history_days, removed)
        SELECT $1, $1, $2, 0, 0, ended - interval '1 hour', ended, 'fail', 0, 1, $3, false
        FROM (VALUES (now() - $4 * interval '1 day')) AS times (ended)";
    let insert = sqlx::query(insert).bind(Uuid::nil()).bind(&id).bind(class).bind(days_ago);
    insert.execute(database).await.unwrap();
    id
}

/// The ids of all versions, and how many of them have no partition of their own.
async fn versions(database: &mut PgConnection) -> (Vec<String>, i64) {
    let ids = "SELECT id FROM device_state_history ORDER BY id";
    let ids = sqlx::query_scalar(ids).fetch_all(&mut *database).await.unwrap();
    let other = "SELECT count(*) FROM device_state_history_other";
    (ids, sqlx::query_scalar(other).fetch_one(database).await.unwrap())
}

async fn partitions(database: &mut PgConnection) -> Vec<String> {
    let names = "SELECT name::text FROM history_partition ORDER BY 1";
    sqlx::query_scalar(names).fetch_all(database).await.unwrap()
}

#[tokio::test]
async fn a_missing_partition_of_the_future_is_made() {
    in_one_day(async || {
        let server = Server::start().await;
        let mut database = server.database().await;
        let check = async |database: &mut PgConnection| -> (i64, bool) {
            sqlx::query_as("CALL check_history_partitions()").fetch_one(database).await.unwrap()
        };
        assert_eq!(check(&mut database).await, (2, false));
        let made = partitions(&mut database).await;
        let last = made.iter().rfind(|name| name.starts_with("device_state_history_90_")).unwrap();
        execute(&mut database, format!("DROP TABLE {last}")).await;
        assert_eq!(check(&mut database).await, (1, false));
        assert!(server.service().store.maintain().await.unwrap());
        assert_eq!(check(&mut database).await, (2, false));
        assert_eq!(partitions(&mut database).await, made);
    })
    .await;
}

#[tokio::test]
async fn versions_without_a_partition_move_to_one_that_is_made_for_them() {
    in_one_day(async || {
        let server = Server::start().await;
        let mut database = server.database().await;
        let made = partitions(&mut database).await;
        let mut ids = Vec::new();
        for (class, days_ago) in [(7, 3), (30, 3), (90, 30), (365, 200), (i16::MAX, 4000)] {
            ids.push(add_version(&mut database, class, days_ago).await);
        }
        ids.sort();
        assert_eq!(versions(&mut database).await, (ids.clone(), 5));
        assert!(server.service().store.maintain().await.unwrap());
        assert_eq!(versions(&mut database).await, (ids, 0));
        assert_eq!(partitions(&mut database).await.len(), made.len() + 5);
    })
    .await;
}

#[tokio::test]
async fn a_partition_is_dropped_once_its_last_version_is_too_old() {
    in_one_day(async || {
        let server = Server::start().await;
        let mut database = server.database().await;
        let made = partitions(&mut database).await;
        for (class, days_ago) in [(7, 9), (7, 300), (30, 32), (90, 98), (365, 397)] {
            add_version(&mut database, class, days_ago).await;
        }
        let mut kept = Vec::new();
        for (class, days_ago) in [(7, 6), (30, 29), (90, 89), (365, 364), (i16::MAX, 4000)] {
            kept.push(add_version(&mut database, class, days_ago).await);
        }
        kept.sort();
        assert!(server.service().store.maintain().await.unwrap());
        assert_eq!(versions(&mut database).await, (kept, 0));
        assert_eq!(partitions(&mut database).await.len(), made.len() + 5);
    })
    .await;
}

#[tokio::test]
async fn a_partition_that_is_read_is_dropped_later_and_hinders_nobody() {
    in_one_day(async || {
        let server = Server::start().await;
        let client = server.client();
        let script = client.new_script().await;
        let states = format!("{script}/deviceRunStates");
        client.post(&states, &json!({ "id": "a" })).await.created();
        let mut database = server.database().await;
        add_version(&mut database, 7, 9).await;
        execute(&mut database, "CALL add_history_partitions()".into()).await;
        let made = partitions(&mut database).await;

        let mut reader = server.database().await;
        let mut reading = reader.begin().await.unwrap();
        reading.execute("SELECT FROM device_state_history").await.unwrap();
        let later = server.service().store.maintain().await.unwrap_err();
        assert!(later.is_unavailable(), "{later:?}");
        for state in ["fail", "success"] {
            client.patch(&format!("{states}/a"), &json!({ "runState": state })).await.ok();
        }
        assert_eq!(partitions(&mut database).await, made);
        reading.rollback().await.unwrap();

        assert!(server.service().store.maintain().await.unwrap());
        assert_eq!(partitions(&mut database).await.len(), made.len() - 1);
        assert_eq!(versions(&mut database).await, (vec!["a".into(), "a".into()], 0));
    })
    .await;
}

#[tokio::test]
async fn a_version_that_waited_for_its_partition_is_written() {
    in_one_day(async || {
        let server = Server::start().await;
        let client = server.client();
        let states = format!("{}/deviceRunStates", client.new_script().await);
        client.post(&states, &json!({ "id": "a" })).await.created();
        let mut database = server.database().await;
        let today = "SELECT name::text FROM history_partition
                     WHERE history_days = 90 AND starts <= now() AND ends > now()";
        let today: String = sqlx::query_scalar(today).fetch_one(&mut database).await.unwrap();
        execute(&mut database, format!("DROP TABLE {today}")).await;
        client.patch(&format!("{states}/a"), &json!({ "errorCode": 1 })).await.ok();
        assert_eq!(versions(&mut database).await, (vec!["a".into()], 1));

        let mut making = database.begin().await.unwrap();
        making.execute("CALL add_history_partitions()").await.unwrap();
        let path = format!("{states}/a");
        let body = json!({ "errorCode": 2 });
        let (changed, ()) = tokio::join!(client.patch(&path, &body), async {
            wait_until_blocked(&mut server.database().await).await;
            making.commit().await.unwrap();
        });
        changed.ok();
        assert_eq!(versions(&mut database).await, (vec!["a".into(), "a".into()], 0));
    })
    .await;
}

#[tokio::test]
async fn one_server_does_the_maintenance_at_a_time() {
    let server = Server::start().await;
    let second = server.second().await;
    let mut database = server.database().await;
    add_version(&mut database, 7, 9).await;
    let mut other = server.database().await;
    let key = "x'52756e7374617465'::bigint";
    execute(&mut other, format!("SELECT pg_advisory_lock({key})")).await;
    assert!(!server.service().store.maintain().await.unwrap());
    assert_eq!(versions(&mut database).await.1, 1);
    execute(&mut other, format!("SELECT pg_advisory_unlock({key})")).await;

    let (first, second) = (server.service(), second.service());
    let done = tokio::join!(first.store.maintain(), second.store.maintain());
    let done = [done.0.unwrap(), done.1.unwrap()];
    assert!(done.contains(&true));
    assert_eq!(versions(&mut database).await, (vec![], 0));
}

#[tokio::test]
async fn the_server_reaches_versions_through_the_whole_table_only() {
    let server = Server::start().await;
    let mut database = server.database().await;
    let partition = partitions(&mut database).await.remove(0);
    execute(&mut database, "SET ROLE runstate_server".into()).await;
    for statement in [
        "SELECT FROM $",
        "DELETE FROM $",
        "TRUNCATE $",
        "DROP TABLE $",
        "INSERT INTO $ SELECT * FROM device_state_history",
        "ALTER TABLE device_state_history DETACH PARTITION $",
        "CREATE TABLE mine PARTITION OF device_state_history DEFAULT",
        "DROP TABLE device_state_history",
        "SELECT FROM history_class",
    ] {
        let statement = statement.replace('$', &partition);
        let code = error_code(&mut database, statement.clone()).await;
        assert_eq!(code.as_deref(), Some("42501"), "{statement}");
    }
    database.execute(AssertSqlSafe("SELECT FROM device_state_history")).await.unwrap();
}
