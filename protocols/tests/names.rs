//! DHCP and DNS: what is read, and what hostile messages lead to.

mod text;

use holter_protocols::Way::{ToClient, ToServer};
use holter_protocols::dhcp::Dhcp;
use holter_protocols::dns::Dns;
use holter_protocols::{Protocol, Transport, Verdict};
use text::{datagram, stream};

fn dhcp(options: &[u8]) -> Vec<u8> {
    let mut bytes = vec![1, 1, 6, 0, 0xde, 0xad, 0xbe, 0xef, 0, 0, 0, 0];
    bytes.extend([0; 16]);
    bytes.extend([0, 0x18, 0x65, 0xaa, 0, 0x21]);
    bytes.extend([0; 10 + 64 + 128]);
    bytes.extend([99, 130, 83, 99]);
    bytes.extend(options);
    bytes
}

#[test]
fn a_request_says_who_asks_and_how() {
    let lines = datagram(
        &Dhcp,
        &dhcp(b"\x35\x01\x03\x32\x04\x0a\x14\x00\x81\x0c\x04ct01\x3c\x05udhcp\x37\x03\x01\x1c\x02\x39\x02\x02\x40\xff"),
    );
    assert_eq!(lines.len(), 1, "{lines:?}");
    for part in [
        "type=3",
        "client_mac=00:18:65:aa:00:21",
        "requested_address=10.20.0.129",
        "hostname=ct01",
        "vendor_class=udhcp",
        "parameters=[1, 28, 2]",
        "options=[53, 50, 12, 60, 55, 57]",
        "max_size=576",
    ] {
        assert!(lines[0].contains(part), "{part} in {}", lines[0]);
    }
}

#[test]
fn dhcp_1_an_option_past_the_end_keeps_the_earlier_ones() {
    let lines = datagram(&Dhcp, &dhcp(b"\x35\x01\x01\x0c\xffct"));
    assert!(lines[0].contains("type=1"), "{lines:?}");
    assert!(lines[1].starts_with("malformed dhcp.option at 243"), "{lines:?}");
}

#[test]
fn dhcp_2_overload_goes_one_level_deep() {
    let mut bytes = dhcp(b"\x34\x01\x03\xff");
    bytes[108..114].copy_from_slice(b"\x34\x01\x03\x35\x01\x05");
    bytes[114] = 255;
    bytes[44..51].copy_from_slice(b"\x0c\x04name\xff");
    let lines = datagram(&Dhcp, &bytes);
    assert!(lines[0].contains("type=5") && lines[0].contains("hostname=name"), "{lines:?}");
}

#[test]
fn dhcp_3_and_13_bootp_without_options_is_decoded() {
    let bytes = dhcp(b"");
    assert!(datagram(&Dhcp, &bytes[..236])[0].contains("client_mac"));
    assert_eq!(Dhcp.probe(Transport::Udp, ToServer, &bytes[..236]), Verdict::No, "recognised by its cookie only");
}

#[test]
fn dhcp_4_an_odd_hardware_address_is_no_mac() {
    for hlen in [0, 255] {
        let mut bytes = dhcp(b"\xff");
        bytes[2] = hlen;
        let lines = datagram(&Dhcp, &bytes);
        assert_eq!(lines[0], "weird dhcp.chaddr");
        assert!(!lines[1].contains("client_mac"));
    }
}

#[test]
fn dhcp_9_more_options_than_are_kept_are_counted() {
    let lines = datagram(&Dhcp, &dhcp(&[0x2b, 0].repeat(200)));
    assert_eq!(lines.iter().filter(|line| *line == "weird dhcp.options").count(), 72);
}

fn dns(flags: u16, counts: [u16; 4], body: &[u8]) -> Vec<u8> {
    let mut bytes = vec![0x12, 0x34];
    bytes.extend(flags.to_be_bytes());
    counts.iter().for_each(|count| bytes.extend(count.to_be_bytes()));
    bytes.extend(body);
    bytes
}

const QUESTION: &[u8] = b"\x04pacs\x04clin\x07example\x00\x00\x01\x00\x01";

