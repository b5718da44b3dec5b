//! SMTP: what is read of a conversation, and what hostile lines lead to.

mod common;

use common::{Feed, Lines, one_way, protocol};
use holter_protocols::Way::{self, ToClient, ToServer};
use holter_protocols::smtp::{CHUNK_MAX, LINE_MAX, OUTSTANDING_MAX, REPLY_LINES_MAX};
use holter_protocols::{Transport, Verdict};

fn hear(chunks: &[(Way, &[u8])]) -> (Vec<String>, Feed) {
    let mut lines = Lines { declared: Some(protocol("smtp")), ..Lines::default() };
    let mut feed = Feed::new(protocol("smtp"));
    chunks.iter().for_each(|(way, bytes)| feed.bytes(*way, bytes, &mut lines));
    (lines.lines, feed)
}

#[test]
fn a_message_passes_unread_up_to_its_dot_even_if_commands_stand_in_it() {
    let message = b"RCPT TO:<a@b.example>\r\n..\r\n.x\r\n\n.\n\r.\r\n\r\n.\r\nQUIT\r\n";
    let (lines, _) = hear(&[(ToServer, b"DATA\r\n"), (ToClient, b"354 go\r\n"), (ToServer, message)]);
    assert_eq!(lines[2], format!("smtp.data smtp.data_size={}", message.len() - 9));
    assert!(lines[3].contains("\"QUIT\"") && lines.len() == 4, "{lines:?}");
}

#[test]
fn pipelined_replies_are_counted_so_that_a_refused_data_is_known_and_an_accepted_one_too() {
    let batch = b"MAIL FROM:<a@b.example>\r\nRCPT TO:<c@d.example>\r\nDATA\r\n";
    let refused = b"250 ok\r\n550 no\r\n554 no\r\n";
    let (lines, _) = hear(&[(ToServer, batch), (ToClient, refused), (ToServer, b"RSET\r\n")]);
    assert!(lines.last().is_some_and(|line| line.contains("\"RSET\"")), "{lines:?}");
    let accepted = b"250 ok\r\n250 ok\r\n354 go\r\n";
    let (lines, _) = hear(&[(ToServer, batch), (ToClient, accepted), (ToServer, b"RSET\r\n.\r\nNOOP\r\n")]);
    assert!(lines.contains(&"smtp.data smtp.data_size=6".to_owned()), "{lines:?}");
}

#[test]
fn starttls_ends_it_only_when_its_own_reply_is_220() {
    let (_, feed) = hear(&[(ToServer, b"EHLO a\r\nSTARTTLS\r\n"), (ToClient, b"250 a\r\n220 go\r\n")]);
    assert!(feed.over);
    let (_, feed) = hear(&[(ToServer, b"EHLO a\r\nSTARTTLS\r\n"), (ToClient, b"220 a\r\n")]);
    assert!(!feed.over, "that answered EHLO");
    let (_, feed) = hear(&[(ToServer, b"STARTTLS\r\n"), (ToClient, b"454 no\r\n220 late\r\n")]);
    assert!(!feed.over);
}

#[test]
fn a_chunk_is_skipped_by_its_length() {
    let (lines, feed) = hear(&[(ToServer, b"BDAT 6 LAST\r\nQUIT\r\nNOOP\r\n")]);
    assert!(lines[1].contains("\"NOOP\"") && lines.len() == 2);
    assert_eq!(feed.unseen, 6);
    assert_eq!(one_way(protocol("smtp"), b"BDAT x\r\nNOOP\r\n").0[0], "weird smtp.bdat");
    let huge = |size: u64| one_way(protocol("smtp"), format!("BDAT {size}\r\nNOOP\r\n").as_bytes()).1.unseen;
    assert_eq!((huge(CHUNK_MAX), huge(CHUNK_MAX + 1)), (6, 0));
}

