//! All reports of the fleet in the order of virtual time, in twelve bytes each.

use std::convert::Infallible;

use super::agent::Agent;
use super::fleet::Device;
use super::parallel::in_parallel;

/// The ending of a run, in the six bits that it has in an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ending {
    /// The run has not ended.
    Pending,
    Success,
    /// The device does not run the script.
    NotApplicable,
    /// The place of the cause among those of the script.
    Failure(u8),
}

// Events are sorted by these numbers if all else is equal: `Pending` comes before the ending.
const PENDING: u8 = 0;
const SUCCESS: u8 = 1;
const NOT_APPLICABLE: u8 = 2;
const FIRST_FAILURE: u8 = 3;
const ENDING_BITS: u8 = 6;
const ENDING: u8 = (1 << ENDING_BITS) - 1;

/// A report of a device.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Event {
    /// In milliseconds of virtual time.
    pub(super) at: u32,
    pub(super) device: u32,
    pub(super) script: u16,
    /// How often the script had been run before.
    pub(super) run: u8,
    /// The place of the person among the device's people, and the ending.
    packed: u8,
}

impl Event {
    pub(super) fn new(at: u32, device: u32, script: usize, person: u8, run: u8) -> Self {
        Self { at, device, script: script as u16, run, packed: person << ENDING_BITS }
    }

    /// The same run, reported at a time with an ending.
    pub(super) fn ending(self, at: u32, ending: Ending) -> Self {
        let bits = match ending {
            Ending::Pending => PENDING,
            Ending::Success => SUCCESS,
            Ending::NotApplicable => NOT_APPLICABLE,
            Ending::Failure(cause) => FIRST_FAILURE + cause,
        };
        Self { at, packed: (self.person() << ENDING_BITS) | bits, ..self }
    }

    /// The place of the person among the device's people.
    pub(super) fn person(self) -> u8 {
        self.packed >> ENDING_BITS
    }

    pub(super) fn how(self) -> Ending {
        match self.packed & ENDING {
            PENDING => Ending::Pending,
            SUCCESS => Ending::Success,
            NOT_APPLICABLE => Ending::NotApplicable,
            failure => Ending::Failure(failure - FIRST_FAILURE),
        }
    }
}

/// All reports, in the order of time, device and script.
pub(super) fn timeline(agent: &Agent<'_>) -> Vec<Event> {
    let mut events = Vec::new();
    let of_devices = |devices: &[Device]| {
        let mut events = Vec::new();
        devices.iter().for_each(|device| agent.report(device, &mut events));
        events
    };
    let taken = in_parallel(&agent.fleet.devices, of_devices, |part| {
        events.extend(part);
        Ok::<(), Infallible>(())
    });
    let Ok(()) = taken;
    events.sort_unstable();
    events
}
