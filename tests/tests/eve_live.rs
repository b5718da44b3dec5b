//! `run --eve`: a confined sensor writes EVE on a live port, and goes on in the file when it is started again.

use anyhow::{Context, Result};
use holter_tests::house::House;
use holter_tests::places::skipped;
use holter_tests::programs::{Background, binary, wait_for};
use serde_json::Value;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::Command;
use std::time::Duration;

const LIMIT: Duration = Duration::from_secs(30);

/// One request on loopback, and its response.
fn ask() -> Result<()> {
    let server = TcpListener::bind("127.0.0.1:0")?;
    let mut client = TcpStream::connect(server.local_addr()?)?;
    let (mut served, _) = server.accept()?;
    let (request, response) =
        (b"GET /wards HTTP/1.1\r\nHost: ris.clin.example\r\n\r\n", b"HTTP/1.1 204 No Content\r\nServer: x\r\n\r\n");
    client.write_all(request)?;
    served.read_exact(&mut request.clone())?;
    served.write_all(response)?;
    client.read_exact(&mut response.clone())?;
    Ok(())
}

fn records(eve: &Path) -> Vec<Value> {
    let text = std::fs::read_to_string(eve).unwrap_or_default();
    // The last line may be half there.
    text.split_inclusive('\n').filter_map(|line| serde_json::from_str(line).ok()).collect()
}

fn answered(records: &[Value]) -> usize {
    records.iter().filter(|record| record["http"]["status"] == 204).count()
}

#[test]
fn a_confined_sensor_writes_eve_on_a_live_port_and_goes_on_in_the_same_file() -> Result<()> {
    if !nix::unistd::geteuid().is_root() {
        skipped("listening on a port needs root");
        return Ok(());
    }
    let house = House::open("warn")?;
    house.enrol_shown()?;
    let eve = house.folder.path().join("eve.jsonl");
    for round in 1..=2 {
        let mut command = Command::new(binary("holter-agent"));
        command.args(["--log", "info", "run", "--interface", "lo", "--state"]).arg(house.state());
        command.arg("--eve").arg(&eve);
        let mut sensor = Background::start(&mut command, house.folder.path(), &format!("sensor-{round}"))?;
        wait_for("the sensor to listen", LIMIT, || sensor.said().contains("listening").then_some(()))?;
        ask()?;
        wait_for("the request in EVE", LIMIT, || (answered(&records(&eve)) == round).then_some(()))
            .with_context(|| sensor.said())?;
        assert!(sensor.said().contains("confined"), "{}", sensor.said());
        assert!(sensor.stop(LIMIT)?.success());
    }
    let all = records(&eve);
    let http = all.iter().find(|record| record["http"]["status"] == 204).context("the request")?;
    assert_eq!((&http["http"]["hostname"], &http["http"]["url"]), (&"ris.clin.example".into(), &"/wards".into()));
    assert!(all.iter().any(|record| record["event_type"] == "flow" && record["app_proto"] == "http"));
    assert!(all.iter().all(|record| record["pcap_cnt"].is_null()), "there is no capture");
    Ok(())
}