#[test]
fn lines_and_replies_beyond_the_bounds_are_let_go() {
    let long = [&b"MAIL FROM:<"[..], &vec![b'a'; LINE_MAX * 2], b"\r\nQUIT\r\n"].concat();
    let (lines, _) = one_way(protocol("smtp"), &long);
    assert_eq!(lines[0], "weird smtp.line_length");
    assert!(lines.last().is_some_and(|line| line.contains("\"QUIT\"")));
    let (lines, _) = hear(&[(ToClient, &b"250-x\r\n".repeat(REPLY_LINES_MAX as usize))]);
    assert_eq!(lines[0], "weird smtp.reply_lines");
    let many = b"NOOP\r\n".repeat(OUTSTANDING_MAX as usize + 9);
    let (lines, _) = hear(&[(ToServer, &many), (ToServer, b"DATA\r\n"), (ToServer, b"RCPT TO:<x>\r\n")]);
    assert!(lines.last().is_some_and(|line| line.contains("\"DATA\"")));
}

#[test]
fn after_a_gap_in_a_message_the_servers_reply_ends_it() {
    let mut lines = Lines::default();
    let mut feed = Feed::new(protocol("smtp"));
    feed.bytes(ToServer, b"DATA\r\n", &mut lines);
    feed.bytes(ToClient, b"354 go\r\n", &mut lines);
    feed.bytes(ToServer, b"Subject: x\r\n", &mut lines);
    feed.gap(ToServer, 500);
    feed.bytes(ToClient, b"250 queued\r\n", &mut lines);
    feed.bytes(ToServer, b"QUIT\r\n", &mut lines);
    assert!(lines.lines.last().is_some_and(|line| line.contains("\"QUIT\"")), "{:?}", lines.lines);
}

#[test]
fn what_is_no_line_of_the_protocol_is_malformed_and_the_next_one_is_read() {
    let (lines, feed) = hear(&[(ToServer, b"\x00\xff\r\nNOOP\r\n"), (ToClient, b"250-a\r\n251 b\r\n250 c\r\n")]);
    assert_eq!(feed.malformed.len(), 2);
    assert!(lines[1].contains("\"NOOP\"") && lines[3].contains("code=250"), "{lines:?}");
}

#[test]
fn a_greeting_is_claimed_if_it_says_smtp_and_a_command_if_only_smtp_has_it() {
    let probe = |way, bytes: &[u8]| protocol("smtp").probe(Transport::Tcp, way, bytes);
    assert_eq!(probe(ToClient, b"220 mx ESMTP\r\n"), Verdict::Yes);
    assert_eq!(probe(ToClient, b"220 mx ready\r\n"), Verdict::Likely);
    assert_eq!(probe(ToServer, b"ehlo x\r\n"), Verdict::Yes);
    assert_eq!(probe(ToServer, b"EH"), Verdict::Unsure);
    assert_eq!(probe(ToServer, b"USER x\r\n"), Verdict::No);
    assert_eq!(probe(ToClient, b"220\r\n"), Verdict::No);
}

#[test]
fn no_mailbox_message_text_or_secret_can_be_read() {
    let (lines, _) = hear(&[
        (ToClient, b"220-MARKER ESMTP Postfix (MARKER)\r\n220 MARKER\r\n"),
        (ToServer, b"MAIL FROM:<MARKER@x.example> X=MARKER\r\nRCPT TO:<\"MARKER\"@y.example>\r\nVRFY MARKER\r\n"),
        (ToServer, b"AUTH PLAIN MARKER\r\nAUTH MARKER\r\nHELP MARKER\r\nXCLIENT MARKER\r\nMARKER\r\n"),
        (ToClient, b"334 MARKER\r\n"),
        (
            ToServer,
            b"RCPT TO:<x@MARKER.example>\r\nRCPT TO:<x@MARKER y>\r\nDATA\r\nMARKER\r\nRCPT TO:<MARKER@MARKER>\r\n",
        ),
    ]);
    assert!(!lines.join("\n").contains("MARKER"), "{lines:#?}");
    assert!(lines.iter().any(|line| line.contains("smtp.mechanism=\"PLAIN\" smtp.secret=true")));
}

#[test]
fn a_message_that_came_with_its_data_is_not_begun_again_by_the_reply() {
    let (lines, _) = hear(&[
        (ToServer, b"RSET\r\nDATA\r\n.\r\n"),
        (ToClient, b"250 reset\r\n354 go\r\n"),
        (ToClient, b"250 queued\r\n"),
        (ToServer, b"QUIT\r\n"),
    ]);
    assert!(lines.contains(&"smtp.data smtp.data_size=0".to_owned()), "{lines:?}");
    assert!(lines.last().is_some_and(|line| line.contains("\"QUIT\"")), "{lines:?}");
}
