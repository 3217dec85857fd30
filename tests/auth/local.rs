//! The local issuer, which the server contains.

use std::os::unix::fs::PermissionsExt;
use std::time::Duration;

use runstate::auth::{Caller, CallerKind, Issuers, LocalIssuer, LocalIssuerError, TokenRequest};
use uuid::Uuid;

use crate::support::{Folder, caller, is_accepted};

fn request() -> TokenRequest {
    TokenRequest {
        tenant: Uuid::from_u128(7),
        user: Some("ada@example.org".into()),
        scopes: vec!["A.Read.All".into(), "B.Read.All".into()],
        roles: Vec::new(),
        application: false,
        client: None,
        expires_in: Duration::from_secs(60),
    }
}

fn trusting(local: &LocalIssuer) -> Issuers {
    Issuers::new(vec![local.issuer()]).unwrap()
}

async fn caller_of(local: &LocalIssuer, request: &TokenRequest) -> Caller {
    caller(&trusting(local), &local.token(request).unwrap()).await.unwrap()
}

#[tokio::test]
async fn local_tokens_yield_the_requested_callers() {
    let folder = Folder::new();
    let local = LocalIssuer::open(&folder.0).unwrap();
    let user = caller_of(&local, &request()).await;
    assert_eq!(user.tenant(), Uuid::from_u128(7));
    assert_eq!(*user.kind(), CallerKind::Delegated { scopes: request().scopes });
    let own = TokenRequest {
        user: None,
        scopes: Vec::new(),
        roles: vec!["R".into()],
        application: true,
        ..request()
    };
    let application = caller_of(&local, &own).await;
    assert_eq!(*application.kind(), CallerKind::Application { roles: vec!["R".into()] });
    let bare = TokenRequest { scopes: Vec::new(), ..request() };
    assert_eq!(*caller_of(&local, &bare).await.kind(), CallerKind::Unknown);
}

#[tokio::test]
async fn tokens_of_another_data_directory_are_refused() {
    let [ours, theirs] = [Folder::new(), Folder::new()];
    let [ours, theirs] = [&ours, &theirs].map(|folder| LocalIssuer::open(&folder.0).unwrap());
    assert!(is_accepted(&trusting(&ours), &ours.token(&request()).unwrap()).await);
    assert!(!is_accepted(&trusting(&ours), &theirs.token(&request()).unwrap()).await);
}

#[tokio::test]
async fn the_key_file_is_private_and_reused() {
    let folder = Folder::new();
    let data = folder.0.join("made/on/the/way");
    let token = LocalIssuer::open(&data).unwrap().token(&request()).unwrap();
    let mode = std::fs::metadata(data.join("local-issuer.pem")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    assert_eq!(std::fs::read_dir(&data).unwrap().count(), 1, "no temporary file is left");
    let again = LocalIssuer::open(&data).unwrap();
    assert!(is_accepted(&trusting(&again), &token).await);
}

#[tokio::test]
async fn concurrent_starts_agree_on_one_key() {
    let folder = Folder::new();
    let path = folder.0.as_path();
    let all: Vec<LocalIssuer> = std::thread::scope(|scope| {
        let open = || scope.spawn(|| LocalIssuer::open(path).unwrap());
        let opening: Vec<_> = (0..8).map(|_| open()).collect();
        opening.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    let issuers = trusting(&all[0]);
    for local in &all {
        assert!(is_accepted(&issuers, &local.token(&request()).unwrap()).await);
    }
    assert_eq!(std::fs::read_dir(path).unwrap().count(), 1, "no temporary file is left");
}

#[test]
fn an_exposed_or_invalid_key_file_is_refused() {
    let folder = Folder::new();
    LocalIssuer::open(&folder.0).unwrap();
    let path = folder.0.join("local-issuer.pem");
    for mode in [0o640, 0o604, 0o620] {
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
        let error = LocalIssuer::open(&folder.0).err().unwrap();
        assert!(matches!(error, LocalIssuerError::Exposed { .. }));
        assert!(error.to_string().contains("local-issuer.pem"), "{error}");
    }
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
    folder.write("local-issuer.pem", "no key");
    let error = LocalIssuer::open(&folder.0).err().unwrap();
    assert!(matches!(error, LocalIssuerError::NoKey { .. }));
}
