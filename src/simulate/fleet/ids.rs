//! The ids of devices. An id is a function of the seed and the number of its device, and leads back to
//! the number.

use uuid::Uuid;

use crate::simulate::random::guid;

/// An odd number, which scatters numbers that follow one another.
const SCATTER: u32 = 0x9e37_79b1;
/// What undoes a multiplication with [`SCATTER`].
const UNSCATTER: u32 = 0x0e8b_2f51;

/// The ids of the devices of a seed.
#[derive(Clone, Copy)]
pub(super) struct Ids {
    seed: u64,
    /// Hides the numbers of devices.
    mask: u32,
}

impl Ids {
    pub(super) fn new(seed: u64) -> Self {
        Self { seed, mask: guid(seed, "mask", "", &[]).as_fields().0 }
    }

    /// The id of a device. The last four bytes hide its number, so that the number can be read back.
    pub(super) fn id(&self, number: u32) -> Uuid {
        let mut bytes = guid(self.seed, "device", "", &[number]).into_bytes();
        let hidden = number.wrapping_mul(SCATTER) ^ self.mask;
        bytes[12..].copy_from_slice(&hidden.to_be_bytes());
        Uuid::from_bytes(bytes)
    }

    /// The number of the device that has this id; `None` if it is not a device of this seed.
    pub(super) fn number_of(&self, id: Uuid) -> Option<u32> {
        let last = *id.into_bytes().last_chunk()?;
        let number = (u32::from_be_bytes(last) ^ self.mask).wrapping_mul(UNSCATTER);
        (self.id(number) == id).then_some(number)
    }
}
