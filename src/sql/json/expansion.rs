//! An expanded navigation as JSON, which follows the properties of its source.

use super::text::Text;
use super::{Place, entity, links_of_navigation};
use crate::model::NavigationKind;
use crate::plan::{Expansion, annotation, skip_token};
use crate::sql::number::number;
use crate::sql::path::links;
use crate::sql::statement::Writer;
use crate::sql::{expression, read};

/// Writes `,"name":…`, after the annotations of the navigation.
pub(super) fn write(
    writer: &mut Writer,
    text: &mut Text,
    expansion: &Expansion,
    source: &str,
    place: &Place,
) {
    let navigation = expansion.navigation;
    let links = links_of_navigation(expansion.shape.level, navigation.name, place);
    match navigation.kind {
        NavigationKind::Contained | NavigationKind::Versions(_) => {
            let links = links.map(|links| format!("{links} || ")).unwrap_or_default();
            text.value(collection(writer, expansion, source, place, &links));
        }
        NavigationKind::Attached | NavigationKind::Referenced(_) => {
            if let Some(links) = links {
                text.value(links);
            }
            text.literal(&format!(",\"{}\":", navigation.name));
            text.value(entity_or_null(writer, expansion, source, place));
        }
    }
}

fn entity_or_null(
    writer: &mut Writer,
    expansion: &Expansion,
    source: &str,
    place: &Place,
) -> String {
    let navigation = expansion.navigation;
    let own = writer.alias("one");
    let place = place.below(navigation, &own);
    let entity = entity(writer, &expansion.shape, &own, &place);
    let links = links(navigation, source, &own);
    let table = navigation.target.table;
    format!("coalesce((SELECT {entity} FROM {table} AS {own} WHERE {links}), 'null')")
}

/// A page of the collection: its annotations with the links of the navigation (empty, or followed by
/// ` || `), the link to the next page if there is one, and the entities.
fn collection(
    writer: &mut Writer,
    expansion: &Expansion,
    source: &str,
    place: &Place,
    own_links: &str,
) -> String {
    let (navigation, page) = (expansion.navigation, &expansion.page);
    let (name, table) = (navigation.name, navigation.target.table);
    let own = writer.alias("many");
    let rows = writer.alias("rows");
    let links = links(navigation, source, &own);
    let own_place = place.below(navigation, &own);
    let entity = entity(writer, &expansion.shape, &own, &own_place);
    let filter = expression::of_page(writer, page, &own);
    let query = writer.bind_text(&expansion.query);
    let scan = writer.bind_text(&page.scan);
    let (root, path) = (&place.root, &place.path);
    let collection = format!("{path} || '/{name}'");

    let context = match annotation::has_context(expansion.shape.level) {
        false => String::new(),
        true => format!(
            "',\"{name}@odata.context\":' || to_json({root} || '/$metadata#' || {collection})::text || "
        ),
    };
    let count = match page.count {
        false => String::new(),
        true => format!(
            "',\"{name}@odata.count\":' || {}::text || ",
            number(navigation, source, &own, page.filter.as_ref(), || filter.clone())
        ),
    };
    let entities = format!("{table} AS {own} WHERE {links}{filter}");
    format!(
        "{context}{own_links}{count}(SELECT CASE WHEN {rows}.goes_on THEN ',\"{name}@odata.nextLink\":' \
         || left(to_json({root} || '/' || url_path({path}) || '/{name}?' || {query} \
         || '$skiptoken=')::text, -1) || {mark} || {token} || {mark} || '\"' ELSE '' END \
         || ',\"{name}\":[' || coalesce({rows}.entities, '') || ']' FROM ({page}) AS {rows})",
        mark = format_args!("chr({})", u32::from(skip_token::MARK)),
        token = read::token_payload(&collection, &scan, &format!("{rows}.position")),
        page = read::page(writer, page, &entity, &entities, &own),
    )
}
