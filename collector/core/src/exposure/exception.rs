//! Exceptions: somebody has decided to live with an exposure for a time, and says why and what stands in its way.

use super::maker::Makers;
use super::subject::Subject;
use crate::DAY;
use holter_identity::NAMED;
use holter_terms::Nanos;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The most exceptions of one tenant.
pub const EXCEPTIONS_MAX: usize = 10_000;
/// The most compensating controls of one exception.
pub const CONTROLS_MAX: usize = 20;
/// The most bytes of each text of an exception.
pub const EXCEPTION_TEXT_MAX: usize = 4096;
/// The longest that an exception holds. What is accepted for longer is decided anew.
pub const EXCEPTION_DAYS_MAX: i64 = 366;

/// For which devices an exception holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Scope {
    Device {
        id: String,
    },
    /// Every device of a maker whose family or model is named so.
    Product {
        maker: String,
        product: String,
    },
}

/// What is accepted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Target {
    Advisory(String),
    Cve(String),
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exception {
    pub id: String,
    pub scope: Scope,
    pub target: Target,
    pub who: String,
    pub why: String,
    /// What stands in the way of harm meanwhile.
    pub controls: Vec<String>,
    pub made: Nanos,
    pub until: Nanos,
}

/// Why an exception cannot be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ExceptionError {
    #[error("an exception needs somebody who makes it and a reason")]
    NoReason,
    #[error("an exception needs at least one compensating control")]
    NoControl,
    #[error("an exception names a device, or a maker and a product, and an advisory or a CVE")]
    NoTarget,
    #[error("an exception ends after it begins, and within {EXCEPTION_DAYS_MAX} days")]
    Duration,
    #[error("a text is longer than {EXCEPTION_TEXT_MAX} bytes, or there are more than {CONTROLS_MAX} controls")]
    TooLong,
    #[error("there are {EXCEPTIONS_MAX} exceptions already")]
    Full,
    #[error("an exception of this id is there already")]
    Twice,
}

/// How an exposure stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Accepted<'a> {
    /// Nobody has accepted it.
    No,
    /// Accepted until [`Exception::until`].
    Until(&'a Exception),
    /// It was accepted, and the time is over.
    Expired(&'a Exception),
}

/// All exceptions of one tenant.
#[derive(Debug, Clone, Default)]
pub struct Exceptions {
    all: BTreeMap<String, Exception>,
    by_target: BTreeMap<String, Vec<String>>,
    /// Exceptions that were not taken because there were too many.
    pub refused: u64,
}

impl Exceptions {
    pub fn add(&mut self, exception: Exception) -> Result<(), ExceptionError> {
        check(&exception)?;
        if self.all.contains_key(&exception.id) {
            return Err(ExceptionError::Twice);
        }
        if self.all.len() >= EXCEPTIONS_MAX {
            self.refused = self.refused.saturating_add(1);
            return Err(ExceptionError::Full);
        }
        let (Target::Advisory(target) | Target::Cve(target)) = &exception.target;
        self.by_target.entry(target.clone()).or_default().push(exception.id.clone());
        self.all.insert(exception.id.clone(), exception);
        Ok(())
    }

    /// Takes an exception back.
    pub fn revoke(&mut self, id: &str) -> Option<Exception> {
        let gone = self.all.remove(id)?;
        let (Target::Advisory(target) | Target::Cve(target)) = &gone.target;
        if let Some(ids) = self.by_target.get_mut(target) {
            ids.retain(|other| other != id);
            if ids.is_empty() {
                self.by_target.remove(target);
            }
        }
        Some(gone)
    }

    pub fn iter(&self) -> impl Iterator<Item = &Exception> {
        self.all.values()
    }

    /// Whether an exposure of a device is accepted: by the exception that holds longest, or else the one that ended last.
    pub fn accepted(
        &self,
        makers: &Makers,
        of: &Subject<'_>,
        advisory: &str,
        cve: Option<&str>,
        now: Nanos,
    ) -> Accepted<'_> {
        let targets = [Some(advisory), cve].into_iter().flatten().filter_map(|target| self.by_target.get(target));
        let fitting = targets.flatten().filter_map(|id| self.all.get(id)).filter(|one| one.scope.holds(makers, of));
        match fitting.max_by_key(|one| one.until) {
            None => Accepted::No,
            Some(one) if now < one.until => Accepted::Until(one),
            Some(one) => Accepted::Expired(one),
        }
    }
}

impl Scope {
    fn holds(&self, makers: &Makers, of: &Subject<'_>) -> bool {
        match self {
            Scope::Device { id } => id == of.id,
            Scope::Product { maker, product } => {
                let wanted = makers.find(maker);
                let same = |claim: &super::Claim<'_>| {
                    claim.confidence >= NAMED
                        && (claim.value.eq_ignore_ascii_case(maker)
                            || (!wanted.is_empty() && makers.find(claim.value) == wanted))
                };
                let named =
                    |claim: &super::Claim<'_>| claim.confidence >= NAMED && claim.value.eq_ignore_ascii_case(product);
                of.maker.as_ref().is_some_and(same) && [&of.family, &of.model].into_iter().flatten().any(named)
            }
        }
    }
}

