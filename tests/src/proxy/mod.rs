//! A bad network: a proxy on loopback that stands between a client and a contact centre, and does to their requests what
//! networks do, on a schedule.
//!
//! One proxy stands for the way of one person. It speaks just enough HTTP/1.1 to know where a request and its answer begin and
//! end, and just enough of WebSockets to know the same of a frame. What a client gives up is dropped on the way, as TCP does: a request that was not passed on when its connection closed is
//! never passed on.

mod answer;
mod connection;
mod request;
pub mod schedule;
mod socket;

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::net::TcpListener;
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::Instant;

use schedule::{Fault, Lane, Page, Schedule};

/// A running proxy. Dropping it cuts everything that goes through it.
#[derive(Debug)]
pub struct Proxy {
    address: SocketAddr,
    path: Arc<Path>,
    listening: JoinHandle<()>,
}

/// What all connections of one proxy share.
#[derive(Debug)]
struct Path {
    upstream: SocketAddr,
    schedule: Schedule,
    counts: Arc<Counts>,
    weather: Mutex<Weather>,
}

#[derive(Debug, Default)]
struct Weather {
    /// Since when faults strike.
    begun: Option<Instant>,
    /// How many of each kind there were.
    counts: BTreeMap<Lane, u64>,
    /// A sign-in page stands in the way until then.
    portal: Option<(Instant, Page)>,
    journal: Vec<String>,
}

/// What was done, over several proxies.
#[derive(Debug, Default)]
pub struct Counts {
    of: Mutex<BTreeMap<&'static str, u64>>,
}

impl Counts {
    fn add(&self, what: &'static str) {
        *self.of.lock().unwrap_or_else(PoisonError::into_inner).entry(what).or_default() += 1;
    }

    /// How often each fault struck, by its name.
    #[must_use]
    pub fn faults(&self) -> BTreeMap<&'static str, u64> {
        let mut all = self.of.lock().unwrap_or_else(PoisonError::into_inner).clone();
        all.remove(REQUESTS);
        all
    }

    /// How many requests and frames came.
    #[must_use]
    pub fn requests(&self) -> u64 {
        self.of.lock().unwrap_or_else(PoisonError::into_inner).get(REQUESTS).copied().unwrap_or_default()
    }
}

const REQUESTS: &str = "requests";

impl Proxy {
    /// Stands in front of a server. Until [`Proxy::begin`] everything is passed on as it is.
    ///
    /// # Errors
    ///
    /// If there is no port to listen on.
    pub async fn start(
        upstream: SocketAddr,
        schedule: Schedule,
        counts: Arc<Counts>,
    ) -> std::io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let path = Arc::new(Path { upstream, schedule, counts, weather: Mutex::default() });
        let listening = tokio::spawn(listen(listener, Arc::clone(&path)));
        Ok(Self { address, path, listening })
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// From here on, faults strike.
    pub fn begin(&self) {
        self.path.weather().begun = Some(Instant::now());
    }

    /// What went through since then, line by line: when, which request, and what became of it.
    #[must_use]
    pub fn journal(&self) -> Vec<String> {
        self.path.weather().journal.clone()
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.listening.abort();
    }
}

impl Path {
    fn weather(&self) -> std::sync::MutexGuard<'_, Weather> {
        self.weather.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What becomes of this request or frame, counted.
    fn fate(&self, lane: Lane, what: &impl std::fmt::Display) -> Option<Fault> {
        let mut weather = self.weather();
        let begun = weather.begun?;
        self.counts.add(REQUESTS);
        let count = weather.counts.entry(lane).or_default();
        *count += 1;
        let number = *count;
        let now = Instant::now();
        let portal = weather.portal.filter(|(until, _)| now < *until);
        let fault = match portal {
            Some((until, page)) => Some(Fault::Portal { page, stays: until - now }),
            None => self.schedule.fault(lane, number),
        };
        if let Some(Fault::Portal { page, stays }) = fault {
            weather.portal = Some((now + stays, page));
        }
        let passed = (now - begun).as_secs_f64();
        let became = fault.as_ref().map_or_else(|| "passed on".to_owned(), |fault| format!("{fault:?}"));
        weather.journal.push(format!("{passed:9.3} {lane:?} {number} {what}: {became}"));
        drop(weather);
        if let Some(fault) = &fault {
            self.counts.add(fault.name());
        }
        fault
    }

    /// Writes down how a request ended.
    fn ended(&self, request: &str, how: &str) {
        let mut weather = self.weather();
        if let Some(begun) = weather.begun {
            weather.journal.push(format!("{:9.3} {request}: {how}", begun.elapsed().as_secs_f64()));
        }
    }
}

async fn listen(listener: TcpListener, path: Arc<Path>) {
    // Aborted with this task, and with it every connection.
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                if let Ok((stream, _)) = accepted {
                    connections.spawn(connection::serve(stream, Arc::clone(&path)));
                }
            }
            Some(_) = connections.join_next() => {}
        }
    }
}

#[cfg(test)]
mod tests;
