//! IntelliVue data export: what is read of monitors, what is never, and what hostile datagrams lead to.

mod common;

use common::{Hears, Lines, Sample, decode, hear, protocol, samples};
use holter_protocols::Way::ToServer;
use holter_protocols::intellivue::Intellivue;
use holter_protocols::{Protocol, Transport, Verdict};

fn of(name: &str) -> Sample {
    samples(protocol("intellivue")).into_iter().find(|sample| sample.name == name).expect("the sample")
}

fn lines(name: &str) -> Vec<String> {
    decode(&of(name), |_| Vec::new())
}

fn numbers(numbers: &[u16]) -> Vec<u8> {
    numbers.iter().flat_map(|number| number.to_be_bytes()).collect()
}

/// An invocation or a result with this argument.
fn operation(kind: u16, command: u16, argument: &[u8]) -> Vec<u8> {
    let length = argument.len() as u16;
    [numbers(&[0xe100, 2, kind, length + 6, 7, command, length]), argument.to_vec()].concat()
}

/// An MDS create with these attributes.
fn create(attributes: &[(u16, &[u8])]) -> Vec<u8> {
    let body: Vec<u8> = attributes
        .iter()
        .flat_map(|(id, value)| [numbers(&[*id, value.len() as u16]), value.to_vec()].concat())
        .collect();
    let list = [numbers(&[33, 0, 0, attributes.len() as u16, body.len() as u16]), body].concat();
    operation(1, 1, &[numbers(&[33, 0, 0, 0, 1, 3334, list.len() as u16]), list].concat())
}

/// A result of a poll for numerics, with this list of contexts.
fn result(list: &[u8]) -> Vec<u8> {
    let reply = [&[0; 14][..], &numbers(&[1, 6, 0]), list].concat();
    operation(2, 7, &[numbers(&[33, 0, 0, 3094, reply.len() as u16]), reply].concat())
}

fn label(text: &[u8]) -> Vec<u8> {
    [&(text.len() as u16).to_be_bytes()[..], text].concat()
}

#[test]
fn a_monitor_that_looks_for_clients_says_what_and_where_it_is() {
    let lines = lines("indication.datagrams");
    assert_eq!(lines.len(), 4);
    assert_eq!(
        lines[1],
        "intellivue.system intellivue.event=3351 intellivue.nomenclature=256 intellivue.system_type=4429 \
         intellivue.manufacturer=\"Philips\" intellivue.model=\"M8105A\" intellivue.serial=\"DE00000042\" \
         intellivue.part=\"M8105A\" intellivue.hardware_revision=\"A.00.17\" intellivue.software_revision=\"L.01.22\" \
         intellivue.mac=00:09:fb:00:00:2a intellivue.address=10.20.3.17 intellivue.port=24105"
    );
}

#[test]
fn a_session_says_who_what_and_how_many_objects() {
    let lines = lines("session.datagrams");
    assert_eq!(
        lines[0],
        "intellivue.association intellivue.association.type=13 intellivue.protocol_version=2147483648 \
         intellivue.association.system_type=2147483648 intellivue.startup_mode=536870912 intellivue.max_mtu=1000 \
         intellivue.poll_options=2281701376"
    );
    assert!(lines[1].contains("type=14") && lines[1].contains("system_type=8388608"), "the other form: {}", lines[1]);
    assert!(lines[3].contains("intellivue.event=3334") && lines[3].ends_with("intellivue.bed=Phi(..)"), "{}", lines[3]);
    let polls: Vec<&str> =
        lines.iter().filter_map(|line| line.strip_prefix("intellivue.poll intellivue.poll.")).collect();
    assert_eq!(
        polls.iter().map(|line| line.replace("intellivue.poll.", "")).collect::<Vec<_>>(),
        [
            "result=false action=3094 class=42 group=0",
            "result=true action=3094 class=42 group=0 contexts=1 objects=1",
            "result=false action=61755 class=6 group=2051",
            "result=true action=61755 class=6 group=2051 contexts=2 objects=7",
            "result=true action=61755 class=6 group=2051 contexts=1 objects=2",
            "result=false action=3094 class=54 group=0",
            "result=true action=3094 class=54 group=0 contexts=0 objects=0",
        ]
    );
    assert!(lines.contains(&"intellivue.message intellivue.operation=3 intellivue.invoke=6 intellivue.error=9".into()));
    assert!(
        lines[lines.len() - 2..]
            == ["9", "10"].map(|kind| format!("intellivue.association intellivue.association.type={kind}"))
    );
    let refused = self::lines("refused.datagrams");
    assert!(refused[1].ends_with("type=12") && refused[2].ends_with("type=25"), "{refused:?}");
}