fn check(exception: &Exception) -> Result<(), ExceptionError> {
    let blank = |text: &String| text.trim().is_empty();
    if blank(&exception.who) || blank(&exception.why) {
        return Err(ExceptionError::NoReason);
    }
    if exception.controls.iter().all(blank) {
        return Err(ExceptionError::NoControl);
    }
    let (Target::Advisory(target) | Target::Cve(target)) = &exception.target;
    let scope = match &exception.scope {
        Scope::Device { id } => [id, id],
        Scope::Product { maker, product } => [maker, product],
    };
    if blank(target) || blank(&exception.id) || scope.into_iter().any(blank) {
        return Err(ExceptionError::NoTarget);
    }
    let texts =
        [&exception.id, &exception.who, &exception.why, target].into_iter().chain(scope).chain(&exception.controls);
    if exception.controls.len() > CONTROLS_MAX || texts.into_iter().any(|text| text.len() > EXCEPTION_TEXT_MAX) {
        return Err(ExceptionError::TooLong);
    }
    let lasts = exception.until.saturating_sub(exception.made);
    if lasts <= 0 || lasts > DAY.saturating_mul(EXCEPTION_DAYS_MAX) {
        return Err(ExceptionError::Duration);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exposure::Claim;

    fn exception(id: &str, scope: Scope, until: Nanos) -> Exception {
        Exception {
            id: id.to_owned(),
            scope,
            target: Target::Cve("CVE-2026-0001".to_owned()),
            who: "A. Keeper".to_owned(),
            why: "The update voids the approval.".to_owned(),
            controls: vec!["Only the gateway may reach port 23.".to_owned()],
            made: 0,
            until,
        }
    }

    fn device(id: &str) -> Scope {
        Scope::Device { id: id.to_owned() }
    }

    #[test]
    fn an_exception_accepts_until_its_time_is_over_and_then_says_so() {
        let (mut all, makers) = (Exceptions::default(), Makers::built_in().unwrap());
        all.add(exception("e1", device("d1"), 10 * DAY)).unwrap();
        let of = Subject { id: "d1", ..Subject::default() };
        let at = |now| all.accepted(&makers, &of, "A-1", Some("CVE-2026-0001"), now);
        assert!(matches!(at(DAY), Accepted::Until(e) if e.id == "e1"));
        assert!(matches!(at(10 * DAY), Accepted::Expired(e) if e.id == "e1"));
        let other = Subject { id: "d2", ..Subject::default() };
        assert_eq!(all.accepted(&makers, &other, "A-1", Some("CVE-2026-0001"), 0), Accepted::No);
        assert_eq!(all.accepted(&makers, &of, "A-1", Some("CVE-2026-0002"), 0), Accepted::No);
        assert!(all.revoke("e1").is_some());
        assert_eq!(all.accepted(&makers, &of, "A-1", Some("CVE-2026-0001"), 0), Accepted::No);
    }

    #[test]
    fn an_exception_for_a_product_holds_for_its_named_devices_only() {
        let (mut all, makers) = (Exceptions::default(), Makers::built_in().unwrap());
        let scope = Scope::Product { maker: "Hillrom".to_owned(), product: "Connex Central Station".to_owned() };
        all.add(exception("e1", scope, DAY)).unwrap();
        let claim = |value, confidence| Some(Claim { value, confidence, reasons: &[] });
        let of = |maker, sure| Subject {
            maker: claim(maker, 95),
            family: claim("Connex central station", sure),
            ..Subject::default()
        };
        let holds = |of: &Subject<'_>| all.accepted(&makers, of, "A", Some("CVE-2026-0001"), 0) != Accepted::No;
        assert!(holds(&of("Welch Allyn", 80)));
        assert!(!holds(&of("Philips", 80)));
        assert!(!holds(&of("Welch Allyn", 60)), "a hint is no name");
    }

    #[test]
    fn what_nobody_answers_for_is_no_exception() {
        let mut all = Exceptions::default();
        let mut check = |change: fn(&mut Exception), error| {
            let mut one = exception("e", device("d"), DAY);
            change(&mut one);
            assert_eq!(all.add(one), Err(error));
        };
        check(|e| e.who.clear(), ExceptionError::NoReason);
        check(|e| e.controls = vec![" ".to_owned()], ExceptionError::NoControl);
        check(|e| e.target = Target::Cve(String::new()), ExceptionError::NoTarget);
        check(|e| e.until = 367 * DAY, ExceptionError::Duration);
        check(|e| e.until = e.made, ExceptionError::Duration);
        check(|e| e.why = "x".repeat(EXCEPTION_TEXT_MAX + 1), ExceptionError::TooLong);
        check(|e| e.controls = vec!["x".to_owned(); CONTROLS_MAX + 1], ExceptionError::TooLong);
    }

    #[test]
    fn the_bound_refuses_and_counts() {
        let mut all = Exceptions::default();
        for n in 0..EXCEPTIONS_MAX {
            all.add(exception(&n.to_string(), device("d"), DAY)).unwrap();
        }
        assert_eq!(all.add(exception("more", device("d"), DAY)), Err(ExceptionError::Full));
        assert_eq!(all.refused, 1);
    }
}
