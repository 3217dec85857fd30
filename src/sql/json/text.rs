//! A JSON text as one SQL expression, of literals and values in turn. The database concatenates them in
//! less than half the time of `row_to_json`, which looks up the type of each column for each row.
//! Knows neither properties nor rows.

/// PostgreSQL takes so many arguments in one call.
const ARGUMENTS_OF_A_CALL: usize = 100;

/// A text that is being written.
#[derive(Debug, Default)]
pub(super) struct Text {
    arguments: Vec<Argument>,
}

#[derive(Debug)]
enum Argument {
    Literal(String),
    Value(String),
}

impl Text {
    /// Adds a text as it is.
    pub(super) fn literal(&mut self, text: &str) {
        match self.arguments.last_mut() {
            Some(Argument::Literal(last)) => last.push_str(text),
            _ => self.arguments.push(Argument::Literal(text.to_owned())),
        }
    }

    /// Adds an SQL expression of any type, whose output is part of the text. It must not be null.
    pub(super) fn value(&mut self, expression: String) {
        self.arguments.push(Argument::Value(expression));
    }

    /// The whole text as an SQL expression.
    pub(super) fn expression(&self) -> String {
        let calls = self.arguments.chunks(ARGUMENTS_OF_A_CALL).map(|arguments| {
            let arguments: Vec<String> = arguments.iter().map(Argument::expression).collect();
            format!("concat({})", arguments.join(", "))
        });
        format!("({})", calls.collect::<Vec<_>>().join(" || "))
    }
}

impl Argument {
    fn expression(&self) -> String {
        match self {
            Self::Literal(text) => format!("'{}'", text.replace('\'', "''")),
            Self::Value(expression) => expression.clone(),
        }
    }
}
