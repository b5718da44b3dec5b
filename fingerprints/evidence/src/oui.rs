use holter_terms::Mac;
use std::sync::OnceLock;

/// How much the registered owner of a prefix says of the device behind it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Strength {
    /// A maker of medical devices and of little else.
    Strong,
    /// A maker of medical devices among other things.
    Mixed,
    /// A name with a health word in it.
    Keyword,
    /// A maker of network modules that hide whose device they sit in.
    Module,
    /// A maker of computers.
    Computer,
    /// A virtual machine.
    Virtual,
}

/// Who registered the prefix of a link-layer address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Adapter {
    pub maker: &'static str,
    pub strength: Strength,
}

const TEXT: &str = include_str!("../../data/oui.txt");

/// Lengths of IEEE blocks in hexadecimal digits, the longest first: MA-S and IAB, MA-M, MA-L.
const DIGITS: [u32; 3] = [9, 7, 6];

/// Prefixes by their number of digits and their value, sorted.
type Table = Vec<((u32, u64), Adapter)>;

fn table() -> &'static Table {
    static TABLE: OnceLock<Table> = OnceLock::new();
    TABLE.get_or_init(|| {
        let mut table: Table = TEXT.lines().filter(|line| !line.starts_with('#')).filter_map(read).collect();
        table.sort_by_key(|(key, _)| *key);
        table
    })
}

fn read(line: &'static str) -> Option<((u32, u64), Adapter)> {
    let mut words = line.splitn(3, ' ');
    let prefix = words.next()?;
    let strength = match words.next()? {
        "strong" => Strength::Strong,
        "mixed" => Strength::Mixed,
        "keyword" => Strength::Keyword,
        "module" => Strength::Module,
        "computer" => Strength::Computer,
        "virtual" => Strength::Virtual,
        _ => return None,
    };
    let digits = u32::try_from(prefix.len()).ok().filter(|digits| DIGITS.contains(digits))?;
    let maker = words.next().filter(|maker| !maker.is_empty() && maker.len() <= holter_phi::LABEL_BYTES)?;
    Some(((digits, u64::from_str_radix(prefix, 16).ok()?), Adapter { maker, strength }))
}

/// Who registered the address, where that says something. A locally administered or group address has no maker.
pub fn adapter(mac: Mac) -> Option<Adapter> {
    if mac.is_local() || mac.is_group() {
        return None;
    }
    let [a, b, c, d, e, f] = mac.0;
    by_number(u64::from_be_bytes([0, 0, a, b, c, d, e, f]))
}

fn by_number(address: u64) -> Option<Adapter> {
    DIGITS.iter().find_map(|&digits| {
        let prefix = address >> 4u32.saturating_mul(12u32.saturating_sub(digits));
        let index = table().binary_search_by_key(&(digits, prefix), |(key, _)| *key).ok()?;
        table().get(index).map(|(_, adapter)| *adapter)
    })
}

/// The maker of medical devices whose prefix starts an EUI-48 or EUI-64 among the components of an equipment
/// identifier, such as `0009fbFFFF9b42b3^^^EUI-64`.
pub(crate) fn adapter_in(identifier: &[u8]) -> Option<Adapter> {
    identifier.split(|&byte| byte == b'^' || byte == b'&').find_map(|part| {
        let digits = part.get(..12).filter(|_| part.len() == 12 || part.len() == 16)?;
        if !part.iter().all(u8::is_ascii_hexdigit) {
            return None;
        }
        let address =
            digits.iter().try_fold(0u64, |sum, &digit| Some(sum << 4 | u64::from(char::from(digit).to_digit(16)?)))?;
        by_number(address).filter(|adapter| adapter.strength == Strength::Strong)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_the_table_is_read() {
        let lines = TEXT.lines().filter(|line| !line.starts_with('#')).count();
        assert!(lines > 500);
        assert_eq!(table().len(), lines);
        assert!(table().is_sorted_by(|a, b| a.0 < b.0), "no prefix stands twice");
    }

    #[test]
    fn a_prefix_names_its_owner_and_a_longer_one_wins() {
        let maker = |text| adapter(Mac::parse(text).unwrap()).map(|adapter| (adapter.maker, adapter.strength));
        assert_eq!(maker("00:09:fb:aa:00:23"), Some(("Philips", Strength::Strong)));
        assert_eq!(maker("00:a0:37:00:00:01"), Some(("Mindray", Strength::Strong)));
        assert_eq!(maker("00:50:56:aa:00:10"), Some(("virtual machine (VMware)", Strength::Virtual)));
        assert_eq!(maker("00:1b:c5:0b:d0:01"), Some(("Bridge Diagnostics, Inc.", Strength::Keyword)));
        assert_eq!(maker("00:1b:c5:ff:f0:01"), None, "a neighbour in the same MA-L block");
        assert_eq!(maker("02:09:fb:aa:00:23"), None, "locally administered");
    }

    #[test]
    fn an_equipment_identifier_names_its_maker() {
        let maker = |text: &[u8]| adapter_in(text).map(|adapter| adapter.maker);
        assert_eq!(maker(b"0009fbFFFF9b42b3^^^EUI-64"), Some("Philips"));
        assert_eq!(maker(b"MINDRAY_D-SERIES^00A037009A0053DE^EUI-64"), Some("Mindray"));
        assert_eq!(maker(b"0009FBAA0023^^0009FBAA0023^EUI-64"), Some("Philips"));
        for other in [&b"0009fb"[..], b"", b"^^^", b"0009fb_FFF9b42b3", b"005056aa0010", b"0009fbFFFF9b42b3aa"] {
            assert_eq!(maker(other), None, "{other:?}");
        }
    }
}
