//! Exposure: which device is affected by which advisory, and how we know.

mod versions;
