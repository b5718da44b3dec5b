//! The table that is committed.

use crate::arithmetic::{self, Item};
use crate::expected::Machine;
use crate::{Told, reasons};
use holter_identity::NAMED;
use holter_terms::Attribute;
use std::fmt::Write as _;

pub(crate) const HEAD: &str = "# Who is on the lab's network\n\n\
    Made by `tests/tests/identities` from the demo's captures (`demo/capture`), which the lab made;\n\
    `HOLTER_BLESS=1 cargo test -p holter-tests --test identities` rewrites it.\n\n\
    *Expected* is what the lab runs (`expected.toml`, and the stacks that the truth file names); *told* is what the evidence adds\n\
    up to, and the confidence in it in percent; from 70 on it is a name, below it is a hint. Behind each signal stand the weight of its\n\
    heaviest rule and what the confidence falls to without that signal, as the test works out and holds against what is told.\n\
    Makers and prefixes of link-layer addresses were chosen by us; DHCP clients and DICOM toolkits are the real programs.\n";

const SHOWN: [Attribute; 7] = [
    Attribute::Class,
    Attribute::Maker,
    Attribute::Family,
    Attribute::Model,
    Attribute::Role,
    Attribute::Os,
    Attribute::Toolkit,
];

pub(crate) fn section(text: &mut String, title: &str, told: &[Told<'_>]) {
    let _ = write!(
        text,
        "\n## {title}\n\n| Machine | Attribute | Expected | Told | Confidence | Signals: weight, and the confidence without |\n|---|---|---|---|--:|---|\n"
    );
    for (machine, seen) in told {
        let name = &machine.host.name;
        let Some(identity) = seen else {
            let _ = writeln!(text, "| {name} | | not seen | not seen | | |");
            continue;
        };
        for attribute in SHOWN {
            let expected = expected(machine, attribute);
            let verdicts: Vec<_> = identity.verdicts.iter().filter(|verdict| verdict.attribute == attribute).collect();
            for expected in expected.iter().filter(|wanted| !verdicts.iter().any(|told| says(&told.value, wanted))) {
                let why = match &machine.host.dicom_as {
                    Some(maker) if attribute == Attribute::Toolkit => format!(" (it says that it is {maker}'s own)"),
                    _ => String::new(),
                };
                let _ = writeln!(text, "| {name} | {attribute} | {expected} | –{why} | | |");
            }
            for verdict in verdicts {
                let wanted = expected.iter().find(|wanted| says(&verdict.value, wanted));
                let items = reasons(verdict);
                let mark = if verdict.confidence < NAMED { " (hint)" } else { "" };
                let _ = writeln!(
                    text,
                    "| {name} | {attribute} | {} | {}{mark} | {} | {} |",
                    wanted.map_or("", |wanted| wanted),
                    verdict.value,
                    verdict.confidence,
                    signals(attribute, &verdict.value, &items),
                );
            }
        }
    }
}

/// Whether what is told says what was expected, and perhaps more.
pub(crate) fn says(told: &str, expected: &str) -> bool {
    told.contains(expected)
}

pub(crate) fn expected(machine: &Machine, attribute: Attribute) -> Vec<String> {
    let host = &machine.host;
    match attribute {
        Attribute::Class => host.class.iter().cloned().collect(),
        Attribute::Maker => host.maker.iter().cloned().collect(),
        Attribute::Family => host.family.iter().cloned().collect(),
        Attribute::Model => host.model.iter().cloned().collect(),
        Attribute::Role => host.roles.clone(),
        Attribute::Os => machine.dhcp.iter().map(|&word| word.to_owned()).collect(),
        Attribute::Toolkit => {
            machine.dicom.iter().map(|&word| word.to_owned()).chain(host.toolkits.iter().cloned()).collect()
        }
        _ => Vec::new(),
    }
}

fn signals(attribute: Attribute, value: &str, items: &[Item]) -> String {
    let mut names: Vec<&str> =
        items.iter().filter(|item| item.value == value && item.weight > 0).map(Item::signal).collect();
    names.sort_unstable();
    names.dedup();
    let one = |signal: &str| {
        let weight =
            items.iter().filter(|item| item.value == value && item.signal() == signal).map(|item| item.weight).max();
        let rest: Vec<Item> = items.iter().filter(|item| item.signal() != signal).cloned().collect();
        let without = arithmetic::confidence(attribute, value, &rest);
        format!("{signal} {} → {without}", weight.unwrap_or_default())
    };
    names.into_iter().map(one).collect::<Vec<_>>().join(", ")
}
