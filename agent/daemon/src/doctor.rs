//! `holter-agent doctor`: is this machine ready, and is this port the mirror it should be?

mod verdict;

use crate::cli::Doctor;
use crate::exit::Failure;
use crate::identity::Identity;
use anyhow::anyhow;
use holter_capture::{Live, LiveOptions, Next, Stop};
use std::io::Write;
use verdict::{Heard, judge};

pub(crate) fn run(args: &Doctor) -> Result<(), Failure> {
    let mut out = std::io::stdout().lock();
    let mut say = |good: bool, text: &str| {
        let _ = writeln!(out, "{} {text}", if good { "ok    " } else { "look  " });
        good
    };
    let mut well = true;
    match Identity::load(&args.state) {
        Ok(identity) => {
            say(true, &format!("enrolled as sensor {} at {}", identity.sensor, identity.collector));
        }
        Err(error) => well &= say(false, &format!("{error:#}")),
    }
    let Some(name) = &args.interface else {
        for port in pnet_datalink::interfaces() {
            let state = if port.is_up() { "up" } else { "down" };
            let mac = port.mac.map_or_else(String::new, |mac| mac.to_string());
            say(true, &format!("port {:16} {state:5} {mac}", port.name));
        }
        say(false, "name the mirror's port with --interface to have it listened to");
        return Err(anyhow!("no port was listened to").into());
    };
    match pnet_datalink::interfaces().into_iter().find(|port| port.name == *name) {
        None => return Err(Failure::Refused(format!("--interface {name}: this machine has no such port"))),
        Some(port) if !port.is_up() => {
            well &= say(false, &format!("port {name} is down. Bring it up: ip link set {name} up"));
        }
        Some(port) => {
            say(true, &format!("port {name} is up"));
            if !port.ips.is_empty() {
                well &= say(false, &format!("port {name} has an address; a listening port needs none, so remove it"));
            }
        }
    }
    let mut live = Live::open(&LiveOptions::new(name), Stop::default()).map_err(|error| anyhow!(error))?;
    let mut heard = Heard::default();
    let until = crate::mono() + u64::from(args.seconds) * 1_000_000_000;
    while crate::mono() < until {
        match live.next().map_err(|error| anyhow!(error))? {
            Next::Frame(frame) => heard.frame(frame.link, frame.bytes),
            Next::Idle => {}
            Next::Stopped => break,
        }
    }
    if let Ok(drops) = live.drops() {
        heard.dropped = drops.ring_dropped + drops.interface_dropped;
    }
    say(true, &format!("listened {} s: {}", args.seconds, heard.summary()));
    for verdict in judge(&heard) {
        well &= say(verdict.good, &verdict.text);
    }
    if well { Ok(()) } else { Err(anyhow!("something is to be looked at; it stands above").into()) }
}
