//! Enrolment tokens: made here, shown once, kept as a hash.

use crate::app::now;
use crate::pki::Authority;
use crate::random::{bytes, sha256};
use crate::store::{SITE, Store};
use holter_core::HOUR;
use holter_terms::Nanos;
use holter_wire::enrol::{SiteData, Token, ZoneRow};

/// What a token grants.
#[derive(Debug)]
pub(crate) struct Grant {
    pub(crate) tenant: String,
    pub(crate) name: String,
    pub(crate) host: String,
    pub(crate) hours: u8,
    pub(crate) site_data: SiteData,
    pub(crate) zones: Vec<ZoneRow>,
}

pub(crate) async fn make(store: &Store, authority: &Authority, grant: &Grant) -> anyhow::Result<(Token, Nanos)> {
    anyhow::ensure!((1..=24).contains(&grant.hours), "a token is valid for 1 to 24 hours");
    let token = Token { collector: grant.host.clone(), pin: authority.pin()?, secret: bytes() };
    Token::parse(&token.to_string())?;
    let made = now();
    let ends = made.saturating_add(HOUR.saturating_mul(i64::from(grant.hours)));
    sqlx::query("INSERT INTO token (hash, tenant, site, name, host, made, ends, site_data, zones) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)")
        .bind(sha256(&token.secret).as_slice()).bind(&grant.tenant).bind(SITE).bind(&grant.name).bind(&grant.host)
        .bind(made).bind(ends).bind(serde_json::to_string(&grant.site_data)?).bind(serde_json::to_string(&grant.zones)?)
        .execute(&store.write).await?;
    Ok((token, ends))
}
