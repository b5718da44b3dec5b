//! POCT1-A: what is read of an analyser's messages, and what hostile ones lead to.

mod common;

use common::{Feed, Lines, decode, one_way, protocol, samples};
use holter_protocols::Way::ToServer;
use holter_protocols::poct1a::{MESSAGE_MAX, TAG_MAX, VALUE_MAX};
use holter_protocols::{Transport, Verdict};

fn hear(text: &str) -> Vec<String> {
    one_way(protocol("poct1a"), text.as_bytes()).0
}

fn good(lines: &[String]) -> bool {
    lines.last().is_some_and(|line| line.starts_with("poct1a.message poct1a.type=\"KPA.R01\" poct1a.elements=1"))
}

#[test]
fn a_hello_names_the_device_and_observations_count_their_patients() {
    let all = samples(protocol("poct1a"));
    let sample = all.into_iter().find(|sample| sample.name == "conversation.stream").expect("a sample");
    let lines = decode(&sample, |_| Vec::new());
    let hello = "poct1a.message poct1a.type=\"HEL.R01\" poct1a.device=\"POC-ED-2\" poct1a.vendor=\"SYNTH\" \
                 poct1a.model=\"GasLab 9\" poct1a.serial=\"SN-000123\" poct1a.manufacturer=\"Synthetic Diagnostics\" \
                 poct1a.hardware_version=\"2.0\" poct1a.software_version=\"4.1.0\"";
    assert!(lines[0].starts_with(hello), "{}", lines[0]);
    assert!(lines.contains(&"poct1a.patient poct1a.patient_id=Phi(..)".to_owned()));
    let observation = lines.iter().find(|line| line.contains("OBS.R01")).expect("an observation");
    assert!(!observation.contains("poct1a.vendor"), "neither comments nor character data are elements: {observation}");
    assert_eq!(lines.iter().filter(|line| line.starts_with("poct1a.message")).count(), 10);
}

#[test]
fn marks_within_quotes_end_no_tag_and_ends_of_sections_are_found_among_their_own_bytes() {
    let text = "<HEL.R01><DEV.device_id X='>' V=\"a/>b\"/><![CDATA[ ]]]></HEL.R01>]]><!-- -- ---></HEL.R01>";
    assert!(hear(text)[0].contains("poct1a.device=\"a/>b\" poct1a.elements=2"), "{:?}", hear(text));
}

#[test]
fn bounds_are_reached_and_the_next_message_is_read() {
    let next = "<KPA.R01></KPA.R01>";
    let lines = hear(&format!("<HEL.R01><DEV.device_id V=\"{}\"/></HEL.R01>{next}", "x".repeat(VALUE_MAX + 1)));
    assert!(lines[0] == "weird poct1a.value_length" && !lines[1].contains("device") && good(&lines), "{lines:?}");
    let lines = hear(&format!("<HEL.R01><A V=\"{}\"/></HEL.R01>{next}", "x".repeat(TAG_MAX)));
    assert!(lines[0] == "weird poct1a.tag_length" && good(&lines), "{lines:?}");
    let mut lines = Lines::default();
    let mut feed = Feed::new(protocol("poct1a"));
    feed.bytes(ToServer, b"<OBS.R01>", &mut lines);
    let text = vec![b'x'; 1 << 20];
    (0..=MESSAGE_MAX >> 20).for_each(|_| feed.bytes(ToServer, &text, &mut lines));
    feed.bytes(ToServer, next.as_bytes(), &mut lines);
    assert!(lines.lines[0] == "weird poct1a.unterminated" && good(&lines.lines), "{:?}", lines.lines);
}

#[test]
fn broken_tags_and_lost_ends_are_odd_and_the_next_message_is_read() {
    let next = "<KPA.R01></KPA.R01>";
    for (text, odd) in [
        ("<HEL.R01><DEV <DEV></HEL.R01>", "weird poct1a.tag"),
        ("<HEL.R01><DEV>", "weird poct1a.cut"),
        ("text and <other>", "weird poct1a.outside"),
        ("</HEL.R01>", "weird poct1a.outside"),
    ] {
        let lines = hear(&format!("{text}{next}"));
        assert!(lines.contains(&odd.to_owned()) && good(&lines), "{text}: {lines:?}");
    }
}

#[test]
fn after_a_gap_the_next_message_is_read() {
    let mut lines = Lines::default();
    let mut feed = Feed::new(protocol("poct1a"));
    feed.bytes(ToServer, b"<HEL.R01><DEV.device_id V=\"a", &mut lines);
    feed.gap(ToServer, 99);
    feed.bytes(ToServer, b"b\"/></HEL.R01><KPA.R01></KPA.R01>", &mut lines);
    assert!(good(&lines.lines), "{:?}", lines.lines);
}

#[test]
fn only_a_root_of_the_standard_is_claimed() {
    let probe = |text: &str| protocol("poct1a").probe(Transport::Tcp, ToServer, text.as_bytes());
    assert_eq!(probe("<HEL.R01>"), Verdict::Yes);
    assert_eq!(probe("\u{feff}<?xml version=\"1.0\"?>\r\n<OBS.R02 x=\"y\">"), Verdict::Yes);
    assert_eq!(probe("<HEL.R"), Verdict::Unsure);
    assert_eq!(probe("<?xml version="), Verdict::Unsure);
    for other in ["<ClinicalDocument>", "<?xml version=\"1.0\"?><Envelope>", "<HEL.R01x>", "GET / HTTP/1.1", "<html>"] {
        assert_eq!(probe(other), Verdict::No, "{other}");
    }
}

#[test]
fn nothing_of_a_patient_an_operator_or_a_result_can_be_read() {
    let names = ["PT.patient_id", "PT.name", "OBS.value", "OPR.operator_id", "NTE.text", "HDR.control_id", "DEV", "X"];
    let mut text = String::from("<OBS.R01 MARKER=\"MARKER\">MARKER<!-- MARKER --><![CDATA[MARKER]]><?MARKER?>");
    for name in names {
        text += &format!("<{name} V=\"MARKER\" SN='MARKER'>MARKER</{name}>");
    }
    text += "<MARKER/></OBS.R01>MARKER<MARKER>";
    for cut in 0..=text.len() {
        let lines = hear(&text[..cut]);
        assert!(!lines.join("\n").contains("MARK"), "{lines:?}");
    }
}
