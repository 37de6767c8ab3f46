//! The company that is meant by `--deployment FILE|NAME`.

use std::path::Path;
use std::sync::Arc;

use envoi_engine::deployments::{Deployment, Deployments};
use envoi_engine::profile::Profile;

use crate::Trouble;
use crate::deployments::told;

/// The company of this id or name in the profile, or the one in this file.
pub(crate) fn find(profile: &Profile, wanted: &str) -> Result<Arc<Deployment>, Trouble> {
    let path = Path::new(wanted);
    let like_a_file = wanted.contains(std::path::is_separator) || wanted.ends_with(".toml");
    if like_a_file || path.is_file() {
        let read = Deployments::load_one(path);
        return read.list.into_iter().next().ok_or_else(|| Trouble(lines(&read.faults)));
    }
    let file = profile.deployments_file();
    let read = Deployments::load(&file);
    let names: Vec<String> =
        read.list.iter().map(|company| format!("{} ({})", company.view.id, company.view.name)).collect();
    let by_id = |company: &&Arc<Deployment>| company.view.id == wanted;
    let by_name = |company: &&Arc<Deployment>| company.view.name.to_lowercase() == wanted.to_lowercase();
    let found = read.list.iter().find(by_id).or_else(|| read.list.iter().find(by_name)).cloned();
    found.ok_or_else(|| {
        let known = if names.is_empty() {
            format!("there is no usable company in {}", file.display())
        } else {
            format!("known there: {}", names.join(", "))
        };
        let mut problem = format!("there is no company \"{wanted}\" in {}; {known}", file.display());
        if !read.faults.is_empty() {
            problem.push('\n');
            problem.push_str(&lines(&read.faults));
        }
        Trouble(problem)
    })
}

fn lines(faults: &[envoi_protocol::view::ConfigFault]) -> String {
    faults.iter().map(told).collect::<Vec<_>>().join("\n")
}
