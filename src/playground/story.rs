//! What happened in the playground: a shop that ships a version every few weeks, and is about to ship 1.2.0.

use crate::domain::name::{EnvironmentName, RepositoryName, TypeName};
use crate::domain::yaml::edit::{EditError, set_scalar};
use crate::scaffold::{self, Blueprint, Ci, PlannedEnvironment};

/// The release repo.
pub const RELEASE: &str = "shop-release";
/// The app repo.
pub const APP: &str = "shop-app";
/// The components.
pub const COMPONENTS: [&str; 2] = ["shop-backend", "shop-frontend"];
/// All repositories, in the order in which they are cloned.
pub const REPOSITORIES: [&str; 4] = [RELEASE, APP, COMPONENTS[0], COMPONENTS[1]];

/// The pipeline, which tags.
pub const ROBOT: (&str, &str) = ("Shop Pipeline", "pipeline@example.com");
const ADA: (&str, &str) = ("Ada Backend", "ada@example.com");
const FINN: (&str, &str) = ("Finn Frontend", "finn@example.com");
const ROBIN: (&str, &str) = ("Robin Release", "robin@example.com");

/// Hours in a day.
const DAY: i64 = 24;

/// Deeds in the order in which they were done.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Story {
    /// The deeds.
    pub deeds: Vec<Deed>,
}

/// Something that somebody did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Deed {
    /// A commit on a branch, which begins at another one where it is new.
    Commit {
        /// The repository.
        repository: &'static str,
        /// The branch.
        branch: String,
        /// The branch that a new one begins at.
        from: Option<String>,
        /// The files that change.
        files: Vec<(String, String)>,
        /// The first line of the message.
        subject: String,
        /// The last lines of the message.
        trailers: Vec<Trailer>,
        /// A branch that is merged by it.
        merges: Option<&'static str>,
        /// Who did it: name and address.
        person: (&'static str, &'static str),
        /// How many hours ago.
        hours_ago: i64,
    },
    /// A branch without a commit of its own.
    Branch {
        /// The repository.
        repository: &'static str,
        /// The branch.
        branch: String,
        /// The branch that it begins at.
        from: String,
    },
    /// A candidate in all repositories, on a branch, or on `main` where a repository does not have it.
    Candidate {
        /// The tag.
        tag: String,
        /// The branch.
        branch: String,
        /// How many hours ago.
        hours_ago: i64,
    },
    /// The final tag in all repositories, where a candidate stands.
    Final {
        /// The tag.
        tag: String,
        /// The candidate.
        candidate: String,
        /// How many hours ago.
        hours_ago: i64,
    },
}

