//! How far the receiving of a connection's requests has come: head, body, reply, and from the
//! beginning. Judges bytes, in whatever pieces they come; reads none.

use super::chunks::Chunks;
use super::head::{self, Framing};
use super::scan::{Extent, Scan};
use crate::error::Result;

/// The requests of one connection.
#[derive(Debug, Default)]
pub(super) struct Reception {
    stage: Stage,
    /// Whether the client sends nothing after the request under way.
    closes: bool,
}

#[derive(Debug)]
enum Stage {
    Head(Scan),
    Length(usize),
    Chunks(Chunks),
    Reply,
    End,
}

/// What comes next.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Next {
    /// The first byte of a request.
    Request,
    /// The rest of its head.
    Head,
    /// The rest of its body.
    Body,
    /// Its reply, before anything more is read.
    Reply,
    /// Nothing.
    End,
}

impl Reception {
    /// What comes next.
    pub(super) fn next(&self) -> Next {
        match &self.stage {
            Stage::Head(scan) if scan.has_begun() => Next::Head,
            Stage::Head(_) => Next::Request,
            Stage::Length(_) | Stage::Chunks(_) => Next::Body,
            Stage::Reply => Next::Reply,
            Stage::End => Next::End,
        }
    }

    /// How many of these bytes are a whole head and a body so far, and what is wrong after them. Of
    /// a head that is not whole, none are: it is to be shown again with what follows.
    pub(super) fn judge(&mut self, bytes: &mut [u8]) -> (usize, Result<()>) {
        let mut good = 0;
        while good < bytes.len() {
            match self.step(&mut bytes[good..]) {
                Ok(0) => break,
                Ok(taken) => good += taken,
                Err(error) => return (good, Err(error)),
            }
        }
        (good, Ok(()))
    }

    /// Of bytes that were shown, whether there are some that have not been looked at.
    pub(super) fn is_behind(&self, shown: usize) -> bool {
        matches!(&self.stage, Stage::Head(scan) if scan.seen() < shown)
    }

    /// The request has been answered; nothing comes after it where that was the last reply.
    pub(super) fn answered(&mut self, is_last: bool) {
        self.stage = if self.closes || is_last { Stage::End } else { Stage::default() };
    }

    /// Nothing more is received.
    pub(super) fn end(&mut self) {
        self.stage = Stage::End;
    }

    fn step(&mut self, bytes: &mut [u8]) -> Result<usize> {
        let (taken, is_over) = match &mut self.stage {
            Stage::Head(_) => return self.judge_head(bytes),
            Stage::Reply | Stage::End => return Ok(0),
            Stage::Length(left) => {
                let taken = bytes.len().min(*left);
                *left -= taken;
                (taken, *left == 0)
            }
            Stage::Chunks(chunks) => (chunks.advance(bytes)?, chunks.is_over()),
        };
        if is_over {
            self.stage = Stage::Reply;
        }
        Ok(taken)
    }

    fn judge_head(&mut self, bytes: &mut [u8]) -> Result<usize> {
        let Stage::Head(scan) = &mut self.stage else { return Ok(0) };
        let (end, head) = match scan.advance(bytes)? {
            Extent::Whole(end) => (end, head::judge(&bytes[..end])?),
            Extent::Begun => (0, head::judge(bytes)?),
            Extent::Unclear => (0, None),
        };
        let Some(head) = head else { return Ok(0) };
        if head.upgrades {
            head::forget_upgrade(&mut bytes[..end]);
        }
        self.closes = head.closes;
        self.stage = match head.framing {
            Framing::Length(0) => Stage::Reply,
            Framing::Length(length) => Stage::Length(length),
            Framing::Chunked => Stage::Chunks(Chunks::default()),
        };
        Ok(end)
    }
}

impl Default for Stage {
    fn default() -> Self {
        Self::Head(Scan::default())
    }
}
