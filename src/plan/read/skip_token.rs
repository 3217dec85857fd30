//! `$skiptoken`: the position where a page ended. The database writes it (function `skip_token`), this room reads
//! it: `base64url(mac ‖ payload)`, the payload being JSON that names the collection, the filter and
//! the order it belongs to, so that it is refused anywhere else; the tenant is part of the key.

use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;

use crate::error::{OptionReason, Result};
use crate::plan::CollectionAddress;

const MAC_LENGTH: usize = 32;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Payload {
    collection: String,
    scan: String,
    after: Vec<Option<String>>,
}

/// The position after which the page of a token starts: the value of each key of the order as text.
pub(in crate::plan) fn position(
    collection: &CollectionAddress,
    scan: &str,
    key: &[u8],
    token: &str,
) -> Result<Vec<Option<String>>> {
    let payload = payload(key, token);
    payload
        .filter(|it| it.collection == collection.canonical() && it.scan == scan)
        .map(|payload| payload.after)
        .ok_or_else(|| OptionReason::SkipToken.into())
}

fn payload(key: &[u8], token: &str) -> Option<Payload> {
    let bytes = URL_SAFE_NO_PAD.decode(token).ok()?;
    let (mac, payload) = bytes.split_at_checked(MAC_LENGTH)?;
    let inner = digest(&SHA256, payload);
    let expected = digest(&SHA256, &[key, inner.as_ref()].concat());
    verify_slices_are_equal(mac, expected.as_ref()).ok()?;
    serde_json::from_slice(payload).ok()
}
