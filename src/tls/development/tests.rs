//! When is a certificate made anew, for which names, and who can read the files?

use std::fs;
use std::os::unix::fs::PermissionsExt;

use super::*;

/// A data directory that is removed when the value is dropped.
struct Data(PathBuf);

impl Data {
    fn new() -> Self {
        Self(std::env::temp_dir().join(format!("runstate-tls-{}", uuid::Uuid::new_v4())))
    }

    fn server(&self, names: &[&str]) -> Development {
        let names: Vec<Name> = names.iter().map(|name| name.parse().unwrap()).collect();
        Development::new(&self.0, None, &names)
    }

    fn file(&self, name: &str) -> PathBuf {
        self.0.join("tls").join(name)
    }

    fn text(&self, name: &str) -> String {
        fs::read_to_string(self.file(name)).unwrap()
    }
}

impl Drop for Data {
    fn drop(&mut self) {
        fs::remove_dir_all(&self.0).ok();
    }
}

fn names(pair: &Pair) -> Vec<String> {
    let pem = Pem::iter_from_buffer(pair.certificates.as_bytes()).next().unwrap().unwrap();
    names_of(&pem.parse_x509().unwrap()).iter().map(Name::to_string).collect()
}

#[test]
fn a_certificate_is_renewed_a_month_before_its_end_by_the_same_authority() {
    let (data, now) = (Data::new(), SystemTime::now());
    let server = data.server(&[]);
    let first = server.read(now).unwrap();
    let authority = data.text("ca.pem");
    assert!(server.read(now + 59 * DAY).unwrap() == first);
    let second = server.read(now + 61 * DAY).unwrap();
    assert!(second != first && second.certificates.ends_with(&authority));
    assert!(server.read(now + 61 * DAY).unwrap() == second);
    assert_eq!(data.text("ca.pem"), authority);
}

#[test]
fn a_certificate_has_the_names_of_the_server_and_changes_with_them() {
    let (data, now) = (Data::new(), SystemTime::now());
    let first = data.server(&[]).read(now).unwrap();
    for name in ["localhost", "127.0.0.1", "::1", "host.docker.internal"] {
        assert!(names(&first).iter().any(|it| it == name), "{name}");
    }
    let names_asked_for = ["graph.test", "10.1.2.3"];
    let second = data.server(&names_asked_for).read(now).unwrap();
    for name in names_asked_for {
        assert!(names(&second).iter().any(|it| it == name), "{name}");
    }
    assert!(names(&data.server(&[]).read(now).unwrap()) == names(&first));
    // The address of a listener is a name too, unless it is any, or one of the public Internet.
    for (address, is_named) in [("10.0.0.9", true), ("0.0.0.0", false), ("203.0.113.9", false)] {
        let server = Development::new(&data.0, Some(address.parse().unwrap()), &[]);
        let names = names(&server.read(now).unwrap());
        assert_eq!(names.iter().any(|name| name == address), is_named, "{address}");
    }
}

#[test]
fn a_public_name_is_signed_only_by_an_authority_that_was_made_for_it() {
    let (data, now) = (Data::new(), SystemTime::now());
    data.server(&[]).read(now).unwrap();
    let (authority, first) = (data.text("ca.pem"), data.text("server.pem"));
    for name in ["example.com", "localhost.example.com", "notlocal", "8.8.8.8"] {
        let refused = data.server(&[name]).read(now).map(|_| ()).unwrap_err().to_string();
        assert!(refused.contains(&format!("may not sign '{name}'. Delete the")), "{refused}");
    }
    assert_eq!((data.text("ca.pem"), data.text("server.pem")), (authority, first));

    let data = Data::new();
    let asked = ["graph.example.com", "*.a.example.com", "8.8.8.8"];
    let pair = data.server(&asked).read(now).unwrap();
    assert!(asked.iter().all(|name| names(&pair).iter().any(|it| it == name)));
    assert!(data.server(&["b.graph.example.com"]).read(now).is_ok());
    assert!(data.server(&["example.com"]).read(now).is_err());
}

