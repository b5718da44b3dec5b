//! The sensor on a port: it hears, and it never speaks.

use anyhow::{Result, ensure};
use holter_tests::house::House;
use holter_tests::mirror::{Mirror, possible};
use holter_tests::programs::wait_for;
use std::fs;
use std::time::Duration;

#[test]
fn a_sensor_on_a_mirror_sends_no_frame() -> Result<()> {
    if !possible() {
        return Ok(());
    }
    let mirror = Mirror::open()?;
    let house = House::open("warn")?;
    house.enrol_shown()?;
    let events = house.folder.path().join("live.jsonl");
    let mut sensor = house.listen(&mirror.port, &events)?;
    let card = fs::read_to_string(format!("/sys/class/net/{}/address", mirror.port))?;

    // What invites an answer: broadcast and unicast ARP, echo requests to everyone and to the card itself, a question.
    mirror.far(&["ip", "neigh", "add", "192.0.2.53", "lladdr", card.trim(), "dev", "far"])?;
    let asked = || mirror.unanswered(&["dig", "@192.0.2.53", "+tries=1", "+time=1", "mirror.example"]);
    wait_for("the sensor to hear a question", Duration::from_secs(30), || {
        asked().ok()?;
        fs::read_to_string(&events).ok()?.contains("dns.message").then_some(())
    })?;
    mirror.unanswered(&["ping", "-c", "3", "-i", "0.2", "-W", "1", "192.0.2.53"])?;
    mirror.unanswered(&["ping", "-b", "-c", "3", "-i", "0.2", "-W", "1", "192.0.2.255"])?;
    mirror.unanswered(&["ping", "-c", "2", "-i", "0.2", "-W", "1", "192.0.2.77"])?;
    ensure!(sensor.running(), "{}", sensor.said());
    let ended = sensor.stop(Duration::from_secs(30))?;
    ensure!(ended.success(), "{ended}: {}", sensor.said());

    let heard = fs::read_to_string(format!("/sys/class/net/{}/statistics/rx_packets", mirror.port))?;
    ensure!(heard.trim().parse::<u64>()? >= 8, "the port heard {heard}");
    ensure!(mirror.transmitted()? == 0, "{} frames left the port", mirror.transmitted()?);
    ensure!(mirror.heard_far()? == 0, "{} frames arrived at the far end", mirror.heard_far()?);
    Ok(())
}
