//! Sockets by themselves: a service that says everything back, and a client that counts.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use envoi_protocol::io::HttpCall;

use super::*;
use crate::centre::Spoken;

/// Frames that arrived at the service, by their length.
type Heard = Rc<RefCell<Vec<usize>>>;

/// Opens every socket, and says back what is said.
struct Echo {
    heard: Heard,
    back: Vec<(Ticket, Push)>,
}

impl Centre for Echo {
    fn settings(&self, _plan: &Plan) -> Settings {
        Settings::new()
    }

    fn form(&self) -> BTreeMap<String, String> {
        BTreeMap::new()
    }

    fn lane(&self, _call: &HttpCall) -> &'static str {
        "none"
    }

    fn words(&self, _call: &HttpCall) -> Option<String> {
        None
    }

    fn serve(&mut self, _now: u64, _ticket: Ticket, _call: &HttpCall) -> Served {
        Served::Held(u64::MAX)
    }

    fn ripe(&mut self, _now: u64) -> Vec<(Ticket, HttpReply)> {
        Vec::new()
    }

    fn connect(&mut self, _now: u64, _socket: Ticket, _call: &SocketCall) -> Upgrade {
        Upgrade::Open
    }

    fn frame(&mut self, _now: u64, socket: Ticket, text: &str) {
        self.heard.borrow_mut().push(text.len());
        self.back.push((socket, Push::Text(text.to_owned())));
    }

    fn pushes(&mut self, _now: u64) -> Vec<(Ticket, Push)> {
        std::mem::take(&mut self.back)
    }

    fn hang_up(&mut self, _ticket: Ticket) {}

    fn opens(&self, _token: &str) -> bool {
        false
    }

    fn act(&mut self, _now: u64, _acts: Vec<Act>) {}

    fn news(&mut self) -> Vec<Spoken> {
        Vec::new()
    }
}

/// A world with an open socket on which twenty frames were said, a while later: what the service heard, and what the client was told.
fn conversation(seed: u64, disturb: impl FnOnce(&mut World)) -> (Vec<usize>, Vec<String>) {
    let options = Options { transport: "digital_channels".to_owned(), log: true, ..Options::default() };
    let mut world = World::new(seed, &options);
    let heard = Heard::default();
    world.centre = Box::new(Echo { heard: Rc::clone(&heard), back: Vec::new() });
    world.boot();
    let id = SocketId(1);
    let call = SocketCall {
        id,
        what: "chat",
        url: "wss://chat.example.com".to_owned(),
        headers: Vec::new(),
        timeout: Duration::from_secs(10),
        ping: Some(Duration::from_secs(20)),
        limit: 1_000,
        retry: false,
    };
    let mut program = world.program.take().unwrap();
    world.open(&mut program, call);
    world.program = Some(program);
    world.advance(11_000, |_| false);
    for length in 1..=20 {
        let Some(program) = world.program.take() else { break };
        world.say(&program, id, Frame("x".repeat(length)));
        world.program = Some(program);
        world.advance(300, |_| false);
    }
    disturb(&mut world);
    world.advance(300_000, |_| false);
    assert!(world.violations.is_empty(), "seed {seed}: {:?}", world.violations);
    assert!(!world.network.is_haunted(), "seed {seed}: the service finds out");
    let told = world.log.unwrap_or_default();
    let told =
        told.iter().filter_map(|line| line.split_once("<= ")).filter_map(|(_, what)| what.split_once(' '));
    let heard = heard.borrow().clone();
    (heard, told.map(|(_, event)| event.to_owned()).collect())
}

#[test]
fn frames_stay_in_order_come_once_and_end_with_the_connection() {
    let (mut whole, mut cut, mut refused) = (0, 0, 0);
    for seed in 0..400 {
        let (heard, told) = conversation(seed, |_| {});
        let said: Vec<usize> = (1..=20).collect();
        assert!(said.starts_with(&heard), "seed {seed}: {heard:?}");
        let back: Vec<String> = heard.iter().map(|length| format!("Text(Frame({length} bytes))")).collect();
        let frames: Vec<&String> = told.iter().filter(|event| event.starts_with("Text")).collect();
        assert!(back.iter().collect::<Vec<_>>().starts_with(&frames), "seed {seed}: {told:?}");
        let ends = told.iter().filter(|event| event.starts_with("Failed")).count();
        assert!(ends <= 1, "seed {seed}: it ends once: {told:?}");
        if ends == 1 {
            assert!(
                told.last().unwrap().starts_with("Failed"),
                "seed {seed}: nothing comes behind the end: {told:?}"
            );
        } else {
            assert_eq!((heard.len(), frames.len()), (20, 20), "seed {seed}: {told:?}");
        }
        whole += usize::from(ends == 0);
        cut += usize::from(ends == 1 && !frames.is_empty());
        refused += usize::from(told.len() == 1);
    }
    assert!(whole > 20 && cut > 20 && refused > 5, "{whole} whole, {cut} cut, {refused} never open");
}

#[test]
fn an_outage_breaks_a_socket_or_silences_it_and_the_client_finds_out() {
    for (outage, end) in [(Outage::Refused, "Failed(Io(Broken))"), (Outage::Silence, "Failed(Io(Timeout))")] {
        let mut struck = 0;
        for seed in 0..60 {
            let (_, told) = conversation(seed, |world| world.outage(outage, 10_000));
            if told.first().is_some_and(|event| event == "Open") {
                assert!(told.last().unwrap().starts_with("Failed"), "seed {seed}: {told:?}");
                struck += usize::from(told.last().unwrap() == end);
            }
        }
        assert!(struck > 20, "{outage:?}: {struck}");
    }
}

#[test]
fn what_a_dying_program_had_said_may_arrive_and_its_sockets_are_gone() {
    for seed in 0..60 {
        let (_, told) = conversation(seed, |world| world.die(Death::Killed));
        assert!(
            told.iter().filter(|event| event.starts_with("Failed")).count() <= 1,
            "seed {seed}: {told:?}"
        );
    }
}

#[test]
fn what_was_said_still_arrives_on_a_socket_that_is_closed_and_not_on_one_that_is_cut() {
    let end = |world: &mut World, cut: bool| {
        let Some(mut program) = world.program.take() else { return };
        for length in 21..=25 {
            world.say(&program, SocketId(1), Frame("x".repeat(length)));
        }
        if cut {
            world.cut(&mut program, SocketId(1));
        } else {
            world.shut(&mut program, SocketId(1));
        }
        world.program = Some(program);
    };
    let mut arrived = 0;
    for seed in 0..60 {
        let (heard, _) = conversation(seed, |world| end(world, true));
        assert!(heard.len() <= 20, "seed {seed}: {heard:?}");
        let (heard, _) = conversation(seed, |world| end(world, false));
        arrived += usize::from(heard.len() == 25);
    }
    assert!(arrived > 5, "{arrived}");
}
