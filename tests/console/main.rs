//! The console in a real browser: Debian's Chromium, driven by its `WebDriver`. A page that breaks its
//! Content-Security-Policy, fails a rule of WCAG 2.2 AA, logs an error or asks another host for
//! something fails the test that opened it.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

#[expect(dead_code, reason = "these tests need a part of what the tests of the program need")]
#[path = "../program/process.rs"]
mod process;

mod addresses;
mod browser;
mod driver;
mod extremes;
mod faults;
mod fleet;
mod hostile;
mod keyboard;
mod modules;
mod page;
mod pictures;
mod proxy;
mod query;
mod sign_in;
mod tokens;
mod twin;
mod views;
mod world;
