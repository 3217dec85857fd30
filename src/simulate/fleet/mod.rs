//! The simulated fleet: which devices and people there are. A device is a function of the seed, the
//! mix and its number; the fleet knows nothing of scripts.

mod data;
mod device;
mod ids;
mod person;

use std::convert::Infallible;

use super::parallel::in_parallel;

pub(super) use data::{Chassis, Platform};
pub(super) use device::{Device, Join};
pub(super) use person::Person;

use data::{Data, People};
use device::Generator;
use ids::Ids;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Shares of the fleet, from 0 to 1.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Mix {
    /// Devices with macOS; the others have Windows.
    pub macs: f64,
    /// Devices that never report, of which two thirds were last seen more than 30 days ago.
    pub silent: f64,
    /// Laptops whose users work from home.
    pub remote: f64,
    /// Desktops that are on day and night.
    pub always_on: f64,
    /// Devices with less than 2 GiB of free storage.
    pub full_disks: f64,
}

impl Default for Mix {
    fn default() -> Self {
        Self { macs: 0.08, silent: 0.02, remote: 0.3, always_on: 0.12, full_disks: 0.03 }
    }
}

/// The devices, and the names of their people.
pub(super) struct Fleet {
    pub(super) seed: u64,
    /// In the order of their numbers.
    pub(super) devices: Vec<Device>,
    people: &'static People,
    ids: Ids,
}

impl Fleet {
    /// # Errors
    /// If the lists cannot be read.
    pub(super) fn new(
        seed: u64,
        devices: u32,
        users_per_device: f64,
        shared: f64,
        mix: Mix,
    ) -> Result<Self, toml::de::Error> {
        let data = Data::get()?;
        let ids = Ids::new(seed);
        let generator = Generator { seed, users_per_device, shared, mix, data, ids };
        let numbers: Vec<u32> = (0..devices).collect();
        let devices_of =
            |part: &[u32]| part.iter().map(|it| generator.device(*it)).collect::<Vec<_>>();
        let mut devices = Vec::with_capacity(numbers.len());
        let Ok(()) = in_parallel(&numbers, devices_of, |part| {
            devices.extend(part);
            Ok::<(), Infallible>(())
        });
        Ok(Self { seed, devices, people: &data.people, ids })
    }

    /// The device that an event is about.
    pub(super) fn device(&self, number: u32) -> &Device {
        &self.devices[number as usize]
    }

    /// The number of the device that has this id; `None` if it is not a device of this seed.
    pub(super) fn number_of(&self, id: Uuid) -> Option<u32> {
        self.ids.number_of(id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fleet(devices: u32) -> Fleet {
        Fleet::new(7, devices, 0.8, 0.1, Mix { macs: 0.2, ..Mix::default() }).unwrap()
    }

    #[test]
    fn a_device_is_the_same_in_a_larger_fleet() {
        let (small, large) = (fleet(20), fleet(2_000));
        for (one, other) in small.devices.iter().zip(&large.devices) {
            assert_eq!((one.id, &one.serial, one.free), (other.id, &other.serial, other.free));
            assert_eq!((one.name(), one.people()), (other.name(), other.people()));
        }
    }

    #[test]
    fn an_id_leads_back_to_the_number_of_its_device_and_to_no_other_seed() {
        let fleet = fleet(100);
        let other = Fleet::new(8, 1, 0.8, 0.1, Mix::default()).unwrap();
        for device in &fleet.devices {
            assert_eq!(fleet.number_of(device.id), Some(device.number));
            assert_eq!(other.number_of(device.id), None);
        }
        assert_eq!(fleet.number_of(Uuid::from_u128(1)), None);
    }

    #[test]
    fn the_mix_decides_the_shares() {
        let fleet = fleet(5_000);
        let share = |is: fn(&Device) -> bool| {
            fleet.devices.iter().filter(|device| is(device)).count() as f64 / 5_000.0
        };
        let near = |share: f64, wanted: f64| (share - wanted).abs() < 0.02;
        assert!(near(share(|device| device.platform == Platform::Mac), 0.2));
        assert!(near(share(|device| device.is_silent), 0.02));
        assert!(near(share(|device| device.free < 1 << 31), 0.03));
        assert!(near(share(|device| device.people().len() > 1), 0.08));
        assert!(share(|device| device.people().contains(&device.number)) > 0.75);
    }

    #[test]
    fn a_device_belongs_to_people_who_exist() {
        let fleet = fleet(3_000);
        for device in &fleet.devices {
            for person in device.people() {
                let of_person = fleet.device(*person).people();
                assert!(of_person.contains(person), "{} has {person}", device.number);
            }
        }
    }
}
