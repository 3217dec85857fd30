//! One device of the fleet: hardware, place and users.

use uuid::Uuid;

use super::data::{Build, Data, Model, Site};
use super::ids::Ids;
use super::{Chassis, Mix, Platform};
use crate::simulate::random::Stream;

/// Below this, a disk counts as full: 2 GiB.
const FULL_DISK: u64 = 2 << 30;
/// How many people use one device at most. An event has two bits for it.
const MAX_PEOPLE: usize = 4;

/// How a device is registered in the directory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::simulate) enum Join {
    Joined,
    Hybrid,
    Registered,
}

/// A device. A million of them take 130 MB.
pub(in crate::simulate) struct Device {
    pub(in crate::simulate) number: u32,
    pub(in crate::simulate) id: Uuid,
    pub(in crate::simulate) platform: Platform,
    pub(in crate::simulate) site: &'static Site,
    pub(in crate::simulate) model: &'static Model,
    pub(in crate::simulate) build: &'static Build,
    pub(in crate::simulate) join: Join,
    pub(in crate::simulate) serial: Box<str>,
    /// The free storage, in bytes.
    pub(in crate::simulate) free: u64,
    /// Whether its user works from home.
    pub(in crate::simulate) is_remote: bool,
    /// Whether it is on day and night.
    pub(in crate::simulate) is_always_on: bool,
    /// Whether it never reports.
    pub(in crate::simulate) is_silent: bool,
    /// How many days before the start of the simulation it was enrolled.
    pub(in crate::simulate) age: u32,
    people: [u32; MAX_PEOPLE],
    number_of_people: u8,
}

/// Makes devices.
pub(super) struct Generator {
    pub(super) seed: u64,
    pub(super) users_per_device: f64,
    pub(super) shared: f64,
    pub(super) mix: Mix,
    pub(super) data: &'static Data,
    pub(super) ids: Ids,
}

impl Generator {
    /// The device with a number.
    pub(super) fn device(&self, number: u32) -> Device {
        let mut stream = Stream::new(self.seed, "hardware", "", &[number]);
        let mix = &self.mix;
        let platform = if stream.chance(mix.macs) { Platform::Mac } else { Platform::Windows };
        let on_platform = |of: Platform, weight: f64| if of == platform { weight } else { 0.0 };
        let data = self.data;
        // The lists have an entry for each platform, which the tests of the fleet prove.
        let site = stream.pick(&data.sites, |it| it.weight).unwrap_or(&data.sites[0]);
        let model = stream.pick(&data.models, |it| on_platform(it.platform, it.weight));
        let model = model.unwrap_or(&data.models[0]);
        let build = stream.pick(&data.builds, |it| on_platform(it.platform, it.weight));
        let build = build.unwrap_or(&data.builds[0]);
        let free = match stream.chance(mix.full_disks) {
            true => stream.between(0.02, 1.0) * FULL_DISK as f64,
            false => {
                FULL_DISK as f64 + stream.between(0.05, 0.85) * (model.storage() - FULL_DISK) as f64
            }
        };
        let serial = stream.fill(&model.serial).into_boxed_str();
        let is_laptop = model.chassis == Chassis::Laptop;
        let (is_remote, is_always_on) = (stream.chance(mix.remote), stream.chance(mix.always_on));
        let join = join(&mut stream, platform);
        let (is_silent, age) = (stream.chance(mix.silent), stream.long_tail(200.0));
        let people = self.people_of(number);
        let mut device = Device {
            number,
            id: self.ids.id(number),
            platform,
            site,
            model,
            build,
            join,
            serial,
            free: free as u64,
            is_remote: is_laptop && is_remote,
            is_always_on: !is_laptop && is_always_on,
            is_silent,
            age: 3 + age.min(1_400.0) as u32,
            people: [0; MAX_PEOPLE],
            number_of_people: people.len() as u8,
        };
        device.people[..people.len()].copy_from_slice(&people);
        device
    }

    /// The people of a device. A device without an own person may belong to one with a lower number.
    fn people_of(&self, number: u32) -> Vec<u32> {
        let mut stream = Stream::new(self.seed, "people", "", &[number]);
        let has_own = stream.chance(self.users_per_device);
        let own = if has_own { Some(number) } else { self.person_before(number, &mut stream) };
        let mut people: Vec<u32> = own.into_iter().collect();
        if stream.chance(self.shared) {
            for _ in 1..2 + stream.below(MAX_PEOPLE as u32 - 1) {
                let other = self.person_before(number, &mut stream);
                people.extend(other.filter(|other| !people.contains(other)));
            }
        }
        people
    }

    /// Somebody who got a device before this one, in most cases.
    fn person_before(&self, number: u32, stream: &mut Stream) -> Option<u32> {
        let other = stream.below(number.max(1));
        let is_used = stream.chance(0.85) && number > 0;
        let mut of_other = Stream::new(self.seed, "people", "", &[other]);
        (is_used && of_other.chance(self.users_per_device)).then_some(other)
    }
}

fn join(stream: &mut Stream, platform: Platform) -> Join {
    match stream.unit() {
        _ if platform == Platform::Mac => Join::Registered,
        share if share < 0.7 => Join::Joined,
        share if share < 0.96 => Join::Hybrid,
        _ => Join::Registered,
    }
}

impl Device {
    /// The name, from the site and the serial number.
    pub(in crate::simulate) fn name(&self) -> String {
        let serial = self.serial.replace('-', "");
        let end = serial.len().saturating_sub(8);
        format!("{}-{}", self.site.code, &serial[end..])
    }

    /// The numbers of the people who use it, the main user first; none for a device without a user.
    pub(in crate::simulate) fn people(&self) -> &[u32] {
        &self.people[..usize::from(self.number_of_people)]
    }

    /// The name of the enrollment profile.
    pub(in crate::simulate) fn enrollment_profile(&self) -> &'static str {
        match (self.platform, self.model.chassis) {
            (Platform::Mac, _) => "Automated enrollment, macOS",
            (Platform::Windows, Chassis::Virtual) => "Virtual desktops",
            (Platform::Windows, _) if self.people().len() > 1 => "Shared devices",
            (Platform::Windows, _) if self.is_remote => "Autopilot, remote staff",
            (Platform::Windows, _) => "Autopilot, office",
        }
    }

    /// Whether the disk is nearly full.
    pub(in crate::simulate) fn has_full_disk(&self) -> bool {
        self.free < FULL_DISK
    }
}
