//! Which commits change all at once what runs of others change: a branch that was squashed on one line and rebased onto
//! another one.

use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;

use gix::bstr::ByteSlice as _;

use crate::domain::ancestry::Ancestry;
use crate::domain::message::is_revert;
use crate::domain::name::CommitId;
use crate::domain::runs::{Files, Paths, Run, Runs, Suspects};

use super::Result;
use super::repository::Repository;
use super::search::MOST_PATHS;

/// What was squashed, each with its parts on another line, the newest first.
type Squashed = Vec<(CommitId, Vec<CommitId>)>;

impl Repository {
    /// The commits among suspects that change all at once what a run of others changes. `None` where the clone lacks contents.
    pub fn squashed_runs(&self, suspects: &[Suspects], ancestry: &Ancestry) -> Result<Option<Squashed>> {
        let runs = Runs::new(ancestry, suspects);
        let mut input = String::new();
        for id in runs.wanted() {
            match self.parents(id)?.first() {
                Some(parent) if !self.has_object(parent.object()) => {}
                Some(parent) => input.push_str(&format!("{id} {parent}\n")),
                None => input.push_str(&format!("{id}\n")),
            }
        }
        if input.is_empty() {
            return Ok(Some(Vec::new()));
        }
        let Some(files) = self.files_of(input)? else { return Ok(None) };
        let names = |names: &Vec<u8>| -> Paths {
            names.split(|byte| *byte == 0).filter(|name| !name.is_empty()).map(<[u8]>::to_vec).collect()
        };
        let files: Files = files.iter().map(|(id, listed)| (*id, names(listed))).collect();
        let mut possible: BTreeMap<(CommitId, Rc<Paths>), Vec<Run>> = BTreeMap::new();
        for run in runs.possible(&files) {
            possible.entry((run.whole, Rc::clone(&run.paths))).or_default().push(run);
        }
        let mut found: Squashed = Vec::new();
        for ((whole, paths), runs) in possible {
            let Some(same) = self.runs_like(whole, &paths, runs)? else { return Ok(None) };
            found.extend(same.into_iter().map(|run| (whole, run.parts)));
        }
        // Around the whole of it, more may have come and gone.
        found.sort_by_key(|(whole, parts)| (*whole, parts.len()));
        let mut kept: Squashed = Vec::new();
        for (whole, parts) in found {
            let has = |(other, inner): &(CommitId, Vec<CommitId>)| {
                *other == whole && inner.iter().all(|part| parts.contains(part))
            };
            if !kept.iter().any(has) {
                kept.push((whole, parts));
            }
        }
        Ok(Some(kept))
    }

    /// Those of some runs that change the same as a commit, as far as these files go.
    fn runs_like(&self, whole: CommitId, paths: &Paths, runs: Vec<Run>) -> Result<Option<Vec<Run>>> {
        let mut steps = Vec::new();
        let mut compared = Vec::new();
        for run in runs {
            let (Some(newest), Some(oldest)) = (run.parts.first(), run.parts.last()) else { continue };
            let Some(before) = self.first_parent(*oldest)? else { continue };
            let mut takes_back = false;
            for part in &run.parts {
                takes_back |= self.message_of(*part, |message| is_revert(&message.to_str_lossy()))?;
            }
            if !takes_back && self.has_object(before.object()) {
                steps.push((*newest, before));
                compared.push(run);
            }
        }
        let Some(before) = self.first_parent(whole)?.filter(|_| !compared.is_empty()) else {
            return Ok(Some(Vec::new()));
        };
        steps.push((whole, before));
        let Some(mut patches) = self.patches_between(&steps, paths)? else { return Ok(None) };
        let Some(of_whole) = patches.remove(&compared.len()) else { return Ok(Some(Vec::new())) };
        let same = compared.into_iter().enumerate().filter(|(number, _)| patches.get(number) == Some(&of_whole));
        Ok(Some(same.map(|(_, run)| run).collect()))
    }

    /// What lies between commits and others before them in some files, by the number of each pair, as a number that is the
    /// same for the same patch; nothing where nothing differs. `None` where the clone lacks contents.
    fn patches_between(&self, steps: &[(CommitId, CommitId)], paths: &Paths) -> Result<Option<HashMap<usize, String>>> {
        let input: String = steps.iter().map(|(after, before)| format!("{after} {before}\n")).collect();
        let mut call = self.diff_tree().env("GIT_NO_LAZY_FETCH", "1").env("GIT_LITERAL_PATHSPECS", "1");
        call = call.args(["--stdin", "-p", "--always", "--no-renames"]);
        if paths.len() <= MOST_PATHS {
            call = call.arg("--").args(paths.iter().map(|path| path.to_path_lossy().into_owned()));
        }
        let printed = call.input(input).output()?;
        if !printed.is_success() && self.is_partial() {
            return Ok(None);
        }
        // Several pairs have the same commit, and each is told by it, so numbers take its place.
        let width = self.hash().len_in_hex();
        let (mut numbered, mut next) = (Vec::new(), 0);
        for line in printed.success()?.lines_with_terminator() {
            match steps.get(next) {
                Some((after, _)) if line.trim_end() == after.to_string().as_bytes() => {
                    next += 1;
                    numbered.extend(format!("{next:0width$x}\n").into_bytes());
                }
                _ => numbered.extend(line),
            }
        }
        let printed = self.git().args(["patch-id", "--stable"]).input(numbered).run()?;
        let mut patches = HashMap::new();
        for line in printed.lines() {
            let line = line.to_str_lossy();
            if let Some((patch, number)) = line.split_once(' ')
                && let Ok(number) = usize::from_str_radix(number, 16)
                && let Some(number) = number.checked_sub(1)
            {
                patches.insert(number, patch.to_owned());
            }
        }
        Ok(Some(patches))
    }
}
