//! Metrics of the process itself, as Prometheus' own libraries name them. Linux alone says them; on
//! another system there are only the version and the time of the start.

use std::fs;
use std::time::{SystemTime, UNIX_EPOCH};

use super::catalog;
use super::exposition::Exposition;

/// The unit of processor time in `/proc`. Linux shows programs this number on every architecture.
const TICKS_PER_SECOND: f64 = 100.0;

/// The process, which started when the value was made.
#[derive(Debug)]
pub struct Process {
    started: SystemTime,
}

impl Default for Process {
    fn default() -> Self {
        Self { started: SystemTime::now() }
    }
}

impl Process {
    /// Adds the metrics to a page.
    pub fn expose(&self, page: &mut Exposition) {
        page.gauges(&catalog::BUILD, [(env!("CARGO_PKG_VERSION").to_owned(), 1.0)]);
        if let Some(seconds) = cpu_seconds() {
            page.counter(&catalog::CPU, seconds);
        }
        if let Some(bytes) = resident_bytes() {
            page.gauge(&catalog::MEMORY, bytes);
        }
        if let Ok(files) = fs::read_dir("/proc/self/fd") {
            page.gauge(&catalog::OPEN_FILES, files.count() as f64);
        }
        if let Some(limit) = max_files() {
            page.gauge(&catalog::MAX_FILES, limit);
        }
        if let Ok(started) = self.started.duration_since(UNIX_EPOCH) {
            page.gauge(&catalog::START_TIME, started.as_secs_f64());
        }
    }
}

/// User and system time: fields 14 and 15. The second field, a name in parentheses, may have spaces.
fn cpu_seconds() -> Option<f64> {
    let text = fs::read_to_string("/proc/self/stat").ok()?;
    let fields: Vec<&str> = text.rsplit_once(')')?.1.split_whitespace().collect();
    let ticks = |place: usize| fields.get(place)?.parse::<f64>().ok();
    Some((ticks(11)? + ticks(12)?) / TICKS_PER_SECOND)
}

fn resident_bytes() -> Option<f64> {
    let text = fs::read_to_string("/proc/self/status").ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    Some(line.split_whitespace().next()?.parse::<f64>().ok()? * 1024.0)
}

fn max_files() -> Option<f64> {
    let text = fs::read_to_string("/proc/self/limits").ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("Max open files"))?;
    line.split_whitespace().next()?.parse().ok()
}
