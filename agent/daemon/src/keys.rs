//! The keys of a replay: drawn at random, or derived from `--seed` so that a run can be repeated.

use anyhow::{Result, anyhow};
use holter_engine::Seeds;
use holter_phi::{Names, TallyKey};
use ring::hmac;
use ring::rand::{SecureRandom, SystemRandom};

/// `seed` fixes what is reported. The key of the tables is fresh at each start all the same: nothing reported may
/// depend on it.
pub(crate) fn seeds(seed: Option<&[u8]>, show_names: bool) -> Result<Seeds> {
    let random = SystemRandom::new();
    let mut root = [0; 32];
    random.fill(&mut root).map_err(|_| anyhow!("the system gives no random bytes"))?;
    let mut hash = [0; 16];
    random.fill(&mut hash).map_err(|_| anyhow!("the system gives no random bytes"))?;
    let root = hmac::Key::new(hmac::HMAC_SHA256, seed.unwrap_or(&root));
    let names = if show_names { Names::shown() } else { Names::hashed(derive(&root, "holter replay names")) };
    Ok(Seeds { hash, names, people: TallyKey::new(derive(&root, "holter replay people")) })
}

fn derive<const N: usize>(root: &hmac::Key, purpose: &str) -> [u8; N] {
    let tag = hmac::sign(root, purpose.as_bytes());
    let mut key = [0; N];
    key.iter_mut().zip(tag.as_ref()).for_each(|(to, from)| *to = *from);
    key
}
