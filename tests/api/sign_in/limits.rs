//! Whom do failed sign-ins block, and whom do they not?

use super::{Form, USER, World};
use runstate::auth::hash_secret;
use runstate::directory::NewUser;
use uuid::Uuid;

#[tokio::test]
async fn a_thousand_failed_passwords_block_their_user_and_nobody_else() {
    let world = World::start().await;
    let mut registration = world.registration().await;
    let bob = NewUser {
        id: Uuid::new_v4(),
        user_principal_name: "bob@contoso.example".into(),
        display_name: "Bob".into(),
        password_hash: hash_secret("word").unwrap(),
    };
    registration.add_user(world.tenant, &bob).await.unwrap();
    registration.commit().await.unwrap();
    let wrong = world.password(&[("password", "wrong")]);
    let mut failed = 0;
    for _ in 0..1000 {
        let reply = world.send(&wrong).await;
        match reply.json()["error_codes"][0].as_u64() {
            Some(50_126) => failed += 1,
            _ => {
                reply.sign_in_refused(400, "invalid_grant", 50_053);
            }
        }
    }
    // One more may fail each 30 seconds.
    assert!((10..=20).contains(&failed), "{failed}");
    blocks_a_good_password(&world, &wrong).await;
    world
        .send(&world.password(&[("username", "bob@contoso.example"), ("password", "word")]))
        .await
        .ok();
    world.send(&world.credentials(&[])).await.ok();
    world.server.client().get(crate::harness::SCRIPTS).await.ok();
}

/// Asserts that the user is blocked also with the right password.
async fn blocks_a_good_password(world: &World, wrong: &Form<'_>) {
    for _ in 0..100 {
        let is_blocked = world.send(wrong).await.json()["error_codes"][0] == 50_053;
        let good = world.send(&world.password(&[])).await;
        // One sign-in more is examined where its 30 seconds end just between the two.
        if is_blocked && good.status == 400 {
            good.sign_in_refused(400, "invalid_grant", 50_053);
            return;
        }
    }
    panic!("the user is never blocked");
}

#[tokio::test]
async fn many_good_sign_ins_of_one_user_at_the_same_time_succeed() {
    let world = World::start().await;
    let form = world.password(&[]);
    let replies = futures_util::future::join_all((0..30).map(|_| world.send(&form))).await;
    for reply in replies {
        // On a slow machine a sign-in may wait too long for the others. It is not counted as failed.
        match reply.status {
            503 => world.send(&form).await.ok(),
            _ => reply.ok(),
        };
    }
}

#[tokio::test]
async fn a_secret_that_is_remembered_is_not_blocked_with_its_address() {
    let world = World::start().await;
    world.send(&world.credentials(&[])).await.ok();
    for number in 0..1000 {
        let name = format!("u{number}@contoso.example");
        let unknown = world.send(&world.password(&[("username", &name)])).await;
        if unknown.json()["error_codes"][0] != 50_053 {
            continue;
        }
        // One more sign-in may fail each second. Nothing fails between these three, so where the first
        // and the last are refused, the address was blocked in between.
        let good_password = world.password(&[("username", USER)]);
        let first = world.send(&good_password).await;
        world.send(&world.credentials(&[])).await.ok();
        let last = world.send(&good_password).await;
        if first.status == 400 && last.status == 400 {
            first.sign_in_refused(400, "invalid_grant", 50_053);
            last.sign_in_refused(400, "invalid_grant", 50_053);
            return;
        }
    }
    panic!("the address is never blocked");
}
