//! The header fields of a request that say how it is received: `Host`, the framing of the body,
//! `Connection`, `Expect`. Each is one value of one form, or the request is refused.

use super::head::{Framing, Head};
use super::host::is_authority;
use crate::error::{Error, Result};
use crate::http::limits::{MAX_BODY, MAX_NAME};

/// What has been read so far.
#[derive(Debug, Default)]
pub(super) struct Fields<'a> {
    /// The host, which is one.
    pub(super) host: Option<&'a [u8]>,
    /// How long the body is, in bytes.
    pub(super) length: Option<usize>,
    is_chunked: bool,
    closes: bool,
    stays: bool,
    upgrades: bool,
}

impl<'a> Fields<'a> {
    /// Reads a field of a request in HTTP/1.1 (`is_1_1`) or 1.0.
    pub(super) fn read(&mut self, name: &str, value: &'a [u8], is_1_1: bool) -> Result<()> {
        let is = |other: &str| name.eq_ignore_ascii_case(other);
        match name.len() {
            4 if is("host") => self.read_host(value),
            6 if is("expect") && is_1_1 => read_expect(value),
            7 if is("upgrade") => {
                self.upgrades = true;
                Ok(())
            }
            10 if is("connection") => {
                self.read_connection(value);
                Ok(())
            }
            14 if is("content-length") => self.read_length(value),
            17 if is("transfer-encoding") => self.read_coding(value, is_1_1),
            ..=MAX_NAME => Ok(()),
            _ => Err(Error::HeadersTooLarge(format!(
                "The name of a header is longer than the limit of {MAX_NAME} bytes."
            ))),
        }
    }

    /// What all of them say together.
    pub(super) fn head(&self, is_1_1: bool) -> Result<Head> {
        let framing = match (self.is_chunked, self.length) {
            (true, Some(_)) => {
                return refused("Content-Length and Transfer-Encoding exclude each other.");
            }
            (true, None) => Framing::Chunked,
            (false, length) => Framing::Length(length.unwrap_or(0)),
        };
        let closes = self.closes || !(is_1_1 || self.stays);
        Ok(Head { framing, closes, upgrades: self.upgrades })
    }

    fn read_host(&mut self, value: &'a [u8]) -> Result<()> {
        match self.host.is_none() && is_authority(value) {
            true => self.host = Some(value),
            false => return refused("The Host header is not one host."),
        }
        Ok(())
    }

    fn read_connection(&mut self, value: &[u8]) {
        for option in value.split(|byte| *byte == b',').map(<[u8]>::trim_ascii) {
            self.closes |= option.eq_ignore_ascii_case(b"close");
            self.stays |= option.eq_ignore_ascii_case(b"keep-alive");
            self.upgrades |= option.eq_ignore_ascii_case(b"upgrade");
        }
    }

    fn read_length(&mut self, value: &[u8]) -> Result<()> {
        let is_number = !value.is_empty() && value.iter().all(u8::is_ascii_digit);
        if self.length.is_some() || !is_number {
            return refused("The Content-Length header is not one number.");
        }
        let digits = value.iter().map(|digit| usize::from(digit - b'0'));
        let length =
            digits.fold(0_usize, |length, it| length.saturating_mul(10).saturating_add(it));
        match length <= MAX_BODY {
            true => self.length = Some(length),
            false => return Err(Error::BodyTooLarge { limit: MAX_BODY }),
        }
        Ok(())
    }

    fn read_coding(&mut self, value: &[u8], is_1_1: bool) -> Result<()> {
        match is_1_1 && !self.is_chunked && value.eq_ignore_ascii_case(b"chunked") {
            true => self.is_chunked = true,
            false => return refused("The Transfer-Encoding is not 'chunked', in HTTP/1.1."),
        }
        Ok(())
    }
}

fn read_expect(value: &[u8]) -> Result<()> {
    match value.eq_ignore_ascii_case(b"100-continue") {
        true => Ok(()),
        false => Err(Error::ExpectationFailed),
    }
}

fn refused<T>(text: &str) -> Result<T> {
    Err(Error::BadRequest(text.into()))
}
