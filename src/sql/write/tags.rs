//! The condition of a write that its entity has one of the tags of the client.

use crate::headers::EntityTags;
use crate::model::EntityType;
use crate::sql::input::Input;
use crate::sql::json;

/// The column of `input` with the tags.
const TAGS: &str = "tags";

/// Adds the tags of each row to the input, if the writes name tags.
pub(super) fn add_tags<'a>(input: &mut Input, rows: impl Iterator<Item = Option<&'a EntityTags>>) {
    let lists: Option<Vec<Vec<String>>> = rows.map(opaque).collect();
    if let Some(lists) = lists {
        input.add_text_lists(TAGS, lists.into_iter());
    }
}

/// ` AND …`: the condition that the row `alias` has one of the tags; nothing if every tag will do.
pub(super) fn matches(entity_type: &EntityType, alias: &str, tags: Option<&EntityTags>) -> String {
    match tags {
        Some(EntityTags::These(_)) => {
            format!(" AND {} = ANY(input.{TAGS}::text[])", json::digest(entity_type, alias))
        }
        Some(EntityTags::Any) | None => String::new(),
    }
}

/// The tags as the database compares them, without `W/` and quotation marks; `None` if every tag
/// will do.
fn opaque(tags: Option<&EntityTags>) -> Option<Vec<String>> {
    let Some(EntityTags::These(tags)) = tags else { return None };
    let opaque = |tag: &String| tag.strip_prefix("W/").unwrap_or(tag).trim_matches('"').to_owned();
    Some(tags.iter().map(opaque).collect())
}
