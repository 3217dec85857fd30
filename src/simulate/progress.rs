//! How far the simulation is: a bar for each phase on a terminal, else a line each ten seconds.

use std::cell::{Cell, RefCell};
use std::io::{IsTerminal, Write, stderr};
use std::pin::Pin;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use tokio::time::timeout;

/// How often there is a line, where there is no terminal.
const INTERVAL: Duration = Duration::from_secs(10);
/// How often the message beside a bar changes.
const MESSAGE_INTERVAL: Duration = Duration::from_millis(200);
/// After this time without a step, the phase says what it waits for.
const STALL: Duration = Duration::from_secs(2);

/// How progress is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Display {
    Bars,
    Lines,
    Nothing,
}

/// A phase of the simulation, which is so many steps long.
pub(super) struct Phase {
    name: &'static str,
    total: u64,
    display: Display,
    bar: ProgressBar,
    start: Instant,
    done: Cell<u64>,
    last: Cell<Instant>,
}

impl Display {
    /// Bars on a terminal, else lines; nothing if the user wants it so.
    pub(super) fn new(is_quiet: bool) -> Self {
        match is_quiet {
            true => Self::Nothing,
            false if stderr().is_terminal() => Self::Bars,
            false => Self::Lines,
        }
    }

    pub(super) fn phase(self, name: &'static str, total: u64) -> Phase {
        let target = match self {
            Self::Bars => ProgressDrawTarget::stderr(),
            Self::Lines | Self::Nothing => ProgressDrawTarget::hidden(),
        };
        let bar = ProgressBar::with_draw_target(Some(total), target);
        let style = "{prefix:>12} {bar:32} {human_pos}/{human_len} {msg}";
        bar.set_style(
            ProgressStyle::with_template(style).unwrap_or_else(|_| ProgressStyle::default_bar()),
        );
        bar.set_prefix(name);
        let start = Instant::now();
        Phase { name, total, display: self, bar, start, done: Cell::new(0), last: Cell::new(start) }
    }
}

impl Phase {
    /// A step is done. The message is made only where it is shown.
    pub(super) fn step(&self, message: impl FnOnce() -> String) {
        self.done.set(self.done.get() + 1);
        self.bar.inc(1);
        let interval = match self.display {
            Display::Nothing => return,
            Display::Bars => MESSAGE_INTERVAL,
            Display::Lines => INTERVAL,
        };
        if self.last.get().elapsed() < interval {
            return;
        }
        self.last.set(Instant::now());
        match self.display {
            Display::Bars => self.bar.set_message(self.with_rate(&message())),
            _ => self.line(&message()),
        }
    }

    /// Does the work of the phase. While no step is done because of an obstacle, says so: on a terminal
    /// at once, else at most as often as there are lines.
    pub(super) async fn during<T>(
        &self,
        obstacle: &RefCell<Option<String>>,
        work: impl Future<Output = T>,
    ) -> T {
        // The work is the largest future of the program.
        self.observe(obstacle, Box::pin(work)).await
    }

    async fn observe<T>(
        &self,
        obstacle: &RefCell<Option<String>>,
        mut work: Pin<Box<impl Future<Output = T>>>,
    ) -> T {
        let mut said: Option<Instant> = None;
        loop {
            let before = self.done.get();
            if let Ok(result) = timeout(STALL, &mut work).await {
                return result;
            }
            let Some(obstacle) = obstacle.borrow().clone() else { continue };
            if self.done.get() > before {
                continue;
            }
            let message = format!("waiting: {obstacle}");
            match self.display {
                Display::Nothing => {}
                Display::Bars => self.bar.set_message(message),
                Display::Lines if said.is_some_and(|at| at.elapsed() < INTERVAL) => {}
                Display::Lines => {
                    said = Some(Instant::now());
                    self.line(&message);
                }
            }
        }
    }

    /// Ends the phase with a line.
    pub(super) fn end(self) {
        self.bar.finish_and_clear();
        if self.display != Display::Nothing {
            self.line(&format!("{:.1} s", self.start.elapsed().as_secs_f64()));
        }
    }

    fn with_rate(&self, message: &str) -> String {
        let rate = self.done.get() as f64 / self.start.elapsed().as_secs_f64().max(0.001);
        format!("{rate:.0}/s {message}")
    }

    fn line(&self, message: &str) {
        let (name, total, done) = (self.name, self.total, self.done.get());
        let message = self.with_rate(message);
        // Nobody reads it if the other end is closed; the simulation goes on.
        let _ = writeln!(stderr(), "{name:>12} {done}/{total} {message}");
    }
}
