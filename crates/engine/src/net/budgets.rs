//! One budget of retries for each host, shared by all conversations of a profile.
//!
//! Each conversation waits by itself after failures. A person with a dozen chats at the same company would still come back a
//! dozen times as often as another, so retries that nobody here asked for take their turn. What a person asks for, and what
//! follows a wake or a changed network, does not wait.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use envoi_protocol::io::{HttpCall, SocketCall};
use envoi_protocol::kit::budget::Budget;
use url::Url;

use crate::clock::Clock;

/// Retries that may be made at once, and how often there is one more.
const RETRIES: Budget = Budget::new(10, Duration::from_secs(3));

/// The budgets of all hosts.
pub(crate) struct Budgets {
    clock: Arc<dyn Clock>,
    by_host: Mutex<HashMap<String, Budget>>,
}

impl Budgets {
    pub(crate) fn new(clock: Arc<dyn Clock>) -> Self {
        Self { clock, by_host: Mutex::default() }
    }

    /// Waits until the call may be made. Dropping the future takes nothing out of the budget.
    pub(crate) async fn turn(&self, call: &HttpCall) {
        if call.retry {
            self.wait(&call.url, call.what).await;
        }
    }

    /// As [`Budgets::turn`], for a socket.
    pub(crate) async fn turn_to_open(&self, call: &SocketCall) {
        // One that cannot be read is refused when it is opened.
        if let Some(url) = Url::parse(&call.url).ok().filter(|_| call.retry) {
            self.wait(&url, call.what).await;
        }
    }

    async fn wait(&self, url: &Url, what: &'static str) {
        let Some(host) = host(url) else { return };
        while let Err(wait) = self.take(&host) {
            tracing::debug!(what, host, ?wait, "the budget of retries is used up");
            tokio::time::sleep(wait).await;
        }
    }

    fn take(&self, host: &str) -> Result<(), Duration> {
        let mut by_host = self.by_host.lock().unwrap_or_else(PoisonError::into_inner);
        by_host.entry(host.to_owned()).or_insert(RETRIES).take(self.clock.now())
    }
}

impl fmt::Debug for Budgets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Budgets")
    }
}

/// Host and port.
fn host(url: &Url) -> Option<String> {
    Some(format!("{}:{}", url.host_str()?, url.port_or_known_default()?))
}

#[cfg(test)]
mod tests {
    use envoi_protocol::io::{Body, CallId, Method};

    use super::*;
    use crate::clock::VirtualClock;

    fn call(url: &str, retry: bool) -> HttpCall {
        HttpCall {
            id: CallId(1),
            what: "test",
            method: Method::Get,
            url: url.parse().unwrap(),
            headers: Vec::new(),
            body: Body::Empty,
            timeout: Duration::from_secs(1),
            limit: 0,
            retry,
            progress: false,
        }
    }

    async fn ran(budgets: &Budgets, calls: u32, call: &HttpCall) -> Duration {
        let start = tokio::time::Instant::now();
        for _ in 0..calls {
            budgets.turn(call).await;
        }
        start.elapsed()
    }

    #[tokio::test(start_paused = true)]
    async fn retries_of_one_host_wait_for_each_other_and_nothing_else_does() {
        let budgets = Budgets::new(Arc::new(VirtualClock::start(0)));
        let retry = call("https://chat.example/a", true);
        assert_eq!(ran(&budgets, 10, &retry).await, Duration::ZERO);
        assert_eq!(ran(&budgets, 1, &call("https://chat.example/b", true)).await, Duration::from_secs(3));
        assert_eq!(ran(&budgets, 5, &retry).await, Duration::from_secs(15));
        assert_eq!(ran(&budgets, 10, &call("https://other.example/", true)).await, Duration::ZERO);
        assert_eq!(ran(&budgets, 50, &call("https://chat.example/", false)).await, Duration::ZERO);
    }

    #[tokio::test(start_paused = true)]
    async fn sleep_fills_the_budget() {
        let clock = Arc::new(VirtualClock::start(0));
        let budgets = Budgets::new(Arc::clone(&clock) as Arc<dyn Clock>);
        let retry = call("https://chat.example/", true);
        ran(&budgets, 10, &retry).await;
        clock.sleep(Duration::from_secs(3_600));
        assert_eq!(ran(&budgets, 10, &retry).await, Duration::ZERO);
    }
}
