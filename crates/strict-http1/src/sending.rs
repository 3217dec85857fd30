//! How long a client may keep the server waiting while it sends, and at the end of a connection. It
//! knows time and numbers of bytes; it sends none.

use std::io;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::time::Instant;

use crate::settings::Timeouts;
use crate::timer::{Timer, from_now};

/// How long the client may still keep the server waiting during one reply.
///
/// Time passes while the stream below takes nothing or holds bytes back, as TLS does in a buffer of
/// its own. The client gets time back for the bytes that it takes. While the stream below has sent
/// everything, the client owes nothing, so that a reply may take as long as it takes to produce.
#[derive(Debug)]
pub(crate) struct Sending {
    /// The time that is left while the client owes nothing.
    left: Duration,
    /// When the time has passed, while the client keeps the server waiting.
    taken_by: Option<Instant>,
    /// Made when it is needed: most clients take their replies at once.
    timer: Option<Timer>,
    shutdown: Option<Shutdown>,
}

/// The end of the connection.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Shutdown {
    /// When the connection closes, whatever is unread.
    pub(crate) closed_by: Instant,
    /// Whether the client has been sent the end of the stream.
    pub(crate) is_sent: bool,
}

impl Sending {
    pub(crate) fn new(timeouts: &Timeouts) -> Self {
        Self { left: timeouts.reply, taken_by: None, timer: None, shutdown: None }
    }

    /// The stream below took bytes.
    pub(crate) fn took(&mut self, bytes: usize, timeouts: &Timeouts) {
        let earned = Duration::from_secs(bytes as u64) / timeouts.reply_rate.max(1);
        match &mut self.taken_by {
            Some(by) => *by += earned,
            None => self.left = timeouts.reply.min(self.left + earned),
        }
    }

    /// The stream below holds bytes back: an error once the client's time has passed.
    pub(crate) fn wait(&mut self, context: &mut Context<'_>) -> Poll<io::Error> {
        let by = *self.taken_by.get_or_insert_with(|| from_now(self.left));
        self.poll_deadline(by, context).map(|()| io::ErrorKind::TimedOut.into())
    }

    /// The stream below has sent everything.
    pub(crate) fn sent_all(&mut self, timeouts: &Timeouts) {
        if let Some(by) = self.taken_by.take() {
            self.left = timeouts.reply.min(by.saturating_duration_since(Instant::now()));
        }
    }

    /// Once the reply has been sent: the next one has all the time again.
    pub(crate) fn finish(&mut self, timeouts: &Timeouts) {
        self.left = timeouts.reply;
    }

    /// The end of the connection, which begins now if it has not begun.
    pub(crate) fn shutdown(&mut self, timeouts: &Timeouts) -> &mut Shutdown {
        let begin = || Shutdown { closed_by: from_now(timeouts.linger), is_sent: false };
        self.shutdown.get_or_insert_with(begin)
    }

    /// Ready once a deadline has passed.
    pub(crate) fn poll_deadline(
        &mut self,
        deadline: Instant,
        context: &mut Context<'_>,
    ) -> Poll<()> {
        let timer = self.timer.get_or_insert_with(Timer::new);
        match timer.has_passed(deadline, context) {
            true => Poll::Ready(()),
            false => Poll::Pending,
        }
    }
}
