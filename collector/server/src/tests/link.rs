use super::*;
use holter_terms::{BootId, Lane};
use holter_wire::codec::encode;
use holter_wire::enrol::{self, Answer as Enrolment, Enrolled, Request as Wish};
use holter_wire::link::{
    self, Batch, CollectorSays, Committed, SERVER_NAME, SensorSays, message, message_length, read_message,
};
use holter_wire::{LossReason, Record};
use quinn::{Connection, Endpoint, RecvStream, SendStream};
use rcgen::{CertificateParams, KeyPair};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use std::sync::Arc;
use std::time::Duration;

const BOOT: BootId = BootId([9; 16]);

fn client(running: &Running, alpn: &[u8], identity: Option<(Vec<u8>, &KeyPair)>) -> Endpoint {
    let mut roots = rustls::RootCertStore::empty();
    roots.add(running.app.authority.der().clone()).unwrap();
    let builder = rustls::ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_protocol_versions(&[&rustls::version::TLS13])
        .unwrap()
        .with_root_certificates(roots);
    let mut tls = match identity {
        None => builder.with_no_client_auth(),
        Some((certificate, key)) => builder
            .with_client_auth_cert(
                vec![CertificateDer::from(certificate)],
                PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der())),
            )
            .unwrap(),
    };
    tls.alpn_protocols = vec![alpn.to_vec()];
    let config = quinn::crypto::rustls::QuicClientConfig::try_from(tls).unwrap();
    let mut endpoint = Endpoint::client("127.0.0.1:0".parse().unwrap()).unwrap();
    endpoint.set_default_client_config(quinn::ClientConfig::new(Arc::new(config)));
    endpoint
}

async fn receive<T: serde::de::DeserializeOwned>(stream: &mut RecvStream) -> anyhow::Result<T> {
    let mut prefix = [0; 4];
    stream.read_exact(&mut prefix).await?;
    let mut bytes = vec![0; message_length(prefix)?];
    stream.read_exact(&mut bytes).await?;
    Ok(read_message(&bytes)?)
}

fn csr(key: &KeyPair) -> Vec<u8> {
    CertificateParams::new(Vec::new()).unwrap().serialize_request(key).unwrap().der().to_vec()
}

async fn enrol_with(running: &Running, secret: [u8; 20], csr: Vec<u8>) -> anyhow::Result<Enrolment> {
    let endpoint = client(running, enrol::ALPN, None);
    let connection = endpoint.connect(running.quic, SERVER_NAME)?.await?;
    let (mut send, mut stream) = connection.open_bi().await?;
    send.write_all(&message(&Wish { secret, csr, version: [1, 2, 3] })?).await?;
    receive(&mut stream).await
}

async fn enrolled(running: &Running) -> (Enrolled, KeyPair) {
    let key = KeyPair::generate().unwrap();
    match enrol_with(running, token(running).await.secret, csr(&key)).await.unwrap() {
        Enrolment::Enrolled(enrolled) => (*enrolled, key),
        Enrolment::Refused => panic!("refused"),
    }
}

struct Sensor {
    connection: Connection,
    send: SendStream,
    stream: RecvStream,
    welcome: CollectorSays,
}

impl Sensor {
    async fn connect(running: &Running, identity: Option<(Vec<u8>, &KeyPair)>) -> anyhow::Result<Sensor> {
        let endpoint = client(running, link::ALPN, identity);
        let connection = endpoint.connect(running.quic, SERVER_NAME)?.await?;
        let (mut send, mut stream) = connection.open_bi().await?;
        let boots = vec![link::Held { boot: BOOT, lane: Lane::P1, first: 1, last: 9, closed: false }];
        let hello = SensorSays::Hello { protocol: link::PROTOCOL, version: [1, 2, 3], wall: now(), boots };
        send.write_all(&message(&hello)?).await?;
        let welcome = receive(&mut stream).await?;
        Ok(Sensor { connection, send, stream, welcome })
    }

