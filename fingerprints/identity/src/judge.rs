use crate::{
    CAP, Evidence, HINT_CAP, Identity, LIKELY_CAP, MAX_VALUES, NAMED, Reason, SUCCEEDS, Verdict, derive, is_exclusive,
    wanted,
};
use holter_terms::{Attribute, Role};
use std::collections::BTreeMap;

/// What `evidence` adds up to. Its order does not matter.
pub fn judge(evidence: &[Evidence<'_>]) -> Identity {
    let mut sorted: Vec<Evidence<'_>> = evidence.iter().copied().filter(|item| !item.value.is_empty()).collect();
    sorted.sort_by(|a, b| {
        (a.attribute, a.value, a.rule, b.weight, b.count, a.first, a.last).cmp(&(
            b.attribute,
            b.value,
            b.rule,
            a.weight,
            a.count,
            b.first,
            b.last,
        ))
    });
    sorted.dedup_by(|a, b| (a.attribute, a.value, a.rule) == (b.attribute, b.value, b.rule));
    let sorted: Vec<Evidence<'_>> = sorted.iter().copied().filter(|item| !is_history(item, &sorted)).collect();

    let mut verdicts = Vec::new();
    let mut classes: Vec<Evidence<'_>> =
        sorted.iter().copied().filter(|item| item.attribute == Attribute::Class).collect();
    for &attribute in Attribute::ALL.iter().filter(|&&attribute| attribute != Attribute::Class) {
        let of_it: Vec<Evidence<'_>> = sorted.iter().copied().filter(|item| item.attribute == attribute).collect();
        let judged = attribute_verdicts(attribute, &of_it);
        // Several modalities are one reason: an archive that was mistaken for a source shows them all.
        let carried = if attribute == Attribute::Modality { 1 } else { usize::MAX };
        let is_system = attribute == Attribute::Role && judged.iter().any(speaks_as_a_system);
        for verdict in judged.iter().take(carried) {
            if is_system && verdict.value == Role::Hl7Observer.as_str() {
                continue;
            }
            let source = of_it.iter().find(|item| item.value == verdict.value);
            classes.extend(
                source.and_then(|source| derive::class_evidence(attribute, &verdict.value, verdict.confidence, source)),
            );
        }
        verdicts.extend(judged);
    }
    verdicts.extend(attribute_verdicts(Attribute::Class, &classes));
    // Stable: within an attribute the order stays.
    verdicts.sort_by_key(|verdict| verdict.attribute);
    let wanted = wanted::wanted(&verdicts, &sorted);
    Identity { verdicts, wanted }
}

/// Whether its signal has told another value since, often enough, and this one no more.
fn is_history(old: &Evidence<'_>, all: &[Evidence<'_>]) -> bool {
    is_exclusive(old.attribute)
        && old.weight > 0
        && all.iter().any(|new| {
            new.attribute == old.attribute
                && new.weight > 0
                && new.first > old.last
                && new.count >= old.count.min(SUCCEEDS)
                && new.value != old.value
                && signal(new.rule) == signal(old.rule)
        })
}

/// A device that receives or sends HL7 of another kind is a system; that it passes on observations too makes it no
/// monitor.
fn speaks_as_a_system(verdict: &Verdict) -> bool {
    let roles = [Role::Hl7Receiver.as_str(), Role::Hl7Sender.as_str()];
    roles.contains(&verdict.value.as_str()) && verdict.confidence >= NAMED
}