#[test]
fn what_is_missing_or_spoilt_is_made_again_but_not_an_authority() {
    let (data, now) = (Data::new(), SystemTime::now());
    let server = data.server(&[]);
    server.read(now).unwrap();
    let authority = data.text("ca.pem");
    let spoilt = [
        ("server.pem", None),
        ("server-key.pem", None),
        ("server.pem", Some("nonsense".to_owned())),
        ("server.pem", Some(authority.clone())),
        ("server-key.pem", Some(data.text("ca-key.pem"))),
        ("ca-bundle.pem", None),
    ];
    for (file, text) in spoilt {
        match text {
            Some(text) => fs::write(data.file(file), text).unwrap(),
            None => fs::remove_file(data.file(file)).unwrap(),
        }
        assert!(server.read(now).unwrap().certified_key().is_ok(), "{file}");
        assert_eq!(data.text("ca.pem"), authority);
        assert!(data.text("ca-bundle.pem").ends_with(&authority));
    }
    let refused = || server.read(now).map(|_| ()).unwrap_err().to_string();
    let key = data.text("ca-key.pem");
    fs::write(data.file("ca-key.pem"), data.text("server-key.pem")).unwrap();
    assert!(refused().contains("ca.pem: is not the certificate of ca-key.pem"), "{}", refused());
    fs::write(data.file("ca-key.pem"), "nonsense").unwrap();
    assert!(refused().contains("ca.pem: its key, ca-key.pem, is not one"), "{}", refused());
    fs::remove_file(data.file("ca-key.pem")).unwrap();
    assert!(refused().contains("ca.pem: its key, ca-key.pem, is missing"), "{}", refused());
    fs::write(data.file("ca-key.pem"), key).unwrap();
    fs::set_permissions(data.file("ca-key.pem"), fs::Permissions::from_mode(0o640)).unwrap();
    assert!(refused().contains("ca-key.pem: has mode 640"), "{}", refused());
}

#[test]
fn only_the_owner_can_read_the_keys() {
    let data = Data::new();
    data.server(&[]).read(SystemTime::now()).unwrap();
    let mode = |name: &str| fs::metadata(data.file(name)).unwrap().permissions().mode() & 0o7777;
    for file in ["ca-key.pem", "server-key.pem"] {
        assert_eq!(mode(file), 0o600, "{file}");
    }
    for file in ["ca.pem", "server.pem", "ca-bundle.pem"] {
        assert_eq!(mode(file), 0o644, "{file}");
    }
    let files = fs::read_dir(data.file("")).unwrap().count();
    assert_eq!(files, 5, "no draft stays behind");
}

#[test]
fn an_authority_that_ends_soon_is_replaced() {
    let (data, now) = (Data::new(), SystemTime::now());
    let server = data.server(&[]);
    server.read(now).unwrap();
    let first = data.text("ca.pem");
    server.read(now + 3559 * DAY).unwrap();
    assert_eq!(data.text("ca.pem"), first);
    let pair = server.read(now + 3561 * DAY).unwrap();
    assert_ne!(data.text("ca.pem"), first);
    assert!(pair.certificates.ends_with(&data.text("ca.pem")));
}

#[test]
fn servers_that_start_together_have_one_authority() {
    let data = Data::new();
    let threads: Vec<_> = (0..8)
        .map(|_| {
            let server = data.server(&[]);
            std::thread::spawn(move || server.read(SystemTime::now()).unwrap())
        })
        .collect();
    let pairs: Vec<Pair> = threads.into_iter().map(|it| it.join().unwrap()).collect();
    assert!(pairs.iter().all(|pair| *pair == pairs[0]));
}

#[test]
fn the_authority_of_an_impersonation_is_another_and_signs_nothing_else() {
    let (data, now) = (Data::new(), SystemTime::now());
    data.server(&[]).read(now).unwrap();
    let impersonation = Development::impersonation(&data.0);
    let pair = impersonation.read(now).unwrap();
    assert_eq!(names(&pair), ["graph.microsoft.com", "login.microsoftonline.com"]);
    let authority = data.text("microsoft/ca.pem");
    assert!(pair.certificates.ends_with(&authority) && authority != data.text("ca.pem"));
    assert!(!data.text("ca-bundle.pem").contains(&authority));
    let both = data.text("ca.pem") + &authority;
    assert!(data.text("microsoft/ca-bundle.pem").ends_with(&both));
    let directory = LockedDirectory::open(&data.file("microsoft")).unwrap();
    let authority = Authority::open(&directory, Purpose::Impersonation, &[], now).unwrap();
    for name in ["localhost", "127.0.0.1", "example.com", "microsoft.com", "microsoftonline.com"] {
        assert!(!authority.permits(&name.parse().unwrap()), "{name}");
    }
}
