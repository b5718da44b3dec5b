//! What the spool promises, against a disk that breaks its word.

use super::simulated::Simulated;
use super::{Next, Spool};
use holter_terms::{BootId, Lane};
use holter_wire::LossReason;
use std::collections::BTreeMap;

const CAP: u64 = 64 << 20;

fn boot(n: u8) -> BootId {
    BootId([n; 16])
}

fn frame(lane: Lane, n: u64) -> Vec<u8> {
    format!("{} {n} {}", lane.as_str(), "x".repeat((n % 50) as usize)).into_bytes()
}

type Row = (u64, Option<Vec<u8>>);

/// Everything that can be read, by queue; gaps as `None`.
fn drain(spool: &mut Spool<Simulated>) -> BTreeMap<(BootId, Lane), Vec<Row>> {
    let mut all = BTreeMap::new();
    for holding in spool.holdings() {
        let queue = (holding.boot, holding.lane);
        let mut after = holding.first - 1;
        let rows: &mut Vec<_> = all.entry(queue).or_default();
        loop {
            match spool.next(queue, after, 4096) {
                Next::Frames { first, frames } => {
                    assert_eq!(first, after + 1);
                    rows.extend((first..).zip(frames).map(|(n, frame)| (n, Some(frame))));
                    after = rows.last().map_or(after, |(n, _)| *n);
                }
                Next::Gone(gone) => {
                    assert_eq!(gone.first, after + 1);
                    rows.extend((gone.first..=gone.last).map(|n| (n, None)));
                    after = gone.last;
                }
                Next::Nothing => break,
            }
        }
        assert_eq!(after, holding.last, "{queue:?}");
    }
    all
}

/// Appends in a fixed pattern until the power goes; answers what was confirmed.
fn work(spool: &mut Spool<Simulated>, rounds: u64) -> Vec<(Lane, u64, Vec<u8>)> {
    let mut confirmed = Vec::new();
    for round in 0..rounds {
        let lane = Lane::ALL[(round % 4) as usize];
        let frames: Vec<_> = (0..=round % 3).map(|n| frame(lane, round * 10 + n)).collect();
        let first = spool.append(lane, &frames);
        if spool.in_memory() {
            break;
        }
        confirmed.extend((first..).zip(frames).map(|(n, frame)| (lane, n, frame)));
        if round % 7 == 6 {
            // The collector has some of it.
            let through = spool.last()[0] / 2;
            spool.acknowledge((boot(1), Lane::P0), through);
        }
    }
    confirmed
}

#[test]
fn a_power_cut_at_any_operation_loses_nothing_that_was_confirmed() {
    let whole = Simulated::seeded(1);
    work(&mut Spool::open(whole.clone(), boot(1), CAP).expect("opens"), 60);
    let operations = whole.0.borrow().operations;
    let mut checked = 0;
    for cut in 1..=operations {
        let disk = Simulated::seeded(cut);
        disk.0.borrow_mut().power_until = Some(cut);
        let Ok(mut spool) = Spool::open(disk.clone(), boot(1), CAP) else { continue };
        let confirmed = work(&mut spool, 60);
        let acked = spool.last()[0] / 2;
        let mut after = Spool::open(disk.after_power_cut(), boot(2), CAP).expect("opens after the cut");
        let found = drain(&mut after);
        for (lane, n, frame) in confirmed {
            let row = found.get(&(boot(1), lane)).and_then(|rows| rows.iter().find(|(number, _)| *number == n));
            match row {
                Some((_, Some(there))) => assert_eq!(*there, frame, "cut at {cut}: {lane:?} {n}"),
                Some((_, None)) => panic!("cut at {cut}: {lane:?} {n} is stated as gone"),
                None => assert!(lane == Lane::P0 && n <= acked, "cut at {cut}: {lane:?} {n} is missing"),
            }
            checked += 1;
        }
        for rows in found.values() {
            assert!(rows.windows(2).all(|pair| pair[0].0 + 1 == pair[1].0), "cut at {cut}: not in order, or twice");
        }
        assert_eq!(after.lost().count(), 0, "cut at {cut}: a torn tail that nobody was promised is no loss");
    }
    assert!(checked > 1000, "{checked}");
}