fn attribute_verdicts(attribute: Attribute, evidence: &[Evidence<'_>]) -> Vec<Verdict> {
    let mut values: BTreeMap<&str, u64> = BTreeMap::new();
    for item in evidence {
        *values.entry(item.value).or_default() += u64::from(item.count);
    }
    let mut names: Vec<(&str, u64)> = values.into_iter().filter(|(value, _)| known(attribute, value)).collect();
    names.sort_by(|a, b| (std::cmp::Reverse(a.1), a.0).cmp(&(std::cmp::Reverse(b.1), b.0)));
    names.truncate(MAX_VALUES);

    let mut judged: Vec<(u8, u64, &str)> = names
        .iter()
        .filter(|(value, _)| evidence.iter().any(|item| item.value == *value && item.weight > 0))
        .map(|&(value, count)| (confidence(attribute, value, evidence, None), count, value))
        .collect();
    // The most credible first; among equals what was seen most.
    judged.sort_by_key(|&(confidence, count, value)| (std::cmp::Reverse(confidence), std::cmp::Reverse(count), value));
    if is_exclusive(attribute) {
        // Of two that agree, the one that says more is shown, if it has a name at all. `Windows XP or Server 2003` has
        // more words than `Windows XP` and says less.
        let says_more = |shown: (u8, u64, &str), other: &(u8, u64, &str)| {
            let vague = |value: &str| value.contains(" or ");
            other.0 >= shown.0.min(NAMED)
                && shown.2 != other.2
                && stands_in(shown.2, other.2)
                && (vague(shown.2) || !vague(other.2))
        };
        let best = judged.iter().copied().reduce(|shown, other| if says_more(shown, &other) { other } else { shown });
        judged = best.into_iter().collect();
    }
    judged.into_iter().map(|(confidence, _, value)| verdict(attribute, value, confidence, evidence)).collect()
}

/// A role or class that this version has no word for cannot be judged by it.
fn known(attribute: Attribute, value: &str) -> bool {
    match attribute {
        Attribute::Role => Role::parse(value).is_some_and(|role| role != Role::None),
        Attribute::Class => holter_terms::DeviceClass::parse(value).is_some(),
        _ => true,
    }
}

fn verdict(attribute: Attribute, value: &str, confidence: u8, evidence: &[Evidence<'_>]) -> Verdict {
    let speaks_for = |item: &Evidence<'_>| item.value == value && item.weight > 0;
    let speaks_against = |item: &Evidence<'_>| {
        (item.value == value && item.weight < 0)
            || (is_exclusive(attribute) && contradicts(item.value, value) && item.weight > 0)
    };
    let reason = |(index, item): (usize, &Evidence<'_>)| {
        let without = self::confidence(attribute, value, evidence, Some(index));
        Reason {
            rule: item.rule.to_owned(),
            value: item.value.to_owned(),
            weight: item.weight,
            share: confidence.abs_diff(without),
            count: item.count,
            first: item.first,
            last: item.last,
        }
    };
    let collect = |wanted: &dyn Fn(&Evidence<'_>) -> bool| {
        let mut reasons: Vec<Reason> =
            evidence.iter().enumerate().filter(|(_, item)| wanted(item)).map(reason).collect();
        reasons.sort_by(|a, b| {
            (std::cmp::Reverse(a.weight.unsigned_abs()), &a.rule, &a.value).cmp(&(
                std::cmp::Reverse(b.weight.unsigned_abs()),
                &b.rule,
                &b.value,
            ))
        });
        reasons
    };
    Verdict {
        attribute,
        value: value.to_owned(),
        confidence,
        reasons: collect(&speaks_for),
        against: collect(&speaks_against),
    }
}

/// Steps 1 to 4 of the crate's description. `without` leaves one piece of evidence out.
fn confidence(attribute: Attribute, value: &str, evidence: &[Evidence<'_>], without: Option<usize>) -> u8 {
    let kept = || evidence.iter().enumerate().filter(|(index, _)| Some(*index) != without).map(|(_, item)| item);
    let support = combine(kept().filter(|item| item.value == value && item.weight > 0));
    let opposition = combine(kept().filter(|item| item.value == value && item.weight < 0));
    let mut doubt = scale(FULL - opposition, support);
    if is_exclusive(attribute) {
        let rival = kept()
            .filter(|item| item.weight > 0 && contradicts(item.value, value))
            .map(|item| item.value)
            .collect::<std::collections::BTreeSet<_>>()
            .into_iter()
            .map(|rival| combine(kept().filter(|item| item.value == rival && item.weight > 0)))
            .max()
            .unwrap_or(0);
        // At most one is true: of all that the two could be, both at once is left out.
        let left = FULL - scale(doubt, rival);
        doubt = if left == 0 { 0 } else { percent(scale(doubt, FULL - rival) * FULL, left) };
    }
    let cap = cap(kept().filter(|item| item.value == value && item.weight > 0));
    u8::try_from(percent(doubt, FULL / 100)).unwrap_or(CAP).min(cap)
}

/// Whether two values cannot both be true. `Windows` is no rival of `Windows 10 or later`, nor `Linux` of
/// `BusyBox udhcpc (embedded Linux)`: what says less is not against what says more.
pub fn contradicts(a: &str, b: &str) -> bool {
    !stands_in(a, b) && !stands_in(b, a)
}

/// Whether the words of one value stand in the other, in this order.
fn stands_in(less: &str, more: &str) -> bool {
    fn words(text: &str) -> impl Iterator<Item = &str> {
        text.split(|letter: char| !letter.is_alphanumeric() && letter != '.').filter(|word| !word.is_empty())
    }
    let mut wanted = words(less).peekable();
    for word in words(more) {
        wanted.next_if_eq(&word);
    }
    wanted.peek().is_none()
}

fn cap<'a>(support: impl Iterator<Item = &'a Evidence<'a>>) -> u8 {
    let (mut beyond_address, mut beyond_published) = (false, false);
    for item in support {
        beyond_address |= signal(item.rule) != "oui";
        beyond_published |= origin(item.rule) != "published";
    }
    match (beyond_address, beyond_published) {
        (false, _) => HINT_CAP,
        (true, false) => LIKELY_CAP,
        (true, true) => CAP,
    }
}

/// Certainty, in the fixed-point numbers used here.
const FULL: u32 = 10_000;

fn scale(a: u32, b: u32) -> u32 {
    percent(a * b, FULL)
}

/// A division to the nearest.
pub(crate) const fn percent(n: u32, by: u32) -> u32 {
    (n + by / 2) / by
}

/// `1 - (1 - a)(1 - b)...` over the heaviest rule of each signal.
fn combine<'a>(evidence: impl Iterator<Item = &'a Evidence<'a>>) -> u32 {
    let mut signals: BTreeMap<&str, u32> = BTreeMap::new();
    for item in evidence {
        let weight = u32::from(item.weight.unsigned_abs()).min(100) * (FULL / 100);
        let heaviest = signals.entry(signal(item.rule)).or_default();
        *heaviest = weight.max(*heaviest);
    }
    FULL - signals.values().fold(FULL, |doubt, &weight| scale(doubt, FULL - weight))
}

/// The signal in `origin:signal/rule`; the whole name where it is not written so.
pub fn signal(rule: &str) -> &str {
    let rest = rule.split_once(':').map_or(rule, |(_, rest)| rest);
    rest.split_once('/').map_or(rest, |(signal, _)| signal)
}

fn origin(rule: &str) -> &str {
    // A rule that does not say what it rests on is trusted least.
    rule.split_once(':').map_or("published", |(origin, _)| origin)
}
