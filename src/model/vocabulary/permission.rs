//! The one table of permissions: which scope or role each kind of entity asks for, in each profile.
//! Who holds them, `auth` knows. Source of each row: the documents' permission tables.

/// Which edition of the documents decides what a token must hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Profile {
    /// The founding edition: delegated scopes alone; application tokens are refused.
    Seed,
    /// Today's edition: delegated scopes and application roles alike.
    Current,
    /// Both editions: a request passes if one of them permits it.
    Either,
}

impl Profile {
    /// The profiles of which one must permit a request of an application's own, or of a user.
    #[must_use]
    pub fn editions(self, is_application: bool) -> &'static [Self] {
        match self {
            Self::Seed => &[Self::Seed],
            Self::Current => &[Self::Current],
            // The founding edition refuses applications, so only today's can permit their requests.
            Self::Either if is_application => &[Self::Current],
            Self::Either => &[Self::Seed, Self::Current],
        }
    }
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

const APPS_READ: &str = "DeviceManagementApps.Read.All";
const APPS_WRITE: &str = "DeviceManagementApps.ReadWrite.All";
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

/// Graph as a resource of tokens: by its address, and by its application id.
pub const GRAPH: &str = "https://graph.microsoft.com";
pub const GRAPH_ID: &str = "00000003-0000-0000-c000-000000000000";

/// Every permission that some request needs.
pub const ALL: [&str; 8] = [
    APPS_READ,
    APPS_WRITE,
    CONFIGURATION_READ,
    CONFIGURATION_WRITE,
    DEVICES_READ,
    DEVICES_WRITE,
    SCRIPTS_READ,
    SCRIPTS_WRITE,
];

/// Whether a name is a permission that some request needs.
#[must_use]
pub fn is_permission(name: &str) -> bool {
    ALL.contains(&name)
}

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

/// Audit events, which nobody writes.
pub static AUDIT_PERMISSIONS: Permissions = Permissions { seed: AUDIT, current: AUDIT };

const AUDIT: Row =
    Row { list: &[APPS_READ, APPS_WRITE], get: &[APPS_READ, APPS_WRITE], write: &[APPS_WRITE] };

const NOTHING: Row = Row { list: &[], get: &[], write: &[] };

impl Permissions {
    /// No permission is enough.
    pub(in crate::model) const NONE: Self = Self { seed: NOTHING, current: NOTHING };

    /// The permissions of which an application, or a user, must hold one.
    #[must_use]
    pub fn accepted(
        &self,
        profile: Profile,
        access: Access,
        is_application: bool,
    ) -> Vec<&'static str> {
        let mut accepted: Vec<&'static str> = Vec::new();
        for edition in profile.editions(is_application) {
            let row = match edition {
                Profile::Seed => &self.seed,
                Profile::Current | Profile::Either => &self.current,
            };
            let names = match access {
                Access::List => row.list,
                Access::Get => row.get,
                Access::Write => row.write,
            };
            for name in names {
                if !accepted.contains(name) {
                    accepted.push(name);
                }
            }
        }
        accepted
    }
}
