//! Labels: names made legal, names that became equal joined, values escaped.

use std::collections::BTreeMap;

use nanometer_core::snapshot::{Labels, OVERFLOW_LABEL, Series};
use nanometer_core::{Definition, Kind};

use super::names::label_name;

/// What stands between the values of labels whose names became equal.
const JOINT: &str = ";";

/// How the label values of one metric become labels.
#[derive(Debug)]
pub struct LabelPlan {
    columns: Vec<Column>,
    /// Whether series that differ in the snapshot differ in the output too. Not so where values
    /// are joined (`x;y` and `z` read like `x` and `y;z`), nor where a user's label is called
    /// like the overflow's.
    pub injective: bool,
}

/// One label of the output, and the values that it shows.
#[derive(Debug)]
struct Column {
    name: String,
    /// Indices into the series' values, by original label name where there are several.
    sources: Vec<usize>,
}

impl LabelPlan {
    /// The plan of that definition, whose family in the output is called `family`. A histogram has
    /// `le` for itself, a state the name of its family: a user's label of that name is called
    /// `exported_le`, and so on.
    pub fn of(definition: &Definition, family: &str) -> LabelPlan {
        let taken = match definition.kind {
            Kind::Histogram => Some("le"),
            Kind::State => Some(family),
            Kind::Counter | Kind::Gauge | Kind::Derived => None,
        };
        let mut columns: Vec<Column> = Vec::new();
        for (index, label) in definition.labels.iter().enumerate() {
            let mut name = label_name(label);
            if taken == Some(&name) {
                name = format!("exported_{name}");
            }
            match columns.iter_mut().find(|column| column.name == name) {
                Some(column) => column.sources.push(index),
                None => columns.push(Column { name, sources: vec![index] }),
            }
        }
        for column in &mut columns {
            column.sources.sort_by_key(|source| &definition.labels[*source]);
        }
        let injective = columns
            .iter()
            .all(|column| column.sources.len() == 1 && column.name != OVERFLOW_LABEL.0);
        LabelPlan { columns, injective }
    }

    /// Appends `name="value",` for each label of the series: with a comma at the end.
    pub fn write(&self, out: &mut Vec<u8>, series: &Series) {
        match &series.labels {
            Labels::Overflow => write_label(out, OVERFLOW_LABEL.0, &[OVERFLOW_LABEL.1]),
            Labels::Values(values) => {
                for column in &self.columns {
                    let value = |source: &usize| values.get(*source).map_or("", |value| &**value);
                    match &column.sources[..] {
                        [source] => write_label(out, &column.name, &[value(source)]),
                        sources => {
                            let parts: Vec<&str> = sources.iter().map(value).collect();
                            write_label(out, &column.name, &parts);
                        }
                    }
                }
            }
        }
    }

    /// What makes the series the same as another one to Prometheus: its labels in any order, those
    /// with an empty value left out.
    pub fn identity(&self, series: &Series) -> Vec<(String, String)> {
        let mut labels: Vec<(String, String)> = match &series.labels {
            Labels::Overflow => vec![(OVERFLOW_LABEL.0.to_owned(), OVERFLOW_LABEL.1.to_owned())],
            Labels::Values(values) => self
                .columns
                .iter()
                .map(|Column { name, sources }| {
                    let parts = sources.iter().filter_map(|source| values.get(*source));
                    let parts: Vec<&str> = parts.map(|part| &**part).collect();
                    (name.clone(), parts.join(JOINT))
                })
                .filter(|(_, value)| !value.is_empty())
                .collect(),
        };
        labels.sort();
        labels
    }
}

/// Appends the resource attributes as labels, sorted, with a comma at the end of each.
pub fn write_resource(out: &mut Vec<u8>, attributes: &[(String, String)]) {
    let by_key: BTreeMap<&str, &str> =
        attributes.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
    let mut labels: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for (key, value) in by_key {
        labels.entry(label_name(key)).or_default().push(value);
    }
    for (name, values) in labels {
        write_label(out, &name, &values);
    }
}

/// Appends `name="value",` with several values joined.
pub fn write_label(out: &mut Vec<u8>, name: &str, values: &[&str]) {
    out.extend_from_slice(name.as_bytes());
    out.extend_from_slice(b"=\"");
    for (index, value) in values.iter().enumerate() {
        if index > 0 {
            out.extend_from_slice(JOINT.as_bytes());
        }
        write_escaped(out, value, true);
    }
    out.extend_from_slice(b"\",");
}

/// Appends text with backslash and line feed escaped, and the double quote where `quotes` says so.
pub fn write_escaped(out: &mut Vec<u8>, text: &str, quotes: bool) {
    let mut rest = text.as_bytes();
    let special = |byte: &u8| matches!(byte, b'\\' | b'\n') || (quotes && *byte == b'"');
    while let Some(at) = rest.iter().position(special) {
        out.extend_from_slice(&rest[..at]);
        out.push(b'\\');
        out.push(if rest[at] == b'\n' { b'n' } else { rest[at] });
        rest = &rest[at + 1..];
    }
    out.extend_from_slice(rest);
}
