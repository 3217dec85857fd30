//! Are the descriptions of the API complete and correct?

mod documents;
mod model;
