//! What people decide, laid over what sensors tell.

use super::{Changes, Estate};
use crate::bond::{Bond, Rule};
use crate::decree::{DECREES_MAX, DECREES_OF_ONE_MAX, Decree, NOTE_MAX, Said, WORD_MAX, Wish};
use crate::device::Device;
use crate::face::FaceKey;
use holter_terms::Nanos;
use std::collections::BTreeSet;

/// The most other faces that one splitting names.
const SPLIT_MAX: usize = crate::device::FACES_MAX;

impl Estate {
    /// Whether a decision can be taken, and why not.
    pub fn may(&self, decree: &Decree) -> Result<(), &'static str> {
        if self.decrees.len() >= DECREES_MAX {
            return Err("there are too many decisions");
        }
        let place = (decree.site.clone(), decree.about);
        if self.decrees_of.get(&place).is_some_and(|of_one| of_one.len() >= DECREES_OF_ONE_MAX) {
            return Err("there are too many decisions about this device");
        }
        self.check(decree)
    }

    /// Takes a decision. What it is about need not be known yet: decisions are read before what sensors told.
    pub fn decree(&mut self, decree: Decree) -> Result<Changes, &'static str> {
        self.may(&decree)?;
        let site = decree.site.clone();
        let place = (site.clone(), decree.about);
        let mut touched = BTreeSet::from([decree.about]);
        match &decree.wish {
            Wish::Set { .. } | Wish::Tag { .. } | Wish::Note { .. } => {}
            Wish::Merge { .. } | Wish::Split { .. } => touched.extend(self.lay(&decree, true)),
            Wish::Undo { decree: earlier } => {
                let (who, at) = (decree.who.clone(), decree.at);
                if let Some(known) = self.decrees.get_mut(earlier) {
                    known.undone = Some((who, at));
                    touched.insert(known.about);
                    let known = known.clone();
                    touched.extend(self.lay(&known, false));
                }
            }
        }
        self.decrees_of.entry(place).or_default().push(decree.id);
        self.decrees.insert(decree.id, decree);
        self.regroup(&site, &touched);
        let devices = self.settle();
        Ok(Changes { devices, ..Changes::default() })
    }

    fn check(&self, decree: &Decree) -> Result<(), &'static str> {
        let word = |text: &str, most: usize| {
            let fits = !text.trim().is_empty() && text.chars().count() <= most;
            fits && !text.chars().any(|sign| sign.is_control() && sign != '\n')
        };
        match &decree.wish {
            Wish::Set { field, value: Some(value) } => field.check(value),
            Wish::Set { value: None, .. } => Ok(()),
            Wish::Tag { tag, .. } if word(tag, WORD_MAX) => Ok(()),
            Wish::Tag { .. } => Err("a tag has 1 to 120 characters"),
            Wish::Note { text } if word(text, NOTE_MAX) => Ok(()),
            Wish::Note { .. } => Err("a note has 1 to 2,000 characters"),
            Wish::Merge { with } => match FaceKey::parse(with) {
                Some(with) if with != decree.about => Ok(()),
                Some(_) => Err("a device cannot be merged with itself"),
                None => Err("there is no such device"),
            },
            Wish::Split { face, from } => match FaceKey::parse(face) {
                Some(_) if from.is_empty() => Err("a device of one face cannot be split"),
                Some(_) if from.len() <= SPLIT_MAX && from.iter().all(|one| FaceKey::parse(one).is_some()) => Ok(()),
                _ => Err("there is no such face"),
            },
            Wish::Undo { decree: earlier } => match self.decrees.get(earlier) {
                Some(known) if matches!(known.wish, Wish::Undo { .. }) => Err("that is no decision that can be undone"),
                Some(known) if known.undone.is_some() => Err("that decision is undone already"),
                Some(known) if known.site == decree.site => Ok(()),
                _ => Err("there is no such decision"),
            },
        }
    }

    /// Makes a merging or splitting hold, or no longer. The faces that it touches.
    fn lay(&mut self, decree: &Decree, holds: bool) -> BTreeSet<FaceKey> {
        let site = decree.site.as_str();
        let mut touched = BTreeSet::new();
        match &decree.wish {
            Wish::Merge { with } => {
                let Some(with) = FaceKey::parse(with) else { return touched };
                touched.extend([decree.about, with]);
                let bond = Bond {
                    a: decree.about,
                    b: with,
                    rule: Rule::Person,
                    value: decree.who.clone(),
                    since: decree.at,
                    decree: Some(decree.id),
                };
                let one = BTreeSet::from([Self::key_of(site, &bond)]);
                let (before, after) = if holds { (BTreeSet::new(), vec![bond]) } else { (one, Vec::new()) };
                self.replace_bonds(site, before, after);
            }
            Wish::Split { face, from } => {
                let Some(face) = FaceKey::parse(face) else { return touched };
                touched.insert(face);
                for other in from.iter().filter_map(|other| FaceKey::parse(other)).filter(|other| *other != face) {
                    touched.insert(other);
                    let (a, b) = if face <= other { (face, other) } else { (other, face) };
                    let pair = (site.to_owned(), a, b);
                    if holds {
                        self.apart.insert(pair, decree.id);
                    } else if self.apart.get(&pair) == Some(&decree.id) {
                        self.apart.remove(&pair);
                    }
                }
            }
            Wish::Set { .. } | Wish::Tag { .. } | Wish::Note { .. } | Wish::Undo { .. } => {}
        }
        touched
    }

    /// What was said of the device of these faces, as it held at a time.
    pub(crate) fn said<'a>(&self, site: &str, faces: impl Iterator<Item = &'a FaceKey>, at: Nanos) -> Said {
        let mut ids: BTreeSet<u64> = BTreeSet::new();
        for face in faces {
            ids.extend(self.decrees_of.get(&(site.to_owned(), *face)).into_iter().flatten());
        }
        let mut said = Said::default();
        for decree in ids.into_iter().filter_map(|id| self.decrees.get(&id)) {
            let is_undone = decree.undone.as_ref().is_some_and(|(_, undone)| *undone <= at);
            if decree.at <= at && !is_undone {
                said.take(decree);
            }
        }
        said
    }

    /// The decisions about a device, oldest first.
    pub fn decrees_about(&self, device: &Device) -> Vec<&Decree> {
        let mut ids: BTreeSet<u64> = BTreeSet::new();
        for face in device.faces.keys() {
            ids.extend(self.decrees_of.get(&(device.site.clone(), *face)).into_iter().flatten());
        }
        ids.into_iter().filter_map(|id| self.decrees.get(&id)).collect()
    }
}
