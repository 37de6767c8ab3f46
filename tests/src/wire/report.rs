//! The figures of a run, side by side.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::{Outcome, Plan};

/// The table of both clients; a service may have no plain one.
#[must_use]
pub fn table(service: &str, plan: Plan, envoi: &Outcome, naive: Option<&Outcome>) -> String {
    let mut table = Table(String::new());
    let Plan { messages, people, seed, page } = plan;
    let page = page.map(|page| format!(", pages of {page}")).unwrap_or_default();
    table.text(&format!("{service}: {messages} messages each way, {people} people, seed {seed}{page}"));
    let clients: Vec<&Outcome> = std::iter::once(envoi).chain(naive).collect();
    table.line("", &["envoi".to_owned(), naive.map_or(String::new(), |_| "plain client".to_owned())]);
    let of_each = |figure: &dyn Fn(&Outcome) -> String| -> Vec<String> {
        clients.iter().map(|outcome| figure(outcome)).collect()
    };
    let both = |figure: fn(&Outcome) -> usize| of_each(&|outcome| figure(outcome).to_string());
    table.text("  to the contact centre");
    table.line("    lost", &both(|outcome| outcome.there.lost));
    table.line("    duplicated", &both(|outcome| outcome.there.duplicated));
    table.line("    reordered", &both(|outcome| outcome.there.reordered));
    table.line("    shown as sent, not arrived", &both(|outcome| outcome.falsely_sent));
    table.line("    never settled", &both(|outcome| outcome.unsettled));
    table.text("  to the customer");
    table.line("    lost", &both(|outcome| outcome.back.lost));
    table.line("    duplicated", &both(|outcome| outcome.back.duplicated));
    table.line("    reordered", &both(|outcome| outcome.back.reordered));
    table.text("  the person had to help");
    table.line("    retry", &both(|outcome| outcome.help.retried));
    table.line("    asked, and sent again", &both(|outcome| outcome.help.asked_and_retried));
    table.line("    asked, and took back", &both(|outcome| outcome.help.asked_and_taken_back));
    table.line("  seconds", &of_each(&|outcome| format!("{:.1}", outcome.took.as_secs_f64())));
    table.line("  messages/s, both ways", &of_each(&|outcome| speed(messages, outcome)));
    table.line("  requests and frames", &of_each(&|outcome| outcome.requests.to_string()));
    table.line("  faults", &of_each(&|outcome| outcome.faults.values().sum::<u64>().to_string()));
    let names: BTreeSet<_> = clients.iter().flat_map(|outcome| outcome.faults.keys()).collect();
    for name in names {
        let count = |outcome: &Outcome| outcome.faults.get(*name).copied().unwrap_or_default().to_string();
        table.line(&format!("    {name}"), &of_each(&count));
    }
    table.0
}

fn speed(messages: usize, outcome: &Outcome) -> String {
    #[allow(clippy::cast_precision_loss, reason = "it is rounded for reading")]
    let speed = 2.0 * messages as f64 / outcome.took.as_secs_f64();
    format!("{speed:.0}")
}

struct Table(String);

impl Table {
    fn text(&mut self, text: &str) {
        writeln!(self.0, "{text}").expect("a string takes text");
    }

    fn line(&mut self, name: &str, figures: &[String]) {
        let (envoi, naive) = (figures.first(), figures.get(1));
        let (envoi, naive) = (envoi.map_or("", String::as_str), naive.map_or("", String::as_str));
        writeln!(self.0, "{name:<36} {envoi:>10} {naive:>14}").expect("a string takes text");
    }
}
