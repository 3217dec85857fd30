//! Any text as the body of a new script or managed device: it becomes a plan, or is refused with a
//! message that names what is wrong.

#![no_main]

use chrono::DateTime;
use libfuzzer_sys::fuzz_target;
use runstate::clock::Clock;
use runstate::headers::{ReplyFormat, Wishes};
use runstate::message::{Headers, Method};
use runstate::model::Surface;
use runstate::odata::Options;
use runstate::plan::{self, Parameters};
use runstate::route::{Target, Task};

const COLLECTIONS: [&str; 2] = [
    "/beta/deviceManagement/deviceManagementScripts",
    "/beta/deviceManagement/managedDevices",
];

fuzz_target!(|body: &str| {
    for collection in COLLECTIONS {
        let Target::Protected(Ok(target)) = Target::of(collection) else {
            panic!("{collection} is a target");
        };
        let Ok(Task::Operation(operation)) = target.with(Method::Post) else {
            panic!("{collection} has POST");
        };
        let parameters = Parameters {
            options: Options::parse("").expect("no options are valid"),
            wishes: Wishes::read(&Headers::default(), None, ReplyFormat::Json)
                .expect("no headers are valid"),
            body: body.into(),
            root: "http://localhost:8080/beta".into(),
            now: DateTime::UNIX_EPOCH,
            clock: &Clock::Real,
            keeps_ids: false,
            token_key: b"key",
            surface: Surface::Extended,
        };
        if let Err(error) = plan::make(&operation, parameters) {
            assert!((400..500).contains(&error.row().status), "{error:?}");
        }
    }
});
