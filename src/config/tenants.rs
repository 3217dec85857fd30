//! The setting that limits a server to some tenants.

use std::path::PathBuf;
use std::str::FromStr;

use uuid::Uuid;

/// The tenants that a server serves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TenantList {
    /// These tenants, for as long as the server runs.
    Ids(Vec<Uuid>),
    /// The tenants in a file, which is read again when it changes.
    File(PathBuf),
}

impl FromStr for TenantList {
    type Err = String;

    /// A text of GUIDs alone is a list; any other text is the path of a file.
    fn from_str(text: &str) -> Result<Self, String> {
        let items: Vec<&str> = text.split(',').map(str::trim).collect();
        let ids: Vec<Uuid> = items.iter().filter_map(|item| Uuid::try_parse(item).ok()).collect();
        match ids.len() {
            0 if items == [""] => Err("must be GUIDs separated by commas, or a file".into()),
            0 => Ok(Self::File(text.into())),
            length if length == items.len() => Ok(Self::Ids(ids)),
            _ => Err("must be GUIDs separated by commas, or a file, and not both".into()),
        }
    }
}

/// The name of a part is a word, as it is in the file.
pub(super) fn part_name(text: &str) -> Result<String, String> {
    match text.is_empty() || text.contains(char::is_whitespace) {
        true => Err("must be one word".into()),
        false => Ok(text.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_has_one_word() {
        assert_eq!(part_name("part1"), Ok("part1".into()));
        for wrong in ["", "part 1", "part1\n"] {
            assert_eq!(part_name(wrong), Err("must be one word".into()));
        }
    }

    #[test]
    fn a_list_has_guids_alone() {
        let [one, two] = [Uuid::from_u128(1), Uuid::from_u128(2)];
        assert_eq!(format!("{one}, {two}").parse(), Ok(TenantList::Ids(vec![one, two])));
        assert_eq!(one.to_string().parse(), Ok(TenantList::Ids(vec![one])));
        assert_eq!("a/tenants".parse(), Ok(TenantList::File("a/tenants".into())));
        for wrong in ["", " ", &format!("{one},"), &format!("{one},contoso.example")] {
            assert!(wrong.parse::<TenantList>().is_err(), "{wrong}");
        }
    }
}
