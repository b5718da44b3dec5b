//! VNC: what is read of the handshake, and what hostile bytes lead to.

mod common;

use common::{Feed, Lines, decode, protocol, samples};
use holter_protocols::Way::{self, ToClient, ToServer};
use holter_protocols::vnc::{LISTED_MAX, NAME_MAX, Vnc, WAIT_MAX};
use holter_protocols::{Decoder, Progress, Protocol, Transport, Verdict};

const NEW: &[u8] = b"RFB 003.008\n";

fn desktop(name: &[u8]) -> Vec<u8> {
    [&[5, 0, 4, 0][..], &[0; 16], &(name.len() as u32).to_be_bytes(), name].concat()
}

fn of(name: &str) -> Vec<String> {
    let all = samples(protocol("vnc"));
    decode(all.iter().find(|sample| sample.name == name).expect("the sample"), |_| Vec::new())
}

fn hear(chunks: &[(Way, &[u8])]) -> Lines {
    let mut lines = Lines { declared: Some(&Vnc), ..Lines::default() };
    let mut feed = Feed::new(&Vnc);
    chunks.iter().for_each(|(way, bytes)| feed.bytes(*way, bytes, &mut lines));
    lines
}

#[test]
fn a_handshake_says_versions_security_outcome_and_desktop() {
    assert_eq!(
        of("authenticated.stream"),
        [
            "vnc.version vnc.protocol_version=\"003.008\" vnc.from_server=true",
            "vnc.version vnc.protocol_version=\"003.008\" vnc.from_server=false",
            "vnc.offer vnc.security_types=[2, 16]",
            "vnc.choice vnc.security_type=2",
            "vnc.outcome vnc.status=0",
            "vnc.desktop vnc.width=1280 vnc.height=1024 vnc.desktop_name=\"CR-CONSOLE-3\"",
        ]
    );
}

#[test]
fn each_version_has_its_own_handshake() {
    let open = of("open.stream");
    assert_eq!(open[2..4], ["vnc.offer vnc.security_types=[1]", "vnc.choice vnc.security_type=1"]);
    assert!(open[4].ends_with("vnc.height=480 vnc.desktop_name=\"QEMU (infusion-hmi)\""), "no outcome: {open:?}");
    let old = of("old.stream");
    assert_eq!(
        old[2..5],
        ["vnc.offer vnc.security_types=[2]", "vnc.choice vnc.security_type=2", "vnc.outcome vnc.status=0"]
    );
    assert_eq!(old[5], "vnc.desktop vnc.width=800 vnc.height=600");
    // The lower of two versions counts.
    for (server, viewer) in [(&b"RFB 003.003\n"[..], NEW), (NEW, b"RFB 003.003\n")] {
        let lines = hear(&[(ToClient, server), (ToServer, viewer), (ToClient, &[0, 0, 0, 1]), (ToServer, &[1])]);
        assert_eq!(lines.lines[2..], ["vnc.offer vnc.security_types=[1]", "vnc.choice vnc.security_type=1"]);
    }
}

#[test]
fn refusals_and_failures_are_told_without_their_reasons() {
    assert_eq!(of("denied.stream").last().map(String::as_str), Some("vnc.outcome vnc.status=1"));
    assert_eq!(of("refused.stream").last().map(String::as_str), Some("vnc.offer vnc.security_types=[]"));
    let old =
        hear(&[(ToClient, b"RFB 003.003\n"), (ToServer, b"RFB 003.003\n"), (ToClient, b"\0\0\0\0\0\0\0\x07QXJZVKW")]);
    assert!(old.lines.len() == 3 && old.lines[2] == "vnc.offer vnc.security_types=[]" && !old.shows("QXJZVKW"));
}

#[test]
fn other_kinds_of_security_lead_to_the_desktop_or_are_left_alone() {
    assert!(of("apple.stream").last().is_some_and(|line| line.ends_with("vnc.desktop_name=\"reading-room-2\"")));
    assert_eq!(of("ultra.stream").last().map(String::as_str), Some("vnc.choice vnc.security_type=17"));
    let turned = of("logon.stream");
    assert!(turned[0].ends_with("vnc.from_server=true"), "the opener speaks first: {turned:?}");
    assert!(turned.last().is_some_and(|line| line.ends_with("vnc.desktop_name=\"lab-4\"")));
}

