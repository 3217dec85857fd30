//! Managed devices, and the types of their properties.

mod managed_device;
mod managed_device_enums;
mod managed_device_types;

pub(super) use managed_device::MANAGED_DEVICE;
