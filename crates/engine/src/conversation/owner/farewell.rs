//! How the owner of a conversation ends: what is under way is taken back, what is being kept is waited for, and a chat that was ended
//! just now may still say so.

use super::*;

/// How long a chat that has ended may still say so to its service when it is closed.
const FAREWELL: Duration = Duration::from_secs(3);

impl Owner {
    /// The last things, before the task ends.
    pub(super) async fn wind_up(&mut self, closed: Option<oneshot::Sender<()>>) {
        self.say_farewell().await;
        self.calls.cancel_all();
        self.sockets.cut_all();
        self.sign_ins.cancel_all();
        while self.beginning.memory.is_busy() {
            self.beginning.memory.next().await;
        }
        if let Some(answer) = closed {
            // Whoever asked may have gone.
            let _ = answer.send(());
        }
    }

    /// A chat that was ended just now tells its service before everything stops.
    async fn say_farewell(&mut self) {
        let over = matches!(&self.state, State::Running(session) if session.is_over());
        let until = Instant::now() + FAREWELL;
        while over && (self.calls.any() || self.sockets.any()) {
            let (calls, sockets) = (&mut self.calls, &mut self.sockets);
            tokio::select! {
                report = poll_fn(|context| calls.poll_next(context)) => {
                    self.feed(report.input()).await;
                }
                (socket, event) = poll_fn(|context| sockets.poll_next(context)) => {
                    self.feed(Input::Socket { socket, event }).await;
                }
                () = tokio::time::sleep_until(until) => return,
            }
        }
    }
}
