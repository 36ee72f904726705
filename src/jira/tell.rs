//! Telling Jira of one event: a few issues side by side, each whole before the next, and nothing twice.
//!
//! The comment is made last, and found first: an issue that has it is done. Where no comments are wanted, the issue's own
//! status and versions say what is left to do.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::answer::{Fields, Project};
use super::client::Jira;
use super::error::Error;
use crate::domain::error::Explain as _;
use crate::domain::jira::account::NOT_THERE;
use crate::domain::jira::telling::Release;
use crate::domain::jira::{Account, Deed, IssueAccount, IssueKey, ProjectKey, Telling, Trouble, VersionAccount};
use crate::http;

/// How many issues are told at the same time.
const AT_ONCE: usize = 4;

/// What came of telling Jira.
#[derive(Debug, Default)]
pub struct Told {
    /// What was done, and what was not.
    pub account: Account,
    /// The first error that may pass, for whoever ends with its status. That some issues are not there is none: a text may
    /// look like a key. That none of them is there means that it is another Jira.
    pub error: Option<Error>,
}

/// Tells Jira of one event. Gives up at an error that concerns Jira as a whole, or when the time is over; what was done
/// stays done, and telling it again does the rest. `page` is where more can be read.
pub fn tell(jira: &Jira, telling: &Telling, page: Option<&str>, limit: Duration) -> Told {
    let round = Round {
        jira,
        telling,
        body: telling.comment.as_ref().map(|comment| comment.body(page)),
        ends: Instant::now() + limit,
        limit,
        versions: Mutex::default(),
        stopped: Mutex::default(),
        passing: Mutex::default(),
        missing: Mutex::default(),
        seen: AtomicBool::new(false),
        forbidden: AtomicUsize::new(0),
    };
    let next = AtomicUsize::new(0);
    let done = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..AT_ONCE.min(telling.issues.len()) {
            scope.spawn(|| {
                while let Some(key) = telling.issues.get(next.fetch_add(1, Ordering::Relaxed)) {
                    if let Some(account) = round.issue(key) {
                        lock(&done).push(account);
                    }
                }
            });
        }
    });
    if let Some(release) = &telling.release {
        round.release(release);
    }
    round.end(done.into_inner().unwrap_or_else(PoisonError::into_inner))
}

/// Somebody who panicked while holding the lock has left a list that is whole all the same.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Why an issue is not gone on with: Jira as a whole, which has been noted.
struct Stopped;

struct Round<'a> {
    jira: &'a Jira,
    telling: &'a Telling,
    body: Option<String>,
    ends: Instant,
    limit: Duration,
    /// What became of each project's version; held while one is looked for, so that it is made once.
    versions: Mutex<BTreeMap<ProjectKey, VersionAccount>>,
    stopped: Mutex<Option<Trouble>>,
    passing: Mutex<Option<Error>>,
    missing: Mutex<Option<Error>>,
    /// Whether any issue could be read.
    seen: AtomicBool,
    /// How many issues this user is forbidden to read.
    forbidden: AtomicUsize,
}

