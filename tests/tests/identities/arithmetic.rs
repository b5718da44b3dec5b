//! What the description of `holter_identity` says, worked out a second time: by hand, so to speak.

use holter_identity::{CAP, Evidence, HINT_CAP, LIKELY_CAP, NAMED, class_of_role, is_exclusive};
use holter_terms::{Attribute, Role};
use std::collections::BTreeMap;

/// A reason, as far as the arithmetic goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Item {
    pub(crate) value: String,
    pub(crate) rule: String,
    pub(crate) weight: i8,
}

impl Item {
    pub(crate) fn signal(&self) -> &str {
        self.rule.split_once(':').unwrap().1.split_once('/').unwrap().0
    }

    fn hundredths(&self) -> u32 {
        u32::from(self.weight.unsigned_abs()) * 100
    }
}

const WHOLE: u32 = 10_000;

/// A product of two shares, to the nearest hundredth of a percent.
fn of(a: u32, b: u32) -> u32 {
    (a * b + WHOLE / 2) / WHOLE
}

/// Step 1: the heaviest of each signal, as independent reasons, in the order of the signals' names.
fn together<'a>(items: impl Iterator<Item = &'a Item>) -> u32 {
    let mut heaviest: BTreeMap<&str, u32> = BTreeMap::new();
    for item in items {
        let most = heaviest.entry(item.signal()).or_default();
        *most = item.hundredths().max(*most);
    }
    WHOLE - heaviest.into_values().fold(WHOLE, |left, weight| of(left, WHOLE - weight))
}

/// The confidence in a value of an attribute, percent, out of everything that is said of the attribute.
pub(crate) fn confidence(attribute: Attribute, value: &str, items: &[Item]) -> u8 {
    let pro = || items.iter().filter(|item| item.value == value && item.weight > 0);
    let contra = items.iter().filter(|item| item.value == value && item.weight < 0);
    // Step 2.
    let mut sure = of(WHOLE - together(contra), together(pro()));
    // Step 3.
    if is_exclusive(attribute) {
        let others = items.iter().filter(|item| item.weight > 0 && !agree(&item.value, value));
        let mut rivals: BTreeMap<&str, Vec<&Item>> = BTreeMap::new();
        others.for_each(|item| rivals.entry(&item.value).or_default().push(item));
        let rival = rivals.into_values().map(|items| together(items.into_iter())).max().unwrap_or(0);
        let left = WHOLE - of(sure, rival);
        sure = (of(sure, WHOLE - rival) * WHOLE + left / 2).checked_div(left).unwrap_or(0);
    }
    // Step 4.
    let cap = if pro().all(|item| item.signal() == "oui") {
        HINT_CAP
    } else if pro().all(|item| item.rule.starts_with("published:")) {
        LIKELY_CAP
    } else {
        CAP
    };
    u8::try_from((sure + 50) / 100).unwrap().min(cap)
}

/// Two values agree if the words of one stand in the other, in order.
fn agree(a: &str, b: &str) -> bool {
    let words = |text: &str| -> Vec<String> {
        let ends = |letter: char| !letter.is_alphanumeric() && letter != '.';
        text.split(ends).filter(|word| !word.is_empty()).map(str::to_owned).collect()
    };
    let within = |less: &[String], more: &[String]| {
        let mut from = 0;
        less.iter().all(|word| match more[from..].iter().position(|other| other == word) {
            Some(at) => {
                from += at + 1;
                true
            }
            None => false,
        })
    };
    let (a, b) = (words(a), words(b));
    within(&a, &b) || within(&b, &a)
}

/// Everything that is said of the class: what rules say, and what follows from roles and the foremost modality.
pub(crate) fn of_class(evidence: &[Evidence<'_>]) -> Vec<Item> {
    let mut items = of_attribute(Attribute::Class, evidence);
    let judged = |attribute| {
        let said = of_attribute(attribute, evidence);
        let mut values: BTreeMap<&str, u8> = BTreeMap::new();
        for item in &said {
            values.insert(&item.value, confidence(attribute, &item.value, &said));
        }
        values.into_iter().map(|(value, confidence)| (value.to_owned(), confidence)).collect::<Vec<_>>()
    };
    let share =
        |confidence: u8, percent: u8| i8::try_from((u32::from(confidence) * u32::from(percent) + 50) / 100).unwrap();
    let roles = judged(Attribute::Role);
    let system =
        roles.iter().any(|(role, sure)| matches!(role.as_str(), "hl7-receiver" | "hl7-sender") && *sure >= NAMED);
    for (role, sure) in roles.into_iter().filter(|(role, _)| !(system && role == "hl7-observer")) {
        let Some((class, percent)) = Role::parse(&role).and_then(class_of_role) else { continue };
        let rule = format!("derived:role-{role}/class");
        items.push(Item { value: class.as_str().to_owned(), rule, weight: share(sure, percent) });
    }
    if let Some((_, sure)) = judged(Attribute::Modality).into_iter().max_by_key(|(_, sure)| *sure) {
        let rule = "derived:modality/produces-images".to_owned();
        items.push(Item { value: "imaging".to_owned(), rule, weight: share(sure, 70) });
    }
    items
}

pub(crate) fn of_attribute(attribute: Attribute, evidence: &[Evidence<'_>]) -> Vec<Item> {
    let said = evidence.iter().filter(|item| item.attribute == attribute);
    said.map(|item| Item { value: item.value.to_owned(), rule: item.rule.to_owned(), weight: item.weight }).collect()
}
