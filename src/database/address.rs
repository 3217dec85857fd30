//! The URL of a database with one host or several, as `libpq` reads it → how to connect to each host.
//! `sqlx` reads URLs of one host. Opens no connection.

use std::str::FromStr;

use sqlx::postgres::PgConnectOptions;
use url::form_urlencoded;

/// Why a URL is refused. No text repeats a part of the URL, which has a password.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    #[error(
        "DATABASE_URL is not of the form postgres://user:password@host:port/database, or with \
         several hosts postgres://user:password@host:port,host:port/database"
    )]
    Form,
    #[error("DATABASE_URL must name one port for all hosts, or one for each")]
    Ports,
    #[error(
        "target_session_attrs in DATABASE_URL may be `read-write`, `primary`, or with one host \
         `any`: the server writes, so of several hosts it uses the one that takes writes"
    )]
    TargetSession,
}

/// The hosts of a database, in the order of the URL.
#[derive(Debug)]
pub(super) struct Address {
    pub(super) hosts: Vec<PgConnectOptions>,
    /// Whether a host that takes no writes, such as a standby, is not used.
    pub(super) needs_writes: bool,
}

/// A URL in parts.
struct Parts<'a> {
    /// All before the hosts.
    start: &'a str,
    hosts: &'a str,
    path: &'a str,
    query: Vec<(String, String)>,
}

impl Address {
    pub(super) fn parse(url: &str) -> Result<Self, AddressError> {
        let mut parts = Parts::of(url).ok_or(AddressError::Form)?;
        let target = parts.take("target_session_attrs");
        let (hosts, ports) = (parts.take("host"), parts.take("port"));
        let urls: Vec<String> = match hosts {
            Some(hosts) => parts.by_query(&hosts, ports.as_deref())?,
            None => parts.hosts.split(',').map(|host| parts.url(host, &[])).collect(),
        };
        let hosts: Result<Vec<_>, _> =
            urls.iter().map(|url| PgConnectOptions::from_str(url)).collect();
        let hosts = hosts.map_err(|_| AddressError::Form)?;
        let needs_writes = match target.as_deref() {
            None => hosts.len() > 1,
            Some("read-write" | "primary") => true,
            Some("any") if hosts.len() == 1 => false,
            Some(_) => return Err(AddressError::TargetSession),
        };
        Ok(Self { hosts, needs_writes })
    }
}

impl<'a> Parts<'a> {
    fn of(url: &'a str) -> Option<Self> {
        let scheme = url.find("://")? + "://".len();
        let end = url[scheme..].find(['/', '?', '#']).map_or(url.len(), |end| scheme + end);
        let host = url[scheme..end].rfind('@').map_or(scheme, |at| scheme + at + 1);
        let (path, query) = url[end..].split_once('?').unwrap_or((&url[end..], ""));
        let query = form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        Some(Self { start: &url[..host], hosts: &url[host..end], path, query })
    }

    /// Takes a parameter out of the query.
    fn take(&mut self, name: &str) -> Option<String> {
        let place = self.query.iter().position(|(own, _)| own == name)?;
        Some(self.query.remove(place).1)
    }

    /// A URL for each host of the parameters `host` and `port`.
    fn by_query(&self, hosts: &str, ports: Option<&str>) -> Result<Vec<String>, AddressError> {
        let hosts: Vec<&str> = hosts.split(',').collect();
        let ports: Vec<&str> = ports.map_or(Vec::new(), |ports| ports.split(',').collect());
        if ports.len() > 1 && ports.len() != hosts.len() {
            return Err(AddressError::Ports);
        }
        let url = |(place, host): (usize, &&str)| {
            let port = ports.get(place).or(ports.first());
            let port = port.map(|port| ("port", *port));
            let own: Vec<_> = [("host", *host)].into_iter().chain(port).collect();
            // `sqlx` takes the parameter instead, but needs a host beside a user.
            self.url("localhost", &own)
        };
        Ok(hosts.iter().enumerate().map(url).collect())
    }

    /// The URL of one host, with more parameters.
    fn url(&self, host: &str, own: &[(&str, &str)]) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(&self.query).extend_pairs(own);
        format!("{}{host}{}?{}", self.start, self.path, query.finish())
    }
}

#[cfg(test)]
mod tests {
    use sqlx::ConnectOptions;

    use super::*;

    /// The hosts or sockets with their ports.
    fn hosts(url: &str) -> Vec<(String, u16)> {
        let host = |options: &PgConnectOptions| match options.get_socket() {
            Some(socket) => (socket.display().to_string(), options.get_port()),
            None => (options.get_host().to_owned(), options.get_port()),
        };
        Address::parse(url).unwrap().hosts.iter().map(host).collect()
    }

    fn of(name: &str, port: u16) -> (String, u16) {
        (name.to_owned(), port)
    }

    #[test]
    fn a_url_names_one_host_or_several() {
        assert_eq!(hosts("postgres://u:p@a/d"), [of("a", 5432)]);
        assert_eq!(hosts("postgres://u:p%40,x@a:1,b:2,[::1]:3/d?sslmode=disable").len(), 3);
        assert_eq!(hosts("postgres://u@a:1,b/d"), [of("a", 1), of("b", 5432)]);
        assert_eq!(hosts("postgresql://u@/d?host=a,b&port=1,2"), [of("a", 1), of("b", 2)]);
        assert_eq!(
            hosts("postgres://u@/d?host=/run/a,/run/b&port=7"),
            [of("/run/a", 7), of("/run/b", 7)]
        );
    }

    #[test]
    fn every_host_has_the_user_the_password_and_the_database() {
        let address = Address::parse("postgres://ada:p%2Cw@a,b/d?application_name=x%26y").unwrap();
        for options in &address.hosts {
            assert_eq!(options.get_username(), "ada");
            assert_eq!(options.get_database(), Some("d"));
            assert_eq!(options.get_application_name(), Some("x&y"));
            assert!(options.to_url_lossy().as_str().contains("p%2Cw@"));
        }
    }

    #[test]
    fn of_several_hosts_the_one_that_takes_writes_is_used() {
        let needs_writes = |url: &str| Address::parse(url).map(|address| address.needs_writes);
        assert_eq!(needs_writes("postgres://u@a/d"), Ok(false));
        assert_eq!(needs_writes("postgres://u@a/d?target_session_attrs=any"), Ok(false));
        assert_eq!(needs_writes("postgres://u@a/d?target_session_attrs=read-write"), Ok(true));
        assert_eq!(needs_writes("postgres://u@a,b/d"), Ok(true));
        assert_eq!(needs_writes("postgres://u@a,b/d?target_session_attrs=primary"), Ok(true));
        for wrong in [
            "postgres://u@a,b/d?target_session_attrs=any",
            "postgres://u@a/d?target_session_attrs=standby",
        ] {
            assert_eq!(needs_writes(wrong), Err(AddressError::TargetSession), "{wrong}");
        }
    }

    #[test]
    fn other_texts_are_refused() {
        for wrong in ["", "a,b", "host=a,b", "postgres://u@a:x,b/d", "postgres://u@a:1:2/d"] {
            assert_eq!(Address::parse(wrong).unwrap_err(), AddressError::Form, "{wrong}");
        }
        let ports = Address::parse("postgres://u@/d?host=a,b&port=1,2,3").unwrap_err();
        assert_eq!(ports, AddressError::Ports);
    }
}
