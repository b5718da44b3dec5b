//! SSH: what is read before the keys are there, and what hostile bytes lead to.

mod common;

use common::{Feed, Lines, decode, one_way, protocol, samples};
use holter_protocols::Way::{ToClient, ToServer};
use holter_protocols::ssh::{LINE_MAX, LINES_MAX, PACKET_MAX, Ssh};
use holter_protocols::{MAX_NEED, Protocol, Transport, Verdict};

fn told(name: &str) -> Vec<String> {
    let sample = samples(protocol("ssh")).into_iter().find(|sample| sample.name == name).expect("a sample");
    decode(&sample, |_| Vec::new())
}

fn packet(payload: &[u8]) -> Vec<u8> {
    [&(payload.len() as u32 + 5).to_be_bytes()[..], &[4], payload, &[0; 4]].concat()
}

fn offer(lists: &[&[u8]]) -> Vec<u8> {
    let lists: Vec<u8> =
        lists.iter().flat_map(|list| [&(list.len() as u32).to_be_bytes()[..], list].concat()).collect();
    packet(&[&[20][..], &[7; 16], &lists, &[0; 5]].concat())
}

const BANNER: &[u8] = b"SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n";

fn banners(lines: &[String]) -> usize {
    lines.iter().filter(|line| line.starts_with("ssh.banner")).count()
}

#[test]
fn banners_and_offers_of_both_sides_are_read() {
    let lines = told("openssh.stream");
    assert_eq!((lines.len(), banners(&lines)), (4, 2), "{lines:#?}");
    assert!(lines.iter().all(|line| line.starts_with("ssh.offer") || line.contains("SSH-2.0-OpenSSH_9.2p1")));
    assert!(lines.iter().any(|line| line.contains(r#"ssh.offer.cipher_to_server="chacha20-poly1305@openssh.com""#)));
}

#[test]
fn lines_before_the_banner_of_a_server_are_passed_and_never_told() {
    let lines = told("lines.stream");
    assert_eq!(lines[0], r#"ssh.banner ssh.protocol="SSH-2.0-ROSSSH""#);
    assert!(
        lines[2].starts_with(r#"ssh.offer ssh.offer.kex="diffie-hellman-group14-sha1" ssh.offer.host_key="ssh-rsa""#)
    );
    assert_eq!(lines.len(), 4);
    assert!(!lines.concat().contains("Authorized"));
}

#[test]
fn a_line_without_end_is_bounded_and_the_banner_behind_it_is_found() {
    for start in ["SSH-2.0-", "hello"] {
        let mut feed = Feed::new(&Ssh);
        let mut lines = Lines::default();
        feed.bytes(ToClient, start.as_bytes(), &mut lines);
        for _ in 0..100_000 {
            feed.bytes(ToClient, b"x", &mut lines);
            assert!(feed.kept() <= LINE_MAX && feed.decoder.held() == 0);
        }
        feed.bytes(ToClient, &[b"\n", BANNER].concat(), &mut lines);
        assert_eq!(banners(&lines.lines), 1);
        assert_eq!(feed.malformed.len(), usize::from(start.starts_with("SSH")));
    }
}

#[test]
fn lines_without_number_are_given_up() {
    let lines = |count: usize| one_way(&Ssh, &[&b"x\n".repeat(count)[..], BANNER].concat()).0;
    assert_eq!(banners(&lines(usize::from(LINES_MAX))), 1);
    assert_eq!(banners(&lines(usize::from(LINES_MAX) + 1)), 0);
}

#[test]
fn packets_that_lie_about_their_length_are_malformed_and_nothing_is_kept_for_them() {
    for head in [[0, 0, 0x88, 0xb9, 4, 20], [0xff, 0xff, 0xff, 0xff, 4, 20], [0, 0, 0, 4, 9, 20], [0; 6]] {
        let (_, feed) = one_way(&Ssh, &[BANNER, &head, &[0; 500]].concat());
        assert_eq!(feed.malformed[0].field, "ssh.packet");
        assert_eq!(feed.kept(), 0);
    }
    let longest = [&(PACKET_MAX as u32).to_be_bytes()[..], &[4, 20]].concat();
    let (_, feed) = one_way(&Ssh, &[BANNER, &longest].concat());
    assert!(feed.malformed.is_empty() && PACKET_MAX < MAX_NEED);
}

#[test]
fn an_offer_that_is_broken_does_not_hide_the_next() {
    let mut broken = offer(&[b"kex", b"key"]);
    broken[22..26].fill(0xff);
    let good = offer(&[b"kex", b"key", b"c", b"c", b"m", b"m", b"none", b"none", b"", b""]);
    let (lines, feed) = one_way(&Ssh, &[BANNER, &broken, &good].concat());
    assert_eq!(feed.malformed[0].field, "ssh.offer");
    assert!(lines.iter().any(|line| line.contains(r#"ssh.offer.kex="kex""#)), "{lines:#?}");
}

#[test]
fn only_what_has_the_form_of_a_name_is_told() {
    let long = [b'a'; 65];
    for name in [&b"Jane Roe"[..], b"a\xff", &long] {
        let bytes = offer(&[name, b"key", b"c", b"c", b"m", b"m", b"none", b"none", b"", b""]);
        let (lines, _) = one_way(&Ssh, &[BANNER, &bytes].concat());
        assert!(lines.contains(&"weird ssh.offer.name".to_owned()) && !lines.concat().contains("ssh.offer.kex="));
    }
}

#[test]
fn nothing_behind_new_keys_is_read() {
    let bytes = [BANNER, &packet(&[21]), &offer(&[b"kex"]), BANNER].concat();
    let (lines, feed) = one_way(&Ssh, &bytes);
    assert_eq!(lines.len(), 1);
    assert!(feed.unseen > 60 && feed.malformed.is_empty());
    assert_eq!(banners(&one_way(&Ssh, b"SSH-1.5-old\nrest").0), 1);
}

#[test]
fn ssh_is_known_by_its_banner() {
    let probe = |bytes: &[u8]| Ssh.probe(Transport::Tcp, ToServer, bytes);
    assert_eq!(probe(BANNER), Verdict::Yes);
    (0..8).for_each(|n| assert_eq!(probe(&BANNER[..n]), Verdict::Unsure));
    for other in [&b"SSH-3.0-x"[..], b"ssh-2.0-x", b"220 ready\r\n", &[0; 20]] {
        assert_eq!(probe(other), Verdict::No);
    }
}
