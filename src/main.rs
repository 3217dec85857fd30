//! The program: reads the configuration and does what it says.
fn main() {}
