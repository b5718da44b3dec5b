//! The table of protocols, arranged by what a packet asks for first: its transport and its ports.

use holter_protocols::{Protocol, Transport};

type One = &'static dyn Protocol;

pub(super) struct Index {
    tcp: Vec<One>,
    udp: Vec<One>,
    rest: Vec<(Transport, One)>,
    /// Sorted: which protocols are usual on a port.
    usual: Vec<(u16, usize)>,
    all: &'static [One],
}

impl Index {
    pub(super) fn new(all: &'static [One]) -> Self {
        let carried = |transport: Transport| {
            all.iter().copied().filter(|protocol| protocol.transports().contains(&transport)).collect()
        };
        let mut usual: Vec<(u16, usize)> = all
            .iter()
            .enumerate()
            .flat_map(|(n, protocol)| protocol.ports().iter().map(move |&port| (port, n)))
            .collect();
        usual.sort_unstable();
        let rest = all.iter().flat_map(|&protocol| {
            let bare = protocol.transports().iter().filter(|transport| !transport.has_ports());
            bare.map(move |&transport| (transport, protocol))
        });
        Index { tcp: carried(Transport::Tcp), udp: carried(Transport::Udp), rest: rest.collect(), usual, all }
    }

    /// The protocols of a transport, in the order of the table.
    pub(super) fn of(&self, transport: Transport) -> &[One] {
        match transport {
            Transport::Tcp => &self.tcp,
            Transport::Udp => &self.udp,
            _ => &[],
        }
    }

    /// The protocols of a transport without ports.
    pub(super) fn bare(&self, transport: Transport) -> impl Iterator<Item = One> {
        self.rest.iter().filter(move |(carried, _)| *carried == transport).map(|(_, protocol)| *protocol)
    }

    /// The protocols that are usual on a port.
    pub(super) fn on(&self, port: u16) -> impl Iterator<Item = One> {
        let from = self.usual.partition_point(|(usual, _)| *usual < port);
        let rest = self.usual.get(from..).unwrap_or_default();
        rest.iter().take_while(move |(usual, _)| *usual == port).filter_map(|(_, n)| self.all.get(*n).copied())
    }

    pub(super) fn is_usual(&self, port: u16) -> bool {
        self.on(port).next().is_some()
    }
}
