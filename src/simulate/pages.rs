//! Reads collections page by page.

use std::time::Instant;

use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::Failure;
use super::client::{Client, Sent};
use super::connection::{Connection, Reply};
use super::requests::Call;

/// A page of a collection.
#[derive(Deserialize)]
pub(super) struct Page<T> {
    pub(super) value: Vec<T>,
    #[serde(rename = "@odata.nextLink")]
    next: Option<String>,
}

/// Reads a collection, and calls a function with each page.
pub(super) async fn each<T: DeserializeOwned>(
    client: &Client,
    connection: &mut Connection,
    path: String,
    mut with_page: impl FnMut(Vec<T>),
) -> Result<(), Failure> {
    let mut next = Some(path);
    while let Some(path) = next {
        let call = Call::get(path);
        match client.send(connection, &call, Instant::now()).await? {
            Sent::Done(reply) => {
                let page: Page<T> = read(&call, &reply)?;
                with_page(page.value);
                next = page.next.as_deref().map(|link| client.path_of(link));
            }
            Sent::Refused => return Err(Failure::Refused(format!("{} was refused", call.path))),
            Sent::Stopped => return Ok(()),
        }
    }
    Ok(())
}

/// Reads a whole collection.
pub(super) async fn all<T: DeserializeOwned>(
    client: &Client,
    connection: &mut Connection,
    path: String,
) -> Result<Vec<T>, Failure> {
    let mut all = Vec::new();
    each(client, connection, path, |page| all.extend(page)).await?;
    Ok(all)
}

/// Reads the body of a reply.
pub(super) fn read<T: DeserializeOwned>(call: &Call, reply: &Reply) -> Result<T, Failure> {
    serde_json::from_slice(&reply.body).map_err(|error| {
        Failure::Refused(format!(
            "the reply to {} {} has another form: {error}",
            call.method, call.path
        ))
    })
}
