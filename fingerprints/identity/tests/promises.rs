//! What an identity may and may not claim.

use holter_identity::{ACT, CAP, Evidence, HINT_CAP, LIKELY_CAP, NAMED, judge};
use holter_terms::{Attribute, DeviceClass};
use proptest::prelude::*;

fn seen<'a>(attribute: Attribute, value: &'a str, rule: &'a str, weight: i8) -> Evidence<'a> {
    Evidence { attribute, value, rule, weight, count: 1, first: 1, last: 2 }
}

#[test]
fn independent_signals_add_up_and_rules_of_one_signal_do_not() {
    let uid = seen(Attribute::Maker, "Siemens", "measured:dicom-association/a", 60);
    let name = seen(Attribute::Maker, "Siemens", "measured:dicom-association/b", 40);
    let oui = seen(Attribute::Maker, "Siemens", "published:oui/strong", 50);
    assert_eq!(judge(&[uid]).best(Attribute::Maker).unwrap().confidence, 60);
    assert_eq!(judge(&[uid, name]).best(Attribute::Maker).unwrap().confidence, 60);
    assert_eq!(judge(&[uid, oui]).best(Attribute::Maker).unwrap().confidence, 80);
}

#[test]
fn the_share_of_a_reason_is_what_its_removal_costs() {
    let all = [
        seen(Attribute::Maker, "Siemens", "measured:dicom-association/a", 60),
        seen(Attribute::Maker, "Siemens", "published:oui/strong", 50),
        seen(Attribute::Maker, "Dell", "published:hl7-equipment/x", 30),
    ];
    let whole = judge(&all);
    let maker = whole.best(Attribute::Maker).unwrap();
    for (index, removed) in all.iter().enumerate() {
        let rest: Vec<_> = all.iter().enumerate().filter(|(i, _)| *i != index).map(|(_, item)| *item).collect();
        let without = judge(&rest).best(Attribute::Maker).unwrap().confidence;
        let reason = maker.reasons.iter().chain(&maker.against).find(|reason| reason.rule == removed.rule).unwrap();
        assert_eq!(maker.confidence.abs_diff(without), reason.share, "{}", removed.rule);
        assert!(reason.share > 0, "{}", removed.rule);
    }
}

#[test]
fn an_address_alone_never_names_a_maker_or_a_class() {
    let identity = judge(&[
        seen(Attribute::Maker, "Draeger", "published:oui/strong", 100),
        seen(Attribute::Class, "therapy", "published:oui/strong", 100),
    ]);
    for attribute in [Attribute::Maker, Attribute::Class] {
        assert_eq!(identity.best(attribute).unwrap().confidence, HINT_CAP);
        assert_eq!(identity.named(attribute), None);
    }
    const { assert!(HINT_CAP < NAMED) };
}

#[test]
fn what_was_only_read_about_is_never_acted_on() {
    let read: Vec<_> = ["dicom-association", "dicom-image", "hl7-equipment"]
        .map(|signal| format!("published:{signal}/x"))
        .into_iter()
        .collect();
    let mut evidence: Vec<_> = read.iter().map(|rule| seen(Attribute::Family, "EPIQ", rule, 90)).collect();
    assert_eq!(judge(&evidence).best(Attribute::Family).unwrap().confidence, LIKELY_CAP);
    evidence.push(seen(Attribute::Family, "EPIQ", "measured:dhcp/x", 60));
    assert_eq!(judge(&evidence).best(Attribute::Family).unwrap().confidence, CAP);
    const { assert!(LIKELY_CAP < ACT && ACT < CAP) };
}

#[test]
fn a_rule_that_does_not_say_what_it_rests_on_is_trusted_least() {
    let identity = judge(&[seen(Attribute::Family, "x", "nonsense", 100)]);
    assert_eq!(identity.best(Attribute::Family).unwrap().confidence, LIKELY_CAP);
}

#[test]
fn a_weak_rival_costs_little_and_an_equal_one_leaves_no_name() {
    let confidence = |rival| {
        judge(&[
            seen(Attribute::Maker, "Siemens", "measured:dicom-association/a", 80),
            seen(Attribute::Maker, "Dell", "measured:dicom-image/b", rival),
        ])
        .best(Attribute::Maker)
        .unwrap()
        .confidence
    };
    assert_eq!(confidence(30), 74);
    assert_eq!(confidence(80), 44);
}

#[test]
fn what_says_less_is_no_rival_of_what_says_more() {
    let os = |value, rule| seen(Attribute::Os, value, rule, 75);
    let exact = os("BusyBox udhcpc (embedded Linux)", "measured:dhcp/x");
    for coarse in ["Linux", "embedded Linux"] {
        let both = judge(&[exact, os(coarse, "published:ssdp-server/x")]);
        assert_eq!(both.best(Attribute::Os).unwrap().confidence, 75, "{coarse}");
        assert_eq!(both.best(Attribute::Os).unwrap().against, [], "{coarse}");
    }
    let surer = Evidence { weight: 90, ..os("Linux", "published:ssdp-server/x") };
    assert_eq!(judge(&[exact, surer]).named(Attribute::Os), Some(exact.value), "the exact one has a name too");
    let vague = os("Windows XP or Server 2003", "published:dhcp/x");
    assert_eq!(judge(&[vague, os("Windows XP", "published:smb-native/x")]).named(Attribute::Os), Some("Windows XP"));
    let hint = Evidence { weight: 60, ..exact };
    assert_eq!(judge(&[hint, surer]).named(Attribute::Os), Some("Linux"));
    for other in ["Windows", "Linuxette", "Linux embedded"] {
        let both = judge(&[exact, os(other, "published:ssdp-server/x")]);
        assert!(both.best(Attribute::Os).unwrap().confidence < NAMED, "{other}");
    }
    let class = |value, rule| seen(Attribute::Class, value, rule, 75);
    let classes = judge(&[class("server", "standard:a/x"), class("workstation", "standard:b/x")]);
    assert_eq!(classes.named(Attribute::Class), None);
}

