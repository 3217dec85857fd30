//! The header fields that say how a request is received: `Host`, the framing of the body,
//! `Connection`, `Expect`. Each has one value of one form, or the request is refused.

use super::host::is_authority;
use crate::refusal::{HeadersTooLarge, Malformed, Refusal, Result, malformed};
use crate::settings::Limits;

/// What a head says of its connection.
#[derive(Debug)]
pub(super) struct Head {
    /// How the body ends.
    pub(super) framing: Framing,
    /// Whether the client sends nothing after this request.
    pub(super) closes: bool,
    /// Whether the client asks for another protocol.
    pub(super) upgrades: bool,
}

/// How a body ends.
#[derive(Debug, PartialEq)]
pub(super) enum Framing {
    /// After so many bytes; 0 where there is no body.
    Length(usize),
    /// With the last chunk.
    Chunked,
}

/// The fields that have been read so far.
#[derive(Debug, Default)]
pub(super) struct Fields<'a> {
    /// The host.
    pub(super) host: Option<&'a [u8]>,
    /// The length of the body, in bytes.
    pub(super) length: Option<usize>,
    is_chunked: bool,
    closes: bool,
    stays: bool,
    upgrades: bool,
}

impl<'a> Fields<'a> {
    /// Reads a field of a request in HTTP/1.1 (`is_1_1`) or 1.0.
    pub(super) fn read(
        &mut self,
        name: &str,
        value: &'a [u8],
        is_1_1: bool,
        limits: &Limits,
    ) -> Result<()> {
        let is = |other: &str| name.eq_ignore_ascii_case(other);
        match name.len() {
            4 if is("host") => self.read_host(value)?,
            6 if is("expect") && is_1_1 => read_expect(value)?,
            7 if is("upgrade") => self.upgrades = true,
            10 if is("connection") => self.read_connection(value),
            14 if is("content-length") => self.read_length(value, limits)?,
            17 if is("transfer-encoding") => self.read_coding(value, is_1_1)?,
            _ => {}
        }
        let limit = limits.header_name;
        match name.len() <= limit {
            true => Ok(()),
            false => Err(HeadersTooLarge::Name { limit }.into()),
        }
    }

    /// What all fields say together.
    pub(super) fn head(&self, is_1_1: bool) -> Result<Head> {
        let framing = match (self.is_chunked, self.length) {
            (true, Some(_)) => return malformed(Malformed::TwoFramings),
            (true, None) => Framing::Chunked,
            (false, length) => Framing::Length(length.unwrap_or(0)),
        };
        let closes = self.closes || !(is_1_1 || self.stays);
        Ok(Head { framing, closes, upgrades: self.upgrades })
    }

    fn read_host(&mut self, value: &'a [u8]) -> Result<()> {
        if self.host.is_some() || !is_authority(value) {
            return malformed(Malformed::Host);
        }
        self.host = Some(value);
        Ok(())
    }

    fn read_connection(&mut self, value: &[u8]) {
        for option in value.split(|byte| *byte == b',').map(<[u8]>::trim_ascii) {
            self.closes |= option.eq_ignore_ascii_case(b"close");
            self.stays |= option.eq_ignore_ascii_case(b"keep-alive");
            self.upgrades |= option.eq_ignore_ascii_case(b"upgrade");
        }
    }

    fn read_length(&mut self, value: &[u8], limits: &Limits) -> Result<()> {
        let is_number = !value.is_empty() && value.iter().all(u8::is_ascii_digit);
        if self.length.is_some() || !is_number {
            return malformed(Malformed::ContentLength);
        }
        let digits = value.iter().map(|digit| usize::from(digit - b'0'));
        let length =
            digits.fold(0_usize, |length, it| length.saturating_mul(10).saturating_add(it));
        if length > limits.body {
            return Err(Refusal::BodyTooLarge { limit: limits.body });
        }
        self.length = Some(length);
        Ok(())
    }

    fn read_coding(&mut self, value: &[u8], is_1_1: bool) -> Result<()> {
        if !is_1_1 || self.is_chunked || !value.eq_ignore_ascii_case(b"chunked") {
            return malformed(Malformed::TransferEncoding);
        }
        self.is_chunked = true;
        Ok(())
    }
}

fn read_expect(value: &[u8]) -> Result<()> {
    match value.eq_ignore_ascii_case(b"100-continue") {
        true => Ok(()),
        false => Err(Refusal::UnknownExpectation),
    }
}
