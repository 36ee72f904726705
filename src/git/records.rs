//! Writing records of deployments: onto what the remote has now, pushed without force, again for as long as it takes.

use std::time::{Duration, Instant};

use gix::bstr::ByteSlice as _;

use crate::domain::name::CommitId;
use crate::domain::record::{NOTES_REF, Record, appended};

use super::Result;
use super::error::Error;
use super::objects::{Content, EntryKind};
use super::remote::asked_records;
use super::repository::Repository;
use super::write::{NewFile, Person, RefChange};

/// For how long a record is written again when others are faster.
const PATIENCE: Duration = Duration::from_secs(600);

/// How often a remote may fail without anything having changed there, before that counts as its answer.
const UNEXPLAINED: u32 = 8;

/// From how many notes on a level of the tree new ones go into folders, as Git's own do.
const FAN_OUT: usize = 256;

impl Repository {
    /// Writes a record into the note of a commit, at the remote where there is one.
    ///
    /// Whatever a refusal says, the remote is read and the line written again: other jobs write as well, and servers
    /// have many words for a lost race. Only where nothing has moved there, the refusal is believed after a few tries.
    pub fn write_record(
        &self,
        remote: Option<&str>,
        on: CommitId,
        record: &Record,
        prefix: &str,
        fallback: Option<&Person>,
    ) -> Result<()> {
        self.write_line(remote, on, &record.line(), &record.subject(prefix), fallback)
    }

    /// The same for any line; `subject` is that of the commit that adds it.
    pub fn write_line(
        &self,
        remote: Option<&str>,
        on: CommitId,
        line: &str,
        subject: &str,
        fallback: Option<&Person>,
    ) -> Result<()> {
        if let Some(remote) = remote {
            self.require_one_push_url(remote)?;
        }
        let begun = Instant::now();
        let mut unexplained = 0;
        let mut seen = None;
        for tries in 1.. {
            let outcome = match self.records_tip(remote) {
                Ok(tip) => {
                    if seen.replace(tip) != Some(tip) {
                        unexplained = 0;
                    }
                    self.write_onto(remote, tip, on, (line, subject), fallback)
                }
                Err(error) => Err(error),
            };
            let Err(error) = outcome else { return Ok(()) };
            let passing = match &error {
                // A server's will, be it a hook's or a protection's, may be a lost race in its own words.
                Error::Declined { .. }
                | Error::Rejected { .. }
                | Error::Moved { .. }
                | Error::Unreachable { .. }
                | Error::Program { .. } => true,
                _ => false,
            };
            unexplained += 1;
            if !passing || unexplained >= UNEXPLAINED || begun.elapsed() > PATIENCE {
                return Err(error);
            }
            self.pause(pause(tries))?;
        }
        Ok(())
    }

    /// The notes commit that a record is written onto: what the remote has now, else this repository's own.
    fn records_tip(&self, remote: Option<&str>) -> Result<Option<CommitId>> {
        let name = match remote {
            Some(remote) => {
                self.fetch_records(remote)?;
                asked_records(remote)
            }
            None => NOTES_REF.to_owned(),
        };
        Ok(self.find_ref(&name)?.map(CommitId::new))
    }

    fn write_onto(
        &self,
        remote: Option<&str>,
        tip: Option<CommitId>,
        on: CommitId,
        (line, subject): (&str, &str),
        fallback: Option<&Person>,
    ) -> Result<()> {
        let Some(tree) = self.with_line(tip, on, line)? else { return Ok(()) };
        let parents: Vec<CommitId> = tip.into_iter().collect();
        let message = format!("{subject}\n");
        let person = fallback.filter(|_| !self.has_identity());
        let commit = self.write_commit(tree, &parents, &message, person)?;
        match remote {
            None => {
                let old = tip.map(CommitId::object);
                let change = RefChange { name: NOTES_REF.to_owned(), old, new: commit.object() };
                self.update_refs("relman: a record", &[change])
            }
            Some(remote) => {
                self.push_records(remote, commit)?;
                // From here on the record is written; that this clone knows it is a convenience, and the next fetch
                // brings it.
                let old = tip.map(CommitId::object);
                let change = RefChange { name: asked_records(remote), old, new: commit.object() };
                let _ = self.update_refs("relman: a record", &[change]).and_then(|()| self.take_records(remote));
                Ok(())
            }
        }
    }

    /// The tree of notes with a line added to the note of a commit; `None` where the line is there already.
    ///
    /// The note stays where Git has put it. A new one goes into the folder that its level of the tree has for it.
    fn with_line(&self, tip: Option<CommitId>, on: CommitId, line: &str) -> Result<Option<gix::ObjectId>> {
        let hex = on.to_string();
        let (base, path, note) = match tip {
            None => (None, hex, String::new()),
            Some(tip) => {
                let root = self.commit(tip)?.tree;
                let (path, note) = self.place_of_note(root, &hex)?;
                (Some(root), path, note)
            }
        };
        let text = appended(&note, line);
        if text == note {
            return Ok(None);
        }
        let file = NewFile { path, content: text.into_bytes(), executable: false };
        self.write_tree(base, &[file]).map(Some)
    }

    fn place_of_note(&self, root: gix::ObjectId, hex: &str) -> Result<(String, String)> {
        let mut tree = root;
        let mut path = String::new();
        let mut rest = hex;
        loop {
            let entries = self.folder_entries(tree)?;
            let by_name = |name: &str| entries.iter().find(|(known, _)| known == name).map(|(_, entry)| *entry);
            if let Some(entry) = by_name(rest)
                && entry.kind == EntryKind::File
            {
                return match self.content(entry.id, u64::MAX)? {
                    Content::Bytes(bytes) => match String::from_utf8(bytes) {
                        Ok(note) => Ok((format!("{path}{rest}"), note)),
                        Err(_) => Err(self.unreadable(format!("the note of {hex}"), "it is no text")),
                    },
                    Content::TooLarge(size) => {
                        Err(self.unreadable(format!("the note of {hex}"), &format!("it has {size} bytes")))
                    }
                };
            }
            let is_folder = |name: &[u8]| name.len() == 2 && name.iter().all(u8::is_ascii_hexdigit);
            let fans_out = entries.len() >= FAN_OUT
                || entries.iter().any(|(name, entry)| entry.kind == EntryKind::Folder && is_folder(name.as_bytes()));
            let (Some(digits), true) = (rest.get(..2).filter(|_| rest.len() > 2), fans_out) else {
                return Ok((format!("{path}{rest}"), String::new()));
            };
            path = format!("{path}{digits}/");
            rest = &rest[2..];
            match by_name(digits) {
                Some(entry) if entry.kind == EntryKind::Folder => tree = entry.id,
                _ => return Ok((format!("{path}{rest}"), String::new())),
            }
        }
    }

    fn push_records(&self, remote: &str, commit: CommitId) -> Result<()> {
        let finished = self.push_call().arg("--").arg(remote).arg(format!("{commit}:{NOTES_REF}")).output()?;
        super::push::outcome(self, remote, &[(NOTES_REF.to_owned(), commit.object())], finished)?;
        Ok(())
    }
}

/// A little longer with every try, and never the same for two jobs.
fn pause(tries: u32) -> Duration {
    let nanos = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).map_or(0, |age| age.subsec_nanos());
    let jitter = u64::from(nanos ^ std::process::id().rotate_left(16)) % 200;
    Duration::from_millis((50 + jitter) * u64::from(tries.min(10)))
}
