//! An item with its device, as the filter looks at it.

use super::import::Library;
use super::ledger::{Entry, Item};
use super::state::State;
use crate::filter::{Field, Kind, Row, Val};
use crate::measures::{classes, criticalities, fields, severities, yes_no};

fn states() -> Vec<&'static str> {
    State::ALL.iter().map(|word| word.as_str()).collect()
}

pub static EXPOSURE_FIELDS: &[Field] = fields! {
    "state" [] Kind::Word(states), true, "affected, likely, unknown or not-affected.";
    "cve" ["vulnerability"] Kind::Text, true, "CVE of the vulnerability, or its id in another system.";
    "advisory" [] Kind::Text, true, "Id of the advisory.";
    "title" [] Kind::Text, false, "Title of the advisory.";
    "score" ["cvss"] Kind::Number, true, "CVSS base score, 0 to 10.";
    "severity" ["sev"] Kind::Word(severities), true, "What the score is called.";
    "exploited" ["kev"] Kind::Word(yes_no), false, "In the catalogue of known exploited vulnerabilities.";
    "accepted" [] Kind::Word(yes_no), false, "Somebody has accepted it, and the exception still holds.";
    "overdue" [] Kind::Word(yes_no), false, "Its due date is past, and it is not accepted.";
    "due" [] Kind::Time, true, "By when it must be dealt with.";
    "since" ["known"] Kind::Time, true, "Since when it is known.";
    "confidence" [] Kind::Percent, true, "Confidence in what decided, percent.";
    "device" ["name"] Kind::Text, true, "Name of the device.";
    "class" ["device.class"] Kind::Word(classes), true, "What kind of thing it is.";
    "maker" ["vendor", "manufacturer"] Kind::Text, true, "Who made it.";
    "family" [] Kind::Text, true, "Product family.";
    "model" [] Kind::Text, true, "Model.";
    "version" [] Kind::Text, true, "Software release.";
    "os" [] Kind::Text, true, "Operating system or network stack.";
    "address" ["ip", "addr"] Kind::Address, true, "IP address or network, such as 10.20.0.0/24.";
    "owner" [] Kind::Text, true, "Who is responsible for it, as people set it.";
    "location" [] Kind::Text, true, "Where it stands, as people set it.";
    "criticality" [] Kind::Word(criticalities), true, "How much depends on it, as people set it.";
    "tag" ["label"] Kind::Text, false, "A tag that people gave it.";
    "site" [] Kind::Text, true, "Site of the device.";
    "risk" [] Kind::Number, true, "Risk of the device, 0 to 100.";
};

/// An item in a list.
#[derive(Debug, Clone, Copy)]
pub struct ItemView<'a> {
    pub library: &'a Library,
    pub entry: &'a Entry,
    pub item: &'a Item,
    pub now: holter_terms::Nanos,
}

impl<'a> ItemView<'a> {
    pub fn advisory(&self) -> Option<&'a super::csaf::Advisory> {
        self.library.shelf.advisory(self.item.found.advisory)
    }

    pub fn vulnerability(&self) -> Option<&'a super::csaf::Vulnerability> {
        self.advisory()?.vulnerabilities.get(self.item.found.vulnerability as usize)
    }
}

impl Row for ItemView<'_> {
    fn each(&self, field: &str, out: &mut dyn FnMut(Val<'_>)) {
        let (entry, item) = (self.entry, self.item);
        let word = |yes: bool| Val::Text(if yes { "yes" } else { "no" });
        let text = |value: &Option<String>, out: &mut dyn FnMut(Val<'_>)| {
            if let Some(value) = value {
                out(Val::Text(value));
            }
        };
        match field {
            "state" => out(Val::Text(item.found.state.as_str())),
            "cve" => self.vulnerability().and_then(|one| one.name()).into_iter().for_each(|name| out(Val::Text(name))),
            "advisory" => self.advisory().into_iter().for_each(|one| out(Val::Text(&one.id))),
            "title" => self.advisory().into_iter().for_each(|one| out(Val::Text(&one.title))),
            "score" => item.score.into_iter().for_each(|tenths| out(Val::Number(f64::from(tenths) / 10.0))),
            "severity" => item.severity.into_iter().for_each(|one| out(Val::Text(one.as_str()))),
            "exploited" => out(word(item.exploited)),
            "accepted" => out(word(item.accepted_until.is_some())),
            "overdue" => out(word(item.is_overdue(self.now))),
            "due" => item.due.into_iter().for_each(|at| out(Val::Time(at))),
            "since" => out(Val::Time(item.since)),
            "confidence" => out(Val::Number(f64::from(item.found.confidence))),
            "device" => out(Val::Text(&entry.name)),
            "class" => out(Val::Text(&entry.class)),
            "maker" => text(&entry.maker, out),
            "family" => text(&entry.family, out),
            "model" => text(&entry.model, out),
            "version" => text(&entry.version, out),
            "os" => text(&entry.os, out),
            "address" => entry.addresses.iter().for_each(|ip| out(Val::Address(*ip))),
            "owner" => text(&entry.owner, out),
            "location" => text(&entry.location, out),
            "criticality" => entry.criticality.into_iter().for_each(|one| out(Val::Text(one))),
            "tag" => entry.tags.iter().for_each(|tag| out(Val::Text(tag))),
            "site" => out(Val::Text(&entry.site)),
            "risk" => out(Val::Number(f64::from(entry.risk.tenths) / 10.0)),
            _ => {}
        }
    }

    fn holds(&self, lower: &str) -> bool {
        let has = |text: &str| text.to_lowercase().contains(lower);
        let entry = self.entry;
        let known =
            [&entry.maker, &entry.family, &entry.model, &entry.version, &entry.os, &entry.owner, &entry.location];
        has(&entry.name)
            || known.into_iter().flatten().any(|text| has(text))
            || entry.tags.iter().any(|text| has(text))
            || entry.addresses.iter().any(|ip| ip.to_string().contains(lower))
            || self.advisory().is_some_and(|one| has(&one.id) || has(&one.title))
            || self.vulnerability().and_then(|one| one.name()).is_some_and(has)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_field_of_the_filter_is_read_by_its_row() {
        let text = include_str!("rows.rs");
        for field in EXPOSURE_FIELDS {
            assert!(text.contains(&format!("\"{}\" => ", field.name)), "{}", field.name);
        }
    }
}
