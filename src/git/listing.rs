//! Listing references with those that can't be used among them, so that one broken branch hides no others.

use gix::ObjectId;
use gix::bstr::{BString, ByteSlice as _};

use super::Result;
use super::ref_files::Loose;
use super::refs::RefStore;
use super::repository::Repository;

/// A reference as it lies there, usable or not.
#[derive(Debug)]
pub struct ListedRef {
    /// The full name.
    pub name: BString,
    /// The object, symbolic references followed; or why there is none.
    pub target: Result<ObjectId>,
    /// The reference that it points at, where it is a symbolic one.
    pub symbolic: Option<BString>,
}

impl Repository {
    /// All references whose full name begins with `prefix`, sorted by name, those that can't be used among them: one
    /// broken branch is no reason not to look at the others.
    pub fn list_refs(&self, prefix: &str) -> Result<Vec<ListedRef>> {
        let files = match &self.refs {
            RefStore::Files(files) => files,
            RefStore::Program => return self.list_by_program(prefix),
        };
        let mut list: Vec<ListedRef> =
            files.loose(prefix)?.into_iter().map(|(name, loose)| self.listed(name, loose)).collect();
        list.sort_by(|a, b| a.name.cmp(&b.name));
        let loose = list.len();
        files.with_packed(|buffer| {
            for reference in
                buffer.iter_prefixed(prefix.into()).map_err(|error| self.read_error("packed-refs", &error))?
            {
                let reference = reference.map_err(|error| self.read_error("packed-refs", &error))?;
                let name = reference.name.as_bstr();
                if list[..loose].binary_search_by(|listed| listed.name.as_bstr().cmp(name)).is_err() {
                    list.push(ListedRef { name: name.to_owned(), target: Ok(reference.target()), symbolic: None });
                }
            }
            Ok(())
        })?;
        list.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(list)
    }

    /// The reference with this full name, usable or not; `None` where there is none.
    pub fn list_ref(&self, name: &str) -> Result<Option<ListedRef>> {
        let files = match &self.refs {
            RefStore::Files(files) => files,
            RefStore::Program => return Ok(self.list_by_program(name)?.into_iter().find(|listed| listed.name == name)),
        };
        match files.read_loose(name.into()).transpose() {
            Some(loose) => Ok(Some(self.listed(name.into(), loose))),
            None => {
                let found = self.find_ref(name)?;
                Ok(found.map(|id| ListedRef { name: name.into(), target: Ok(id), symbolic: None }))
            }
        }
    }

    fn listed(&self, name: BString, loose: Result<Loose>) -> ListedRef {
        match loose {
            Ok(Loose::Object(id)) => ListedRef { name, target: Ok(id), symbolic: None },
            Ok(Loose::Symbolic(next)) => {
                let target = self.follow(next.as_bstr()).and_then(|found| match found {
                    Some((target, _)) => Ok(target),
                    None => {
                        Err(self.unreadable(format!("{name}"), &format!("it points at {next}, which is not there")))
                    }
                });
                ListedRef { name, target, symbolic: Some(next) }
            }
            Err(error) => ListedRef { name, target: Err(error), symbolic: None },
        }
    }

    fn list_by_program(&self, prefix: &str) -> Result<Vec<ListedRef>> {
        let pattern = if prefix.ends_with('/') { prefix.to_owned() } else { format!("{prefix}*") };
        let format = "--format=%(objectname) %(symref) %(refname)";
        let printed = self.git().args(["for-each-ref", format, "--"]).arg(pattern).run()?;
        let unexpected = || self.unreadable("the references", "an unexpected line came from git for-each-ref");
        let mut list = Vec::new();
        for line in printed.lines() {
            let mut parts = line.splitn(3, |byte| *byte == b' ');
            let (Some(target), Some(symbolic), Some(name)) = (parts.next(), parts.next(), parts.next()) else {
                return Err(unexpected());
            };
            let target = ObjectId::from_hex(target).map_err(|_| unexpected())?;
            let symbolic = (!symbolic.is_empty()).then(|| symbolic.into());
            list.push(ListedRef { name: name.into(), target: Ok(target), symbolic });
        }
        list.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(list)
    }
}