#[test]
fn the_check_above_finds_a_spool_that_does_not_sync_its_folder() {
    let disk = Simulated::seeded(3);
    disk.0.borrow_mut().forgets_folder = true;
    let mut spool = Spool::open(disk.clone(), boot(1), CAP).expect("opens");
    let confirmed = work(&mut spool, 10);
    let mut after = Spool::open(disk.after_power_cut(), boot(2), CAP).expect("opens");
    assert!(!confirmed.is_empty() && drain(&mut after).is_empty(), "the simulated disk must punish it");
}

#[test]
fn a_failed_sync_is_not_tried_again_on_the_same_file() {
    for times in 1..3 {
        let disk = Simulated::seeded(4);
        let mut spool = Spool::open(disk.clone(), boot(1), CAP).expect("opens");
        spool.append(Lane::P0, &[frame(Lane::P0, 1)]);
        let now = disk.0.borrow().operations;
        disk.0.borrow_mut().fail_syncs = Some((now, times));
        assert_eq!(spool.append(Lane::P0, &[frame(Lane::P0, 2), frame(Lane::P0, 3)]), 2);
        assert!(!spool.in_memory());
        let mut after = Spool::open(disk.after_power_cut(), boot(2), CAP).expect("opens");
        let rows = drain(&mut after).remove(&(boot(1), Lane::P0)).expect("rows");
        assert_eq!(rows, (1..=3).map(|n| (n, Some(frame(Lane::P0, n)))).collect::<Vec<_>>());
    }
}

#[test]
fn a_disk_that_refuses_three_times_is_given_up_and_memory_is_bounded() {
    let disk = Simulated::seeded(5);
    let mut spool = Spool::open(disk.clone(), boot(1), CAP).expect("opens");
    disk.0.borrow_mut().full = true;
    let first = spool.append(Lane::P2, &[vec![2; 1 << 20]]);
    assert!(spool.in_memory());
    assert_eq!(first, 1);
    spool.append(Lane::P0, &[b"a finding".to_vec()]);
    for _ in 0..30 {
        spool.append(Lane::P2, &[vec![2; 1 << 20]]);
    }
    let lost: u64 = spool
        .lost()
        .map(|(reason, lane, count)| {
            assert_eq!((reason, lane), (LossReason::DiskRefused, Lane::P2), "P0 is the last to go");
            count
        })
        .sum();
    let rows = drain(&mut spool);
    let kept = rows[&(boot(1), Lane::P2)].iter().filter(|(_, frame)| frame.is_some()).count() as u64;
    assert_eq!(kept + lost, 31);
    assert!(kept >= 15);
    assert_eq!(rows[&(boot(1), Lane::P0)], [(1, Some(b"a finding".to_vec()))]);
}

#[test]
fn at_the_cap_the_least_important_goes_first_and_is_counted() {
    let cap = 20 << 20;
    let mut spool = Spool::open(Simulated::seeded(6), boot(1), cap).expect("opens");
    let big = vec![7; 512 << 10];
    for _ in 0..4 {
        spool.append(Lane::P0, std::slice::from_ref(&big));
        spool.append(Lane::P1, std::slice::from_ref(&big));
    }
    for _ in 0..20 {
        spool.append(Lane::P3, std::slice::from_ref(&big));
    }
    for _ in 0..60 {
        spool.append(Lane::P2, std::slice::from_ref(&big));
    }
    assert!(spool.bytes() <= cap, "{}", spool.bytes());
    let lost: BTreeMap<Lane, u64> = spool.lost().map(|(_, lane, count)| (lane, count)).collect();
    assert_eq!(lost.get(&Lane::P3), Some(&20));
    assert!(lost[&Lane::P2] > 0 && !lost.contains_key(&Lane::P1) && !lost.contains_key(&Lane::P0), "{lost:?}");
    let rows = drain(&mut spool);
    let gone = rows[&(boot(1), Lane::P2)].iter().filter(|(_, frame)| frame.is_none()).count() as u64;
    assert_eq!(gone, lost[&Lane::P2], "what is gone stands in its queue");
}

