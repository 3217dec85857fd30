//! Whom failures block, at which time, and how much is kept.

use super::*;

const ADA: Option<Uuid> = Some(Uuid::from_u128(1));
const BOB: Option<Uuid> = Some(Uuid::from_u128(2));

fn address(last: u8) -> IpAddr {
    IpAddr::from([192, 0, 2, last])
}

/// A sign-in that is permitted at this time; `None` if it is blocked.
fn begin<'a>(
    limits: &'a FailedSignIns,
    user: Option<Uuid>,
    from: IpAddr,
    now: Instant,
) -> Option<Attempt<'a>> {
    match limits.decide(user, from, now) {
        Decision::Begun(attempt) => Some(attempt),
        Decision::Blocked => None,
        Decision::Wait => panic!("no other attempt is under way"),
    }
}

/// How many of a thousand attempts are permitted and fail.
fn fail(limits: &FailedSignIns, user: Option<Uuid>, from: IpAddr) -> usize {
    (0..1000).filter_map(|_| begin(limits, user, from, Instant::now())).count()
}

#[test]
fn a_thousand_failures_of_one_user_block_no_other_user_of_the_address() {
    let limits = FailedSignIns::default();
    assert_eq!(fail(&limits, ADA, address(1)), 10);
    let now = Instant::now();
    assert!(begin(&limits, ADA, address(2), now).is_none(), "the user is blocked elsewhere");
    assert!(begin(&limits, BOB, address(1), now).is_some());
    assert!(begin(&limits, ADA, address(2), now + PAUSE_OF_USER).is_some(), "time passed");
}

#[test]
fn failures_of_many_users_block_their_address_only() {
    let (limits, now) = (FailedSignIns::default(), Instant::now());
    let users = (0..1000).map(|user| Some(Uuid::from_u128(user)));
    let tried = users.filter_map(|user| begin(&limits, user, address(1), now)).count();
    assert_eq!(tried, 100);
    assert!(begin(&limits, None, address(1), now).is_none());
    assert!(begin(&limits, Some(Uuid::from_u128(999)), address(2), now).is_some());
}

#[test]
fn strangers_do_not_lock_a_user_out_of_a_familiar_address() {
    let limits = FailedSignIns::default();
    begin(&limits, ADA, address(1), Instant::now()).unwrap().succeed();
    assert_eq!(fail(&limits, ADA, address(2)), 10);
    assert_eq!(fail(&limits, ADA, address(1)), 10, "it is limited as well");
}

#[test]
fn successes_do_not_count() {
    let limits = FailedSignIns::default();
    for _ in 0..1000 {
        begin(&limits, ADA, address(1), Instant::now()).unwrap().succeed();
    }
}

#[tokio::test]
async fn attempts_at_the_same_time_wait_for_each_other_and_only_failures_block() {
    let limits = FailedSignIns::default();
    let good = (0..200).map(|_| async {
        let attempt = limits.begin(ADA, address(1)).await;
        tokio::task::yield_now().await;
        attempt.map(Attempt::succeed).is_ok()
    });
    assert!(futures_util::future::join_all(good).await.into_iter().all(|it| it));
    let bad = (0..200).map(|_| async {
        let attempt = limits.begin(ADA, address(1)).await;
        tokio::task::yield_now().await;
        attempt.is_ok()
    });
    let failed = futures_util::future::join_all(bad).await.into_iter().filter(|it| *it);
    assert_eq!(failed.count(), 10);
}

#[tokio::test]
async fn a_user_is_blocked_by_failures_and_not_by_attempts_under_way() {
    let limits = FailedSignIns::default();
    let at_once = || limits.begin_within(ADA, address(1), Duration::ZERO);
    let mut under_way = Vec::new();
    for _ in 0..10 {
        under_way.push(at_once().await.unwrap());
    }
    assert!(matches!(at_once().await, Err(Error::Unavailable { retry_after: 1, .. })));
    under_way.clear();
    let error = at_once().await.err().unwrap();
    assert_eq!(error.to_string(), Error::from(SignInReason::Blocked).to_string());
}

#[test]
fn attempts_that_the_server_could_not_verify_do_not_count() {
    let limits = FailedSignIns::default();
    for _ in 0..1000 {
        begin(&limits, ADA, address(1), Instant::now()).unwrap().cancel();
    }
    assert_eq!(fail(&limits, ADA, address(2)), 10, "they make no address familiar");
    assert!(begin(&limits, ADA, address(1), Instant::now()).is_none());
}

#[test]
fn the_counters_are_bounded() {
    let (limits, now) = (FailedSignIns::default(), Instant::now());
    for number in 0..MAX_COUNTED as u128 + 500 {
        let user = Some(Uuid::from_u128(number));
        let from = IpAddr::from((number as u32).to_be_bytes());
        drop(begin(&limits, user, from, now).unwrap());
        begin(&limits, user, from, now).unwrap().succeed();
    }
    let counters = limits.lock();
    assert!(counters.failures.len() <= MAX_COUNTED && counters.familiar.len() <= MAX_COUNTED);
}

#[test]
fn addresses_of_one_ipv6_network_count_as_one() {
    let of = |text: &str| network(text.parse().unwrap());
    assert_eq!(of("2001:db8::1"), of("2001:db8::ffff"));
    assert_ne!(of("2001:db8::1"), of("2001:db8:0:1::1"));
    assert_eq!(of("::ffff:192.0.2.1"), address(1));
}
