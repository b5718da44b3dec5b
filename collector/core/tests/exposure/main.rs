//! Exposure: which device is affected by which advisory, and how we know.

mod golden;
mod hostile;
mod icsma;
mod ledger;
mod library;
mod made;
mod shared;
