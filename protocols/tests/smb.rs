//! SMB: what is read, and what hostile messages lead to.

mod common;

use common::{Feed, Lines};
use holter_protocols::Way::{self, ToClient, ToServer};
use holter_protocols::smb::{CHAIN_MAX, HEAD_MAX, MESSAGE_MAX, OFFERED_MAX, PIPE_MAX, Smb, TEXT_MAX};
use holter_protocols::{Protocol, Transport, Verdict};

const SECRET: &str = "QXJZVKW";

fn utf16(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

fn framed(message: &[u8]) -> Vec<u8> {
    [&(message.len() as u32).to_be_bytes()[..], message].concat()
}

fn header1(command: u8, response: bool, flags2: u16) -> Vec<u8> {
    let mut header = b"\xffSMB".to_vec();
    header.extend([command, 0, 0, 0, 0, if response { 0x80 } else { 0 }]);
    header.extend(flags2.to_le_bytes());
    header.extend([0; 12]);
    header.extend([3, 0, 1, 0, 2, 0, 9, 0]);
    header
}

fn block(words: &[u16], bytes: &[u8]) -> Vec<u8> {
    let words: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
    [&[words.len() as u8 / 2][..], &words, &(bytes.len() as u16).to_le_bytes(), bytes].concat()
}

fn v1(command: u8, response: bool, flags2: u16, words: &[u16], bytes: &[u8]) -> Vec<u8> {
    framed(&[header1(command, response, flags2), block(words, bytes)].concat())
}

fn header2(command: u16, flags: u32, next: u32) -> Vec<u8> {
    let mut header = b"\xfeSMB\x40\0\0\0\0\0\0\0".to_vec();
    header.extend(command.to_le_bytes());
    header.extend([1, 0]);
    header.extend(flags.to_le_bytes());
    header.extend(next.to_le_bytes());
    header.extend(77u64.to_le_bytes());
    header.extend([0, 0, 0, 0, 5, 0, 0, 0]);
    header.extend([0; 24]);
    header
}

fn v2(command: u16, response: bool, body: &[u8]) -> Vec<u8> {
    framed(&[header2(command, u32::from(response), 0), body.to_vec()].concat())
}

fn session2(token: &[u8]) -> Vec<u8> {
    let body = [&[25, 0, 0, 1][..], &[0; 8], &88u16.to_le_bytes(), &(token.len() as u16).to_le_bytes(), &[0; 8], token];
    v2(1, false, &body.concat())
}

fn tree2(path: &str) -> Vec<u8> {
    let path = utf16(path);
    v2(3, false, &[&[9, 0, 0, 0, 72, 0][..], &(path.len() as u16).to_le_bytes(), &path].concat())
}

fn ntlm(names: [&str; 3]) -> Vec<u8> {
    let mut token = [&b"\x60\x30NTLMSSP\0"[..], &3u32.to_le_bytes()].concat();
    let secret = utf16(SECRET);
    let names = [secret.clone(), secret.clone(), utf16(names[0]), utf16(names[1]), utf16(names[2]), secret];
    let mut at = 64u32;
    for name in &names {
        token.extend((name.len() as u16).to_le_bytes().repeat(2));
        token.extend(at.to_le_bytes());
        at += name.len() as u32;
    }
    token.extend([1, 0, 0, 0]);
    token.extend(names.concat());
    token
}

fn hear(chunks: &[(Way, Vec<u8>)]) -> (Vec<String>, Feed) {
    let mut feed = Feed::new(&Smb);
    let mut lines = Lines { declared: Some(&Smb), ..Lines::default() };
    for (way, bytes) in chunks {
        feed.bytes(*way, bytes, &mut lines);
    }
    assert!(!lines.debug.contains(SECRET) && !lines.lines.concat().contains(SECRET), "{:?}", lines.lines);
    (lines.lines, feed)
}

fn read(bytes: &[u8]) -> (Vec<String>, Feed) {
    hear(&[(ToServer, bytes.to_vec())])
}

#[test]
fn version_1_tells_dialects_systems_accounts_and_shares() {
    let offer = v1(0x72, false, 0, &[], b"\x02PC NETWORK PROGRAM 1.0\0\x02QXJZVKW\0\x02NT LM 0.12\0");
    let choice = v1(0x72, true, 0, &[2, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], &[0x51; 8]);
    let passwords = [SECRET.as_bytes(), SECRET.as_bytes()].concat();
    let words = [0x00ff, 0, 0, 0, 0, 0, 0, 7, 7, 0, 0, 0, 0];
    let setup = v1(0x73, false, 0, &words, &[&passwords[..], b"scan\0CLINIC\0Tessivo OS 4\0Tessivo LM\0"].concat());
    let answer = v1(0x73, true, 0x8000, &[0x00ff, 0, 1], &[vec![0], utf16("Unix\0Samba 4\0CL\0")].concat());
    let tree = v1(0x75, false, 0, &[0x00ff, 0, 0, 7], b"QXJZVKW\\\\PACS\\IMAGES\0?????\0");
    let shared = v1(0x75, true, 0, &[0x00ff, 0, 0], b"A:\0NTFS\0");
    let old = v1(0x70, false, 0, &[], b"\x04\\\\PACS\\OLD\0\x04QXJZVKW\0\x04LPT1:\0");
    let (lines, feed) = hear(&[
        (ToServer, offer),
        (ToClient, choice),
        (ToServer, setup),
        (ToClient, answer),
        (ToServer, tree),
        (ToClient, shared),
        (ToServer, old),
    ]);
    assert!(feed.malformed.is_empty());
    let said: Vec<_> = lines.iter().filter(|line| !line.starts_with("smb.message")).collect();
    assert_eq!(
        said,
        [
            "smb.negotiate smb.offered=\"PC NETWORK PROGRAM 1.0\" smb.offered=\"NT LM 0.12\"",
            "smb.negotiate smb.dialect=\"NT LM 0.12\" smb.signing_required=true",
            "smb.session smb.native_os=\"Tessivo OS 4\" smb.lan_manager=\"Tessivo LM\" smb.domain=\"CLINIC\" smb.user=\"scan\"",
            "smb.session smb.native_os=\"Unix\" smb.lan_manager=\"Samba 4\" smb.domain=\"CL\" smb.guest=true",
            "smb.tree smb.share=\"\\\\\\\\PACS\\\\IMAGES\" smb.service=\"?????\"",
            "smb.tree smb.service=\"A:\"",
            "smb.tree smb.share=\"\\\\\\\\PACS\\\\OLD\" smb.service=\"LPT1:\"",
        ]
    );
    assert_eq!(
        lines[4],
        "smb.message smb.version=1 smb.command=115 smb.response=false smb.transaction=9 smb.tree_id=3 smb.signed=false \
         smb.encrypted=false smb.compressed=false smb.size=111"
    );
}

#[test]
fn commands_of_a_chain_are_read_forwards_only() {
    let setup = block(&[0x0075, 75, 0, 0, 0, 0, 0, 0, 0, 0], b"scan\0C\0OS\0LM\0");
    let chain = [header1(0x73, false, 0), setup, vec![0; 4]].concat();
    let mut message = chain[..].to_vec();
    message.resize(75, 0);
    message.extend(block(&[0x00ff, 0, 0, 0], b"\\\\P\\I\0A:\0"));
    let (lines, feed) = read(&framed(&message));
    assert!(lines[0].contains("smb.command=115 smb.chained=117"), "{lines:?}");
    assert!(lines[1].contains("smb.native_os=\"OS\"") && lines[2].contains("smb.share"), "{lines:?}");
    assert!(feed.malformed.is_empty());
    for offset in [32u8, 0, 31, 255] {
        message[35] = offset;
        let (lines, feed) = read(&[framed(&message), tree2("\\\\P\\I")].concat());
        assert_eq!(feed.malformed[0].field, "smb.chain", "{offset}");
        assert!(lines.last().is_some_and(|line| line.starts_with("smb.tree")));
    }
    let mut long = header1(0x24, false, 0);
    for _ in 0..CHAIN_MAX + 3 {
        let next = long.len() as u16 + 7;
        long.extend(block(&[0x0024, next], b""));
    }
    let (lines, _) = read(&framed(&long));
    assert_eq!(lines[0].matches("smb.chained=").count(), CHAIN_MAX, "{lines:?}");
}

#[test]
fn version_2_tells_dialects_hosts_users_and_shares() {
    let dialects = [0x0202u16, 0x0311, 0x9999].map(u16::to_le_bytes).concat();
    let offer = v2(0, false, &[&[36, 0, 3, 0, 1, 0][..], &[0; 30], &dialects].concat());
    let choice = v2(0, true, &[&[65, 0, 3, 0, 0x11, 3][..], &[0; 58]].concat());
    let tree = v2(3, true, &[16, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    let (lines, feed) = hear(&[
        (ToServer, offer),
        (ToClient, choice),
        (ToServer, session2(&ntlm(["CLINIC", "scan", "CT01"]))),
        (ToServer, tree2("\\\\PACS\\IPC$")),
        (ToClient, tree),
    ]);
    assert!(feed.malformed.is_empty());
    assert_eq!(
        lines[0],
        "smb.message smb.version=2 smb.command=0 smb.response=false smb.transaction=77 smb.tree_id=5 smb.signed=false \
         smb.encrypted=false smb.compressed=false smb.size=106"
    );
    let said: Vec<_> = lines.iter().filter(|line| !line.starts_with("smb.message")).collect();
    assert_eq!(
        said,
        [
            "smb.negotiate smb.offered=\"2.0.2\" smb.offered=\"3.1.1\" smb.signing_required=false",
            "smb.negotiate smb.dialect=\"3.1.1\" smb.signing_required=true",
            "smb.session smb.ntlm=3 smb.host=\"CT01\" smb.domain=\"CLINIC\" smb.user=\"scan\"",
            "smb.tree smb.share=\"\\\\\\\\PACS\\\\IPC$\"",
            "smb.tree smb.share_type=2",
        ]
    );
}

#[test]
fn each_message_of_a_compound_is_told_and_no_name_of_a_file() {
    let name = utf16(SECRET);
    let create = [header2(5, 0, 136), vec![57, 0], vec![0; 54], name.clone(), vec![0; 2]].concat();
    assert_eq!(create.len(), 136);
    let query = [header2(16, 4, 104), vec![41, 0], vec![0; 38]].concat();
    let close = [header2(6, 4, 0), vec![24, 0], vec![0; 22]].concat();
    let (lines, feed) = read(&framed(&[create, query, close].concat()));
    let commands: Vec<_> = lines.iter().filter_map(|line| line.split(' ').nth(2)).collect();
    assert_eq!(commands, ["smb.command=5", "smb.command=16", "smb.command=6"]);
    assert!(feed.malformed.is_empty());
    for next in [1u32, 63, 9999, u32::MAX] {
        let (lines, feed) = read(&[framed(&[header2(6, 0, next), vec![0; 40]].concat()), tree2("\\\\P\\I")].concat());
        assert_eq!(feed.malformed[0].field, "smb.next");
        assert!(lines.last().is_some_and(|line| line.starts_with("smb.tree")), "{lines:?}");
    }
}

#[test]
fn data_and_encrypted_messages_are_passed() {
    let data = SECRET.as_bytes().repeat(9000);
    let mut write = vec![49, 0, 112, 0];
    write.extend((data.len() as u32).to_le_bytes());
    write.extend([0; 40]);
    write.extend(&data);
    let sealed = framed(&[&b"\xfdSMB"[..], &[0x51; 48], &data].concat());
    let squeezed = framed(&[&b"\xfcSMB"[..], &[0; 12], &data].concat());
    let (lines, feed) = read(&[v2(9, false, &write), sealed, squeezed, tree2("\\\\P\\I")].concat());
    assert!(feed.malformed.is_empty());
    assert!(feed.unseen as usize > 3 * data.len() - PIPE_MAX - 2 * HEAD_MAX, "{}", feed.unseen);
    assert!(lines[1].contains("smb.encrypted=true") && lines[2].contains("smb.compressed=true"), "{lines:?}");
    assert!(lines[4].contains("smb.share"));
}

#[test]
fn dcerpc_in_a_pipe_tells_interfaces_and_operations() {
    let uuid = [0xc8, 0x4f, 0x32, 0x4b, 0x70, 0x16, 0xd3, 1, 0x12, 0x78, 0x5a, 0x47, 0xbf, 0x6e, 0xe1, 0x88];
    let bind = [
        &[5, 0, 11, 3, 16, 0, 0, 0, 72, 0, 0, 0, 1, 0, 0, 0][..],
        &[0; 8],
        &[1, 0, 0, 0, 0, 0, 1, 0],
        &uuid,
        &[3; 4],
        &[0; 20],
    ]
    .concat();
    let call = [&[5, 0, 0, 3, 16, 0, 0, 0, 31, 0, 0, 0, 1, 0, 0, 0][..], &[0; 6], &[15, 0], SECRET.as_bytes()].concat();
    let write = |data: &[u8]| [&[49, 0, 112, 0][..], &(data.len() as u32).to_le_bytes(), &[0; 40], data].concat();
    let ioctl = [
        &[57, 0, 0, 0, 0x17, 0xc0, 0x11, 0][..],
        &[0; 16],
        &120u32.to_le_bytes(),
        &(call.len() as u32).to_le_bytes(),
        &[0; 24],
        &call,
    ];
    let mut transaction = vec![0u16; 16];
    (transaction[11], transaction[12]) = (call.len() as u16, 32 + 1 + 32 + 2);
    let (lines, feed) = read(
        &[v2(9, false, &write(&bind)), v2(11, false, &ioctl.concat()), v1(0x25, false, 0, &transaction, &call)]
            .concat(),
    );
    assert!(feed.malformed.is_empty());
    let said: Vec<_> = lines.iter().filter(|line| line.starts_with("smb.pipe")).collect();
    let called = "smb.pipe smb.pipe.type=0 smb.pipe.context=0 smb.pipe.opnum=15";
    let bound =
        "smb.pipe smb.pipe.type=11 smb.pipe.interface=\"4b324fc8-1670-01d3-1278-5a47bf6ee188\" smb.pipe.context=0";
    assert_eq!(said, [bound, called, called]);
    // What only begins like a fragment is a file's.
    let (lines, _) = read(&v2(9, false, &write(&[&call[..8], &[255; 40]].concat())));
    assert_eq!(lines.len(), 1);
}

#[test]
fn netbios_sessions_tell_their_names() {
    let fold = |name: &[u8; 16]| {
        let letters: Vec<u8> = name.iter().flat_map(|byte| [b'A' + (byte >> 4), b'A' + (byte & 15)]).collect();
        [&[32][..], &letters, &[0]].concat()
    };
    let request = [&[0x81, 0, 0, 68][..], &fold(b"ARCHIVE01      \x20"), &fold(b"CT01           \0")].concat();
    let answers = [&[0x82, 0, 0, 0][..], &[0x85, 0, 0, 0], &v2(13, true, &[4, 0, 0, 0])].concat();
    let (lines, feed) =
        hear(&[(ToServer, request.clone()), (ToClient, answers), (ToClient, b"\x83\0\0\x01\x82".to_vec())]);
    assert!(feed.malformed.is_empty());
    assert_eq!(
        lines[0],
        "smb.netbios smb.netbios.type=129 smb.netbios.called=\"ARCHIVE01\" smb.netbios.calling=\"CT01\""
    );
    assert_eq!(lines[1..3], ["smb.netbios smb.netbios.type=130", "smb.netbios smb.netbios.type=133"]);
    assert_eq!(lines[4], "smb.netbios smb.netbios.type=131 smb.netbios.error=130");
    assert_eq!(Smb.probe(Transport::Tcp, ToServer, &request), Verdict::Yes);
}

#[test]
fn offers_and_texts_are_bounded() {
    let (lines, _) = read(&v1(0x72, false, 0, &[], &b"\x02NT LM 0.12\0".repeat(OFFERED_MAX + 4)));
    assert!(lines.contains(&"weird smb.offered".to_owned()));
    assert!(lines.iter().any(|line| line.matches("smb.offered=").count() == OFFERED_MAX));
    let many = v2(0, false, &[&[36, 0, 40, 0, 1, 0][..], &[0; 30], &[2; 80]].concat());
    assert!(read(&many).0.contains(&"weird smb.offered".to_owned()));
    let (lines, _) = read(&tree2(&"x".repeat(TEXT_MAX + 50)));
    assert!(lines[1].contains(&format!("\"{}\"", "x".repeat(TEXT_MAX))));
    let (lines, feed) = read(&[session2(&vec![0; MESSAGE_MAX]), tree2("\\\\P\\I")].concat());
    assert!(lines[3].contains("smb.share") && feed.malformed.is_empty(), "{lines:?}");
}

#[test]
fn a_broken_message_is_passed_and_the_next_is_read() {
    let good = tree2("\\\\P\\I");
    let mut far = session2(b"token");
    far[4 + 64 + 12] = 255;
    let short = framed(&[header1(0x73, false, 0), vec![200, 0, 0]].concat());
    let rubbish = b"\0\0\0\x30GET / HTTP/1.1\r\n".to_vec();
    for (bad, field) in [(far, "smb.security_token"), (short, "smb.words"), (rubbish, "smb.frame")] {
        let (lines, feed) = read(&[&good[..], &bad, &good].concat());
        assert_eq!(feed.malformed[0].field, field);
        assert_eq!(lines.iter().filter(|line| line.contains("smb.share")).count(), 2, "{field}: {lines:?}");
    }
    let mut feed = Feed::new(&Smb);
    let mut lines = Lines::default();
    feed.bytes(ToServer, &[&b"middle of a file"[..], &good, &good[..30]].concat(), &mut lines);
    feed.gap(ToServer, 4000);
    feed.bytes(ToServer, &[&b"more of a file"[..], &good].concat(), &mut lines);
    assert_eq!(lines.lines.iter().filter(|line| line.contains("smb.share")).count(), 2, "{:?}", lines.lines);
    assert!(lines.lines.contains(&"weird smb.cut".to_owned()));
}

#[test]
fn smb_is_known_by_its_mark() {
    let tcp = |bytes: &[u8]| Smb.probe(Transport::Tcp, ToServer, bytes);
    for message in [tree2("\\\\P\\I"), v1(0x72, false, 0, &[], b"\x02NT LM 0.12\0")] {
        assert_eq!(tcp(&message), Verdict::Yes);
        for n in 0..8 {
            assert_eq!(tcp(&message[..n]), Verdict::Unsure, "{n}");
        }
    }
    for other in [
        &b"\0\0\0\x05\xfeSMB\x40\0"[..],
        b"\0\0\0\x90\xfeSMB\x41\0",
        b"\0\0\x01\x2c\x6a\x82",
        &[0; 60],
        b"\x81\0\0\x44 Az",
    ] {
        assert_eq!(tcp(other), Verdict::No, "{other:?}");
    }
}

/// A NetBIOS datagram with a message to a mail slot.
fn to_slot(kind: u8, slot: &[u8], data: &[u8]) -> Vec<u8> {
    let name = |text: &[u8]| {
        let mut padded = [b' '; 16];
        padded[..text.len()].copy_from_slice(text);
        padded[15] = 0;
        let letters: Vec<u8> = padded.iter().flat_map(|byte| [b'A' + (byte >> 4), b'A' + (byte & 15)]).collect();
        [&[32][..], &letters, &[0]].concat()
    };
    let offset = 32 + 1 + 34 + 2 + slot.len() + 1;
    let mut words = [0; 34];
    words[2] = data.len() as u8;
    words[22] = data.len() as u8;
    words[24] = offset as u8;
    words[26] = 3;
    words[28] = 1;
    let message =
        [&header1(0x25, false, 0)[..], &[17], &words[..], &[(slot.len() + 1 + data.len()) as u8, 0], slot, &[0], data]
            .concat();
    let names = [name(b"MOD-3"), name(b"CLINIC")].concat();
    let length = (names.len() + message.len()) as u16;
    let head = [kind, 0x02, 0, 7, 10, 20, 0, 9, 0, 138];
    [&head[..], &length.to_be_bytes(), &[0, 0], &names, &message].concat()
}

fn announcement(command: u8) -> Vec<u8> {
    [
        &[command, 0, 0xc0, 0xd4, 1, 0][..],
        b"MOD-3\0QXJZVKW\0\0\0",
        &[6, 1, 3, 0x10, 0, 0, 15, 1, 0x55, 0xaa],
        b"QXJZVKW\0",
    ]
    .concat()
}

#[test]
fn a_host_that_announces_itself_in_a_datagram_is_read_and_its_comment_is_not() {
    for command in [1, 12, 15] {
        let datagram = to_slot(0x12, b"\\MAILSLOT\\BROWSE", &announcement(command));
        assert_eq!(Smb.probe(Transport::Udp, ToClient, &datagram), Verdict::Yes);
        let lines = common::hear(&Smb, &datagram);
        for part in [
            "smb.datagram.type=18 smb.datagram.address=10.20.0.9 smb.datagram.source=\"MOD-3\"",
            "smb.datagram.destination=\"CLINIC\" smb.datagram.slot=\"\\\\MAILSLOT\\\\BROWSE\"",
            "smb.announced_name=\"MOD-3\" smb.announced_major=6 smb.announced_minor=1 smb.announced_roles=4099",
            "smb.command=37",
        ] {
            assert!(lines.shows(part), "{part} in {:#?}", lines.lines);
        }
        assert!(lines.shows(&format!("smb.announcement={command} ")) && !lines.shows("QXJZVKW"));
    }
}

#[test]
fn a_host_that_stands_for_election_is_named() {
    let election = [&[8, 1][..], &[0; 12], b"MOD-3\0"].concat();
    let lines = common::hear(&Smb, &to_slot(0x11, b"\\MAILSLOT\\BROWSE", &election));
    assert!(lines.shows("smb.announcement=8 smb.announced_name=\"MOD-3\""), "{:#?}", lines.lines);
}

#[test]
fn a_datagram_that_is_cut_or_of_an_unknown_slot_tells_what_is_there() {
    let whole = to_slot(0x11, b"\\MAILSLOT\\BROWSE", &announcement(1));
    for cut in 0..whole.len() {
        let lines = common::hear(&Smb, &whole[..cut]);
        assert!(lines.lines.len() <= 3, "{cut} {:?}", lines.lines);
        assert!(!lines.shows("smb.announced_name") || cut >= whole.len() - 20, "{cut}");
    }
    let other = common::hear(&Smb, &to_slot(0x11, b"\\MAILSLOT\\QXJZVKW", b"QXJZVKW"));
    assert!(other.shows("smb.datagram.type=17") && !other.shows("QXJZVKW") && !other.shows("smb.datagram.slot"));
    let mut second = whole.clone();
    second[1] = 0;
    assert_eq!(common::hear(&Smb, &second).lines.len(), 1, "of a later fragment only its names are read");
    for wrong in [&whole[..82], b"", &[0x11; 200], &[&[0x13][..], &whole[1..]].concat()] {
        assert_eq!(Smb.probe(Transport::Udp, ToClient, wrong), Verdict::No);
    }
}
