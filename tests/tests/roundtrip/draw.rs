//! Random values, seeded, so that what fails once fails again.

use crate::common::Random;
use std::net::{Ipv4Addr, Ipv6Addr};

const LETTERS: &[u8] = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
const TEXT: &[u8] = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 .-_/";

pub(crate) struct Draw(Random);

impl Draw {
    pub(crate) fn new(seed: u64) -> Self {
        Draw(Random(seed))
    }

    pub(crate) fn below(&mut self, n: usize) -> usize {
        self.0.below(n)
    }

    /// At least `least`, at most `most`.
    pub(crate) fn within(&mut self, least: usize, most: usize) -> usize {
        least + self.below(most + 1 - least)
    }

    pub(crate) fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    pub(crate) fn pick<T: Clone>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())].clone()
    }

    /// Some of them, in their order.
    pub(crate) fn some<T: Clone>(&mut self, from: &[T]) -> Vec<T> {
        from.iter().filter(|_| self.chance(50)).cloned().collect()
    }

    pub(crate) fn maybe<T>(&mut self, make: impl FnOnce(&mut Self) -> T) -> Option<T> {
        self.chance(50).then(|| make(self))
    }

    pub(crate) fn list<T>(&mut self, least: usize, most: usize, mut make: impl FnMut(&mut Self) -> T) -> Vec<T> {
        (0..self.within(least, most)).map(|_| make(self)).collect()
    }

    pub(crate) fn u32(&mut self) -> u32 {
        (self.0.next() >> 16) as u32
    }

    pub(crate) fn u16(&mut self) -> u16 {
        (self.0.next() >> 24) as u16
    }

    pub(crate) fn u8(&mut self) -> u8 {
        (self.0.next() >> 32) as u8
    }

    pub(crate) fn bytes(&mut self, least: usize, most: usize) -> Vec<u8> {
        self.list(least, most, Draw::u8)
    }

    /// Letters and digits.
    pub(crate) fn word(&mut self, least: usize, most: usize) -> String {
        self.list(least, most, |draw| char::from(draw.pick(LETTERS))).into_iter().collect()
    }

    /// Text with blanks within, none at its ends.
    pub(crate) fn text(&mut self, least: usize, most: usize) -> String {
        let mut text: Vec<u8> = self.list(least, most, |draw| draw.pick(TEXT));
        for end in [0, text.len() - 1] {
            text[end] = self.pick(LETTERS);
        }
        String::from_utf8(text).expect("ASCII")
    }

    pub(crate) fn v4(&mut self) -> Ipv4Addr {
        Ipv4Addr::from(0x0a00_0001 | self.u32() >> 1)
    }

    pub(crate) fn v6(&mut self) -> Ipv6Addr {
        let low = u128::from(self.u32()) << 64 | u128::from(self.u32()) << 16 | 1;
        Ipv6Addr::from(0x2001_0db8 << 96 | low)
    }

    pub(crate) fn mac(&mut self) -> [u8; 6] {
        let mut mac = [0; 6];
        mac.fill_with(|| self.u8());
        mac[0] &= 0xfc;
        mac
    }

    pub(crate) fn uid(&mut self) -> String {
        format!("1.2.826.0.1.{}.{}", self.u32(), self.u16())
    }
}

pub(crate) fn mac_text(mac: [u8; 6]) -> String {
    mac.map(|byte| format!("{byte:02x}")).join(":")
}
