//! The companies of an inbox: checked, added, changed, removed, and the pretend one.

use std::io;
use std::sync::Arc;

use envoi_protocol::fault::{Fault, FaultCode};
use envoi_protocol::transports;
use envoi_protocol::view::{DeploymentView, FieldFault, NewDeployment, PhaseView};

use super::shared::State;
use super::{DEMO, Inbox, missing, on_thread};
use crate::deployments::{Deployment, Deployments, add, check};
use crate::net::Route;

impl Inbox {
    /// Asks a service whether these details are good, without starting a chat. Empty if they are.
    pub async fn check_deployment(&self, new: &NewDeployment) -> Vec<FieldFault> {
        let present = Deployments { list: self.shared.state().companies.clone(), ..Deployments::default() };
        let faults = add::faults(new, &present);
        let Some(service) = transports::named(&new.service).filter(|_| faults.is_empty()) else {
            return faults;
        };
        match self.shared.network(&Route::default()) {
            Ok(network) => check::ask(service, &add::settings(new), network.as_ref()).await,
            Err(fault) => vec![FieldFault { field: None, fault }],
        }
    }

    /// Adds a company to the profile's file, or corrects it there, and says how interfaces see it. All its chats know the
    /// correction at once: those that go on are picked up again with it.
    ///
    /// # Errors
    ///
    /// What is in the way, field by field.
    pub async fn add_deployment(&self, new: &NewDeployment) -> Result<Arc<DeploymentView>, Vec<FieldFault>> {
        let _turn = self.shared.writing.lock().await;
        let present = Deployments { list: self.shared.state().companies.clone(), ..Deployments::default() };
        let faults = add::faults(new, &present);
        if !faults.is_empty() {
            return Err(faults);
        }
        let file = self.shared.profile.deployments_file();
        let new = new.clone();
        let added = on_thread(move || {
            let id = add::append(&file, &new)?;
            Ok::<_, Vec<FieldFault>>((id, Deployments::load(&file)))
        });
        let failed = |detail: String| {
            vec![FieldFault { field: None, fault: Fault::with_detail(FaultCode::DiskFailed, detail) }]
        };
        let (id, read): (String, Deployments) = added.await.map_err(|cause| failed(cause.to_string()))??;
        let added = read.list.iter().find(|company| company.view.id == id).cloned();
        let company = added.ok_or_else(|| failed(format!("{id} was written and cannot be read back")))?;
        let view = company.view.clone();
        {
            let mut state = self.shared.state();
            match state.companies.iter_mut().find(|other| other.view.id == view.id) {
                Some(before) => *before = company.clone(),
                None => state.companies.push(company.clone()),
            }
            self.read_again(&mut state, read);
        }
        if let Ok(network) = self.shared.network(&company.route) {
            for conversation in self.shared.handles() {
                if conversation.deployment() == view.id {
                    conversation.returned(company.clone(), Arc::clone(&network)).await;
                }
            }
        }
        self.shared.publisher.changed.notify_one();
        Ok(view)
    }

    /// The details of a company that the person may change, as they stand.
    ///
    /// # Errors
    ///
    /// That there is no such company.
    pub fn deployment_details(&self, id: &str) -> Result<NewDeployment, Fault> {
        Ok(self.editable(id)?.details())
    }

    /// Takes a company out of the profile's file that the person may remove. What was said with it can be read from here on, and goes
    /// on if it is added again; a chat that was not begun goes with it.
    ///
    /// # Errors
    ///
    /// That there is no such company, or that the file cannot be written.
    pub async fn remove_deployment(&self, id: &str) -> Result<(), Fault> {
        let _turn = self.shared.writing.lock().await;
        let company = self.editable(id)?;
        let (file, name) = (self.shared.profile.deployments_file(), id.to_owned());
        let removed = on_thread(move || {
            add::remove(&file, &name)?;
            Ok::<_, Fault>(Deployments::load(&file))
        });
        let failed = |cause: io::Error| Fault::with_detail(FaultCode::DiskFailed, cause.to_string());
        let read = removed.await.map_err(failed)??;
        let why = {
            let mut state = self.shared.state();
            state.companies.retain(|other| other.view.id != id);
            self.read_again(&mut state, read);
            state.file.absence(id)
        };
        let view = Arc::new(DeploymentView { available: false, editable: false, ..(*company.view).clone() });
        for conversation in self.shared.handles() {
            if conversation.deployment() != id {
                continue;
            }
            let snapshot = conversation.snapshot().await;
            if snapshot.is_ok_and(|it| it.phase == PhaseView::Fresh && it.items.is_empty()) {
                // That it is gone already is as well.
                let _ = self.delete(conversation.id()).await;
            } else {
                conversation.withdrawn(Arc::clone(&view), why.clone()).await;
            }
        }
        self.shared.publisher.changed.notify_one();
        Ok(())
    }

    fn editable(&self, id: &str) -> Result<Arc<Deployment>, Fault> {
        let state = self.shared.state();
        let found = state.companies.iter().find(|company| company.view.id == id && company.view.editable);
        found.cloned().ok_or_else(|| missing("company", id))
    }

    /// The file was written: lines have moved, and a mistake may be gone.
    fn read_again(&self, state: &mut State, read: Deployments) {
        let name = self.shared.profile.deployments_file().display().to_string();
        state.faults.retain(|fault| fault.file != name);
        state.faults.extend(read.faults.iter().cloned());
        state.file = read;
    }

    /// Adds the pretend company, or replaces it. It stands in no file, and its chats are not kept.
    ///
    /// # Errors
    ///
    /// What is wrong with the details, field by field.
    pub fn add_demo(&self, new: &NewDeployment) -> Result<Arc<DeploymentView>, Vec<FieldFault>> {
        let unknown =
            || FieldFault { field: Some("service".to_owned()), fault: Fault::new(FaultCode::Unsupported) };
        let service = transports::named(&new.service).ok_or_else(|| vec![unknown()])?;
        let demo = Deployment::demo(DEMO, &new.name, service, add::settings(new)).map_err(|problems| {
            let told = |problem: envoi_protocol::transport::SettingsError| FieldFault {
                fault: Fault::with_detail(problem.code, problem.problem),
                field: Some(problem.field),
            };
            problems.into_iter().map(told).collect::<Vec<_>>()
        })?;
        let view = demo.view.clone();
        let mut state = self.shared.state();
        state.companies.retain(|other| other.view.id != DEMO);
        state.companies.push(Arc::new(demo));
        drop(state);
        self.shared.publisher.changed.notify_one();
        Ok(view)
    }
}
