//! Are the descriptions of the API complete and true?

mod documents;
mod model;
