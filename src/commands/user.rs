//! `runstate user`: registers, lists and removes users of the local issuer, and changes passwords.

use std::io::{Read, stdin};

use serde_json::json;

use super::database::Database;
use super::{Failure, output, tenant};
use crate::auth::{hash_secret, random_secret, user_object_id};
use crate::config::{
    NewUserOptions, OfTenant, PasswordOptions, Settings, UserCommand, UserOptions,
};
use crate::directory::{NewUser, Registration};

pub(super) async fn run(settings: &Settings, command: UserCommand) -> Result<(), Failure> {
    let database = Database::open_or_join(settings).await?;
    let done = async {
        let registration = Registration::begin(&database.options).await?;
        match command {
            UserCommand::Add(options) => add(registration, options).await,
            UserCommand::List(of) => list(registration, &of).await,
            UserCommand::Remove(options) => remove(registration, &options).await,
            UserCommand::Password(options) => change_password(registration, &options).await,
        }
    };
    let done = done.await;
    database.close().await;
    done
}

async fn add(mut registration: Registration, options: NewUserOptions) -> Result<(), Failure> {
    let tenant = tenant::find(&mut registration, options.of.tenant.as_deref()).await?;
    let password = password(options.password_stdin)?;
    let user = NewUser {
        id: user_object_id(tenant, &options.name),
        display_name: options.display_name.unwrap_or_else(|| options.name.clone()),
        password_hash: hash_secret(&password)?,
        user_principal_name: options.name,
    };
    if !registration.add_user(tenant, &user).await? {
        let name = user.user_principal_name;
        return Err(format!("the user {name} exists already; nothing was changed").into());
    }
    registration.commit().await?;
    print_password(&user.user_principal_name, &password, options.password_stdin)
}

async fn list(mut registration: Registration, of: &OfTenant) -> Result<(), Failure> {
    let tenant = tenant::find(&mut registration, of.tenant.as_deref()).await?;
    for user in registration.users(tenant).await? {
        let line = json!({
            "id": user.id,
            "username": user.user_principal_name,
            "display_name": user.display_name,
        });
        output::line(line)?;
    }
    Ok(())
}

async fn remove(mut registration: Registration, options: &UserOptions) -> Result<(), Failure> {
    let tenant = tenant::find(&mut registration, options.of.tenant.as_deref()).await?;
    if !registration.remove_user(tenant, &options.name).await? {
        return Err(no_user(&options.name));
    }
    Ok(registration.commit().await?)
}

async fn change_password(
    mut registration: Registration,
    options: &PasswordOptions,
) -> Result<(), Failure> {
    let tenant = tenant::find(&mut registration, options.of.tenant.as_deref()).await?;
    let password = password(options.password_stdin)?;
    let hash = hash_secret(&password)?;
    if !registration.change_password(tenant, &options.name, &hash).await? {
        return Err(no_user(&options.name));
    }
    registration.commit().await?;
    print_password(&options.name, &password, options.password_stdin)
}

/// The password on standard input, or a new one. The password is no option, since other users of a
/// machine see the options of a process.
fn password(is_given: bool) -> Result<String, Failure> {
    if !is_given {
        return Ok(random_secret()?);
    }
    let mut input = String::new();
    stdin().read_to_string(&mut input)?;
    let password = input.trim_end_matches(['\r', '\n']);
    match password {
        "" => Err("standard input has no password".into()),
        // Nobody can type a line break on the sign-in page, and the server refuses U+0000.
        _ if password.contains(['\r', '\n', '\0']) => {
            Err("a password must be one line without the character U+0000".into())
        }
        _ => Ok(password.to_owned()),
    }
}

/// Prints a new password. One that was given is known already.
fn print_password(name: &str, password: &str, is_given: bool) -> Result<(), Failure> {
    let mut line = json!({ "username": name });
    if !is_given {
        line["password"] = password.into();
    }
    output::line(line)
}

fn no_user(name: &str) -> Failure {
    format!("the tenant has no user {name}").into()
}
