//! Are the descriptions of the API complete and correct?

mod columns;
mod documents;
mod model;
mod transfer;
