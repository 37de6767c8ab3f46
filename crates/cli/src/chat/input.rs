//! Standard input as lines. Reading it blocks, so a thread of its own does it; it is never waited for.

use std::io::{self, BufRead as _, Read as _};

use tokio::sync::mpsc;

/// Longest line that is taken; a longer one is cut there, and what reads it says so.
pub(super) const LONGEST: usize = 256 * 1024;

/// The lines of standard input without their ends, until it ends. Bytes that are not UTF-8 are replaced.
pub(super) fn lines() -> mpsc::Receiver<String> {
    let (send, lines) = mpsc::channel(16);
    std::thread::spawn(move || {
        let mut input = io::stdin().lock();
        let mut line = Vec::new();
        loop {
            line.clear();
            let most = u64::try_from(LONGEST).unwrap_or(u64::MAX);
            match input.by_ref().take(most).read_until(b'\n', &mut line) {
                Ok(0) | Err(_) => return,
                Ok(_) => {}
            }
            while matches!(line.last(), Some(b'\n' | b'\r')) {
                line.pop();
            }
            if send.blocking_send(String::from_utf8_lossy(&line).into_owned()).is_err() {
                return;
            }
        }
    });
    lines
}