#[test]
fn a_query_and_its_answer_are_read() {
    let query = datagram(&Dns, &dns(0x0100, [1, 0, 0, 0], QUESTION));
    assert!(query[0].contains("response=false") && query[0].contains("name=pacs.clin.example qtype=1"), "{query:?}");
    let body = [QUESTION, b"\xc0\x0c\x00\x01\x00\x01\x00\x00\x00\x3c\x00\x04\x0a\x14\x00\x0a"].concat();
    let answer = datagram(&Dns, &dns(0x8180, [1, 1, 0, 0], &body));
    assert_eq!(answer[1], "dns.record name=pacs.clin.example type=1 ttl=60 address=10.20.0.10");
}

#[test]
fn messages_over_tcp_follow_their_lengths() {
    let message = dns(0x0100, [1, 0, 0, 0], QUESTION);
    let framed = [&(message.len() as u16).to_be_bytes()[..], &message].concat();
    let two = [&framed[..], &framed].concat();
    assert_eq!(Dns.probe(Transport::Tcp, ToServer, &framed), Verdict::Yes);
    for cut in [1, 2, 7, 1000] {
        assert_eq!(stream(&Dns, &[(ToServer, &two), (ToClient, b"\0\0")], cut).len(), 2);
    }
}

#[test]
fn dns_1_and_2_pointers_that_do_not_go_back_are_malformed() {
    for name in [&b"\xc0\x0c"[..], b"\xc0\x40", b"\x01a\xc0\x0c", b"\xc0\x0e\xc0\x0c"] {
        let lines = datagram(&Dns, &dns(0x0100, [1, 0, 0, 0], &[name, b"\0\x01\0\x01"].concat()));
        assert_eq!(lines, ["malformed dns.name at 12"], "{name:?}");
    }
}

#[test]
fn dns_3_labels_and_names_past_their_limits_are_malformed() {
    let long = [&b"\x3f"[..], &[b'a'; 63]].concat().repeat(5);
    for name in [&b"\x40aaaa"[..], b"\x80aaaa", &long] {
        let lines = datagram(&Dns, &dns(0x0100, [1, 0, 0, 0], &[name, b"\0\0\x01\0\x01"].concat()));
        assert_eq!(lines, ["malformed dns.name at 12"]);
    }
}

#[test]
fn dns_4_counts_that_promise_more_than_there_is_cost_nothing() {
    let lines = datagram(&Dns, &dns(0x8180, [0, 65535, 65535, 65535], b""));
    assert!(lines[0].contains("answers=65535"));
    assert_eq!(lines[1], "malformed dns.record.name at 12");
}

#[test]
fn dns_5_record_data_past_the_end_is_malformed() {
    let body = [QUESTION, b"\xc0\x0c\x00\x01\x00\x01\x00\x00\x00\x3c\x00\xff\x0a"].concat();
    assert!(datagram(&Dns, &dns(0x8180, [1, 1, 0, 0], &body))[1].starts_with("malformed dns.record.data"));
}

#[test]
fn dns_7_a_second_question_is_counted() {
    let lines = datagram(&Dns, &dns(0x0100, [2, 0, 0, 0], &QUESTION.repeat(2)));
    assert_eq!(lines[0], "weird dns.questions");
    assert!(lines[1].contains("questions=2"));
}

#[test]
fn dns_13_bytes_that_are_not_printable_are_written_as_numbers() {
    let lines = datagram(&Dns, &dns(0x0100, [1, 0, 0, 0], b"\x06a\"\n\xff.\\\x00\x00\x01\x00\x01"));
    assert!(lines[0].contains(r#"name=a"\010\255\046\092"#), "{lines:?}");
}

#[test]
fn only_dns_is_taken_for_dns() {
    for other in [
        &b"GET / HTTP/1.1\r\n\r\n"[..],
        &[0; 48],
        &[0xff; 64],
        b"\x17\x03\x03\x00\x20aaaaaaaaaaaaaaaa",
        b"\x23\x00\x06\xec\0\0\0\0",
    ] {
        assert_eq!(Dns.probe(Transport::Udp, ToServer, other), Verdict::No, "{other:?}");
    }
}
