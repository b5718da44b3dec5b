//! Examples of data files, tried: what the rules make of them is held against what they say.

use crate::data::{Example, Family, Fingerprints, Sample};
use crate::error::DataError;
use crate::observer::{Found, Observer, Talkers};
use holter_identity::{Evidence, judge};
use holter_phi::{Because, Names, Plain};
use holter_protocols::{Event, EventSpec, FieldSpec, Kind, Value, Way};
use holter_terms::Mac;
use std::collections::BTreeSet;

/// An event made of an example's fields.
struct Sampled<'a>(&'a Example);

impl Event for Sampled<'_> {
    fn spec(&self) -> &'static EventSpec {
        self.0.event
    }

    fn visit(&self, visitor: &mut dyn FnMut(&'static FieldSpec, Value<'_>)) {
        for (field, sample) in &self.0.fields {
            if let Some(value) = value(field, sample) {
                visitor(field, value);
            }
        }
    }

    fn first(&self, field: &'static FieldSpec) -> Option<Value<'_>> {
        self.0.fields.iter().find(|(spec, _)| spec.is(field)).and_then(|(spec, sample)| value(spec, sample))
    }
}

/// The value of a field, if the sample is one of its kind.
pub(crate) fn value<'a>(field: &FieldSpec, sample: &'a Sample) -> Option<Value<'a>> {
    match (field.kind, sample) {
        (Kind::Plain, Sample::Text(text)) => {
            Some(Value::Plain(Plain::new(text.as_bytes(), field.because.unwrap_or(Because::Vocabulary))))
        }
        (Kind::Hardware, Sample::Text(text)) => Mac::parse(text).map(Value::Hardware),
        (Kind::Address, Sample::Text(text)) => text.parse().ok().map(Value::Address),
        (Kind::Codes, Sample::Codes(codes)) => Some(Value::Codes(codes)),
        (Kind::Flag, Sample::Flag(flag)) => Some(Value::Flag(*flag)),
        (Kind::Count | Kind::Size | Kind::Code | Kind::Port | Kind::Seconds | Kind::Transaction, Sample::Number(n)) => {
            Some(Value::Number(*n))
        }
        _ => None,
    }
}

impl Example {
    /// The evidence that `fingerprints` give of it.
    pub fn evidence(&self, fingerprints: &'static Fingerprints) -> Vec<Found> {
        let mut all = Vec::new();
        let way = if self.to_server { Way::ToServer } else { Way::ToClient };
        // Names of the site are hashed: an example that needs one in clear text could not be met in a hospital.
        let mut observer = Observer::with(fingerprints, Names::hashed([7; 32]));
        observer.event(&Sampled(self), &Talkers { conversation: 1, way }, &mut |found| all.push(found));
        all
    }

    /// What is not as the example says.
    pub fn fault(&self, fingerprints: &'static Fingerprints) -> Option<DataError> {
        let found = self.evidence(fingerprints);
        let evidence: Vec<Evidence<'_>> = found.iter().map(Found::once).collect();
        let identity = judge(&evidence);
        let fault = |what: String| Some(DataError { file: self.file.clone(), line: self.line, column: 1, what });
        for (attribute, value) in &self.expect {
            let told = identity.verdicts.iter().any(|told| told.attribute == *attribute && told.value == *value);
            if !told {
                return fault(format!("the example expects {attribute} = {value}, and no rule says so"));
            }
        }
        let told = self.not.iter().find(|attribute| identity.best(**attribute).is_some())?;
        fault(format!("the example expects that nothing is said of {told}"))
    }
}

impl Fingerprints {
    /// Examples of a family that are not met.
    pub fn faults(&'static self, family: &Family) -> Vec<DataError> {
        family.examples.iter().filter_map(|example| example.fault(self)).collect()
    }

    /// Rules of a family that no example of it shows.
    pub fn unshown(&'static self, family: &Family) -> Vec<&'static str> {
        let shown: BTreeSet<&str> =
            family.examples.iter().flat_map(|example| example.evidence(self)).map(|found| found.rule).collect();
        self.rules()
            .filter(|rule| rule.family() == family.name && !shown.contains(rule.name))
            .map(|rule| rule.name)
            .collect()
    }
}
