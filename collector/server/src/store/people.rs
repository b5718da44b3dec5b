//! People and their sessions. Passwords are kept as argon2id, session tokens and enrolment secrets as SHA-256.

use super::Store;
use crate::api::types::UserRole;
use crate::random::{hex, sha256};
use argon2::password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash};
use argon2::{Algorithm, Argon2, Params, Version};
use holter_core::{HOUR, MINUTE};
use holter_terms::Nanos;
use sqlx::Row;

pub(crate) const IDLE: Nanos = 15 * MINUTE;
pub(crate) const ABSOLUTE: Nanos = 12 * HOUR;
/// Characters of a password.
pub(crate) const PASSWORD_MIN: usize = 12;
pub(crate) const PASSWORD_MAX: usize = 256;

#[derive(Debug, Clone)]
pub(crate) struct Who {
    pub(crate) user: String,
    pub(crate) tenant: String,
    pub(crate) role: UserRole,
    pub(crate) csrf: String,
    pub(crate) made: Nanos,
    pub(crate) used: Nanos,
    pub(crate) hash: Vec<u8>,
}

/// 19 MiB, 2 passes, 1 lane: the second of OWASP's equal choices.
fn argon2() -> Argon2<'static> {
    let params = Params::new(19 * 1024, 2, 1, None).unwrap_or_default();
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

pub(crate) fn hash_password(password: &str) -> anyhow::Result<String> {
    let hash: PasswordHash = argon2()
        .hash_password_with_salt(password.as_bytes(), &crate::random::bytes::<16>())
        .map_err(|_| anyhow::anyhow!("the password cannot be hashed"))?;
    Ok(hash.to_string())
}

fn verify(password: &str, phc: &str) -> bool {
    PasswordHash::new(phc).is_ok_and(|hash| argon2().verify_password(password.as_bytes(), &hash).is_ok())
}

impl Store {
    pub(crate) async fn add_person(
        &self,
        name: &str,
        tenant: &str,
        role: UserRole,
        phc: &str,
        now: Nanos,
    ) -> sqlx::Result<()> {
        sqlx::query("INSERT INTO person (name, tenant, role, phc, made) VALUES (?, ?, ?, ?, ?)")
            .bind(name)
            .bind(tenant)
            .bind(role.as_str())
            .bind(phc)
            .bind(now)
            .execute(&self.write)
            .await
            .map(drop)
    }

    /// Checks name and password and opens a fresh session: its token, and who it is. The same work is done for a name
    /// that does not exist (`decoy`), so the time tells nothing.
    pub(crate) async fn log_in(
        &self,
        name: &str,
        password: String,
        decoy: &str,
        now: Nanos,
    ) -> sqlx::Result<Option<(String, Who)>> {
        let row = sqlx::query("SELECT * FROM person WHERE name = ?").bind(name).fetch_optional(&self.read).await?;
        let phc: String = match &row {
            Some(row) => row.try_get("phc")?,
            None => decoy.to_owned(),
        };
        let right = tokio::task::spawn_blocking(move || verify(&password, &phc)).await.unwrap_or(false);
        let (Some(row), true) = (row, right) else { return Ok(None) };
        let Some(role) = UserRole::parse(row.try_get("role")?) else { return Ok(None) };
        let token = hex::<32>();
        let who = Who {
            user: row.try_get("name")?,
            tenant: row.try_get("tenant")?,
            role,
            csrf: hex::<16>(),
            made: now,
            used: now,
            hash: sha256(token.as_bytes()).to_vec(),
        };
        let mut tx = self.write.begin_with("BEGIN IMMEDIATE").await?;
        sqlx::query("DELETE FROM session WHERE used < ? OR made < ?")
            .bind(now.saturating_sub(IDLE))
            .bind(now.saturating_sub(ABSOLUTE))
            .execute(&mut *tx)
            .await?;
        sqlx::query("INSERT INTO session (hash, name, tenant, role, csrf, made, used) VALUES (?, ?, ?, ?, ?, ?, ?)")
            .bind(&who.hash)
            .bind(&who.user)
            .bind(&who.tenant)
            .bind(role.as_str())
            .bind(&who.csrf)
            .bind(now)
            .bind(now)
            .execute(&mut *tx)
            .await?;
        tx.commit().await?;
        Ok(Some((token, who)))
    }

    /// The session of a token, if it has neither idled nor aged out. Reading it counts as use.
    pub(crate) async fn session(&self, token: &str, now: Nanos) -> sqlx::Result<Option<Who>> {
        let hash = sha256(token.as_bytes());
        let row = sqlx::query(
            "SELECT s.*, p.role AS role_now FROM session s JOIN person p ON p.name = s.name WHERE s.hash = ?",
        )
        .bind(hash.as_slice())
        .fetch_optional(&self.read)
        .await?;
        let Some(row) = row else { return Ok(None) };
        let (made, used): (i64, i64) = (row.try_get("made")?, row.try_get("used")?);
        // A clock that went back ends no session early and prolongs none past its absolute end.
        if now.saturating_sub(used) > IDLE || now.saturating_sub(made) > ABSOLUTE {
            self.end_session(&hash).await?;
            return Ok(None);
        }
        let Some(role) = UserRole::parse(row.try_get("role_now")?) else { return Ok(None) };
        if now.saturating_sub(used) > MINUTE / 2 {
            sqlx::query("UPDATE session SET used = ? WHERE hash = ?")
                .bind(now)
                .bind(hash.as_slice())
                .execute(&self.write)
                .await?;
        }
        Ok(Some(Who {
            user: row.try_get("name")?,
            tenant: row.try_get("tenant")?,
            role,
            csrf: row.try_get("csrf")?,
            made,
            used: now,
            hash: hash.to_vec(),
        }))
    }

    pub(crate) async fn end_session(&self, hash: &[u8]) -> sqlx::Result<()> {
        sqlx::query("DELETE FROM session WHERE hash = ?").bind(hash).execute(&self.write).await.map(drop)
    }
}
