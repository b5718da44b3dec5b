//! The collector's own certificate authority. It is made at the first start; its key never leaves the data folder.

use anyhow::Context;
use holter_terms::SensorId;
use rcgen::{
    BasicConstraints, CertificateParams, CertificateSigningRequestParams, DnType, ExtendedKeyUsagePurpose, IsCa,
    Issuer, KeyPair, KeyUsagePurpose, date_time_ymd,
};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer, pem::PemObject};
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

/// Days that a sensor's certificate lives.
pub(crate) const SENSOR_DAYS: i64 = 90;
const SERVER_DAYS: i64 = 397;
const AUTHORITY_DAYS: i64 = 3650;

pub(crate) struct Authority {
    issuer: Issuer<'static, KeyPair>,
    der: CertificateDer<'static>,
}

impl std::fmt::Debug for Authority {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Authority")
    }
}

fn day(offset: i64) -> anyhow::Result<jiff::civil::Date> {
    let now = jiff::Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC).date();
    Ok(now.checked_add(jiff::Span::new().try_days(offset)?)?)
}

fn dates(params: &mut CertificateParams, days: i64) -> anyhow::Result<()> {
    let at = |date: jiff::civil::Date| {
        date_time_ymd(date.year().into(), date.month().unsigned_abs(), date.day().unsigned_abs())
    };
    // From yesterday, for clocks that are behind.
    params.not_before = at(day(-1)?);
    params.not_after = at(day(days)?);
    Ok(())
}

/// Writes a file that only its owner can read, whole or not at all.
pub(crate) fn write_private(path: &Path, content: &[u8]) -> anyhow::Result<()> {
    let temporary = path.with_extension("new");
    let _ = std::fs::remove_file(&temporary);
    let mut file = std::fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&temporary)
        .with_context(|| format!("{}: cannot be written", temporary.display()))?;
    file.write_all(content)?;
    file.sync_all()?;
    std::fs::rename(&temporary, path)?;
    if let Some(folder) = path.parent() {
        std::fs::File::open(folder)?.sync_all()?;
    }
    Ok(())
}

impl Authority {
    pub(crate) fn open(data: &Path) -> anyhow::Result<Authority> {
        let _alone = crate::store::alone(data)?;
        let (key_file, certificate_file) = (data.join("ca.key"), data.join("ca.pem"));
        if !certificate_file.exists() {
            let key = KeyPair::generate()?;
            let mut params = CertificateParams::new(Vec::new())?;
            params
                .distinguished_name
                .push(DnType::CommonName, format!("holter authority {}", crate::random::hex::<4>()));
            params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
            params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
            dates(&mut params, AUTHORITY_DAYS)?;
            let certificate = params.self_signed(&key)?;
            write_private(&key_file, key.serialize_pem().as_bytes())?;
            write_private(&certificate_file, certificate.pem().as_bytes())?;
        }
        let read =
            |path: &Path| std::fs::read_to_string(path).with_context(|| format!("{}: cannot be read", path.display()));
        let key =
            KeyPair::from_pem(&read(&key_file)?).with_context(|| format!("{}: holds no key", key_file.display()))?;
        let pem = read(&certificate_file)?;
        let der = CertificateDer::from_pem_slice(pem.as_bytes())
            .map_err(|_| anyhow::anyhow!("{}: holds no certificate", certificate_file.display()))?;
        let issuer = Issuer::from_ca_cert_der(&der, key)
            .with_context(|| format!("{}: is no authority", certificate_file.display()))?;
        Ok(Authority { issuer, der })
    }

    pub(crate) fn der(&self) -> &CertificateDer<'static> {
        &self.der
    }

    /// First 16 bytes of the SHA-256 of the public key: what enrolment tokens carry.
    pub(crate) fn pin(&self) -> anyhow::Result<[u8; 16]> {
        let hash = crate::random::sha256(&spki(&self.der)?);
        let mut pin = [0; 16];
        pin.copy_from_slice(&hash[..16]);
        Ok(pin)
    }

    /// SHA-256 of the certificate, in pairs, as browsers show it.
    pub(crate) fn fingerprint(&self) -> String {
        let hash = crate::random::sha256(&self.der);
        hash.iter().map(|byte| format!("{byte:02X}")).collect::<Vec<_>>().join(":")
    }

    /// A fresh certificate and key for the listeners, good for the names given.
    pub(crate) fn server(
        &self,
        names: Vec<String>,
    ) -> anyhow::Result<(Vec<CertificateDer<'static>>, PrivateKeyDer<'static>)> {
        let key = KeyPair::generate()?;
        let mut params = CertificateParams::new(names)?;
        params.distinguished_name.push(DnType::CommonName, holter_wire::link::SERVER_NAME);
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        params.use_authority_key_identifier_extension = true;
        dates(&mut params, SERVER_DAYS)?;
        let certificate = params.signed_by(&key, &self.issuer)?;
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
        Ok((vec![certificate.der().clone(), self.der.clone()], key))
    }

    /// A sensor's certificate. Nothing but the public key is taken from the request: the name is ours.
    pub(crate) fn sensor(&self, csr: &[u8], sensor: SensorId) -> anyhow::Result<Vec<u8>> {
        let request = CertificateSigningRequestParams::from_der(&csr.into())?;
        let mut params = CertificateParams::new(Vec::new())?;
        params.distinguished_name.push(DnType::CommonName, sensor.to_string());
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        params.use_authority_key_identifier_extension = true;
        dates(&mut params, SENSOR_DAYS)?;
        Ok(params.signed_by(&request.public_key, &self.issuer)?.der().to_vec())
    }
}

/// The public key of a certificate, DER.
pub(crate) fn spki(certificate: &[u8]) -> anyhow::Result<Vec<u8>> {
    let (_, certificate) = x509_parser::parse_x509_certificate(certificate)
        .map_err(|_| anyhow::anyhow!("a certificate cannot be read"))?;
    Ok(certificate.public_key().raw.to_vec())
}
