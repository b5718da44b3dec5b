//! What a mirror port should carry, and what it means if it does not.

use holter_engine::link::{Checksums, Transport, dissect};
use holter_terms::{LinkType, Mac};
use std::collections::BTreeMap;
use std::net::IpAddr;

/// Conversations that are followed while listening. More make the verdict no better.
const CONVERSATIONS_MAX: usize = 4096;
/// Fewer frames than this say nothing about a mirror.
const ENOUGH: u64 = 50;

type Ends = (IpAddr, u16, IpAddr, u16);

/// What was heard while listening.
#[derive(Debug, Default)]
pub(crate) struct Heard {
    pub(crate) frames: u64,
    pub(crate) unreadable: u64,
    pub(crate) group: u64,
    pub(crate) tcp: u64,
    pub(crate) dropped: u64,
    pub(crate) tagged: u64,
    senders: BTreeMap<Mac, ()>,
    /// Which directions of a TCP conversation were heard.
    conversations: BTreeMap<Ends, [bool; 2]>,
}

impl Heard {
    pub(crate) fn frame(&mut self, link: LinkType, bytes: &[u8]) {
        self.frames += 1;
        let Ok(Some(packet)) = dissect(link, bytes, Checksums::Ignore) else {
            self.unreadable += 1;
            return;
        };
        if packet.dst_mac.is_some_and(Mac::is_group) {
            self.group += 1;
        }
        if packet.vlan.is_some() {
            self.tagged += 1;
        }
        if let Some(mac) = packet.src_mac
            && self.senders.len() < CONVERSATIONS_MAX
        {
            self.senders.insert(mac, ());
        }
        if let Transport::Tcp(tcp) = &packet.transport {
            let (from, to) = (packet.src, packet.dst);
            self.tcp += 1;
            let (way, ends) = if (from, tcp.source) <= (to, tcp.destination) {
                (0, (from, tcp.source, to, tcp.destination))
            } else {
                (1, (to, tcp.destination, from, tcp.source))
            };
            if self.conversations.len() < CONVERSATIONS_MAX || self.conversations.contains_key(&ends) {
                self.conversations.entry(ends).or_default()[way] = true;
            }
        }
    }

    fn one_sided(&self) -> (usize, usize) {
        let one = self.conversations.values().filter(|ways| ways[0] != ways[1]).count();
        (one, self.conversations.len())
    }

    pub(crate) fn summary(&self) -> String {
        format!(
            "{} frames, {} TCP conversations, {} senders, {} frames with a VLAN tag",
            self.frames,
            self.conversations.len(),
            self.senders.len(),
            self.tagged
        )
    }
}

pub(crate) struct Verdict {
    pub(crate) good: bool,
    pub(crate) text: String,
}

/// What is to be said of what was heard, each with the words to send to the network team.
pub(crate) fn judge(heard: &Heard) -> Vec<Verdict> {
    let look = |text: String| Verdict { good: false, text };
    if heard.frames == 0 {
        return vec![look(
            "silence: nothing at all arrived. Is the cable in, is the switch port up, is the mirror session started?"
                .to_owned(),
        )];
    }
    if heard.frames < ENOUGH {
        return vec![look(format!(
            "only {} frames: too few to judge. Listen longer (--seconds 300), or ask whether the mirrored ports are in use.",
            heard.frames
        ))];
    }
    let mut verdicts = Vec::new();
    if heard.group * 20 > heard.frames * 19 {
        verdicts.push(look(
            "broadcast only: this is what any ordinary port hears. Ask for the mirror session to be bound to this port."
                .to_owned(),
        ));
    }
    let (one, all) = heard.one_sided();
    if all >= 5 && one * 2 > all {
        verdicts.push(look(format!(
            "one direction only: {one} of {all} conversations were heard from one side. Ask for the mirror to carry both \
             directions (on many switches: `both` instead of `rx` or `tx`), or for both strands of the tap."
        )));
    }
    if heard.unreadable * 10 > heard.frames {
        verdicts.push(look(format!(
            "{} of {} frames could not be read: the mirror may be wrapped in a tunnel that holter does not know.",
            heard.unreadable, heard.frames
        )));
    }
    if heard.dropped > 0 {
        verdicts.push(look(format!(
            "{} frames were dropped before they could be read: the machine or its buffer is too small for this mirror \
             (see --ring-mb).",
            heard.dropped
        )));
    }
    if verdicts.is_empty() {
        verdicts
            .push(Verdict { good: true, text: "this is a mirror: both directions, more than broadcast".to_owned() });
    }
    verdicts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(heard: &Heard) -> String {
        judge(heard).into_iter().map(|verdict| verdict.text).collect()
    }

    fn conversations(both: usize, one: usize) -> Heard {
        let mut heard = Heard { frames: 1000, tcp: 900, ..Heard::default() };
        for n in 0..both + one {
            let ends = (IpAddr::from([10, 0, 0, 1]), n as u16, IpAddr::from([10, 0, 0, 2]), 104);
            heard.conversations.insert(ends, [true, n < both]);
        }
        heard
    }

    #[test]
    fn each_fault_of_a_mirror_has_its_verdict_and_a_good_one_has_none() {
        assert!(texts(&Heard::default()).starts_with("silence"));
        assert!(texts(&Heard { frames: 10, ..Heard::default() }).starts_with("only 10"));
        assert!(texts(&Heard { frames: 1000, group: 990, ..Heard::default() }).starts_with("broadcast only"));
        assert!(texts(&conversations(2, 10)).starts_with("one direction only: 10 of 12"));
        assert!(texts(&Heard { dropped: 3, ..conversations(10, 0) }).starts_with("3 frames were dropped"));
        assert!(texts(&Heard { unreadable: 500, ..conversations(10, 0) }).contains("could not be read"));
        let good = judge(&conversations(10, 2));
        assert!(good.len() == 1 && good[0].good);
    }
}
