//! Promises of usage: what was used when, and the slot that is suggested or refused.

mod made;

use holter_core::usage::{HALF, NoSlot, State, best_slot, may_be_stopped};
use holter_core::{DAY, Estate, HOUR, MINUTE, Source};
use holter_terms::{Attribute, Nanos, Verb};
use made::{NOW, act, mac, source, talk, tell, window};

const WEEK: Nanos = 7 * DAY;

/// Monday 00:00 UTC at or before a time.
fn monday(at: Nanos) -> Nanos {
    (at - 4 * DAY).div_euclid(WEEK) * WEEK + 4 * DAY
}

/// A scanner that is used from 06:00 to 22:00 and once a week at night, and a sensor that listens to it.
fn scanned(weeks: i64, class: &str) -> (Estate, Nanos) {
    let (mut estate, begin) = (Estate::default(), monday(NOW));
    tell(&mut estate, begin, mac(1), &[(Attribute::Class, class), (Attribute::Address, "10.0.0.1")]);
    for half in 0..weeks * 336 {
        let (at, of_day) = (begin + half * HALF, half % 48);
        let used = (12..44).contains(&of_day) || half % 336 == 4;
        let acts = if used {
            vec![act(mac(1), mac(2), Verb::Store, 40), act(mac(1), mac(2), Verb::Associate, 1)]
        } else {
            Vec::new()
        };
        // 02:30 is the quietest half hour of the night.
        let chatter = if of_day == 5 { 1_000 } else { 50_000 };
        estate.apply(&source(1), &window(at, 30, vec![talk(mac(1), mac(2), at, chatter)], acts), at);
    }
    (estate, begin + weeks * WEEK)
}

#[test]
fn the_slot_is_the_least_used_of_the_week_and_says_how_many_weeks_stand_behind_it() {
    let (estate, now) = scanned(4, "imaging");
    let device = estate.device_by("main", mac(1)).unwrap();
    let slot = best_slot(&device.usage(), &estate.listening(device), now, 30).unwrap();
    assert_eq!((slot.weekday(), slot.time(), slot.weeks), (0, (2, 30), 4));
    assert_eq!((slot.acts, slot.used_in), (0, 0));
    // Two hours fit only where the night is not used.
    let slot = best_slot(&device.usage(), &estate.listening(device), now, 120).unwrap();
    assert_eq!((slot.acts, slot.minutes), (0, 120));
    let (hour, _) = slot.time();
    assert!((22..24).contains(&hour) || hour < 6, "{hour}");
    assert!(slot.half_of_week.abs_diff(4) > 0);
    assert_eq!(best_slot(&device.usage(), &estate.listening(device), now, 0), Err(NoSlot::Length));
}

#[test]
fn a_device_that_is_always_used_gets_the_slot_that_costs_least() {
    let (mut estate, begin) = (Estate::default(), monday(NOW));
    for half in 0..3 * 336 {
        let at = begin + half * HALF;
        let count = if half % 336 == 100 { 2 } else { 50 };
        estate.apply(&source(1), &window(at, 30, Vec::new(), vec![act(mac(1), mac(2), Verb::Message, count)]), at);
    }
    // Acts alone do not make a sensor a witness: what was seen of the device does.
    tell(&mut estate, begin, mac(1), &[(Attribute::Class, "clinical-it")]);
    let device = estate.device_by("main", mac(1)).unwrap();
    let slot = best_slot(&device.usage(), &estate.listening(device), begin + 3 * WEEK, 30).unwrap();
    assert_eq!((slot.half_of_week, slot.acts, slot.used_in, slot.weeks), (100, 6, 3, 3));
}

#[test]
fn nothing_is_said_before_two_weeks_were_observed() {
    let (estate, now) = scanned(1, "imaging");
    let device = estate.device_by("main", mac(1)).unwrap();
    assert_eq!(best_slot(&device.usage(), &estate.listening(device), now, 30), Err(NoSlot::TooShort(1)));
    let (estate, now) = scanned(2, "imaging");
    let device = estate.device_by("main", mac(1)).unwrap();
    assert_eq!(best_slot(&device.usage(), &estate.listening(device), now, 30).unwrap().weeks, 2);
}

#[test]
fn a_time_at_which_nobody_listened_is_not_taken_for_idle() {
    let (mut estate, begin) = (Estate::default(), monday(NOW));
    tell(&mut estate, begin, mac(1), &[(Attribute::Class, "imaging")]);
    for half in 0..4 * 336 {
        let at = begin + half * HALF;
        // The sensor is switched off every night, and the device is used all day.
        if (0..12).contains(&(half % 48)) {
            continue;
        }
        let used = vec![act(mac(1), mac(2), Verb::Store, if half % 48 == 40 { 1 } else { 9 })];
        estate.apply(&source(1), &window(at, 30, Vec::new(), used), at);
    }
    let device = estate.device_by("main", mac(1)).unwrap();
    let slot = best_slot(&device.usage(), &estate.listening(device), begin + 4 * WEEK, 30).unwrap();
    assert_eq!((slot.time(), slot.acts), ((20, 0), 4));
}

