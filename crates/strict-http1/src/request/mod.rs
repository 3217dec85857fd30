//! The requests of one connection: which part comes next, and whether the bytes are that part. It
//! checks bytes in whatever pieces they arrive; it reads and keeps none.

mod chunks;
mod fields;
mod head;
mod head_end;
mod host;

use crate::refusal::Result;
use crate::settings::Limits;
use chunks::Chunks;
use fields::Framing;
use head_end::{HeadEnd, Search};

pub(crate) use head::replacement;

/// The progress of the request under way.
#[derive(Debug, Default)]
pub(crate) struct Requests {
    stage: Stage,
    /// Whether the client sends nothing after this request.
    closes: bool,
}

#[derive(Debug)]
enum Stage {
    Head(Search),
    Length(usize),
    Chunks(Chunks),
    Reply,
    End,
}

/// What comes next on a connection.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Next {
    /// The first byte of a request.
    Request,
    /// The rest of its head.
    Head,
    /// The rest of its body.
    Body,
    /// Its reply. Until then nothing is read.
    Reply,
    /// Nothing: no more is read.
    End,
}

impl Requests {
    /// What comes next.
    pub(crate) fn next(&self) -> Next {
        match &self.stage {
            Stage::Head(search) if search.has_begun() => Next::Head,
            Stage::Head(_) => Next::Request,
            Stage::Length(_) | Stage::Chunks(_) => Next::Body,
            Stage::Reply => Next::Reply,
            Stage::End => Next::End,
        }
    }

    /// How many of these bytes are a whole head and the body so far, and what is wrong after them.
    /// A head that is not whole counts as none of them: it has to be shown again with more bytes.
    pub(crate) fn check(&mut self, bytes: &mut [u8], limits: &Limits) -> (usize, Result<()>) {
        let mut good = 0;
        while good < bytes.len() {
            match self.step(&mut bytes[good..], limits) {
                Ok(0) => break,
                Ok(taken) => good += taken,
                Err(refusal) => return (good, Err(refusal)),
            }
        }
        (good, Ok(()))
    }

    /// Whether some of `shown` bytes, which start with a head, have not been checked.
    pub(crate) fn has_unchecked(&self, shown: usize) -> bool {
        matches!(&self.stage, Stage::Head(search) if search.seen() < shown)
    }

    /// The request has been answered. Another one may follow, except after the last reply, and
    /// after a reply that came before the end of the body.
    pub(crate) fn finish(&mut self, is_last: bool) {
        let goes_on = matches!(self.stage, Stage::Reply) && !self.closes && !is_last;
        self.stage = if goes_on { Stage::default() } else { Stage::End };
    }

    /// Nothing more is received.
    pub(crate) fn end(&mut self) {
        self.stage = Stage::End;
    }

    fn step(&mut self, bytes: &mut [u8], limits: &Limits) -> Result<usize> {
        let (taken, is_over) = match &mut self.stage {
            Stage::Head(_) => return self.check_head(bytes, limits),
            Stage::Reply | Stage::End => return Ok(0),
            Stage::Length(left) => {
                let taken = bytes.len().min(*left);
                *left -= taken;
                (taken, *left == 0)
            }
            Stage::Chunks(chunks) => (chunks.advance(bytes, limits)?, chunks.is_over()),
        };
        if is_over {
            self.stage = Stage::Reply;
        }
        Ok(taken)
    }

    fn check_head(&mut self, bytes: &mut [u8], limits: &Limits) -> Result<usize> {
        let Stage::Head(search) = &mut self.stage else { return Ok(0) };
        let (end, head) = match search.advance(bytes, limits)? {
            HeadEnd::At(end) => (end, head::check(&bytes[..end], limits)?),
            HeadEnd::LineLater => (0, head::check(bytes, limits)?),
            HeadEnd::Later => (0, None),
        };
        let Some(head) = head else { return Ok(0) };
        if head.upgrades {
            head::remove_upgrade(&mut bytes[..end]);
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
        Self::Head(Search::default())
    }
}
