//! A process behind the walls tries what an attacker would, and each try must be denied.
//!
//! The test starts itself again with a descriptor to report on; that child confines itself, tries, and reports.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream, UdpSocket};
use std::os::fd::{AsRawFd, IntoRawFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::process::Command;

const CHILD: &str = "HOLTER_TEST_BEHIND_THE_WALLS";

type Try = (&'static str, fn() -> bool);

/// Each answers whether it succeeded.
const TRIES: &[Try] = &[
    ("run a program", || Command::new("/bin/true").status().is_ok()),
    ("start a thread", || std::thread::Builder::new().spawn(|| ()).is_ok()),
    ("read the password file", || std::fs::read("/etc/passwd").is_ok()),
    ("read its own memory map", || std::fs::read("/proc/self/maps").is_ok()),
    ("write a file", || std::fs::write("/tmp/holter-walls", "x").is_ok()),
    ("make a folder", || std::fs::create_dir("/tmp/holter-walls-folder").is_ok()),
    ("remove a file", || std::fs::remove_file("/tmp/holter-walls").is_ok()),
    ("make a link", || std::os::unix::fs::symlink("/etc/shadow", "/tmp/holter-walls-link").is_ok()),
    ("change a mode", || std::fs::set_permissions("/tmp", std::os::unix::fs::PermissionsExt::from_mode(0o700)).is_ok()),
    ("connect", || TcpStream::connect("127.0.0.1:9").is_ok()),
    ("connect an open socket", || can(libc::SYS_connect, [0, 0, 0])),
    ("listen", || TcpListener::bind("127.0.0.1:0").is_ok()),
    ("open a UDP socket", || UdpSocket::bind("127.0.0.1:0").is_ok()),
    ("open a packet socket", || can(libc::SYS_socket, [libc::AF_PACKET as i64, libc::SOCK_RAW as i64, 0x0300])),
    ("trace a process", || can(libc::SYS_ptrace, [libc::PTRACE_TRACEME as i64, 0, 0])),
    ("signal a process", || can(libc::SYS_kill, [parent(), 0, 0])),
    ("mount", || can(libc::SYS_mount, [0, 0, 0])),
    ("leave its namespace", || can(libc::SYS_unshare, [libc::CLONE_NEWUSER as i64, 0, 0])),
    ("load a BPF program", || can(libc::SYS_bpf, [0, 0, 0])),
    ("set up io_uring", || can(libc::SYS_io_uring_setup, [1, 0, 0])),
    ("open performance counters", || can(libc::SYS_perf_event_open, [0, 0, 0])),
    ("use the keyring", || can(libc::SYS_keyctl, [0, 0, 0])),
    ("make an anonymous file", || can(libc::SYS_memfd_create, [c"x".as_ptr() as i64, 0, 0])),
    ("set up userfaultfd", || can(libc::SYS_userfaultfd, [0, 0, 0])),
    ("become root", || can(libc::SYS_setuid, [0, 0, 0])),
    ("set the clock", || can(libc::SYS_clock_settime, [0, 0, 0])),
    ("become dumpable", || can(libc::SYS_prctl, [libc::PR_SET_DUMPABLE as i64, 1, 0])),
    ("copy a descriptor", || can(libc::SYS_dup, [1, 0, 0])),
    ("map memory to be executed", || {
        let flags = (libc::MAP_PRIVATE | libc::MAP_ANONYMOUS) as i64;
        // SAFETY: asks for fresh memory; nothing of ours is touched whatever the answer.
        let answer =
            unsafe { libc::syscall(libc::SYS_mmap, 0, 4096, (libc::PROT_READ | libc::PROT_EXEC) as i64, flags, -1, 0) };
        answer != -1
    }),
];

fn parent() -> i64 {
    i64::from(std::os::unix::process::parent_id())
}

/// True unless the call was denied by the filter.
fn can(call: libc::c_long, [a, b, c]: [i64; 3]) -> bool {
    // SAFETY: arguments are numbers, null, or a static string; a call that is let through fails on them or is harmless.
    let answer = unsafe { libc::syscall(call, a, b, c) };
    !(answer == -1 && std::io::Error::last_os_error().raw_os_error() == Some(libc::EPERM))
}

/// The child: confines itself and writes one line per try to the descriptor that it was given.
fn behind_the_walls(report: i32) {
    let report: OwnedFd = holter_sandbox::inherited(report).expect("the descriptor was handed on").into_fd();
    let (mut local, _other) = UnixStream::pair().expect("a pair");
    let walls = holter_sandbox::confine(&[report.as_raw_fd()], false).expect("the walls stand");
    let mut report = std::fs::File::from(report);
    writeln!(report, "walls {walls:?}").expect("the report can be written to");
    for (name, attempt) in TRIES {
        writeln!(report, "{} {name}", if attempt() { "done" } else { "denied" }).expect("the report can be written to");
    }
    let outward = local.write(b"x").is_ok();
    writeln!(report, "{} write to a socket that it was not told of", if outward { "done" } else { "denied" })
        .expect("report");
    let memory = vec![7u8; 32 << 20];
    let busy = memory.iter().map(|&byte| u64::from(byte)).sum::<u64>() == 7 * (32 << 20);
    writeln!(report, "{} work", if busy { "can" } else { "cannot" }).expect("report");
}

#[test]
fn the_sensing_process_can_read_and_report_and_nothing_else() {
    if let Ok(number) = std::env::var(CHILD) {
        behind_the_walls(number.parse().expect("a number"));
        return;
    }
    let (mut ours, theirs) = UnixStream::pair().expect("a pair");
    let number = holter_sandbox::keep_across_exec(&theirs).expect("kept");
    let mut child = Command::new(std::env::current_exe().expect("this test"))
        .args([
            "--exact",
            "the_sensing_process_can_read_and_report_and_nothing_else",
            "--test-threads",
            "1",
            "--nocapture",
        ])
        .env(CHILD, number.to_string())
        .spawn()
        .expect("starts");
    drop(theirs);
    let mut report = String::new();
    ours.read_to_string(&mut report).expect("a report");
    let _ = child.wait();
    let mut lines = report.lines();
    let walls = lines.next().expect("a first line");
    assert!(walls.contains("landlock: true") && walls.contains("seccomp: true"), "{walls}");
    let lines: Vec<_> = lines.collect();
    assert_eq!(lines.len(), TRIES.len() + 2, "{report}");
    let done: Vec<_> = lines.iter().filter(|line| line.starts_with("done") || line.starts_with("cannot")).collect();
    assert!(done.is_empty(), "{done:#?}");
    assert_eq!(lines.last(), Some(&"can work"));
    let _ = ours.into_raw_fd();
}

#[test]
fn standard_streams_and_closed_descriptors_are_not_taken_over() {
    for number in [0, 1, 2, 9999] {
        assert!(holter_sandbox::inherited(number).is_err());
    }
}