/// A line at the end of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trailer {
    /// A key and its value.
    Text(&'static str, String),
    /// The environment branch that a version was promoted from, and the commit that it stood on.
    PromotedFrom(&'static str),
}

impl Story {
    /// Tells the story.
    pub fn tell() -> Result<Self, StoryError> {
        let mut story = Story::default();
        story.beginning()?;
        story.first_release()?;
        story.second_release()?;
        story.third_release()?;
        Ok(story)
    }

    fn commit(
        &mut self,
        repository: &'static str,
        branch: &str,
        files: &[(&str, &str)],
        subject: &str,
        person: (&'static str, &'static str),
        hours_ago: i64,
    ) {
        self.deeds.push(Deed::Commit {
            repository,
            branch: branch.to_owned(),
            from: Some("main".into()).filter(|_| branch != "main"),
            files: files.iter().map(|(path, content)| ((*path).to_owned(), (*content).to_owned())).collect(),
            subject: subject.to_owned(),
            trailers: Vec::new(),
            merges: None,
            person,
            hours_ago,
        });
    }

    fn candidate(&mut self, tag: &str, branch: &str, hours_ago: i64) {
        self.deeds.push(Deed::Candidate { tag: tag.to_owned(), branch: branch.to_owned(), hours_ago });
    }

    fn finish(&mut self, tag: &str, candidate: &str, hours_ago: i64) {
        self.deeds.push(Deed::Final { tag: tag.to_owned(), candidate: candidate.to_owned(), hours_ago });
    }

    /// Sets a version on an environment branch.
    fn set(
        &mut self,
        environment: &str,
        version: &str,
        subject: &str,
        trailers: Vec<Trailer>,
        hours_ago: i64,
    ) -> Result<(), StoryError> {
        let text = release_file()?;
        self.deeds.push(Deed::Commit {
            repository: RELEASE,
            branch: format!("environment/{environment}"),
            from: Some("main".into()),
            files: vec![("release.yml".into(), set_scalar(&text, "version", version)?)],
            subject: subject.to_owned(),
            merges: trailers.iter().find_map(|trailer| match trailer {
                Trailer::PromotedFrom(branch) => Some(*branch),
                Trailer::Text(..) => None,
            }),
            trailers,
            person: ROBIN,
            hours_ago,
        });
        Ok(())
    }

    fn promote(
        &mut self,
        version: &str,
        previous: Option<&str>,
        candidate: &str,
        hours_ago: i64,
    ) -> Result<(), StoryError> {
        let mut trailers = vec![Trailer::PromotedFrom("environment/qa"), Trailer::Text("Version", version.to_owned())];
        trailers.extend(previous.map(|previous| Trailer::Text("Previous-Version", previous.to_owned())));
        trailers.push(Trailer::Text("Candidate", candidate.to_owned()));
        self.set("prod", version, &format!("Promote {version} from qa to prod"), trailers, hours_ago)
    }

    fn release(&mut self, version: &str, hours_ago: i64) -> Result<(), StoryError> {
        let trailers = vec![Trailer::Text("Version", version.to_owned())];
        self.set("qa", version, &format!("Set {version} in qa"), trailers, hours_ago)
    }

    fn beginning(&mut self) -> Result<(), StoryError> {
        let blueprint = blueprint()?;
        let files = |files: Vec<scaffold::ScaffoldFile>| {
            files.into_iter().map(|file| (file.path, file.content)).collect::<Vec<_>>()
        };
        let begin = |repository, files, subject: &str, person| Deed::Commit {
            repository,
            branch: "main".into(),
            from: None,
            files,
            subject: subject.to_owned(),
            trailers: Vec::new(),
            merges: None,
            person,
            hours_ago: 70 * DAY,
        };
        self.deeds.push(begin(
            RELEASE,
            files(scaffold::release_repo(&blueprint)),
            "Begin the release repo of shop-app",
            ROBIN,
        ));
        self.deeds.push(begin(APP, files(scaffold::app_repo(&blueprint)), "Begin the app repo shop-app", ROBIN));
        for (name, person) in [(COMPONENTS[0], ADA), (COMPONENTS[1], FINN)] {
            self.deeds.push(begin(name, component_files(name), &format!("Begin {name}"), person));
        }
        for environment in ["qa", "prod"] {
            let branch = format!("environment/{environment}");
            self.deeds.push(Deed::Branch { repository: RELEASE, branch, from: "main".into() });
        }
        self.set("dev", "WIP", "Begin dev at WIP", Vec::new(), 69 * DAY)
    }

    fn first_release(&mut self) -> Result<(), StoryError> {
        let [backend, frontend] = COMPONENTS;
        self.commit(
            backend,
            "main",
            &[("cart.txt", "add\nremove\n")],
            "SHOP-11 Keep a cart for each customer",
            ADA,
            62 * DAY,
        );
        self.commit(frontend, "main", &[("cart.html", "<ul></ul>\n")], "SHOP-12 Show the cart", FINN, 61 * DAY);
        self.release("1.0.0", 60 * DAY)?;
        self.candidate("v1.0.0-rc.1", "main", 60 * DAY - 1);
        self.promote("1.0.0", None, "v1.0.0-rc.1", 57 * DAY)?;
        self.finish("v1.0.0", "v1.0.0-rc.1", 57 * DAY - 1);
        Ok(())
    }

    fn second_release(&mut self) -> Result<(), StoryError> {
        let [backend, frontend] = COMPONENTS;
        self.commit(backend, "main", &[("pay.txt", "card\n")], "SHOP-21 Take cards", ADA, 45 * DAY);
        self.commit(
            frontend,
            "main",
            &[("pay.html", "<form></form>\n")],
            "SHOP-22 Ask for a card number",
            FINN,
            44 * DAY,
        );
        self.release("1.1.0", 40 * DAY)?;
        self.candidate("v1.1.0-rc.1", "main", 40 * DAY - 1);
        self.commit(
            backend,
            "main",
            &[("pay.txt", "card\nrefund\n")],
            "SHOP-27 Refund what was paid twice",
            ADA,
            38 * DAY,
        );
        self.candidate("v1.1.0-rc.2", "main", 37 * DAY);
        self.promote("1.1.0", Some("1.0.0"), "v1.1.0-rc.2", 33 * DAY)?;
        self.finish("v1.1.0", "v1.1.0-rc.2", 33 * DAY - 1);
        Ok(())
    }

    /// 1.2.0 is on its own branch, in qa with its third candidate, while work on 1.3.0 goes on.
    fn third_release(&mut self) -> Result<(), StoryError> {
        let [backend, frontend] = COMPONENTS;
        let branch = "release/1.2.0";
        self.commit(backend, "main", &[("search.txt", "by name\n")], "SHOP-31 Search by name", ADA, 20 * DAY);
        self.commit(frontend, "main", &[("search.html", "<input>\n")], "SHOP-32 Search while typing", FINN, 19 * DAY);
        self.commit(
            APP,
            "main",
            &[("chart/values.prod.yaml", "# The values of every environment of type prod.\nreplicas: 3\n")],
            "SHOP-33 Run three of each in prod",
            ROBIN,
            18 * DAY,
        );
        for repository in [APP, backend, frontend] {
            self.deeds.push(Deed::Branch { repository, branch: branch.into(), from: "main".into() });
        }
        self.release("1.2.0", 14 * DAY)?;
        self.candidate("v1.2.0-rc.1", branch, 14 * DAY - 1);
        self.commit(
            backend,
            branch,
            &[("search.txt", "by name\nby number\n")],
            "SHOP-38 Find what has no name",
            ADA,
            11 * DAY,
        );
        self.candidate("v1.2.0-rc.2", branch, 10 * DAY);
        self.commit(
            frontend,
            "main",
            &[("wishes.html", "<ol></ol>\n")],
            "SHOP-41 Begin with wish lists",
            FINN,
            8 * DAY,
        );
        self.commit(
            frontend,
            branch,
            &[("search.html", "<input maxlength=80>\n")],
            "SHOP-39 Stop at 80 characters",
            FINN,
            6 * DAY,
        );
        self.candidate("v1.2.0-rc.3", branch, 5 * DAY);
        self.commit(backend, "main", &[("wishes.txt", "add\n")], "SHOP-42 Keep wishes", ADA, 2 * DAY);
        Ok(())
    }
}

/// Why the story can't be told; each of these would be a mistake in it, which a test would show.
#[derive(Debug, thiserror::Error)]
pub enum StoryError {
    /// A name in it is none.
    #[error(transparent)]
    Name(#[from] crate::domain::name::InvalidName),
    /// The release file can't be edited.
    #[error(transparent)]
    Edit(#[from] EditError),
}

fn blueprint() -> Result<Blueprint, StoryError> {
    let mut environments: Vec<PlannedEnvironment> = Vec::new();
    for kind in ["dev", "qa", "prod"] {
        let from = environments.last().map(|environment| environment.name.clone());
        environments.push(PlannedEnvironment {
            name: EnvironmentName::parse(kind)?,
            kind: TypeName::parse(kind)?,
            branch: None,
            from: from.into_iter().collect(),
            tags: None,
            facts: Vec::new(),
        });
    }
    Ok(Blueprint {
        name: RepositoryName::parse("shop")?,
        application: RepositoryName::parse(APP)?,
        application_url: None,
        environments,
        components: COMPONENTS
            .iter()
            .map(|name| RepositoryName::parse(name).map(Into::into))
            .collect::<Result<_, _>>()?,
        ci: Ci::None,
        remote_base: None,
    })
}

fn release_file() -> Result<String, StoryError> {
    let files = scaffold::release_repo(&blueprint()?);
    Ok(files.into_iter().find(|file| file.path == "release.yml").map(|file| file.content).unwrap_or_default())
}

fn component_files(name: &str) -> Vec<(String, String)> {
    let chart = format!(
        "apiVersion: v2\nname: {name}\ndescription: A component of the shop.\ntype: application\nversion: 0.1.0\n"
    );
    let template = format!(
        "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {name}\ndata:\n  replicas: {{{{ .Values.replicas | quote }}}}\n"
    );
    vec![
        (
            "README.md".into(),
            format!("# {name}\n\nA component of the shop, released together with the others by shop-app.\n"),
        ),
        ("chart/Chart.yaml".into(), chart),
        ("chart/values.yaml".into(), "replicas: 1\n".into()),
        ("chart/templates/configmap.yaml".into(), template),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_story_can_be_told() {
        let story = Story::tell().expect("a story");
        let candidates =
            story.deeds.iter().filter(|deed| matches!(deed, Deed::Candidate { tag, .. } if tag.starts_with("v1.2.0-")));
        assert_eq!(candidates.count(), 3);
    }

    #[test]
    fn time_goes_forward() {
        let hours = |deed: &Deed| match deed {
            Deed::Commit { hours_ago, .. } | Deed::Candidate { hours_ago, .. } | Deed::Final { hours_ago, .. } => {
                Some(*hours_ago)
            }
            Deed::Branch { .. } => None,
        };
        let times: Vec<i64> = Story::tell().expect("a story").deeds.iter().filter_map(hours).collect();
        assert!(times.windows(2).all(|pair| pair[0] >= pair[1]), "{times:?}");
    }
}