impl Round<'_> {
    /// Whether to go on; notes when the time is over.
    fn goes_on(&self) -> Result<(), Stopped> {
        let mut stopped = lock(&self.stopped);
        if stopped.is_none() && Instant::now() >= self.ends {
            let message = format!("Jira was not done within {} seconds", self.limit.as_secs());
            *stopped = Some(Trouble { code: "jira-too-slow", message: message.clone(), again: true });
            let error = http::Error::Unreachable { host: "Jira".into(), why: message };
            lock(&self.passing).get_or_insert(error.into());
        }
        if stopped.is_some() { Err(Stopped) } else { Ok(()) }
    }

    /// Notes an error: what concerns one issue is its trouble, all else ends the round.
    fn trouble(&self, error: http::Error, concerns_one: bool) -> Result<Trouble, Stopped> {
        let is_there = !matches!(error, http::Error::NotFound { .. });
        let passes = is_there && !matches!(error, http::Error::Rejected { .. });
        let one = concerns_one
            && matches!(
                error,
                http::Error::NotFound { .. } | http::Error::Rejected { .. } | http::Error::Unauthorised { .. }
            );
        let error = Error::from(error);
        let trouble = Trouble { code: error.code(), message: error.to_string(), again: passes || !is_there };
        if passes {
            lock(&self.passing).get_or_insert(error);
        } else if !is_there {
            lock(&self.missing).get_or_insert(error);
        }
        if one {
            return Ok(trouble);
        }
        lock(&self.stopped).get_or_insert(Trouble { again: true, ..trouble });
        Err(Stopped)
    }

    /// Whether an issue that may not be read is an exception, as one under a security level is, as far as can be told.
    fn is_alone(&self) -> bool {
        let before = self.forbidden.fetch_add(1, Ordering::Relaxed);
        self.seen.load(Ordering::Relaxed) || before + 1 < AT_ONCE
    }

    /// Notes an issue that this user may not read, which is as good as none until somebody allows it.
    fn hidden(&self, error: http::Error) -> Trouble {
        let error = Error::from(error);
        let message = error.to_string();
        lock(&self.missing).get_or_insert(error);
        Trouble { code: NOT_THERE, message, again: true }
    }

    /// Tells one issue; `None` where that was not done to the end because Jira as a whole has trouble.
    fn issue(&self, key: &IssueKey) -> Option<IssueAccount> {
        let mut account = IssueAccount { key: key.clone(), deeds: Vec::new(), troubles: Vec::new() };
        let outcome = self.try_issue(&mut account);
        // What was done before Jira went away is told as well.
        (outcome.is_ok() || !account.deeds.is_empty()).then_some(account)
    }

    fn try_issue(&self, account: &mut IssueAccount) -> Result<(), Stopped> {
        let key = account.key.clone();
        self.goes_on()?;
        let fields = match self.jira.issue(&key) {
            Ok(fields) => fields,
            Err(error @ http::Error::Unauthorised { known: true, .. }) if self.is_alone() => {
                account.troubles.push(self.hidden(error));
                return Ok(());
            }
            // A login that is refused here is refused everywhere, and each attempt may count against it.
            Err(error) => {
                let one = !matches!(error, http::Error::Unauthorised { .. });
                account.troubles.push(self.trouble(error, one)?);
                return Ok(());
            }
        };
        self.seen.store(true, Ordering::Relaxed);
        match self.is_told(&key)? {
            Ok(true) => return Ok(()),
            Ok(false) => {}
            Err(trouble) => {
                account.troubles.push(trouble);
                return Ok(());
            }
        }
        self.transition(account, &fields)?;
        self.fix_version(account, &fields)?;
        // Without the comment, what is missing is done the next time.
        if let Some(body) = self.body.as_ref().filter(|_| account.troubles.iter().all(|trouble| !trouble.again)) {
            self.goes_on()?;
            match self.jira.comment(&key, body) {
                Ok(()) => account.deeds.push(Deed::Commented),
                Err(error) => account.troubles.push(self.trouble(error, true)?),
            }
        }
        Ok(())
    }

    /// Whether an issue has the comment, or a later one. A list that has no end is looked at until the time is over.
    fn is_told(&self, key: &IssueKey) -> Result<Result<bool, Trouble>, Stopped> {
        let Some(comment) = &self.telling.comment else { return Ok(Ok(false)) };
        let marks = || std::iter::once(&comment.marker).chain(&comment.later);
        let mut next = Some(0);
        while let Some(from) = next {
            self.goes_on()?;
            let found = match self.jira.comments(key, from) {
                Ok((found, more)) => {
                    next = more;
                    found
                }
                Err(error) => return Ok(Err(self.trouble(error, true)?)),
            };
            let holds = |body: &String| marks().any(|mark| body.contains(mark.as_str()));
            if found.iter().any(|one| one.body.as_ref().is_some_and(holds)) {
                return Ok(Ok(true));
            }
        }
        Ok(Ok(false))
    }

    fn transition(&self, account: &mut IssueAccount, fields: &Fields) -> Result<(), Stopped> {
        let Some(status) = self.telling.status.as_deref().filter(|status| !fields.status.is(status)) else {
            return Ok(());
        };
        if self.telling.beyond.iter().any(|status| fields.status.is(status)) {
            return Ok(());
        }
        self.goes_on()?;
        let found = match self.jira.transitions(&account.key) {
            Ok(transitions) => transitions.into_iter().find(|transition| transition.to.is(status)),
            Err(error) => {
                account.troubles.push(self.trouble(error, true)?);
                return Ok(());
            }
        };
        let Some(transition) = found else {
            let message = format!("it is in {}, and no transition leads from there to {status}", fields.status.name);
            account.troubles.push(Trouble { code: "no-transition", message, again: false });
            return Ok(());
        };
        match self.jira.transition(&account.key, &transition) {
            Ok(()) => account.deeds.push(Deed::Moved(transition.to.name)),
            Err(error) => account.troubles.push(self.trouble(error, true)?),
        }
        Ok(())
    }

    fn fix_version(&self, account: &mut IssueAccount, fields: &Fields) -> Result<(), Stopped> {
        let Some(name) = &self.telling.fix_version else { return Ok(()) };
        if fields.fix_versions.iter().any(|version| version.name == *name) {
            return Ok(());
        }
        self.goes_on()?;
        if let Some(trouble) = self.ensure_version(&fields.project, &account.key, name)? {
            account.troubles.push(trouble);
            return Ok(());
        }
        match self.jira.add_fix_version(&account.key, name) {
            Ok(()) => account.deeds.push(Deed::Given(name.clone())),
            Err(error) => account.troubles.push(self.trouble(error, true)?),
        }
        Ok(())
    }

    /// Finds or makes the version of a project; what stands against it is said once, and returned each time.
    fn ensure_version(&self, project: &Project, key: &IssueKey, name: &str) -> Result<Option<Trouble>, Stopped> {
        // An issue that was moved is in another project than its old key says.
        let project_key = ProjectKey::parse(&project.key).unwrap_or_else(|| key.project().clone());
        let mut versions = lock(&self.versions);
        if let Some(known) = versions.get(&project_key) {
            return Ok(known.trouble.clone());
        }
        let mut account = VersionAccount {
            project: project_key.clone(),
            name: name.to_owned(),
            created: false,
            released: false,
            trouble: None,
        };
        let made = match self.jira.version(&project_key, name) {
            Ok(Some(_)) => Ok(false),
            Ok(None) => self.create_version(project, &project_key, name).map(|()| true),
            Err(error) => Err(error),
        };
        match made {
            Ok(created) => account.created = created,
            Err(error) => account.trouble = Some(self.trouble(error, true)?),
        }
        let trouble = account.trouble.clone();
        versions.insert(project_key, account);
        Ok(trouble)
    }

    fn create_version(&self, project: &Project, key: &ProjectKey, name: &str) -> http::Result<()> {
        let Ok(id) = project.id.parse() else {
            return Err(self.jira.garbled("read a project", "its id is no number"));
        };
        match self.jira.create_version(id, name) {
            // Somebody else was faster, which is as good.
            Err(refused @ http::Error::Rejected { .. }) => match self.jira.version(key, name) {
                Ok(Some(_)) => Ok(()),
                _ => Err(refused),
            },
            outcome => outcome,
        }
    }

    /// Releases the version in each of the projects that have it.
    fn release(&self, release: &Release) {
        for project in &release.projects {
            if self.goes_on().is_err() {
                return;
            }
            let mut released = false;
            let outcome = match self.jira.version(project, &release.name) {
                Ok(Some(version)) if !version.released => {
                    released = true;
                    self.jira.release_version(&version, &release.day).map(|()| None)
                }
                Ok(Some(_)) => Ok(None),
                // relman makes versions where it gives them to issues; elsewhere they are somebody else's to make.
                Ok(None) => {
                    let message = format!("{project} has no version {}, so none is released", release.name);
                    Ok(Some(Trouble { code: "no-version", message, again: false }))
                }
                Err(error) => Err(error),
            };
            let trouble = match outcome.map_err(|error| self.trouble(error, true)) {
                Ok(trouble) => trouble,
                Err(Ok(trouble)) => Some(trouble),
                Err(Err(Stopped)) => return,
            };
            let mut versions = lock(&self.versions);
            let account = versions.entry(project.clone()).or_insert_with(|| VersionAccount {
                project: project.clone(),
                name: release.name.clone(),
                created: false,
                released: false,
                trouble: None,
            });
            account.released = released && trouble.is_none();
            account.trouble = account.trouble.take().or(trouble);
        }
    }

    fn end(self, mut issues: Vec<IssueAccount>) -> Told {
        issues.sort_by(|a, b| a.key.cmp(&b.key));
        let own_error = |mutex: Mutex<Option<Error>>| mutex.into_inner().unwrap_or_else(PoisonError::into_inner);
        let stopped = self.stopped.into_inner().unwrap_or_else(PoisonError::into_inner);
        let versions = self.versions.into_inner().unwrap_or_else(PoisonError::into_inner);
        let left = if stopped.is_some() { self.telling.issues.len().saturating_sub(issues.len()) } else { 0 };
        let mut account = Account { issues, versions: versions.into_values().collect(), stopped, left };
        let nothing_there = !account.issues.is_empty() && !account.knows_any();
        if !nothing_there {
            // The others are there, so telling these again does not help.
            let troubles = account.issues.iter_mut().flat_map(|issue| &mut issue.troubles);
            troubles.filter(|trouble| trouble.code == NOT_THERE).for_each(|trouble| trouble.again = false);
        }
        let error = own_error(self.passing).or_else(|| own_error(self.missing).filter(|_| nothing_there));
        Told { account, error }
    }
}