#[test]
fn no_slot_is_suggested_for_what_a_patient_may_depend_on() {
    for (class, why) in [
        ("therapy", Err(NoSlot::LifeSupporting)),
        ("monitoring", Err(NoSlot::Monitoring)),
        ("embedded", Err(NoSlot::UnknownClass)),
        ("imaging", Ok(())),
        ("clinical-it", Ok(())),
    ] {
        let mut estate = Estate::default();
        tell(&mut estate, NOW, mac(1), &[(Attribute::Class, class)]);
        assert_eq!(may_be_stopped(estate.device_by("main", mac(1)).unwrap()), why, "{class}");
    }
    let mut estate = Estate::default();
    tell(&mut estate, NOW, mac(1), &[(Attribute::Hostname, "x1")]);
    assert_eq!(may_be_stopped(estate.device_by("main", mac(1)).unwrap()), Err(NoSlot::UnknownClass));
    // A workstation that tells what it measures of a patient watches one.
    tell(&mut estate, NOW, mac(2), &[(Attribute::Class, "workstation"), (Attribute::Role, "vitals-source")]);
    assert_eq!(may_be_stopped(estate.device_by("main", mac(2)).unwrap()), Err(NoSlot::Monitoring));
}

#[test]
fn images_and_procedures_are_counted_by_day_without_a_patient() {
    let mut estate = Estate::default();
    let begin = monday(NOW) + 8 * HOUR;
    // Three procedures: ten minutes of images, a pause, ten minutes, a pause, one image; one association an image.
    for minute in (0..10).chain(30..40).chain([90]) {
        let at = begin + minute * MINUTE;
        let acts = vec![
            act(mac(1), mac(2), Verb::Store, 5),
            act(mac(1), mac(2), Verb::Associate, 5),
            act(mac(1), mac(3), Verb::Find, 1),
            act(mac(1), mac(2), Verb::Echo, 9),
        ];
        estate.apply(&source(1), &window(at, 1, Vec::new(), acts), at);
    }
    let usage = estate.device_by("main", mac(1)).unwrap().usage();
    let day = usage.days().next().unwrap();
    assert_eq!((day.images, day.procedures, day.associations, day.requests), (105, 3, 105, 21));
    assert_eq!(day.image_bytes, 105_000);
    let archive = estate.device_by("main", mac(2)).unwrap().usage();
    let day = archive.days().next().unwrap();
    assert_eq!((day.images, day.received, day.procedures), (0, 105, 0));
    assert_eq!(usage.busy(begin, begin + 3 * HOUR).len(), 3);
}

#[test]
fn the_use_of_a_device_is_that_of_all_its_faces() {
    let mut estate = Estate::default();
    let other = Source { sensor: holter_terms::SensorId([2; 16]), ..source(1) };
    tell(&mut estate, NOW, mac(1), &[(Attribute::Address, "10.0.0.1")]);
    let behind = made::ip("10.0.0.1");
    estate.apply(&source(1), &window(NOW, 1, Vec::new(), vec![act(mac(1), mac(2), Verb::Store, 3)]), NOW);
    estate.apply(&other, &window(NOW, 1, Vec::new(), vec![act(behind, mac(3), Verb::Store, 4)]), NOW);
    let device = estate.device("main~10.0.0.1").unwrap();
    assert!(device.faces.len() > 1);
    assert_eq!(device.usage().days().map(|day| day.images).sum::<u32>(), 7);
}

#[test]
fn idle_busy_and_unobserved_are_told_apart() {
    let (mut estate, begin) = (Estate::default(), monday(NOW));
    tell(&mut estate, begin, mac(1), &[(Attribute::Class, "imaging")]);
    for half in (0..48).filter(|half| !(20..24).contains(half)) {
        let at = begin + half * HALF;
        let acts = if (16..18).contains(&half) { vec![act(mac(1), mac(2), Verb::Store, 6)] } else { Vec::new() };
        estate.apply(&source(1), &window(at, 30, Vec::new(), acts), at);
    }
    let device = estate.device_by("main", mac(1)).unwrap();
    let (usage, listening) = (device.usage(), estate.listening(device));
    let told: Vec<_> = usage
        .stretches(&listening, begin, begin + DAY)
        .iter()
        .map(|stretch| ((stretch.from - begin) / HALF, (stretch.to - begin) / HALF, stretch.state))
        .collect();
    let want = [
        (0, 16, State::Idle),
        (16, 18, State::Busy),
        (18, 20, State::Idle),
        (20, 24, State::Unobserved),
        (24, 48, State::Idle),
    ];
    assert_eq!(told, want);
    // A day that is not over, and days that nobody observed, are in no mean.
    let daily = usage.daily(&listening, begin + 2 * DAY);
    assert_eq!((daily.days, daily.images, daily.procedures), (1, 12.0, 2.0));
    assert_eq!(usage.daily(&listening, begin + HOUR).days, 0);
}
