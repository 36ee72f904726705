//! Reading a release manager repository of OpenDevStack from its folder.

use std::io::Read as _;
use std::path::Path;

use crate::domain::ods::{Component, Environment, FileError, Left, Project, left_of_file};
use crate::domain::yaml::MAX_FILE;
use crate::scaffold::{PlannedComponent, PlannedEnvironment};

use super::super::{Failure, UsageError};

/// The files that say what a project consists of, and how each is read.
type Parse = fn(&str, &[u8]) -> Result<Project, FileError>;
const FILES: [(&str, Parse); 3] =
    [("metadata.yml", Project::parse_metadata), ("ods.yml", Project::parse_ods), ("ods.yaml", Project::parse_ods)];

/// Reads what a project says of itself.
pub(super) fn read(folder: &Path) -> anyhow::Result<Project> {
    let unreadable = |what: &str, error: &std::io::Error| {
        UsageError::new(format!("{what} can't be read: {error}"), "name the clone of the release manager repository")
    };
    let mut project: Option<Project> = None;
    for (name, parse) in FILES {
        let path = folder.join(name);
        let mut bytes = Vec::new();
        match std::fs::File::open(&path).and_then(|file| file.take(MAX_FILE as u64 + 1).read_to_end(&mut bytes)) {
            Ok(_) => {}
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => continue,
            Err(error) => return Err(unreadable(&path.display().to_string(), &error).into()),
        }
        let read = parse(name, &bytes)?;
        project = Some(match project {
            Some(before) => before.and(read),
            None => read,
        });
    }
    let Some(mut project) = project else {
        let message = format!("there is no metadata.yml and no ods.yml in {}", folder.display());
        let hints =
            vec!["name the clone of the release manager repository, with the branch checked out that counts".into()];
        return Err(Failure::not_found("no-ods-project", message, hints).into());
    };
    let listed = std::fs::read_dir(folder).map_err(|error| unreadable(&folder.display().to_string(), &error))?;
    let mut others: Vec<Left> = listed.filter_map(|entry| left_of_file(entry.ok()?.file_name().to_str()?)).collect();
    others.sort_by(|a, b| a.place.cmp(&b.place));
    project.left.extend(others);
    Ok(project)
}

/// Each environment takes promotions from the nearest earlier ones of another type.
pub(super) fn environments(found: &[Environment]) -> Vec<PlannedEnvironment> {
    let mut planned: Vec<PlannedEnvironment> = Vec::new();
    for environment in found {
        let from = planned.iter().rev().find(|earlier| earlier.kind != environment.kind);
        planned.push(PlannedEnvironment {
            name: environment.name.clone(),
            from: from.map(|earlier| earlier.name.clone()).into_iter().collect(),
            kind: environment.kind.clone(),
            branch: None,
            tags: None,
            facts: environment.facts.clone(),
        });
    }
    planned
}

pub(super) fn components(found: &[Component]) -> Vec<PlannedComponent> {
    let planned = |component: &Component| PlannedComponent {
        name: component.name.clone(),
        branch: component.branch.clone(),
        tag: component.tag.clone(),
        url: component.url.clone(),
    };
    found.iter().map(planned).collect()
}
