//! FTP: what is read of a control connection, and what hostile lines lead to.

mod common;

use common::{Feed, Lines, one_way, protocol};
use holter_protocols::Way::{self, ToClient, ToServer};
use holter_protocols::ftp::{LINE_MAX, REPLY_LINES_MAX};
use holter_protocols::{Transport, Verdict};

fn hear(chunks: &[(Way, &[u8])]) -> (Vec<String>, Feed) {
    let mut lines = Lines { declared: Some(protocol("ftp")), ..Lines::default() };
    let mut feed = Feed::new(protocol("ftp"));
    chunks.iter().for_each(|(way, bytes)| feed.bytes(*way, bytes, &mut lines));
    (lines.lines, feed)
}

fn probe(way: Way, bytes: &[u8]) -> Verdict {
    protocol("ftp").probe(Transport::Tcp, way, bytes)
}

#[test]
fn a_reply_of_several_lines_is_one_and_names_the_server_wherever_it_stands_in_it() {
    let greeting = b"220-FileZilla Server 1.7.2\r\n 220 is no end\r\n221 neither\r\n220 Please log in, Jane\r\n";
    let (lines, _) = hear(&[(ToClient, greeting)]);
    let all = "ftp.reply ftp.code=220 ftp.reply_lines=4 ftp.product=\"FileZilla Server\" ftp.product_version=\"1.7.2\"";
    assert_eq!(lines, [all]);
}

#[test]
fn after_auth_tls_is_accepted_another_protocol_follows_and_after_refusal_ftp_goes_on() {
    let (_, feed) = hear(&[(ToServer, b"AUTH TLS\r\n"), (ToClient, b"234 go\r\n"), (ToServer, b"\x16\x03\x01")]);
    assert!(feed.over);
    let (lines, feed) = hear(&[(ToServer, b"AUTH TLS\r\n"), (ToClient, b"502 no\r\n"), (ToClient, b"234 odd\r\n")]);
    assert!(!feed.over && lines.len() == 3, "{lines:?}");
}

#[test]
fn an_abort_behind_a_synch_of_telnet_is_a_command() {
    assert!(one_way(protocol("ftp"), b"\xff\xf4\xff\xf2ABOR\r\n").0[0].contains("ftp.verb=\"ABOR\""));
}

#[test]
fn what_is_no_line_of_the_protocol_is_malformed_and_the_next_one_is_read() {
    let (lines, feed) = hear(&[
        (ToServer, b"\x00\x01\x02\r\nNOOP\r\n"),
        (ToClient, b"hello\r\n200 ok\r\n"),
        (ToServer, b"XYZZ jane\r\nPORT 1,2,3,4,5\r\n"),
    ]);
    assert_eq!(feed.malformed.len(), 2);
    assert!(lines.contains(&"weird ftp.command".to_owned()) && lines.contains(&"weird ftp.code".to_owned()));
    assert!(lines.iter().any(|line| line.contains("\"NOOP\"")) && lines.iter().any(|line| line.contains("code=200")));
    assert!(lines.contains(&"ftp.command ftp.secret=false ftp.argument_size=4".to_owned()), "no word: {lines:?}");
    assert!(lines.contains(&"weird ftp.port".to_owned()));
}

#[test]
fn a_line_that_never_ends_is_cut_at_the_bound_and_passes() {
    let long = [&b"USER "[..], &vec![b'a'; LINE_MAX * 3], b"\r\nPASV\r\n"].concat();
    let (lines, feed) = one_way(protocol("ftp"), &long);
    assert_eq!(lines[0], "weird ftp.line_length");
    assert!(lines[1].contains(&format!("ftp.argument_size={}", LINE_MAX - 5)));
    assert!(lines[2].contains("\"PASV\"") && lines.len() == 3 && feed.kept() == 0);
}

#[test]
fn a_reply_without_end_is_let_go_at_the_bound() {
    let long = [&b"230-x\r\n"[..], &b"y\r\n".repeat(REPLY_LINES_MAX as usize)].concat();
    let (lines, _) = hear(&[(ToClient, &long)]);
    assert_eq!(lines[0], "weird ftp.reply_lines");
    assert!(lines[1].contains(&format!("ftp.reply_lines={REPLY_LINES_MAX}")));
}

#[test]
fn after_a_gap_the_next_whole_line_is_read() {
    let mut lines = Lines::default();
    let mut feed = Feed::new(protocol("ftp"));
    feed.bytes(ToServer, b"RETR a", &mut lines);
    feed.gap(ToServer, 10);
    feed.bytes(ToServer, b"est of a line\r\nQUIT\r\n", &mut lines);
    assert_eq!(lines.lines.len(), 1);
    assert!(lines.lines[0].contains("\"QUIT\""));
}

#[test]
fn only_what_no_other_protocol_says_is_claimed() {
    assert_eq!(probe(ToClient, b"220 (vsFTPd 3.0.3)\r\n"), Verdict::Yes);
    assert_eq!(probe(ToClient, b"220 ready\r\n"), Verdict::Likely);
    assert_eq!(probe(ToClient, b"220 ftp.example ESMTP FTP\r\n"), Verdict::No);
    assert_eq!(probe(ToServer, b"USER jane\r\n"), Verdict::Likely, "POP3 has it too");
    assert_eq!(probe(ToServer, b"AUTH TLS\r\n"), Verdict::Yes);
    assert_eq!(probe(ToServer, b"AUTH PLAIN\r\n"), Verdict::No, "SMTP's");
    assert_eq!(probe(ToServer, b"PORT 10,20,0,7,4,1\r\n"), Verdict::Yes);
    assert_eq!(probe(ToServer, b"LIST\r\n"), Verdict::No, "POP3's");
    assert_eq!(probe(ToServer, b"US"), Verdict::Unsure);
    assert_eq!(probe(ToServer, b"GET / HTTP/1.1\r\n"), Verdict::No);
}

#[test]
fn no_password_file_name_or_text_can_be_read() {
    let (lines, _) = hear(&[
        (ToClient, b"220 Welcome MARKER vsFTPd MARKER\r\n230-MARKER\r\n230 MARKER\r\n215 MARKER\r\n"),
        (ToServer, b"PASS MARKER\r\nACCT MARKER\r\nSTOR MARKER.dcm\r\nCWD /MARKER\r\nSITE MARKER\r\nADAT MARKER\r\n"),
        (ToServer, b"MARKER x\r\nXMAR MARKER\r\nPASSMARKER\r\nRNFR MARKER\r\nAUTH MARKER\r\nTYPE MARKER\r\n"),
        (ToClient, b"227 MARKER (1,2)\r\n257 \"/MARKER\"\r\nMARKER\r\n"),
    ]);
    assert!(!lines.join("\n").contains("MARKER"), "{lines:#?}");
    assert_eq!(lines.iter().filter(|line| line.contains("ftp.secret=true")).count(), 3);
    assert_eq!(lines.iter().filter(|line| line.contains("ftp.path=Phi(..)")).count(), 3);
}