#[test]
fn no_value_wave_or_patient_can_be_read() {
    let marker = b"QXJZVKWAAAAA";
    let object = [numbers(&[5, 1, 16, 0x0950, 12]), marker.to_vec()].concat();
    let context = [numbers(&[1, 22, 3, 1, 22]), object.clone()].concat();
    let context = [numbers(&[1, context.len() as u16 - 4]), context[4..].to_vec()].concat();
    let all: [Vec<u8>; 7] = [
        result(&context),
        // Names and ids of a patient, notes, and a label that is not of the monitor.
        create(&[(0x095d, marker), (0x095c, marker), (0xf129, marker), (0x091e, &label(marker)), (0xf135, marker)]),
        create(&[(0x092d, &[&numbers(&[1, 20, 9, 0])[..], &label(marker)].concat())]),
        operation(1, 5, marker),
        operation(2, 3, marker),
        operation(1, 0, &[numbers(&[33, 0, 0, 0, 1, 3400, 12]), marker.to_vec()].concat()),
        operation(1, 7, &[numbers(&[33, 0, 0, 0, 0, 9, 12]), marker.to_vec()].concat()),
    ];
    for bytes in all {
        for cut in 0..=bytes.len() {
            let lines = hear(&Intellivue, &bytes[..cut]);
            assert!(!lines.shows("QXJZVKW"), "{:?}", lines.lines);
        }
        assert!(hear(&Intellivue, &bytes).lines[0].starts_with("intellivue.message"));
    }
    let lines = hear(&Intellivue, &result(&context)).lines;
    assert!(lines[1].ends_with("contexts=1 intellivue.poll.objects=1"), "{lines:?}");
    assert!(hear(&Intellivue, &create(&[(0x091e, &label(marker))])).lines[1].ends_with("intellivue.bed=Phi(..)"));
    assert!(!hear(&Intellivue, &create(&[(0x091e, &label(&[0; 8]))])).shows("bed"), "nobody's bed");
}

#[test]
fn texts_that_are_none_are_not_told() {
    let model = |maker: &[u8], model: &[u8]| {
        hear(&Intellivue, &create(&[(0x0928, &[label(maker), label(model)].concat())])).lines[1].clone()
    };
    assert!(
        model(b"Philips\0\0", b"MX800 ").ends_with("intellivue.manufacturer=\"Philips\" intellivue.model=\"MX800\"")
    );
    assert!(!model(b"\x01\x02", b"\0MX").contains("model"));
}

#[test]
fn what_is_cut_or_lies_is_malformed_and_what_was_read_is_told() {
    for name in ["session.datagrams", "indication.datagrams"] {
        for (way, bytes) in of(name).chunks {
            for cut in 0..bytes.len() {
                let mut lines = Lines { declared: Some(&Intellivue), ..Lines::default() };
                let heard = Hears::new(&Intellivue).datagram(way, &bytes[..cut], &mut lines);
                assert!(heard.is_err(), "{name} cut at {cut} of {}", bytes.len());
            }
        }
    }
    // One attribute breaks, the next is read; a list that promises more than it has ends.
    let broken = create(&[(0x0986, &[0]), (0xf100, &[0; 14])]);
    let lines = hear(&Intellivue, &broken).lines;
    assert!(lines[1].contains("intellivue.mac=") && lines[2] == "weird intellivue.system_type", "{lines:?}");
    let lying = hear(&Intellivue, &result(&numbers(&[9, 6, 1, 0, 0]))).lines;
    assert!(lying[1].contains("contexts=1") && lying[2] == "weird intellivue.poll_info", "{lying:?}");
    let plain = [&[0x0d, 14][..], &[5, 8, 0x13, 1, 0, 0x16, 1, 2, 0x80, 0, 0x14, 2, 0, 2]].concat();
    let lines = hear(&Intellivue, &plain).lines;
    assert_eq!(lines[1], "weird intellivue.user_info", "no user: {lines:?}");
}

#[test]
fn only_headers_whose_lengths_fill_the_datagram_are_claimed() {
    let probe = |bytes: &[u8]| Intellivue.probe(Transport::Udp, ToServer, bytes);
    for sample in samples(protocol("intellivue")) {
        for (_, bytes) in &sample.chunks {
            let certain = !matches!(bytes[0], 0x09 | 0x0a | 0x0c | 0x19);
            let verdict = if certain { Verdict::Yes } else { Verdict::Likely };
            assert_eq!(probe(bytes), verdict, "{} {:02x}", sample.name, bytes[0]);
            assert_eq!(probe(&bytes[..bytes.len() - 1]), Verdict::No);
            assert_eq!(probe(&[bytes, &[0][..]].concat()), Verdict::No);
            assert_eq!(Intellivue.probe(Transport::Tcp, ToServer, bytes), Verdict::No);
        }
    }
    assert_eq!(probe(&[0; 40]), Verdict::No);
    assert_eq!(probe(&[0x0d, 2, 1, 2]), Verdict::No);
    assert_eq!(probe(&[]), Verdict::No);
}
