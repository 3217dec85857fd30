//! The first start: registers a tenant, an application, a user, and the public clients that tools bring
//! along, and writes their credentials to a file of the data directory. Later starts change nothing.

use serde_json::json;
use sqlx::postgres::PgConnectOptions;
use uuid::Uuid;

use super::Failure;
use crate::auth::{
    CONSOLE_CLIENT, DEFAULT_CLIENT, DEFAULT_USER, application_object_id, hash_secret,
    random_secret, user_object_id,
};
use crate::config::{FIRST_TENANT, Settings};
use crate::directory::{NewApplication, NewSecret, NewTenant, NewUser, Registration};
use crate::files;
use crate::model::permission;

/// The file with the credentials of the first start.
pub(super) const CREDENTIALS_FILE: &str = "first-run.json";

/// The domain of the first tenant.
const DOMAIN: &str = "runstate.local";
/// Where an application of this machine gets its code: on any port, by either name.
const LOOPBACK: [&str; 2] = ["http://localhost", "http://127.0.0.1"];
/// The address to which desktop clients are redirected that have no port to listen on.
const NATIVE: &str = "https://login.microsoftonline.com/common/oauth2/nativeclient";
/// Where the console of this machine gets its code, on any port. At other addresses it does so at the
/// address of the server itself.
const CONSOLE_REDIRECTS: [&str; 3] =
    ["http://localhost/console/", "http://127.0.0.1/console/", "http://[::1]/console/"];
/// The grants of the console.
const CONSOLE_GRANTS: [&str; 2] = ["authorization_code", "refresh_token"];
/// The public clients that tools bring along: of Graph PowerShell, and of the Azure SDKs.
const PUBLIC_CLIENTS: [(&str, Uuid); 2] = [
    (
        "Microsoft Graph Command Line Tools",
        Uuid::from_u128(0x14d8_2eec_204b_4c2f_b7e8_296a_70da_b67e),
    ),
    ("Microsoft Azure CLI", Uuid::from_u128(0x04b0_7795_8ddb_461a_bbee_02f9_e1bf_7b46)),
];

/// The grants of public clients.
const PUBLIC_GRANTS: [&str; 4] = ["authorization_code", "device_code", "password", "refresh_token"];

/// Registers the first tenant if there is none. A user of the database who may not is told what to run.
pub(super) async fn register(
    settings: &Settings,
    options: &PgConnectOptions,
) -> Result<(), Failure> {
    let mut registration = match Registration::begin_first(options).await {
        Ok(Some(registration)) => registration,
        Ok(None) => return Ok(()),
        Err(error) => {
            tracing::warn!(
                "nobody can sign in at the local issuer yet ({error}). Run `runstate tenant add` as \
                 the database's owner."
            );
            return Ok(());
        }
    };
    let (secret, password) = (random_secret()?, random_secret()?);
    let tenant = NewTenant {
        id: FIRST_TENANT,
        domains: vec![DOMAIN.into()],
        serves_unknown: settings.database_url.is_none(),
    };
    registration.add_tenant(&tenant).await?;
    registration.add_application(FIRST_TENANT, &first_application()).await?;
    let new_secret = NewSecret { id: Uuid::now_v7(), hash: hash_secret(&secret)? };
    registration.add_secret(FIRST_TENANT, DEFAULT_CLIENT, &new_secret).await?;
    add_public_clients(&mut registration, FIRST_TENANT).await?;
    let user = NewUser {
        id: user_object_id(FIRST_TENANT, DEFAULT_USER),
        user_principal_name: DEFAULT_USER.into(),
        display_name: "Runstate User".into(),
        password_hash: hash_secret(&password)?,
    };
    registration.add_user(FIRST_TENANT, &user).await?;
    let credentials = json!({
        "tenant_id": FIRST_TENANT,
        "client_id": DEFAULT_CLIENT,
        "client_secret": secret,
        "username": DEFAULT_USER,
        "password": password,
    });
    // Before the commit: credentials that are in the database and nowhere else would be of no use.
    let path = settings.data_dir.join(CREDENTIALS_FILE);
    files::replace(&path, &format!("{credentials:#}\n"), files::PRIVATE)
        .map_err(|error| format!("{}: {error}", path.display()))?;
    registration.commit().await?;
    Ok(())
}

/// Registers the console, and the public clients that tools bring along.
pub(super) async fn add_public_clients(
    registration: &mut Registration,
    tenant: Uuid,
) -> Result<(), Failure> {
    let console = NewApplication {
        grant_types: CONSOLE_GRANTS.map(str::to_owned).to_vec(),
        spa_redirect_uris: CONSOLE_REDIRECTS.map(str::to_owned).to_vec(),
        public_redirect_uris: Vec::new(),
        ..public_client(tenant, "Runstate console", CONSOLE_CLIENT)
    };
    registration.add_application(tenant, &console).await?;
    for (name, id) in PUBLIC_CLIENTS {
        registration.add_application(tenant, &public_client(tenant, name, id)).await?;
    }
    Ok(())
}

/// A client without a secret, on any port of its user's machine.
fn public_client(tenant: Uuid, name: &str, id: Uuid) -> NewApplication {
    NewApplication {
        id,
        object_id: application_object_id(tenant, &id.to_string()),
        name: name.into(),
        is_public: true,
        grant_types: PUBLIC_GRANTS.map(str::to_owned).to_vec(),
        permissions: permission::ALL.map(str::to_owned).to_vec(),
        web_redirect_uris: Vec::new(),
        spa_redirect_uris: Vec::new(),
        public_redirect_uris: public_redirect_uris(),
        certificates: Vec::new(),
    }
}

/// The application of the first start may do everything in every way: it has a secret, and users may
/// sign in with it as a public client or on a web page of this machine.
fn first_application() -> NewApplication {
    let grants = ["client_credentials"].into_iter().chain(PUBLIC_GRANTS);
    let loopback = || LOOPBACK.map(str::to_owned).to_vec();
    NewApplication {
        id: DEFAULT_CLIENT,
        object_id: application_object_id(FIRST_TENANT, &DEFAULT_CLIENT.to_string()),
        name: "Runstate".into(),
        is_public: true,
        grant_types: grants.map(str::to_owned).collect(),
        permissions: permission::ALL.map(str::to_owned).to_vec(),
        web_redirect_uris: loopback(),
        spa_redirect_uris: loopback(),
        public_redirect_uris: public_redirect_uris(),
        certificates: Vec::new(),
    }
}

fn public_redirect_uris() -> Vec<String> {
    LOOPBACK.into_iter().chain([NATIVE]).map(str::to_owned).collect()
}
