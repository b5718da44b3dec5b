//! What a list says and the network does not.

use super::{Listed, bare, host, same_maker, serial};
use crate::decree::Criticality;
use crate::device::Device;
use crate::past::current_addresses;
use holter_identity::NAMED;
use holter_terms::DeviceClass;

/// One thing that is told differently.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
pub struct Difference {
    pub field: &'static str,
    pub listed: String,
    pub seen: String,
}

/// Where list and network both say something, and not the same. What the network only hints at is no difference.
pub(super) fn differences(row: &Listed, device: &Device) -> Vec<Difference> {
    let mut out = Vec::new();
    let mut tell = |field, listed: String, seen: String| out.push(Difference { field, listed, seen });
    let card = &device.card;
    let named = |of: &Option<(String, u8)>| of.as_ref().filter(|(_, c)| *c >= NAMED).map(|(value, _)| value.clone());

    let now = current_addresses(device);
    if !row.addresses.is_empty() && !now.is_empty() && !row.addresses.iter().any(|ip| now.contains(ip)) {
        tell("address", joined(&row.addresses), joined(&now));
    }
    let macs = device.macs();
    if !row.macs.is_empty() && !macs.is_empty() && !row.macs.iter().any(|mac| macs.contains(mac)) {
        tell("mac", joined(&row.macs), joined(&macs));
    }
    let shown = |names: &[String]| names.iter().filter(|name| !name.starts_with('#')).cloned().collect::<Vec<_>>();
    let (names, serials) = (shown(&card.hostnames), shown(&card.serials));
    if let Some(listed) = row.name.as_deref().filter(|name| host(name).is_some())
        && !names.is_empty()
        && !names.iter().chain(&card.ae_titles).any(|name| host(name) == host(listed))
    {
        tell("name", listed.to_owned(), names.join(" "));
    }
    if let Some(listed) = row.serial.as_deref().filter(|text| serial(text).is_some())
        && !serials.is_empty()
        && !serials.iter().any(|seen| serial(seen) == serial(listed))
    {
        tell("serial", listed.to_owned(), serials.join(" "));
    }
    if let (Some(listed), Some(seen)) = (&row.maker, named(&card.maker))
        && same_maker(listed, &seen) == Some(false)
    {
        tell("maker", listed.clone(), seen);
    }
    if let (Some(listed), Some(seen)) = (&row.model, named(&card.model))
        && !same_model(listed, &seen)
    {
        tell("model", listed.clone(), seen);
    }
    // Lists have their own words for kinds of things; only where they use ours can they differ.
    let class = row.class.as_deref().and_then(|word| DeviceClass::parse(&word.trim().to_lowercase()));
    if let Some(class) = class
        && card.class != "unknown"
        && class.as_str() != card.class
    {
        tell("class", class.as_str().to_owned(), card.class.clone());
    }
    let criticality = row.criticality.as_deref().and_then(|word| Criticality::parse(&word.trim().to_lowercase()));
    if let (Some(listed), Some(seen)) = (criticality, card.criticality)
        && listed != seen
    {
        tell("criticality", listed.as_str().to_owned(), seen.as_str().to_owned());
    }
    if let Some(listed) = row.status.as_deref().filter(|status| is_out_of_use(status)) {
        tell("status", listed.to_owned(), "seen on the network".to_owned());
    }
    for (field, listed, seen) in [("location", &row.location, &card.location), ("owner", &row.owner, &card.owner)] {
        if let (Some(listed), Some(seen)) = (listed, seen)
            && bare(listed) != bare(seen)
        {
            tell(field, listed.clone(), seen.clone());
        }
    }
    out
}

/// What lists call a device that should not be there any more, or not yet.
fn is_out_of_use(status: &str) -> bool {
    const WORDS: [&str; 19] = [
        "decommissioned",
        "decommissioning",
        "deinstalled",
        "disposed",
        "inactive",
        "instorage",
        "inventory",
        "lost",
        "missing",
        "offline",
        "outofservice",
        "planned",
        "removed",
        "retired",
        "scrapped",
        "sold",
        "staged",
        "stolen",
        "storage",
    ];
    WORDS.contains(&bare(status).to_lowercase().as_str())
}

/// One may be written longer than the other: `Definium 656` and `Definium 656 HD`.
pub(super) fn same_model(a: &str, b: &str) -> bool {
    let (a, b) = (bare(a), bare(b));
    !a.is_empty() && !b.is_empty() && (a.contains(&b) || b.contains(&a))
}

fn joined<T: ToString>(list: impl IntoIterator<Item = T>) -> String {
    list.into_iter().map(|one| one.to_string()).collect::<Vec<_>>().join(" ")
}
