//! The run with Envoi: one engine, one company for each person, and each company behind a bad network of its own.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Instant;

use envoi_protocol::view::{Command, PhaseView};
use futures_util::future::join_all;

use super::person::Person;
use super::{Ground, Outcome, Plan, agents, judge};
use crate::customer::Customer;
use crate::eventually;
use crate::way::Way;

/// Makes the run, and counts.
pub async fn envoi(way: Way, plan: Plan) -> Outcome {
    let ground = Ground::lay(way, plan).await;
    let company = |person: usize| format!("company-{person}");
    let name = |person: usize| format!("Ann {person}");
    let entry = |(person, address): (usize, &String)| {
        let settings = way.hasty_settings(&ground.centre, address, plan.page);
        way.deployment(&company(person), &format!("Company {person}"), "asynchronous", "", &settings)
    };
    let file: Vec<String> = ground.addresses.iter().enumerate().map(entry).collect();
    let customer = Customer::new(&file.join("\n"));
    let inbox = customer.inbox().await;

    let mut people = Vec::new();
    for number in 0..plan.people {
        let stream = inbox.subscribe();
        let id = inbox.open_conversation(&company(number)).expect("the company is there");
        let conversation = inbox.conversation(&id).expect("it was just opened");
        eventually("the chat to start", || async {
            match conversation.snapshot().await.expect("the conversation runs").phase {
                PhaseView::Open => return Some(()),
                // On a busy machine the first try may take longer than is waited for.
                PhaseView::Fresh => {
                    let form = BTreeMap::from([("firstname".to_owned(), name(number))]);
                    conversation.command(Command::Start { form }).await.expect("it can be started");
                }
                _ => {}
            }
            None
        })
        .await;
        people.push((conversation, stream));
    }
    let chats = ground.chats(name).await;

    let begun = Instant::now();
    ground.begin();
    let to_write: Vec<_> =
        chats.iter().cloned().enumerate().map(|(person, chat)| (chat, plan.share(person))).collect();
    let agents = agents::write(&ground.centre, &to_write, plan.seed);
    let mut running = Vec::new();
    for (number, (conversation, stream)) in people.into_iter().enumerate() {
        let chat = chats.get(number).cloned().expect("everybody has a chat");
        let centre = Arc::clone(&ground.centre);
        let person =
            Person::new(centre, chat, conversation, stream, plan.words(number), plan.share(number)).await;
        running.push(tokio::spawn(person.run()));
    }
    let accounts: Vec<_> =
        join_all(running).await.into_iter().map(|account| account.expect("the person lives on")).collect();
    let took = begun.elapsed();
    drop(agents);
    let outcome = judge(&ground, &chats, &accounts, took).await;
    inbox.close().await;
    outcome
}
