//! The table that is committed.

use crate::{Groups, Outcome};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

pub(crate) fn text(
    groups: &Groups,
    again: &[Outcome<'_>],
    without_oui: &[Outcome<'_>],
    strangers: &[Outcome<'_>],
) -> String {
    let mut text = String::from(
        "# Real devices, known again\n\nMade by `tests/tests/sentinel`, which needs the IoT Sentinel captures (not committed); \
         `HOLTER_BLESS=1 cargo test -p\nholter-tests --test sentinel` rewrites it. Data files in the form of `fingerprints/data/` \
         are learned from four of the five set-ups\nof each device and judge the fifth, by `holter_identity` alone. *Right*: named \
         (confidence of 70 or more) as what the device is\nknown as. *Precision*: of all set-ups that were given that name, those \
         that bear it. *Stranger*: the same set-ups judged by what\nall other families taught, where every name is wrong.\n\n\
         What to keep in mind: each device is one machine in one network, so the prefix of its link-layer address is that machine's\n\
         (the last table also counts without it). The first set-up of each device was looked at while the learner was written; it\n\
         teaches and is not measured. The very first run, over all 115 set-ups and before that look, named 36.5 % right, none wrong\n\
         and no stranger: it took for contradictions what it had passed over, let what two families share add up, and one\n\
         weak rival halved what many signals said.\n\n\
         | Device | Known as | Set-ups | Right | Unknown | Wrong | Recall % | Precision % | Stranger: unknown | Stranger: wrong |\n\
         |---|---|--:|--:|--:|--:|--:|--:|--:|--:|\n",
    );
    let devices: BTreeSet<&str> = again.iter().map(|outcome| outcome.setup.device.as_str()).collect();
    for device in devices {
        let of =
            |all: &'_ [Outcome<'_>]| -> Count { count(all.iter().filter(|outcome| outcome.setup.device == device)) };
        let (mine, strange) = (of(again), of(strangers));
        let family =
            again.iter().find(|outcome| outcome.setup.device == device).map_or("", |outcome| &outcome.setup.family);
        let given = again.iter().filter(|outcome| outcome.named.as_deref() == Some(family)).count();
        let correct = again
            .iter()
            .filter(|outcome| outcome.named.as_deref() == Some(family) && outcome.setup.family == family)
            .count();
        let precision = if given == 0 { "–".to_owned() } else { format!("{:.0}", percent(correct, given)) };
        let _ = writeln!(
            text,
            "| {device} | {family} | {} | {} | {} | {} | {:.0} | {precision} | {} | {} |",
            mine.all(),
            mine.right,
            mine.unknown,
            mine.wrong,
            percent(mine.right, mine.all()),
            strange.unknown,
            strange.wrong,
        );
    }
    text.push_str("\n| Over | Set-ups | Right % | Unknown % | Wrong % |\n|---|--:|--:|--:|--:|\n");
    let grouped: BTreeSet<&String> = groups.group.iter().flat_map(|group| &group.devices).collect();
    let alone = |outcome: &&Outcome<'_>| !grouped.contains(&outcome.setup.device);
    for (what, count) in [
        ("all, a group being one", count(again.iter())),
        ("devices in no group", count(again.iter().filter(alone))),
        ("all, without the prefix of the link-layer address", count(without_oui.iter())),
        ("devices in no group, without that prefix", count(without_oui.iter().filter(alone))),
        ("strangers", count(strangers.iter())),
    ] {
        let all = count.all();
        let _ = writeln!(
            text,
            "| {what} | {all} | {:.1} | {:.1} | {:.1} |",
            percent(count.right, all),
            percent(count.unknown, all),
            percent(count.wrong, all),
        );
    }
    text.push_str("\n## Wrong names\n\n");
    for (title, all) in [("A set-up held out", again), ("A family held out", strangers)] {
        let mut wrong: BTreeMap<(&str, &str), usize> = BTreeMap::new();
        for outcome in all {
            if let Some(named) = outcome.named.as_deref().filter(|named| *named != outcome.setup.family) {
                *wrong.entry((&outcome.setup.device, named)).or_default() += 1;
            }
        }
        let list: Vec<String> = wrong.iter().map(|((device, named), n)| format!("{device} as {named} ({n})")).collect();
        let _ = writeln!(text, "- {title}: {}.", if list.is_empty() { "none".to_owned() } else { list.join(", ") });
    }
    text.push_str("\n## Groups\n\nCommitted before the first measurement, in `groups.toml`.\n\n");
    for group in &groups.group {
        let _ = writeln!(text, "- **{}**: {}. {}", group.name, group.devices.join(", "), group.why);
    }
    text
}

#[derive(Default)]
struct Count {
    right: usize,
    unknown: usize,
    wrong: usize,
}

impl Count {
    fn all(&self) -> usize {
        self.right + self.unknown + self.wrong
    }
}

fn count<'a>(outcomes: impl Iterator<Item = &'a Outcome<'a>>) -> Count {
    let mut count = Count::default();
    for outcome in outcomes {
        match &outcome.named {
            None => count.unknown += 1,
            Some(named) if *named == outcome.setup.family => count.right += 1,
            Some(_) => count.wrong += 1,
        }
    }
    count
}

fn percent(n: usize, of: usize) -> f64 {
    100.0 * n as f64 / of.max(1) as f64
}