#[test]
fn tight_has_kinds_of_its_own_which_are_told_and_followed() {
    let sample = of("tight.stream");
    assert_eq!(
        sample[3..5],
        ["vnc.choice vnc.security_type=16", "vnc.choice vnc.security_type=16 vnc.security_subtype=2"]
    );
    assert!(sample[6].ends_with("vnc.desktop_name=\"pharmacy-2\""), "{sample:?}");
    let lead: [(Way, &[u8]); 4] = [(ToClient, NEW), (ToServer, NEW), (ToClient, &[1, 16]), (ToServer, &[16])];
    // Neither tunnels nor kinds: nobody is asked for anything.
    let open = [&[0; 8][..], &[0; 4], &desktop(b"WS")].concat();
    let lines = hear(&[&lead[..], &[(ToClient, &open), (ToServer, &[1])]].concat()).lines;
    assert_eq!(lines[4..6], ["vnc.choice vnc.security_type=16 vnc.security_subtype=1", "vnc.outcome vnc.status=0"]);
    assert!(lines[6].ends_with("vnc.desktop_name=\"WS\""), "{lines:?}");
    // A user's name and password are not followed, a list without end not believed.
    let kinds = [&[0, 0, 0, 0, 0, 0, 0, 1][..], &[7; 16]].concat();
    let user =
        hear(&[&lead[..], &[(ToClient, &kinds), (ToServer, b"\0\0\0\x81QXJZVKW"), (ToClient, &[0; 4])]].concat());
    assert!(
        user.lines.len() == 5 && user.lines[4].ends_with("subtype=129") && !user.shows("QXJZVKW"),
        "{:?}",
        user.lines
    );
    for (listed, told) in
        [(LISTED_MAX as u32, "vnc.choice vnc.security_type=16"), (LISTED_MAX as u32 + 1, "weird vnc.tight")]
    {
        let lines = hear(&[&lead[..], &[(ToClient, &listed.to_be_bytes()[..])]].concat()).lines;
        assert_eq!(lines.last().map(String::as_str), Some(told));
    }
}

#[test]
fn where_tls_is_chosen_another_decoder_goes_on() {
    let within = [NEW, &[19], &[0, 2]].concat();
    let offered = [NEW, &[1, 19], &[0, 2], &[0], &[1, 0, 0, 1, 5]].concat();
    let ends = |chunks: &[(Way, &[u8])]| -> Vec<Progress> {
        let mut decoder: Box<dyn Decoder> = Vnc.stream().expect("a stream");
        let mut all = Vec::new();
        for (way, bytes) in chunks {
            let mut rest = *bytes;
            while !rest.is_empty() {
                let progress = decoder.feed(*way, rest, &mut Lines::default()).expect("well formed");
                all.push(progress);
                match progress {
                    Progress::Read(n) => rest = &rest[n..],
                    _ => break,
                }
            }
        }
        all
    };
    let tls = ends(&[(ToClient, NEW), (ToServer, NEW), (ToClient, &[1, 18]), (ToServer, &[18, 0x16])]);
    assert_eq!(tls.last(), Some(&Progress::Over(1)));
    for (subtype, end) in [(257, Progress::Over(1)), (264, Progress::Over(1))] {
        let subtype = u32::to_be_bytes(subtype);
        let all = ends(&[
            (ToClient, NEW),
            (ToServer, &within),
            (ToClient, &offered[12..]),
            (ToServer, &subtype),
            (ToClient, &[1]),
        ]);
        assert_eq!(all.last(), Some(&end));
    }
    for (subtype, ack) in [(256u32, 1), (265, 1), (257, 0)] {
        let subtype = subtype.to_be_bytes();
        let all = ends(&[
            (ToClient, NEW),
            (ToServer, &within),
            (ToClient, &offered[12..]),
            (ToServer, &subtype),
            (ToClient, &[ack]),
        ]);
        assert!(matches!(all.last(), Some(Progress::Skip { .. })), "{all:?}");
    }
    assert!(of("vencrypt.stream").contains(&"vnc.choice vnc.security_type=19 vnc.security_subtype=261".to_owned()));
}

