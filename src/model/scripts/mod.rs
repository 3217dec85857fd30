//! The families of scripts, and what can be done with them besides reading and writing.

mod actions;
mod device_custom_attribute_shell_script;
mod device_management_script;
mod device_shell_script;
mod payload_link;
mod script;

pub(super) use device_custom_attribute_shell_script::DEVICE_CUSTOM_ATTRIBUTE_SHELL_SCRIPT;
pub(super) use device_management_script::DEVICE_MANAGEMENT_SCRIPT;
pub(super) use device_shell_script::DEVICE_SHELL_SCRIPT;