    async fn say(&mut self, what: &SensorSays) -> anyhow::Result<CollectorSays> {
        self.send.write_all(&message(what)?).await?;
        receive(&mut self.stream).await
    }

    async fn batch(&mut self, lane: Lane, first: u64, frames: &[Vec<u8>]) -> anyhow::Result<CollectorSays> {
        self.say(&SensorSays::Batch(Batch::pack(BOOT, lane, first, frames)?)).await
    }
}

fn ack(lane: Lane, through: u64) -> CollectorSays {
    CollectorSays::Ack(Committed { boot: BOOT, lane, through })
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_acknowledged_survives_a_restart_and_a_replay_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let running = collector(folder.path()).await;
    let (identity, key) = enrolled(&running).await;
    let id = identity.sensor.to_string();
    let mut sensor = Sensor::connect(&running, Some((identity.certificate.clone(), &key))).await.unwrap();
    assert!(matches!(&sensor.welcome, CollectorSays::Welcome { committed, .. } if committed.is_empty()));
    let frames = [encode(&devices("ct-2")).unwrap(), encode(&devices("ct-2")).unwrap()];
    assert_eq!(sensor.batch(Lane::P1, 1, &frames).await.unwrap(), ack(Lane::P1, 2));
    assert_eq!(sensor.batch(Lane::P2, 1, &[encode(&window()).unwrap()]).await.unwrap(), ack(Lane::P2, 1));
    assert_eq!(sensor.batch(Lane::P0, 1, &[encode(&finding()).unwrap()]).await.unwrap(), ack(Lane::P0, 1));
    // Again, with one more behind: two are duplicates, one is new.
    let again = [frames[0].clone(), frames[1].clone(), encode(&devices("ct-3")).unwrap()];
    assert_eq!(sensor.batch(Lane::P1, 1, &again).await.unwrap(), ack(Lane::P1, 3));
    // A gap is not applied.
    let gap = CollectorSays::Nak { boot: BOOT, lane: Lane::P1, expected: 4 };
    assert_eq!(sensor.batch(Lane::P1, 6, &frames).await.unwrap(), gap);
    // Other bytes under a committed number are an alarm, and change nothing.
    assert_eq!(sensor.batch(Lane::P1, 1, &[encode(&devices("evil")).unwrap()]).await.unwrap(), ack(Lane::P1, 3));
    // What cannot be read does not block the lane.
    assert_eq!(sensor.batch(Lane::P1, 4, &[b"no frame".to_vec()]).await.unwrap(), ack(Lane::P1, 4));
    assert_eq!(sensor.batch(Lane::P1, 5, &[encode(&window()).unwrap()]).await.unwrap(), ack(Lane::P1, 5));
    let gone = SensorSays::Gone { boot: BOOT, lane: Lane::P1, first: 6, last: 9, reason: LossReason::Evicted };
    assert_eq!(sensor.say(&gone).await.unwrap(), ack(Lane::P1, 9));
    let delivery = running.app.store.deliveries().await.unwrap()[&id];
    assert_eq!(
        (delivery.committed, delivery.duplicate, delivery.equivocation, delivery.quarantined, delivery.gap),
        (5, 3, 1, 2, 1)
    );
    let gone: Vec<_> = running.app.store.gone(&id).await.unwrap();
    assert_eq!((gone.len(), gone[0].count), (1, 4));
    let before = running.app.view("main", |estate| format!("{:?}", estate.devices));
    assert!(before.contains("ct-2") && !before.contains("evil"));
    running.stop().await;

    let running = collector(folder.path()).await;
    assert_eq!(running.app.view("main", |estate| format!("{:?}", estate.devices)), before);
    let sensor = Sensor::connect(&running, Some((identity.certificate, &key))).await.unwrap();
    let CollectorSays::Welcome { committed, .. } = sensor.welcome else { panic!("no welcome") };
    assert_eq!(committed, [Committed { boot: BOOT, lane: Lane::P1, through: 9 }]);
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_works_once_and_for_the_same_key_again_and_every_refusal_looks_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let running = collector(folder.path()).await;
    let key = KeyPair::generate().unwrap();
    let made = token(&running).await;
    let first = enrol_with(&running, made.secret, csr(&key)).await.unwrap();
    assert!(matches!(first, Enrolment::Enrolled(_)));
    assert_eq!(enrol_with(&running, made.secret, csr(&key)).await.unwrap(), first);
    let other = KeyPair::generate().unwrap();
    assert_eq!(enrol_with(&running, made.secret, csr(&other)).await.unwrap(), Enrolment::Refused);
    assert_eq!(enrol_with(&running, [1; 20], csr(&other)).await.unwrap(), Enrolment::Refused);
    let late = token(&running).await;
    sqlx::query("UPDATE token SET ends = 1 WHERE used IS NULL").execute(&running.app.store.write).await.unwrap();
    assert_eq!(enrol_with(&running, late.secret, csr(&other)).await.unwrap(), Enrolment::Refused);
    // The sixth try in a minute is refused whatever it holds.
    let good = token(&running).await;
    assert_eq!(enrol_with(&running, good.secret, csr(&other)).await.unwrap(), Enrolment::Refused);
    let (_, rows) = running.app.store.audit_page("main", None, 50).await.unwrap();
    let reasons: Vec<&str> = rows.iter().rev().map(|row| row.object.as_str()).collect();
    assert_eq!(
        reasons,
        [
            "enrolled",
            "enrolled",
            "token used before, by another key",
            "no such token",
            "token has ended",
            "too many tries"
        ]
    );
    assert_eq!(running.app.store.enrolments().await.unwrap().len(), 1);
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_an_enrolled_key_delivers_and_a_revoked_one_is_cut_off_within_seconds() {
    let folder = tempfile::tempdir().unwrap();
    let running = collector(folder.path()).await;
    assert!(Sensor::connect(&running, None).await.is_err(), "no certificate");
    let stranger = KeyPair::generate().unwrap();
    let foreign = CertificateParams::new(Vec::new()).unwrap().self_signed(&stranger).unwrap().der().to_vec();
    assert!(Sensor::connect(&running, Some((foreign, &stranger))).await.is_err(), "another authority");
    let unknown = running.app.authority.sensor(&csr(&stranger), holter_terms::SensorId([3; 16])).unwrap();
    assert!(Sensor::connect(&running, Some((unknown, &stranger))).await.is_err(), "our authority, not enrolled");

    let (identity, key) = enrolled(&running).await;
    let sensor = Sensor::connect(&running, Some((identity.certificate.clone(), &key))).await.unwrap();
    assert!(running.app.store.revoke("main", &identity.sensor.to_string(), now()).await.unwrap());
    tokio::time::timeout(Duration::from_secs(4), sensor.connection.closed()).await.expect("cut off");
    assert!(Sensor::connect(&running, Some((identity.certificate, &key))).await.is_err());
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_too_large_or_malformed_ends_the_connection_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let running = collector(folder.path()).await;
    let (identity, key) = enrolled(&running).await;
    for hostile in [u32::MAX.to_le_bytes().to_vec(), [4, 0, 0, 0, 255, 255, 255, 255].to_vec(), {
        let bomb = Batch { boot: BOOT, lane: Lane::P1, first: 1, count: 1, packed: vec![0; 64] };
        message(&SensorSays::Batch(bomb)).unwrap()
    }] {
        let mut sensor = Sensor::connect(&running, Some((identity.certificate.clone(), &key))).await.unwrap();
        sensor.send.write_all(&hostile).await.unwrap();
        tokio::time::timeout(Duration::from_secs(4), sensor.connection.closed()).await.expect("closed");
    }
    let mut sensor = Sensor::connect(&running, Some((identity.certificate, &key))).await.unwrap();
    let record: Record<Text> = devices("ct-2");
    assert_eq!(sensor.batch(Lane::P1, 1, &[encode(&record).unwrap()]).await.unwrap(), ack(Lane::P1, 1));
    running.stop().await;
}
