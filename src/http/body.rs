//! The body of a reply as actix sends it, which knows when actix has all of it.

use std::pin::Pin;
use std::task::{Context, Poll};

use actix_web::body::{BodySize, MessageBody};
use bytes::Bytes;
use strict_http1::UnfinishedReply;

/// A body whose end finishes the reply.
pub(super) struct ReplyBody<B> {
    body: B,
    /// Dropped with the body: actix drops it when it has all of it, and what is left when the
    /// client goes.
    _unfinished: Option<UnfinishedReply>,
}

impl<B> ReplyBody<B> {
    pub(super) fn new(body: B, unfinished: Option<UnfinishedReply>) -> Self {
        Self { body, _unfinished: unfinished }
    }
}

impl<B: MessageBody + Unpin> MessageBody for ReplyBody<B> {
    type Error = B::Error;

    fn size(&self) -> BodySize {
        self.body.size()
    }

    fn poll_next(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, B::Error>>> {
        Pin::new(&mut self.body).poll_next(context)
    }
}
