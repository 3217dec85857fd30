//! The one table of permissions: which scope or role each kind of entity asks for, in each profile.
//! Who holds them, `auth` knows. Source of each row: the documents' permission tables.

/// Which edition of the documents decides what a token must hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Profile {
    /// The founding edition: delegated scopes alone; application tokens are refused.
    Seed,
    /// Today's edition: delegated scopes and application roles alike.
    Current,
}

/// The kind of access that a request needs to entities.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Read a collection, or count it.
    List,
    /// Read one entity by its key.
    Get,
    /// Create, update or delete.
    Write,
}

/// The permissions of one kind of entity; any one of a list is enough.
#[derive(Debug)]
pub struct Permissions {
    seed: Row,
    current: Row,
}

#[derive(Debug)]
struct Row {
    list: &'static [&'static str],
    get: &'static [&'static str],
    write: &'static [&'static str],
}

const DEVICES_READ: &str = "DeviceManagementManagedDevices.Read.All";
const DEVICES_WRITE: &str = "DeviceManagementManagedDevices.ReadWrite.All";
const CONFIGURATION_READ: &str = "DeviceManagementConfiguration.Read.All";
const CONFIGURATION_WRITE: &str = "DeviceManagementConfiguration.ReadWrite.All";
const SCRIPTS_READ: &str = "DeviceManagementScripts.Read.All";
const SCRIPTS_WRITE: &str = "DeviceManagementScripts.ReadWrite.All";

const SEED: Row = Row {
    list: &[DEVICES_READ, DEVICES_WRITE],
    get: &[DEVICES_READ, DEVICES_WRITE],
    write: &[DEVICES_WRITE],
};

const ANY_READ: &[&str] = &[CONFIGURATION_READ, CONFIGURATION_WRITE, DEVICES_READ, DEVICES_WRITE];

/// Scripts of all families.
pub static SCRIPT_PERMISSIONS: Permissions = Permissions {
    seed: SEED,
    current: Row {
        list: &[SCRIPTS_READ, SCRIPTS_WRITE, CONFIGURATION_READ, CONFIGURATION_WRITE],
        get: &[SCRIPTS_READ, SCRIPTS_WRITE, CONFIGURATION_READ, CONFIGURATION_WRITE],
        write: &[SCRIPTS_WRITE, CONFIGURATION_WRITE],
    },
};

/// Run states of devices.
pub static RUN_STATE_PERMISSIONS: Permissions = Permissions {
    seed: SEED,
    current: Row {
        list: &[SCRIPTS_READ, SCRIPTS_WRITE],
        get: ANY_READ,
        write: &[CONFIGURATION_WRITE, DEVICES_WRITE],
    },
};

/// Everything else that a script contains, and managed devices.
pub static CONTAINED_PERMISSIONS: Permissions = Permissions {
    seed: SEED,
    current: Row { list: ANY_READ, get: ANY_READ, write: &[CONFIGURATION_WRITE, DEVICES_WRITE] },
};

impl Permissions {
    /// The permissions of which one must be held.
    #[must_use]
    pub fn accepted(&self, profile: Profile, access: Access) -> &'static [&'static str] {
        let row = match profile {
            Profile::Seed => &self.seed,
            Profile::Current => &self.current,
        };
        match access {
            Access::List => row.list,
            Access::Get => row.get,
            Access::Write => row.write,
        }
    }
}
