//! The simulated fleet: which devices and people there are. A device is a function of the seed, the
//! mix and its number; the fleet knows nothing of scripts.

mod data;
mod device;
mod person;

use super::random::guid;

pub(super) use data::{Chassis, Platform};
pub(super) use device::{Device, Join};
pub(super) use person::Person;

use data::Data;
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

/// The parameters of a fleet, with the lists from which devices are drawn.
pub(super) struct Fleet {
    pub(super) seed: u64,
    pub(super) devices: u32,
    users_per_device: f64,
    shared: f64,
    mix: Mix,
    data: Data,
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
        let data = toml::from_str(include_str!("../data/fleet.toml"))?;
        Ok(Self { seed, devices, users_per_device, shared, mix, data })
    }

    /// All devices, in the order of their numbers.
    pub(super) fn devices(&self) -> impl Iterator<Item = Device<'_>> {
        (0..self.devices).map(|number| self.device(number))
    }

    /// The number of the device that has this id; `None` if it is not a device of this seed.
    pub(super) fn number_of(&self, id: Uuid) -> Option<u32> {
        let (_, _, _, last) = id.as_fields();
        let number = u32::from_be_bytes([last[4], last[5], last[6], last[7]]) ^ self.id_mask();
        (device_id(self.seed, number) == id).then_some(number)
    }

    fn id_mask(&self) -> u32 {
        id_mask(self.seed)
    }
}

/// The id of a device. The last four bytes hide its number, so that the number can be read back.
fn device_id(seed: u64, number: u32) -> Uuid {
    let mut bytes = guid(seed, "device", "", &[number]).into_bytes();
    bytes[12..].copy_from_slice(&(number ^ id_mask(seed)).to_be_bytes());
    Uuid::from_bytes(bytes)
}

fn id_mask(seed: u64) -> u32 {
    guid(seed, "mask", "", &[]).as_fields().0
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
        for (one, other) in small.devices().zip(large.devices()) {
            assert_eq!((one.id, &one.serial, one.free), (other.id, &other.serial, other.free));
            assert_eq!((one.name(), &one.people), (other.name(), &other.people));
        }
    }

    #[test]
    fn an_id_leads_back_to_the_number_of_its_device_and_to_no_other_seed() {
        let fleet = fleet(100);
        let other = Fleet { seed: 8, ..self::fleet(100) };
        for device in fleet.devices() {
            assert_eq!(fleet.number_of(device.id), Some(device.number));
            assert_eq!(other.number_of(device.id), None);
        }
        assert_eq!(fleet.number_of(Uuid::from_u128(1)), None);
    }

    #[test]
    fn the_mix_decides_the_shares() {
        let fleet = fleet(5_000);
        let share = |is: fn(&Device<'_>) -> bool| {
            fleet.devices().filter(is).count() as f64 / f64::from(fleet.devices)
        };
        let near = |share: f64, wanted: f64| (share - wanted).abs() < 0.02;
        assert!(near(share(|device| device.platform == Platform::Mac), 0.2));
        assert!(near(share(|device| device.is_silent), 0.02));
        assert!(near(share(|device| device.free < 1 << 31), 0.03));
        assert!(near(share(|device| device.people.len() > 1), 0.08));
        assert!(share(|device| device.people.contains(&device.number)) > 0.75);
    }

    #[test]
    fn a_device_belongs_to_people_who_exist() {
        let fleet = fleet(3_000);
        for device in fleet.devices() {
            for person in &device.people {
                let of_person = fleet.people_of(*person);
                assert!(of_person.contains(person), "{} has {person}", device.number);
            }
            assert!(device.people.len() <= 4);
        }
    }
}
