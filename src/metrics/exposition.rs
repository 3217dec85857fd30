//! A page of metrics in the text format of `OpenMetrics` 1.0. Knows no instrument by name.

use prometheus_client::encoding::text;
use prometheus_client::metrics::counter::ConstCounter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::{ConstGauge, Gauge};
use prometheus_client::registry::{Metric as Instrument, Registry, Unit};

use super::catalog::{Kind, Metric};

/// The media type of the page.
pub const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// A gauge by the value of its one label.
type LabelledGauge = Family<[(&'static str, String); 1], Gauge<f64, std::sync::atomic::AtomicU64>>;

/// The metrics of a page.
#[derive(Debug, Default)]
pub struct Exposition {
    registry: Registry,
}

impl Exposition {
    /// Adds what an instrument has counted.
    pub(super) fn add(&mut self, metric: &Metric, instrument: impl Instrument) {
        // The format adds the unit and the end of a counter's name itself.
        let name = match metric.kind {
            Kind::Counter => metric.name.strip_suffix("_total").unwrap_or(metric.name),
            Kind::Gauge | Kind::Histogram => metric.name,
        };
        let units = [("_seconds", Unit::Seconds), ("_bytes", Unit::Bytes)];
        let unit = units
            .into_iter()
            .find_map(|(end, unit)| name.strip_suffix(end).map(|name| (name, unit)));
        match unit {
            Some((name, unit)) => {
                self.registry.register_with_unit(name, metric.help, unit, instrument);
            }
            None => self.registry.register(name, metric.help, instrument),
        }
    }

    /// Adds a gauge without labels, with its value of the moment.
    pub fn gauge(&mut self, metric: &Metric, value: f64) {
        self.add(metric, ConstGauge::new(value));
    }

    /// Adds a counter without labels, with its value of the moment.
    pub fn counter(&mut self, metric: &Metric, value: f64) {
        self.add(metric, ConstCounter::new(value));
    }

    /// Adds a gauge with one label: the value of the gauge for each value of the label.
    pub fn gauges(&mut self, metric: &Metric, values: impl IntoIterator<Item = (String, f64)>) {
        let gauges = LabelledGauge::default();
        let label = metric.labels.first().copied().unwrap_or_default();
        for (name, value) in values {
            gauges.get_or_create(&[(label, name)]).set(value);
        }
        self.add(metric, gauges);
    }

    /// The page.
    #[must_use]
    pub fn text(&self) -> String {
        let mut page = String::new();
        // Writing into a text cannot fail.
        text::encode(&mut page, &self.registry).ok();
        page
    }
}

#[cfg(test)]
mod tests {
    use super::super::catalog;
    use super::*;

    #[test]
    fn a_page_has_names_with_units_and_ends_as_openmetrics_asks() {
        let mut page = Exposition::default();
        page.gauge(&catalog::MEMORY, 4096.0);
        page.counter(&catalog::CPU, 0.5);
        page.gauges(&catalog::BUILD, [("0.1.0".into(), 1.0)]);
        let expected = "\
# HELP process_resident_memory_bytes Memory of the server's process.
# TYPE process_resident_memory_bytes gauge
# UNIT process_resident_memory_bytes bytes
process_resident_memory_bytes 4096.0
# HELP process_cpu_seconds Processor time of the server's process.
# TYPE process_cpu_seconds counter
# UNIT process_cpu_seconds seconds
process_cpu_seconds_total 0.5
# HELP runstate_build_info Always 1.
# TYPE runstate_build_info gauge
runstate_build_info{version=\"0.1.0\"} 1.0
# EOF
";
        assert_eq!(page.text(), expected);
    }

    #[test]
    fn a_name_is_unique_and_says_what_the_type_is() {
        for (place, metric) in catalog::ALL.iter().enumerate() {
            let name = metric.name;
            assert!(!catalog::ALL[..place].iter().any(|other| other.name == name), "{name}");
            assert_eq!(name.ends_with("_total"), metric.kind == Kind::Counter, "{name}");
            assert!(!metric.help.ends_with('.'), "{name}");
        }
    }
}
