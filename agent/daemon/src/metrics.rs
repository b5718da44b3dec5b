//! Prometheus metrics of the forwarding process, on an address that the operator chose (loopback in earnest).

use crate::keeper::Keeper;
use crate::uplink::Counters;
use anyhow::Context;
use std::fmt::Write;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// A request is read this far and given this long.
const REQUEST: usize = 1024;
const PATIENCE: Duration = Duration::from_secs(2);

pub(crate) async fn serve(address: SocketAddr, keeper: Keeper, counters: Arc<Counters>) -> anyhow::Result<()> {
    let listener = TcpListener::bind(address).await.with_context(|| format!("metrics: {address} cannot be bound"))?;
    tokio::spawn(async move {
        // One at a time: a scraper that dawdles delays the next, and nothing else.
        while let Ok((stream, _)) = listener.accept().await {
            let _ = tokio::time::timeout(PATIENCE, answer(stream, &keeper, &counters)).await;
        }
    });
    Ok(())
}

async fn answer(mut stream: TcpStream, keeper: &Keeper, counters: &Counters) -> std::io::Result<()> {
    let mut request = [0; REQUEST];
    let n = stream.read(&mut request).await?;
    let known = request.get(..n).is_some_and(|request| request.starts_with(b"GET /metrics "));
    let (status, body) =
        if known { ("200 OK", text(keeper, counters).await) } else { ("404 Not Found", String::new()) };
    let head = format!(
        "HTTP/1.1 {status}\r\nContent-Type: text/plain; version=0.0.4\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).await?;
    stream.write_all(body.as_bytes()).await?;
    stream.shutdown().await
}

async fn text(keeper: &Keeper, counters: &Counters) -> String {
    let rows = [
        (
            "uplink_connected",
            "gauge",
            "1 while the collector is connected",
            u64::from(counters.connected.load(Relaxed)),
        ),
        ("uplink_connections_total", "counter", "Connections made", counters.connections.load(Relaxed)),
        ("uplink_batches_total", "counter", "Batches sent", counters.batches.load(Relaxed)),
        ("uplink_bytes_total", "counter", "Bytes of batches sent, before QUIC", counters.bytes.load(Relaxed)),
        (
            "uplink_acknowledged_total",
            "counter",
            "Batches that the collector committed",
            counters.acknowledged.load(Relaxed),
        ),
        ("spool_bytes", "gauge", "Bytes on disk", keeper.bytes()),
        ("spool_pending_records", "gauge", "Records that the collector has not committed", keeper.pending()),
        ("spool_in_memory", "gauge", "1 once the disk was given up", u64::from(keeper.in_memory())),
    ];
    let mut text = String::new();
    for (name, kind, help, value) in rows {
        let _ = write!(text, "# HELP holter_{name} {help}\n# TYPE holter_{name} {kind}\nholter_{name} {value}\n");
    }
    if let Ok(lost) = keeper.lost().await {
        text.push_str(
            "# HELP holter_lost_records_total Records given up, by reason\n# TYPE holter_lost_records_total counter\n",
        );
        for row in lost {
            let lane = row.lane.map_or("none", |lane| lane.as_str());
            let _ = writeln!(
                text,
                "holter_lost_records_total{{reason=\"{:?}\",lane=\"{lane}\"}} {}",
                row.reason, row.count
            );
        }
    }
    text
}