#[test]
fn a_flipped_bit_is_found_and_its_loss_is_exact() {
    let disk = Simulated::seeded(7);
    let mut spool = Spool::open(disk.clone(), boot(1), CAP).expect("opens");
    let big = vec![1; 600 << 10];
    for _ in 0..6 {
        spool.append(Lane::P0, std::slice::from_ref(&big)); // two to a segment
    }
    let mut disk = spool.into_disk();
    let names = super::Disk::list(&mut disk).expect("lists");
    assert_eq!(names.len(), 3);
    disk.flip(&names[1], 40_000);
    let mut after = Spool::open(disk.clone(), boot(2), CAP).expect("opens");
    let rows = drain(&mut after).remove(&(boot(1), Lane::P0)).expect("rows");
    let gone: Vec<_> = rows.iter().filter(|(_, frame)| frame.is_none()).map(|(n, _)| *n).collect();
    assert_eq!(gone, [3, 4]);
    assert_eq!(after.lost().collect::<Vec<_>>(), [(LossReason::Corrupt, Lane::P0, 2)]);
}

#[test]
fn what_the_collector_has_is_deleted_and_nothing_else() {
    let disk = Simulated::seeded(8);
    let mut spool = Spool::open(disk.clone(), boot(1), CAP).expect("opens");
    let big = vec![1; 600 << 10];
    for _ in 0..5 {
        spool.append(Lane::P0, std::slice::from_ref(&big));
    }
    spool.acknowledge((boot(1), Lane::P0), 3);
    assert_eq!(spool.holdings()[0].first, 3, "the segment with 3 and 4 stays");
    spool.acknowledge((boot(1), Lane::P0), 5);
    assert_eq!(spool.holdings(), []);
    assert_eq!(spool.append(Lane::P0, &[b"x"]), 6, "numbers go on");
    assert_eq!(drain(&mut spool)[&(boot(1), Lane::P0)], [(6, Some(b"x".to_vec()))]);
}

#[test]
fn a_hole_is_told_until_the_collector_has_taken_note() {
    let mut spool = Spool::open(Simulated::seeded(9), boot(1), 8 << 20).expect("opens");
    let big = vec![7; 1 << 20];
    for _ in 0..12 {
        spool.append(Lane::P2, std::slice::from_ref(&big));
    }
    let queue = (boot(1), Lane::P2);
    let mut after = 0;
    while let Next::Gone(gone) = spool.next(queue, after, 1) {
        assert_eq!((gone.first, gone.reason), (after + 1, LossReason::Evicted));
        assert_eq!(spool.next(queue, after, 1), Next::Gone(gone), "told again while it is not acknowledged");
        spool.acknowledge(queue, gone.last);
        after = gone.last;
    }
    assert!(after > 0, "the first frames were evicted");
    assert!(matches!(spool.next(queue, after, 1), Next::Frames { .. }));
}

#[test]
fn foreign_files_in_the_folder_are_left_alone() {
    let disk = Simulated::seeded(10);
    let mut other = disk.clone();
    for name in ["README", "x.seg", "00-p0-1.seg", "zz.tmp"] {
        super::Disk::create(&mut other, name).expect("creates");
    }
    let spool = Spool::open(disk.clone(), boot(1), CAP).expect("opens");
    assert_eq!(spool.holdings(), []);
    assert_eq!(super::Disk::list(&mut other).expect("lists"), ["00-p0-1.seg", "README", "x.seg"], "half-made files go");
}
