//! A broker for development, inside the process: librdkafka's mock cluster behind a fixed port.
//!
//! It keeps everything in memory and proves nothing about durability: the history is in the database, from
//! which it is filled again at each start.

use futures_util::future::join_all;
use rdkafka::ClientConfig;
use rdkafka::error::KafkaError;
use rdkafka::mocking::MockCluster;
use rdkafka::producer::{DefaultProducerContext, FutureProducer};
use std::io;
use std::net::SocketAddr;
use std::sync::mpsc;
use std::thread::JoinHandle;
use std::time::Duration;
use thiserror::Error;
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;
use waymark_events::{Record, Topic};

/// Why the embedded broker did not start.
#[derive(Debug, Error)]
pub enum EmbeddedError {
    /// Only this machine may reach it: it has no authentication.
    #[error("the embedded broker listens on loopback only, not on {0}")]
    NotLoopback(SocketAddr),
    /// The port is taken, most likely.
    #[error(
        "the embedded broker cannot listen on {address}: {source}; is another one running? try --kafka-listen"
    )]
    Listen {
        /// Where it was to listen.
        address: SocketAddr,
        /// Why it cannot.
        source: io::Error,
    },
    /// librdkafka could not make the cluster.
    #[error("the embedded broker cannot be made: {0}")]
    Cluster(#[from] KafkaError),
    /// Its thread ended early.
    #[error("the embedded broker ended while it was started")]
    Ended,
}

/// A running embedded broker; stops when dropped.
pub struct EmbeddedBroker {
    bootstrap: String,
    listen: SocketAddr,
    stop_forwarding: CancellationToken,
    stop_cluster: Option<mpsc::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl EmbeddedBroker {
    /// Starts a broker with the topics of the contract, reachable at this loopback address.
    ///
    /// # Errors
    /// See [`EmbeddedError`].
    pub async fn start(listen: SocketAddr) -> Result<Self, EmbeddedError> {
        if !listen.ip().is_loopback() {
            return Err(EmbeddedError::NotLoopback(listen));
        }
        let refused = |source| EmbeddedError::Listen { address: listen, source };
        let listener = TcpListener::bind(listen).await.map_err(refused)?;
        let listen = listener.local_addr().map_err(refused)?;
        let (stop_cluster, stopped) = mpsc::channel();
        let (started, start) = tokio::sync::oneshot::channel();
        // The cluster's handle may not leave the thread that made it.
        let thread = std::thread::spawn(move || run_cluster(started, &stopped));
        let bootstrap = start.await.map_err(|_| EmbeddedError::Ended)??;
        let stop_forwarding = CancellationToken::new();
        tokio::spawn(forward(listener, bootstrap.clone(), stop_forwarding.clone()));
        Ok(Self {
            bootstrap,
            listen,
            stop_forwarding,
            stop_cluster: Some(stop_cluster),
            thread: Some(thread),
        })
    }

    /// Where clients of this process reach it directly.
    #[must_use]
    pub fn bootstrap(&self) -> &str {
        &self.bootstrap
    }

    /// Where everybody else on this machine reaches it.
    #[must_use]
    pub fn listen(&self) -> SocketAddr {
        self.listen
    }

    /// Publishes events that were published before, in their order.
    ///
    /// # Errors
    /// When the broker does not take one of them.
    pub async fn seed(&self, records: &[Record]) -> Result<(), KafkaError> {
        let producer: FutureProducer = ClientConfig::new()
            .set("bootstrap.servers", &self.bootstrap)
            .set("enable.idempotence", "true")
            .set("partitioner", "murmur2_random")
            .create()?;
        let mut deliveries = Vec::with_capacity(records.len());
        for record in records {
            deliveries.push(crate::produce::send(&producer, record)?);
        }
        for delivery in join_all(deliveries).await {
            delivery.map_err(|_| KafkaError::Canceled)?.map_err(|(error, _)| error)?;
        }
        Ok(())
    }
}

impl Drop for EmbeddedBroker {
    fn drop(&mut self) {
        self.stop_forwarding.cancel();
        drop(self.stop_cluster.take());
        if let Some(thread) = self.thread.take() {
            // A panic of the thread has been printed already.
            let _ = thread.join();
        }
    }
}

type Started = tokio::sync::oneshot::Sender<Result<String, KafkaError>>;

fn run_cluster(started: Started, stopped: &mpsc::Receiver<()>) {
    let cluster = match cluster() {
        Ok(cluster) => cluster,
        // If nobody waits for the answer any more, there is nobody to tell.
        Err(error) => return drop(started.send(Err(error))),
    };
    if started.send(Ok(cluster.bootstrap_servers())).is_ok() {
        // Ends when the sender is dropped.
        let _ = stopped.recv();
    }
}

fn cluster() -> Result<MockCluster<'static, DefaultProducerContext>, KafkaError> {
    let cluster = MockCluster::new(1)?;
    for topic in Topic::ALL {
        cluster.create_topic(topic.name(), Topic::PARTITIONS, 1)?;
    }
    Ok(cluster)
}

/// Lets the fixed port lead to the cluster, whose own port is another one each time.
async fn forward(listener: TcpListener, target: String, token: CancellationToken) {
    loop {
        let accepted = tokio::select! {
            () = token.cancelled() => return,
            accepted = listener.accept() => accepted,
        };
        let Ok((mut client, _)) = accepted else {
            // Out of file descriptors, say: a pause lets some of them close.
            tokio::time::sleep(Duration::from_millis(50)).await;
            continue;
        };
        let (target, token) = (target.clone(), token.clone());
        tokio::spawn(async move {
            let Ok(mut broker) = TcpStream::connect(&target).await else { return };
            tokio::select! {
                () = token.cancelled() => {}
                // Either side may hang up whenever it likes.
                _ = tokio::io::copy_bidirectional(&mut client, &mut broker) => {}
            }
        });
    }
}
