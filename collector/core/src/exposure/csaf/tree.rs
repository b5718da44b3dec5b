//! The branches of a product tree. They are flattened while they are read: depth and number are bounded before
//! anything is kept, and a fault has line and column. Names are shared, so that a long one costs once and not once for
//! each product below it.

use super::super::error::OURS;
use super::{DEPTH_MAX, NAME_MAX, NODES_MAX, PRODUCTS_MAX, Product, Stated};
use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use std::sync::Arc;

#[derive(Debug, Deserialize)]
pub(super) struct FullName {
    pub(super) name: String,
    pub(super) product_id: String,
}

#[derive(Debug, Default)]
pub(super) struct Branches {
    pub(super) products: Vec<Product>,
    pub(super) cut: u32,
    nodes: usize,
    steps: Vec<usize>,
}

impl Branches {
    pub(super) fn cut(&mut self, mut text: String) -> String {
        if super::read::shorten(&mut text, NAME_MAX) {
            self.cut = self.cut.saturating_add(1);
        }
        text
    }
}

impl<'de> Deserialize<'de> for Branches {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut branches = Branches::default();
        Many(&mut branches).deserialize(deserializer)?;
        Ok(branches)
    }
}

struct Many<'a>(&'a mut Branches);

impl<'de> DeserializeSeed<'de> for Many<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Many<'_> {
    type Value = ();

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a list of branches")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        let depth = self.0.steps.len();
        if depth >= DEPTH_MAX {
            return Err(A::Error::custom(format!("{OURS}branches nested deeper than {DEPTH_MAX}")));
        }
        let mut at = 0_usize;
        loop {
            self.0.steps.truncate(depth);
            self.0.steps.push(at);
            if list.next_element_seed(One(self.0))?.is_none() {
                break;
            }
            at = at.saturating_add(1);
        }
        self.0.steps.truncate(depth);
        Ok(())
    }
}

struct One<'a>(&'a mut Branches);

impl<'de> DeserializeSeed<'de> for One<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for One<'_> {
    type Value = ();

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a branch")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let branches = self.0;
        branches.nodes = branches.nodes.saturating_add(1);
        if branches.nodes > NODES_MAX {
            return Err(A::Error::custom(format!("{OURS}more than {NODES_MAX} branches")));
        }
        let first = branches.products.len();
        let (mut category, mut name, mut own) = (None::<String>, None::<String>, None::<FullName>);
        while let Some(key) = map.next_key::<String>()? {
            match key.as_str() {
                "category" => category = Some(map.next_value()?),
                "name" => name = Some(map.next_value()?),
                "product" => own = Some(map.next_value()?),
                "branches" => map.next_value_seed(Many(branches))?,
                _ => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        let category = category.ok_or_else(|| A::Error::missing_field("category"))?;
        let name: Arc<str> = branches.cut(name.ok_or_else(|| A::Error::missing_field("name"))?).into();
        if let Some(full) = own {
            if branches.products.len() >= PRODUCTS_MAX {
                return Err(A::Error::custom(format!("{OURS}more than {PRODUCTS_MAX} products")));
            }
            let steps: Vec<String> = branches.steps.iter().map(|step| format!("/branches/{step}")).collect();
            let node = format!("/product_tree{}", steps.concat());
            let (id, name) = (branches.cut(full.product_id), branches.cut(full.name));
            branches.products.push(Product { id, name, node, ..Product::default() });
        }
        // CISA writes `branches` before `name`: what lies below is there before its branch has a name.
        for product in branches.products.iter_mut().skip(first) {
            name_it(product, &category, &name);
        }
        Ok(())
    }
}

/// Names come from the leaf upwards, and of two names of a kind the inner one holds.
fn name_it(product: &mut Product, category: &str, name: &Arc<str>) {
    let name = Arc::clone(name);
    match category {
        "vendor" => _ = product.vendor.get_or_insert(name),
        "product_family" => product.families.push(name),
        "product_name" => _ = product.product.get_or_insert(name),
        "product_version" => _ = product.version.get_or_insert(Stated { text: name, is_range: false }),
        "product_version_range" => _ = product.version.get_or_insert(Stated { text: name, is_range: true }),
        _ => product.qualifiers.push(name),
    }
}
