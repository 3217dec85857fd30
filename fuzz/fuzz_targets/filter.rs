//! Any text as the value of a `$filter`: it is read or refused, and what is read keeps the limits.

#![no_main]

use libfuzzer_sys::fuzz_target;
use runstate::odata::{Expression, MAX_HEIGHT};

fuzz_target!(|text: &str| {
    if let Ok(expression) = Expression::parse(text) {
        assert!(expression.height() <= MAX_HEIGHT);
        stands_inside(&expression, text.chars().count());
    }
});

fn stands_inside(expression: &Expression, columns: usize) {
    assert!((1..=columns).contains(&expression.at));
    expression.kind.operands().for_each(|operand| stands_inside(operand, columns));
}
