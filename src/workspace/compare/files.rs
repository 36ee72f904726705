//! What differs of the app repo beside its code: the pipeline, the chart and its values.

use std::collections::BTreeSet;

use crate::domain::diff::{Diff, FileChange};
use crate::domain::name::CommitId;
use crate::domain::values::{CHART_FOLDERS, values_files};
use crate::domain::yaml::{self, Node};
use crate::git::app_repo::AppFileState;
use crate::git::objects::EntryKind;
use crate::git::repository::Repository;

use super::{Lineup, Member, Patches, Result};

/// Fills in what differs between two commits of the app repo.
pub(super) fn compare(
    app: &Member,
    (old, new): (CommitId, CommitId),
    held: &Lineup,
    patches: Patches,
    diff: &mut Diff,
) -> Result<()> {
    let trees = (app.repository.commit(old)?.tree, app.repository.commit(new)?.tree);
    let file_differs = |path: &str| -> Result<bool> {
        let file = |tree| app.repository.entry(tree, path).map(|entry| entry.filter(|e| e.kind != EntryKind::Folder));
        Ok(file(trees.0)? != file(trees.1)?)
    };
    let change = |changed: bool, paths: Vec<String>, wanted: bool| -> Result<FileChange> {
        let wanted = wanted && !paths.is_empty();
        let patch = if wanted { Some(app.repository.patch(old, new, &paths)?) } else { None };
        Ok(FileChange { changed: Some(changed), paths, patch })
    };
    let (before, after) = (Definition::read(&app.repository, old)?, Definition::read(&app.repository, new)?);
    let named: BTreeSet<String> = [before.file, after.file].into_iter().flatten().collect();
    let defining = APP_FILES.into_iter().filter(|_| before.value != after.value).map(str::to_owned);
    let mut paths: Vec<String> = Vec::new();
    for path in defining.chain(named) {
        if file_differs(&path)? {
            paths.push(path);
        }
    }
    diff.pipeline = change(!paths.is_empty(), paths, patches.pipeline)?;

    let folder = match chart_folder(app, new)? {
        Some(folder) => Some(folder),
        None => chart_folder(app, old)?,
    };
    let Some(folder) = folder else {
        diff.chart.changed = Some(false);
        diff.values.changed = Some(false);
        return Ok(());
    };
    let below = |tree| app.repository.entry(tree, folder);
    let is_same = trees.0 == trees.1 || (!folder.is_empty() && below(trees.0)? == below(trees.1)?);
    let differing = if is_same { Vec::new() } else { app.repository.paths_between(old, new, folder)? };
    let of_chart = |path: &&String| is_in_chart(folder, path) && !is_values(folder, path);
    let chart: Vec<String> = differing.iter().filter(of_chart).cloned().collect();
    let values: Vec<String> = match &held.side.environment {
        Some(environment) => {
            let layers = values_files(folder, held.kind.as_deref(), environment);
            layers.into_iter().filter(|path| differing.contains(path)).collect()
        }
        None => differing.iter().filter(|path| is_values(folder, path)).cloned().collect(),
    };
    diff.chart = change(!chart.is_empty(), chart, patches.chart)?;
    diff.values = change(!values.is_empty(), values, patches.values)?;
    Ok(())
}

/// The files that may define the pipeline, in the order of their names.
const APP_FILES: [&str; 4] = ["app.yaml", "app.yml", "ods.yaml", "ods.yml"];

/// What defines the pipeline at a commit: the value in the app file, and the file that it names.
struct Definition {
    value: Option<Node>,
    file: Option<String>,
}

impl Definition {
    fn read(repository: &Repository, commit: CommitId) -> Result<Self> {
        let (path, file) = match repository.app_file(commit)? {
            AppFileState::Read { path, file, .. } => (Some(path), Some(file)),
            AppFileState::Absent => (None, None),
            AppFileState::TooLarge(path, _) => (Some(path), None),
            // One that relman refuses may be good enough for a comparison.
            AppFileState::Invalid(error) => (APP_FILES.into_iter().find(|known| *known == error.path), None),
        };
        let text = match path {
            Some(path) => repository.text_at(repository.commit(commit)?.tree, path)?,
            None => None,
        };
        // Comments and the list of repositories are no part of it, so the value itself is compared.
        let value = text.and_then(|text| yaml::parse(text.as_bytes()).ok()?.root.get("pipeline").cloned());
        Ok(Definition { value, file: file.and_then(|file| Some(file.pipeline.as_ref()?.definition()?.into_owned())) })
    }
}

fn chart_folder(app: &Member, commit: CommitId) -> Result<Option<&'static str>> {
    for folder in CHART_FOLDERS {
        let chart = if folder.is_empty() { "Chart.yaml".to_owned() } else { format!("{folder}/Chart.yaml") };
        if !app.repository.files_at(commit, &[chart])?.is_empty() {
            return Ok(Some(folder));
        }
    }
    Ok(None)
}

/// What of a path lies in the chart; a chart at the top shares its folder with everything else.
fn is_in_chart(folder: &str, path: &str) -> bool {
    if folder.is_empty() {
        return ["Chart.yaml", "Chart.lock"].contains(&path)
            || ["templates/", "charts/", "crds/"].iter().any(|start| path.starts_with(start));
    }
    path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'))
}

fn is_values(folder: &str, path: &str) -> bool {
    let name =
        if folder.is_empty() { Some(path) } else { path.strip_prefix(folder).and_then(|rest| rest.strip_prefix('/')) };
    name.is_some_and(|name| name.starts_with("values") && name.ends_with(".yaml") && !name.contains('/'))
}
