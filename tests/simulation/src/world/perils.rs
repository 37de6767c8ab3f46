//! What happens to the whole computer: outages, sleep, death, a full disk, a locked password store, a clock that jumps.

use super::*;

impl World {
    /// What the person does is what must not be lost: the program dies then more often than at other times.
    pub(super) fn strike(&mut self, command: &Command) {
        let weighty = match command {
            Command::Cancel { .. } | Command::Retry { .. } | Command::SendAnyway => self.rng.u8(0..6) == 0,
            Command::Send { .. } => self.rng.u8(0..60) == 0,
            _ => false,
        };
        if weighty && self.busy && self.plan.perils.is_some() && self.doom.is_none() {
            let death = if self.rng.bool() { Death::Killed } else { Death::PowerCut };
            self.tally.fault(if death == Death::Killed { "process death" } else { "power cut" });
            self.doom = Some((self.rng.u32(0..6), death));
        }
    }

    pub(super) fn peril(&mut self) {
        let Some(most) = self.plan.perils.filter(|_| self.busy) else { return };
        let wait = self.rng.u64(1_000..=most);
        self.agenda.after(wait, Event::Peril);
        if self.asleep.is_some() || self.network.outage.is_some() {
            return;
        }
        match self.rng.u8(0..20) {
            10..=13 if self.program.is_some() => {
                self.tally.fault("process death");
                self.doom = Some((self.rng.u32(0..12), Death::Killed));
            }
            14 | 15 if self.program.is_some() => {
                self.tally.fault("power cut");
                self.doom = Some((self.rng.u32(0..12), Death::PowerCut));
            }
            16 | 17 => {
                self.tally.fault("full disk");
                self.note(|| "the disk is full".to_owned());
                self.archive.disk.full = true;
                let wait = self.rng.u64(100..30_000);
                self.agenda.after(wait, Event::DiskBack);
            }
            18 => {
                self.tally.fault("password store locked");
                self.note(|| "the password store is locked".to_owned());
                self.keyring.away = true;
                let wait = self.rng.u64(100..30_000);
                self.agenda.after(wait, Event::KeyringBack);
            }
            0..=3 => {
                let kinds = [Outage::Refused, Outage::Silence, Outage::Portal, Outage::Intercepted];
                let outage = self.rng.choice(kinds).unwrap_or(Outage::Refused);
                self.tally.fault("outage");
                self.outage(outage, 60_000);
            }
            4 => {
                self.tally.fault("restart of the service");
                self.outage(Outage::Refused, 10_000);
            }
            5..=7 => self.sleep(),
            _ => {
                self.tally.fault("clock jump");
                let day = 86_400_000;
                self.agenda.skew = self.rng.choice([-day, 0, day]).unwrap_or(0);
                self.note(|| "the clock jumps".to_owned());
            }
        }
    }

    pub(super) fn outage(&mut self, outage: Outage, longest: u64) {
        self.note(|| format!("the network is gone: {outage:?}"));
        self.network.outage = Some(outage);
        let wait = self.rng.u64(500..longest);
        self.agenda.after(wait, Event::NetworkBack);
        self.strike_sockets(outage == Outage::Refused);
        let open: Vec<Ticket> = self.network.flights.keys().copied().collect();
        for ticket in open {
            let noticed = outage == Outage::Refused;
            let Some(flight) = self.network.flights.get_mut(&ticket) else { continue };
            if !flight.waited_for {
                continue;
            }
            if !flight.arrived && !matches!(flight.fate, Fate::Late(_)) {
                flight.fate = Fate::Swallowed;
            } else {
                flight.fate = if noticed { Fate::Cut } else { Fate::Mute };
            }
            if noticed {
                self.centre.hang_up(ticket);
                let wait = self.network.way();
                self.send_back(ticket, wait, Err(IoFault::Broken));
            }
        }
    }

    pub(super) fn sleep(&mut self) {
        self.tally.fault("sleep");
        self.note(|| "the lid is closed".to_owned());
        self.asleep = Some(Vec::new());
        for flight in self.network.flights.values_mut() {
            flight.fate = if flight.arrived { Fate::Mute } else { Fate::Swallowed };
        }
        self.strike_sockets(false);
        let longest = if self.rng.bool() { 60_000 } else { 3_600_000 };
        let wait = self.rng.u64(1_000..longest);
        self.agenda.after(wait, Event::Awake);
    }

    pub(super) fn awake(&mut self) {
        let Some(later) = self.asleep.take() else { return };
        self.note(|| "the lid is opened".to_owned());
        if self.plan.signals {
            self.feed(Input::Wake);
        }
        for event in later {
            self.agenda.after(1, event);
        }
    }
}
