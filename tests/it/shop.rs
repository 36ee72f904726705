//! A release repo whose environments are promoted by hand, by relman, and by the buttons of a forge.

use crate::sandbox::{Repo, Room};

/// A release repo on a server and its clone, three environments in a row, and an app repo with candidates.
pub struct Shop<'r> {
    pub room: &'r Room,
    pub server: Repo<'r>,
}

/// What the button of a forge does with a pull request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Button {
    Merge,
    Squash,
    Rebase,
    FastForward,
}

pub const BUTTONS: [Button; 4] = [Button::Merge, Button::Squash, Button::Rebase, Button::FastForward];

pub fn file(version: &str, qa_extra: &str) -> String {
    let blank = if version.is_empty() { "" } else { " " };
    format!(
        "# What is deployed.\napplication: foo-app\nversion:{blank}{version} # the version\nenvironments:\n\
         - name: dev\n  type: dev\n- name: qa\n  type: qa\n  from: [dev]\n{qa_extra}- name: prod\n  type: prod\n  from: [qa]\n"
    )
}

impl<'r> Shop<'r> {
    pub fn new(room: &'r Room) -> Self {
        let app = room.repo("foo-app");
        for version in ["1.0.0", "1.1.0", "1.2.0", "1.3.0", "1.4.0", "1.5.0", "1.0.1"] {
            app.commit("main", &format!("FOO-{} Work on {version}", version.replace('.', "")));
            app.tag(&format!("v{version}-rc.1"), "main");
        }
        let server = room.server("foo-release");
        let root = server.commit_files("main", "Begin", &[("release.yml", &file("", ""))]);
        for (name, version) in [("dev", "WIP"), ("qa", "1.0.0"), ("prod", "1.0.0")] {
            server.branch(&format!("environment/{name}"), &root);
            server.release_file(name, &format!("Set {version}"), &file(version, ""));
        }
        server.clone_as("foo-release", "");
        Shop { room, server }
    }

    /// qa gets a version by hand, and an edit of its own.
    pub fn qa(&self, version: &str) {
        self.server.release_file("qa", &format!("Set {version} in qa"), &file(version, "  namespace: qa-only\n"));
    }

    pub fn qa_without_an_edit(&self, version: &str) {
        self.server.release_file("qa", &format!("Set {version} in qa"), &file(version, ""));
    }

    pub fn promote(&self, line: &str) -> serde_json::Value {
        self.room.relman("foo-release", &format!("promote qa prod -y --format json {line}")).ok().json()
    }

    /// Promotes, and presses the button of the pull request that a person opened.
    pub fn promote_and_press(&self, button: Button) -> serde_json::Value {
        let document = self.promote("");
        assert_eq!(document["result"], "manual", "{document}");
        let version = document["version"].as_str().unwrap();
        let head = match document["via"].as_str().unwrap() {
            "direct" => "environment/qa".to_owned(),
            _ => format!("promote/prod/{version}"),
        };
        self.press(button, &head, "environment/prod");
        document
    }

    /// Acts as a forge.
    pub fn press(&self, button: Button, head: &str, base: &str) {
        let folder = format!("forge-{}", std::fs::read_dir(self.room.path("work")).unwrap().count());
        let forge = self.server.clone_as(&folder, "");
        forge.git(&format!("checkout -q -B base origin/{base}"));
        match button {
            Button::Merge => drop(forge.git_args([
                "merge",
                "-q",
                "--no-ff",
                "-m",
                "Merge pull request #1",
                &format!("origin/{head}"),
            ])),
            Button::Squash => {
                forge.git(&format!("merge -q --squash origin/{head}"));
                forge.git_args(["commit", "-q", "-m", "Squashed (#1)"]);
            }
            Button::Rebase => {
                forge.git(&format!("checkout -q -B head origin/{head}"));
                forge.git("rebase -q base");
                forge.git("checkout -q base");
                forge.git("merge -q --ff-only head");
            }
            Button::FastForward => drop(forge.git(&format!("merge -q --ff-only origin/{head}"))),
        }
        forge.git(&format!("push -q origin base:refs/heads/{base}"));
    }

    /// Acts as somebody who takes the last change of a branch back, with Git alone.
    pub fn revert(&self, branch: &str) {
        let folder = format!("revert-{}", std::fs::read_dir(self.room.path("work")).unwrap().count());
        let clone = self.server.clone_as(&folder, "");
        clone.git(&format!("checkout -q -B base origin/{branch}"));
        let merged = clone.git("log -1 --format=%P").contains(' ');
        clone.git(if merged { "revert --no-edit -m 1 HEAD" } else { "revert --no-edit HEAD" });
        clone.git(&format!("push -q origin base:{branch}"));
    }

    pub fn prod(&self) -> String {
        self.server.git("show environment/prod:release.yml")
    }

    /// prod holds exactly this version, and nothing that is qa's own.
    #[track_caller]
    pub fn prod_holds(&self, version: &str) {
        assert_eq!(self.prod(), file(version, "").trim_end());
    }
}