#[test]
fn evidence_against_a_value_lowers_it_and_is_shown() {
    let identity = judge(&[
        seen(Attribute::Role, "image-source", "standard:dicom-command/store", 80),
        seen(Attribute::Role, "image-source", "standard:dicom-forward/sub-operation", -50),
    ]);
    let role = identity.best(Attribute::Role).unwrap();
    assert_eq!(role.confidence, 40);
    assert_eq!(role.against.len(), 1);
}

#[test]
fn roles_are_not_rivals() {
    let identity = judge(&[
        seen(Attribute::Role, "dhcp-server", "standard:dhcp-answer/ack", 80),
        seen(Attribute::Role, "dns-server", "standard:dns-answer/answer", 80),
    ]);
    let roles: Vec<_> =
        identity.verdicts.iter().filter(|verdict| verdict.attribute == Attribute::Role).map(|v| v.confidence).collect();
    assert_eq!(roles, [80, 80]);
    let class = identity.best(Attribute::Class).unwrap();
    assert_eq!((class.value.as_str(), class.confidence), (DeviceClass::Network.as_str(), 92));
    assert_eq!(class.reasons.len(), 2, "each role is a reason of its own");
}

#[test]
fn a_system_that_passes_on_observations_is_no_monitor() {
    let observer = seen(Attribute::Role, "hl7-observer", "standard:hl7-message/oru", 75);
    let alone = judge(&[observer]);
    assert_eq!(alone.best(Attribute::Class).unwrap().value, "monitoring");
    let system = judge(&[observer, seen(Attribute::Role, "hl7-sender", "standard:hl7-message/adt", 80)]);
    let class = system.best(Attribute::Class).unwrap();
    assert_eq!((class.value.as_str(), class.confidence, class.against.len()), ("clinical-it", 72, 0));
}

#[test]
fn among_equals_what_was_seen_most_comes_first() {
    let often = Evidence { count: 9, ..seen(Attribute::AeTitle, "WS02", "standard:dicom-ae/calling", 80) };
    let identity = judge(&[seen(Attribute::AeTitle, "WS01", "standard:dicom-ae/calling", 80), often]);
    assert_eq!(identity.best(Attribute::AeTitle).unwrap().value, "WS02");
}

#[test]
fn a_toolkit_says_nothing_of_the_device() {
    let identity = judge(&[seen(Attribute::Toolkit, "DCMTK", "measured:dicom-association/dcmtk", 95)]);
    assert_eq!(identity.best(Attribute::Toolkit).unwrap().confidence, 95);
    for attribute in [Attribute::Maker, Attribute::Family, Attribute::Model, Attribute::Class] {
        assert_eq!(identity.best(attribute), None);
        assert!(identity.wanted.iter().any(|wanted| wanted.attribute == attribute));
    }
}

#[test]
fn what_is_named_asks_for_nothing_more() {
    let identity = judge(&[seen(Attribute::Maker, "Siemens", "measured:dicom-association/a", 80)]);
    assert!(identity.wanted.iter().all(|wanted| wanted.attribute != Attribute::Maker));
}

#[test]
fn a_word_from_a_newer_sensor_is_passed_over() {
    let identity = judge(&[
        seen(Attribute::Role, "ward-robot", "standard:ntp/answer", 90),
        seen(Attribute::Class, "robot", "measured:x/y", 90),
    ]);
    assert_eq!(identity.verdicts, []);
}

fn any_evidence() -> impl Strategy<Value = Vec<(usize, u8, u8, i8, u32)>> {
    prop::collection::vec((0..Attribute::ALL.len(), 0u8..4, 0u8..6, any::<i8>(), any::<u32>()), 0..40)
}

proptest! {
    #[test]
    fn any_evidence_in_any_order_gives_one_identity(rows in any_evidence(), turn in 0usize..40) {
        let rules = ["published:oui/a", "measured:dhcp/b", "standard:x/c", "published:y/d", "", ":/"];
        let values = ["image-archive", "imaging", "other", ""];
        let evidence: Vec<_> = rows.iter().map(|&(attribute, value, rule, weight, count)| Evidence {
            attribute: Attribute::ALL[attribute],
            value: values[usize::from(value)],
            rule: rules[usize::from(rule)],
            weight,
            count,
            first: 0,
            last: i64::from(count),
        }).collect();
        let mut turned = evidence.clone();
        if !turned.is_empty() {
            let by = turn % turned.len();
            turned.rotate_left(by);
        }
        let identity = judge(&evidence);
        prop_assert_eq!(&identity, &judge(&turned));
        for verdict in &identity.verdicts {
            prop_assert!(verdict.confidence <= CAP);
            if verdict.reasons.iter().all(|reason| reason.rule.contains("oui/")) {
                prop_assert!(verdict.confidence <= HINT_CAP);
            }
        }
    }
}
