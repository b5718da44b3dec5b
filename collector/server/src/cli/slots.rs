//! `inventory slots`: when a device could be taken out of use.

use super::inventory::Filter;
use super::{Data, estate, refuse};
use crate::api::views::{spoken, tenth};
use crate::app::now;
use crate::exporting::left;
use crate::store::{Store, TENANT};
use crate::table::{Format, print};
use clap::Args;
use holter_core::usage::{MINUTES_MAX, SLOT_MINUTES, best_slot, may_be_stopped};
use serde::Serialize;
use std::io::Write;

#[derive(Debug, Args)]
pub(super) struct Slots {
    #[command(flatten)]
    data: Data,
    #[command(flatten)]
    filter: Filter,
    /// Length of the slot in minutes, 1 to 720; what is looked at are half hours.
    #[arg(long, default_value_t = SLOT_MINUTES, value_name = "MINUTES")]
    minutes: u32,
    #[arg(long, value_enum, default_value = "table")]
    format: Format,
}

#[derive(Debug, Serialize)]
struct Row<'a> {
    id: String,
    name: &'a str,
    class: &'a str,
    /// `Tue 02:30 UTC`.
    slot: Option<String>,
    minutes: Option<u32>,
    /// Weeks in which this time of the week was observed in whole.
    weeks: Option<u32>,
    /// Of these, those in which it was used.
    used_in: Option<u32>,
    acts: Option<u64>,
    kib: Option<u64>,
    /// Means over `days` observed days.
    images_per_day: f64,
    procedures_per_day: f64,
    messages_per_day: f64,
    days: u32,
    /// Why no slot is suggested.
    reason: Option<String>,
}

pub(super) async fn run(options: Slots, out: &mut dyn Write) -> anyhow::Result<()> {
    if !(1..=MINUTES_MAX).contains(&options.minutes) {
        return refuse("--minutes: 1 to 720");
    }
    let query = options.filter.query();
    let store = Store::open(&options.data.dir).await?;
    let estate = estate(&store).await?;
    store.audit(now(), TENANT, "command line", "slots", "").await?;
    let at = estate.present(now());
    let machines = estate.devices.values().filter(|device| device.shared.is_none());
    let rows = left(&query, machines, &estate.horizon(at), at).into_iter().map(|device| {
        let (usage, listening) = (device.usage(), estate.listening(device));
        let daily = usage.daily(&listening, at);
        let slot = may_be_stopped(device).and_then(|()| best_slot(&usage, &listening, at, options.minutes));
        let (slot, reason) = match slot {
            Ok(slot) => (Some(slot), None),
            Err(why) => (None, Some(why.reason())),
        };
        Row {
            id: device.id(),
            name: &device.card.name,
            class: &device.card.class,
            slot: slot.as_ref().map(spoken),
            minutes: slot.map(|slot| slot.minutes),
            weeks: slot.map(|slot| slot.weeks),
            used_in: slot.map(|slot| slot.used_in),
            acts: slot.map(|slot| slot.acts),
            kib: slot.map(|slot| slot.kib),
            images_per_day: tenth(daily.images),
            procedures_per_day: tenth(daily.procedures),
            messages_per_day: tenth(daily.messages),
            days: daily.days,
            reason,
        }
    });
    let rows: Vec<Row<'_>> = rows.collect();
    let text = print(
        options.format,
        &rows,
        &[
            "id",
            "name",
            "class",
            "slot",
            "minutes",
            "weeks",
            "used_in",
            "acts",
            "images_per_day",
            "procedures_per_day",
            "days",
            "reason",
        ],
    )?;
    Ok(out.write_all(text.as_bytes())?)
}
