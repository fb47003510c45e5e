//! Families: which metrics of a snapshot share a name in Prometheus, in which order they come, and
//! which cannot be shown because their names collide.

use std::collections::HashMap;
use std::rc::Rc;

use nanometer_core::Kind;
use nanometer_core::snapshot::Snapshot;

use super::labels::{LabelPlan, write_label};
use super::names::MetricName;
use super::number::write_bound;
use super::units::Scale;

/// The family of the resource attributes, and its sample.
pub const TARGET: (&str, &str) = ("target", "target_info");

/// One name of the output, with its type and everything that has it.
#[derive(Debug)]
pub struct Family {
    /// The name without suffixes.
    pub name: String,
    /// The type. Never [`Kind::Derived`]: that is a gauge here.
    pub kind: Kind,
    /// The unit's word; empty for none.
    pub unit: String,
    /// The help text, not escaped.
    pub help: String,
    /// The metrics that share the name, in the order of definition: nearly always one.
    pub members: Vec<Member>,
    /// Whether series have to be compared, because two might come out the same.
    pub may_repeat: bool,
}

/// One metric of a family.
#[derive(Debug)]
pub struct Member {
    /// Its index in the snapshot.
    pub metric: usize,
    /// How its values are converted.
    pub scale: Scale,
    /// Its labels.
    pub labels: LabelPlan,
    /// For a histogram or a state, what ends the label set of each bucket or state: `le="0.25"} `.
    pub tails: Tails,
}

/// What ends the label set of each bucket or state. Shared: most histograms have the same bounds.
type Tails = Rc<[Vec<u8>]>;

/// Tails made so far.
#[derive(Default)]
struct TailsMade<'a>(Vec<(&'a [f64], Scale, Tails)>);

/// Two metrics that want one name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Collision {
    /// The metric that was defined later.
    pub metric: String,
    /// The name in Prometheus that it wants.
    pub wants: String,
    /// Who has that name: a metric, or `target_info`.
    pub holder: String,
    /// What came of it.
    pub outcome: Outcome,
}

/// What comes of a collision.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Same type: the later metric's series follow under the first one's header, less those whose
    /// labels are there already.
    Joined,
    /// The later metric is left out.
    LeftOut,
}

impl std::fmt::Display for Collision {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Collision { metric, wants, holder, outcome } = self;
        let outcome = match outcome {
            Outcome::Joined => {
                "its series are shown under that one's header, less those with the same labels"
            }
            Outcome::LeftOut => "it is left out of Prometheus output",
        };
        write!(
            out,
            "metric \"{metric}\" is {wants} in Prometheus, which is taken by \"{holder}\": {outcome}"
        )
    }
}

/// The families of a snapshot, sorted by name, and the collisions among its metrics, in the order
/// of definition. Families without series are left out, but keep their names to themselves.
pub fn families_of(snapshot: &Snapshot) -> (Vec<Family>, Vec<Collision>) {
    let mut families: Vec<Family> = Vec::new();
    let mut collisions = Vec::new();
    let mut tails = TailsMade::default();
    let mut names = Names::new(!snapshot.resource.is_empty());
    for (index, metric) in snapshot.metrics.iter().enumerate() {
        let definition = &metric.definition;
        let name = MetricName::of(definition);
        let kind = match definition.kind {
            Kind::Derived => Kind::Gauge,
            kind => kind,
        };
        let member = Member {
            metric: index,
            scale: name.scale,
            labels: LabelPlan::of(definition, &name.family),
            tails: match (&definition.buckets, &definition.states) {
                (Some(buckets), _) => tails.of(&buckets.bounds, name.scale),
                (_, Some(states)) => state_tails(&name.family, &states.names),
                (None, None) => Tails::default(),
            },
        };
        let Err(holder) = names.take(&name.family, kind, families.len()) else {
            families.push(Family {
                name: name.family,
                kind,
                unit: name.unit,
                help: definition.help.clone(),
                may_repeat: !member.labels.injective,
                members: vec![member],
            });
            continue;
        };
        let mut collision = Collision {
            metric: definition.name.clone(),
            wants: name.family,
            holder: TARGET.1.to_owned(),
            outcome: Outcome::LeftOut,
        };
        if let Some(family) = holder.and_then(|holder| families.get_mut(holder)) {
            if let Some(first) = family.members.first() {
                collision.holder.clone_from(&snapshot.metrics[first.metric].definition.name);
            }
            if family.name == collision.wants && family.kind == kind {
                family.members.push(member);
                family.may_repeat = true;
                collision.outcome = Outcome::Joined;
            }
        }
        collisions.push(collision);
    }
    families.retain(|family| {
        family.members.iter().any(|member| !snapshot.metrics[member.metric].series.is_empty())
    });
    families.sort_by(|a, b| a.name.cmp(&b.name));
    (families, collisions)
}

impl<'a> TailsMade<'a> {
    fn of(&mut self, bounds: &'a [f64], scale: Scale) -> Tails {
        let same = |made: &&(&[f64], Scale, Tails)| made.0 == bounds && made.1 == scale;
        if let Some((.., tails)) = self.0.iter().find(same) {
            return Rc::clone(tails);
        }
        let tail = |bound: f64| {
            let mut tail = b"le=\"".to_vec();
            write_bound(&mut tail, bound);
            tail.extend_from_slice(b"\"} ");
            tail
        };
        let finite = bounds.iter().map(|bound| scale.apply(*bound));
        let tails: Tails = finite.chain([f64::INFINITY]).map(tail).collect();
        self.0.push((bounds, scale, Rc::clone(&tails)));
        tails
    }
}

/// What ends the label set of each state: the state, by a label called like the family.
fn state_tails(family: &str, names: &[String]) -> Tails {
    let tail = |name: &String| {
        let mut tail = Vec::new();
        write_label(&mut tail, family, &[name]);
        tail.pop();
        tail.extend_from_slice(b"} ");
        tail
    };
    names.iter().map(tail).collect()
}

/// Every name that a family's samples have or may have, and the index of the family; `None` for
/// the target's. OpenMetrics forbids that families clash through suffixes, and the text format
/// follows, so that both show the same.
struct Names(HashMap<String, Option<usize>>);

impl Names {
    fn new(has_target: bool) -> Names {
        let names: &[&str] = if has_target { &[TARGET.0, TARGET.1] } else { &[] };
        Names(names.iter().map(|name| ((*name).to_owned(), None)).collect())
    }

    /// Takes all names of that family, whose index is to be `index`, or none.
    ///
    /// # Errors
    ///
    /// Who has one of them already.
    fn take(&mut self, family: &str, kind: Kind, index: usize) -> Result<(), Option<usize>> {
        let suffixes: &[&str] = match kind {
            Kind::Counter => &["", "_total", "_created"],
            Kind::Gauge | Kind::State | Kind::Derived => &[""],
            Kind::Histogram => &["", "_bucket", "_sum", "_count", "_created"],
        };
        let names = || suffixes.iter().map(|suffix| format!("{family}{suffix}"));
        match names().find_map(|name| self.0.get(&name)) {
            Some(holder) => Err(*holder),
            None => {
                self.0.extend(names().map(|name| (name, Some(index))));
                Ok(())
            }
        }
    }
}
