//! An example of each reason about a batch.

use runstate::error::{BatchReason, Error, ItemReason};

use super::examples::{Examples, of};

pub(super) fn examples() -> [Examples; 2] {
    [
        of(&batch_reasons(), Error::from),
        of(&item_reasons(), |reason| {
            BatchReason::Member { index: 3, member: "url", reason }.into()
        }),
    ]
}

fn batch_reasons() -> Vec<BatchReason> {
    vec![
        BatchReason::QueryOptions,
        BatchReason::NotObject { found: "an array" },
        BatchReason::NamesAlike { first: "requests".into(), second: "Requests".into() },
        BatchReason::NoRequests { limit: 20 },
        BatchReason::NotList { limit: 20, found: "a string" },
        BatchReason::Count { limit: 20, count: 21 },
        BatchReason::RequestNotObject { index: 3, found: "a number" },
        BatchReason::RequestNamesAlike { index: 3, first: "url".into(), second: "URL".into() },
        BatchReason::Member { index: 3, member: "id", reason: ItemReason::Missing },
        BatchReason::StreamedReply,
    ]
}

fn item_reasons() -> Vec<ItemReason> {
    vec![
        ItemReason::Missing,
        ItemReason::Empty,
        ItemReason::Kind { expected: "a string", found: "a number" },
        ItemReason::EachId(Box::new(ItemReason::Empty)),
        ItemReason::HeaderValue { name: "Accept".into(), found: "a number" },
        ItemReason::AtomicityGroup,
        ItemReason::IdRepeated { id: "1".into(), other: 0 },
        ItemReason::IdUnknown { id: "1".into() },
        ItemReason::DependsOnItself,
        ItemReason::Cycle,
        ItemReason::UrlTooLong { limit: 65_534 },
        ItemReason::Fragment,
        ItemReason::Host { found: "example.com".into(), expected: "localhost:8080".into() },
        ItemReason::NestedBatch,
        ItemReason::ContentTypeMissing,
        ItemReason::NotBase64,
    ]
}