#[test]
fn what_is_typed_seen_or_proved_never_leaves() {
    let marker = b"QXJZVKWQXJZVKWAA";
    let lead: [(Way, &[u8]); 4] = [(ToClient, NEW), (ToServer, NEW), (ToClient, &[1, 2]), (ToServer, &[2])];
    let end = desktop(b"WS");
    let rest: [(Way, &[u8]); 7] = [
        (ToClient, marker),
        (ToServer, marker),
        (ToClient, &[0; 4]),
        (ToServer, &[1]),
        (ToClient, &end),
        (ToClient, marker),
        (ToServer, marker),
    ];
    let lines = hear(&[&lead[..], &rest].concat());
    assert!(lines.lines.last().is_some_and(|line| line.ends_with("vnc.desktop_name=\"WS\"")), "{:?}", lines.lines);
    assert!(!lines.shows("QXJZVKW"));
    // What breaks the handshake is not quoted either.
    let lines = hear(&[(ToClient, NEW), (ToServer, marker), (ToClient, marker)]);
    assert!(lines.lines[1..] == ["weird vnc.version"] && !lines.shows("QXJZVKW"), "{:?}", lines.lines);
}

#[test]
fn a_name_or_a_number_beyond_its_bound_is_malformed() {
    let lead: [(Way, &[u8]); 5] =
        [(ToClient, NEW), (ToServer, NEW), (ToClient, &[1, 1]), (ToServer, &[1, 1]), (ToClient, &[0; 4])];
    let last = |name: &[u8]| hear(&[&lead[..], &[(ToClient, &desktop(name)[..])]].concat()).lines.pop();
    assert!(last(&[b'x'; NAME_MAX]).is_some_and(|line| line.starts_with("vnc.desktop")));
    assert_eq!(last(&[b'x'; NAME_MAX + 1]).as_deref(), Some("weird vnc.name_length"));
    let apple = |length: u16| {
        let challenge = [&[0, 2][..], &length.to_be_bytes()].concat();
        hear(&[&lead[..2], &[(ToClient, &[1, 30]), (ToServer, &[30]), (ToClient, &challenge)]].concat()).lines.pop()
    };
    assert_eq!(apple(0xffff).as_deref(), Some("weird vnc.apple"));
    assert_eq!(apple(128).as_deref(), Some("vnc.choice vnc.security_type=30"));
    let told: [(Way, &[u8]); 3] = [(ToClient, b"RFB 003.003\n"), (ToServer, NEW), (ToClient, &[0, 0, 1, 2])];
    assert_eq!(hear(&told).lines.pop().as_deref(), Some("weird vnc.security_type"));
}

#[test]
fn who_answers_before_the_question_waits_and_is_given_up_at_a_bound() {
    // The mirror showed the server's offer before the viewer's version, and its challenge before the choice.
    let server = [NEW, &[1, 2]].concat();
    let lines =
        hear(&[(ToClient, &server), (ToServer, NEW), (ToServer, &[2]), (ToClient, &[7; 16]), (ToClient, &[0; 4])]);
    assert_eq!(
        lines.lines[2..],
        ["vnc.choice vnc.security_type=2", "vnc.offer vnc.security_types=[2]", "vnc.outcome vnc.status=0"]
    );
    let flood = [NEW, &vec![0; WAIT_MAX]].concat();
    assert_eq!(hear(&[(ToClient, &flood)]).lines[1..], ["weird vnc.order"]);
    assert_eq!(hear(&[(ToClient, &flood[..flood.len() - 1])]).lines.len(), 1);
}

#[test]
fn after_a_gap_in_the_handshake_nothing_is_guessed() {
    let mut lines = Lines::default();
    let mut feed = Feed::new(&Vnc);
    feed.bytes(ToClient, NEW, &mut lines);
    feed.gap(ToServer, 12);
    feed.bytes(ToClient, &[1, 2], &mut lines);
    feed.bytes(ToServer, &[2], &mut lines);
    assert_eq!(lines.lines.len(), 1, "{:?}", lines.lines);
}

#[test]
fn a_version_is_certain_and_its_beginning_may_be_one() {
    for way in [ToServer, ToClient] {
        let probe = |bytes: &[u8]| Vnc.probe(Transport::Tcp, way, bytes);
        for cut in 0..NEW.len() {
            assert_eq!(probe(&NEW[..cut]), Verdict::Unsure, "{cut}");
        }
        assert_eq!((probe(NEW), probe(b"RFB 004.001\nmore")), (Verdict::Yes, Verdict::Yes));
        for other in [&b"RFB 003.00x\n"[..], b"RFB 003.008\r", b"RFB3", b"\0\0\0\x0cRFB "] {
            assert_eq!(probe(other), Verdict::No, "{other:?}");
        }
    }
    assert_eq!(Vnc.probe(Transport::Udp, ToServer, NEW), Verdict::No);
}
