//! Live ports, on loopback only. Without the right to capture, the tests say so and pass.

use holter_capture::{CaptureError, Live, LiveOptions, Next, Stop, check_filter};
use std::net::UdpSocket;
use std::time::Duration;

fn open(filter: &str) -> Option<(Live, Stop)> {
    let stop = Stop::default();
    let options =
        LiveOptions { filter: Some(filter.to_owned()), immediate: true, timeout_ms: 20, ..LiveOptions::new("lo") };
    match Live::open(&options, stop.clone()) {
        Ok(live) => Some((live, stop)),
        Err(error) => {
            eprintln!("SKIPPED: loopback cannot be captured here: {error}");
            None
        }
    }
}

#[test]
fn a_datagram_on_loopback_is_captured_with_its_time_and_counted() {
    let receiver = UdpSocket::bind("127.0.0.1:0").unwrap();
    let port = receiver.local_addr().unwrap().port();
    let Some((mut live, stop)) = open(&format!("udp dst port {port}")) else { return };
    let sender = UdpSocket::bind("127.0.0.1:0").unwrap();
    for _ in 0..5 {
        sender.send_to(b"one holter datagram", ("127.0.0.1", port)).unwrap();
    }
    let (mut frames, mut idle) = (0, 0);
    while frames < 5 && idle < 100 {
        match live.next().unwrap() {
            Next::Frame(frame) => {
                assert!(frame.bytes.ends_with(b"one holter datagram"));
                assert!(frame.at > 1_600_000_000_000_000_000, "{}", frame.at);
                assert_eq!(usize::try_from(frame.wire_len).unwrap(), frame.bytes.len());
                frames += 1;
            }
            Next::Idle => idle += 1,
            Next::Stopped => panic!("nobody asked"),
        }
    }
    assert_eq!(frames, 5);
    let drops = live.drops().unwrap();
    assert!(drops.received >= 5 && drops.ring_dropped == 0, "{drops:?}");
    stop.stop();
    assert!(matches!(live.next().unwrap(), Next::Stopped));
}

#[test]
fn a_port_without_packets_says_that_it_is_idle_within_its_timeout() {
    let Some((mut live, stop)) = open("udp port 9 and host 127.0.0.213") else { return };
    for _ in 0..3 {
        assert!(matches!(live.next().unwrap(), Next::Idle));
    }
    let other = stop.clone();
    let thread = std::thread::spawn(move || {
        std::thread::sleep(Duration::from_millis(50));
        other.stop();
    });
    while !matches!(live.next().unwrap(), Next::Stopped) {}
    thread.join().unwrap();
}

#[test]
fn a_filter_that_cannot_be_understood_is_refused_with_its_text() {
    check_filter("tcp port 104 or (vlan and tcp port 104)").unwrap();
    let error = check_filter("tcp prot 104").unwrap_err();
    assert!(matches!(error, CaptureError::Filter { .. }));
    assert!(error.to_string().starts_with("capture filter `tcp prot 104`: "), "{error}");
    assert!(check_filter("tcp\0").is_err());
}

#[test]
fn options_out_of_range_and_ports_that_are_not_there_are_refused_in_words() {
    let refuse = |options: LiveOptions| Live::open(&options, Stop::default()).err().unwrap().to_string();
    let lo = LiveOptions::new("lo");
    assert!(refuse(LiveOptions { snaplen: 10, ..lo.clone() }).contains("snaplen must be 64 to 262144"));
    assert!(refuse(LiveOptions { ring: 1, ..lo.clone() }).contains("ring"));
    assert!(refuse(LiveOptions { timeout_ms: 0, ..lo }).contains("timeout"));
    assert!(refuse(LiveOptions::new("holter-none0")).starts_with("interface holter-none0: "));
}
