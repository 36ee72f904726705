//! relman beside git: the same reads in the same run, in pairs. `cargo bench` builds the repositories and prints a table.
//!
//! git gets the shortest way that there is: for `status`, `for-each-ref` piped into `cat-file --batch` for the release
//! files, then one `for-each-ref` with a pattern for each version; for `next-rc`, `cat-file` for release.yml and for
//! app.yml, then one `for-each-ref` with the prefix. In the rows `status` and `next-rc` this program starts the processes
//! and takes the versions out of the files, which costs git nothing; in the rows `in a script` a shell and awk do, as for
//! whoever has no relman. For `log`, it is `git log` along first parents, with what changed in the release file, and with
//! the notes.
//! For `diff` and `where`, it is the `git log` that a person would type.

#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a benchmark that can't go on has nothing to say")]

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// One landscape to measure in.
struct Case {
    name: &'static str,
    environments: usize,
    tags: usize,
    loose: bool,
    pairs: usize,
    /// How many more commits the first environment has.
    history: usize,
}

const CASES: [Case; 5] = [
    Case { name: "5 environments, 50 tags", environments: 5, tags: 50, loose: false, pairs: 200, history: 0 },
    Case {
        name: "200 environments, 100,000 packed tags",
        environments: 200,
        tags: 100_000,
        loose: false,
        pairs: 60,
        history: 0,
    },
    Case {
        name: "200 environments, 1,000,000 packed tags",
        environments: 200,
        tags: 1_000_000,
        loose: false,
        pairs: 60,
        history: 0,
    },
    Case {
        name: "5 environments, 10,000 commits of one",
        environments: 5,
        tags: 50,
        loose: false,
        pairs: 20,
        history: 10_000,
    },
    Case {
        name: "5 environments, 10,000 loose tags",
        environments: 5,
        tags: 10_000,
        loose: true,
        pairs: 60,
        history: 0,
    },
];

fn main() {
    // `cargo bench FILTER` measures the cases whose name holds the filter.
    let filter = std::env::args().skip(1).find(|arg| !arg.starts_with('-')).unwrap_or_default();
    println!("{:42} {:11} {:>10} {:>10} {:>7} {:>9}", "", "", "relman", "git", "ratio", "memory");
    for case in CASES.iter().filter(|case| case.name.contains(&filter)) {
        let mut folder = tempfile::tempdir().unwrap();
        // To look at them with a profiler.
        folder.disable_cleanup(std::env::var_os("RELMAN_BENCH_KEEP").is_some());
        let room = Room::build(folder.path(), case);
        if std::env::var_os("RELMAN_BENCH_KEEP").is_some() {
            println!("{}", room.root.display());
        }
        if case.history > 0 {
            room.build_history(case.history);
            room.report(case, "log", &["log", "e0", "--limit", "20"], &|| room.git_log());
            continue;
        }
        let version = room.versions.first().unwrap().clone();
        room.report(case, "status", &["status"], &|| room.git_status());
        room.report(case, IN_A_SCRIPT, &["status"], &|| room.script(STATUS_SCRIPT, ""));
        let next = ["next-rc", &version, "--offline"];
        room.report(case, "next-rc", &next, &|| room.git_next_rc(&version));
        room.report(case, IN_A_SCRIPT, &next, &|| room.script(NEXT_RC_SCRIPT, &version));
    }
    long_history(&filter);
}

/// The rows where a shell glues git together.
const IN_A_SCRIPT: &str = "in a script";

/// What a shell script does for `status`.
const STATUS_SCRIPT: &str = r#"
git for-each-ref --format='%(objectname):release.yml' refs/heads/environment/ | git cat-file --batch |
awk '/^version: / { print "refs/tags/v" $2; print "refs/tags/v" $2 "-rc.*"; print "refs/heads/release/" $2 }' | sort -u |
xargs git -C ../foo-app for-each-ref --format='%(refname) %(objectname) %(*objectname)' refs/heads/main
"#;

/// What a shell script does for `next-rc`.
const NEXT_RC_SCRIPT: &str = r#"
app=../$(git cat-file blob environment/e0:release.yml | awk '/^application: / { print $2 }')
git -C "$app" cat-file blob main:app.yml
git -C "$app" for-each-ref --format='%(refname)' "refs/tags/v$1-rc.*" | sort -V | tail -n 1
"#;

/// How many commits the long history has.
const COMMITS: usize = 50_000;

/// `diff` and `where` on a long history: prod has twenty fixes of its own, beside the last thousand commits that qa has.
fn long_history(filter: &str) {
    let name = "50,000 commits";
    if !name.contains(filter) {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let room = Room::with_history(folder.path());
    let case = Case { name, environments: 2, tags: 3, loose: false, history: 0, pairs: 15 };
    let log = |args: &[&str]| {
        assert!(room.git(&room.app).arg("log").args(args).status().unwrap().success());
    };
    let sides = ["--left-right", "--cherry-mark", "--format=%m%H %an %ct%n%B", "v1.0.0...v1.1.0-rc.1"];
    room.report(&case, "diff", &["diff", "qa", "prod"], &|| log(&sides));
    let old = room.id(&format!("main~{}", COMMITS - 10));
    let young = room.id("main~10");
    for (what, commit) in [("where old", &old), ("where new", &young)] {
        let above = format!("^{commit}");
        let grep = format!("--grep={commit}");
        let args = ["-F", &grep, "--format=%H", "main", "v1.0.0", "v1.1.0-rc.1", &above];
        room.report(&case, what, &["where", commit], &|| log(&args));
    }
    let args = ["-F", "--grep=FOO-77", "--format=%H", "main", "v1.0.0", "v1.1.0-rc.1"];
    room.report(&case, "where FOO", &["where", "FOO-77"], &|| log(&args));
}

struct Room {
    root: PathBuf,
    release: PathBuf,
    app: PathBuf,
    versions: Vec<String>,
}

impl Room {
    fn build(root: &Path, case: &Case) -> Room {
        let mut room = Room::empty(root);
        room.versions = (0..case.environments).map(|n| format!("1.{}.{}", n % 20, n / 20)).collect();
        room.build_release(case);
        room.build_app(case);
        room
    }

    /// An app with a long history, qa at its end, and prod on a branch beside it.
    fn with_history(root: &Path) -> Room {
        let room = Room::empty(root);
        let mut stream = String::new();
        let mut write = |mark: usize, branch: &str, from: Option<usize>, file: usize| {
            writeln!(stream, "commit refs/heads/{branch}\nmark :{mark}").unwrap();
            writeln!(stream, "committer A <a@b> {} +0000", 1_700_000_000 + mark * 60).unwrap();
            let message = format!("FOO-{mark} Change what is in file {file}\n\nSome words on why.");
            writeln!(stream, "data {}\n{message}", message.len()).unwrap();
            if let Some(from) = from {
                writeln!(stream, "from :{from}").unwrap();
            }
            let content = format!("{mark}\n");
            writeln!(stream, "M 100644 inline d{}/f{file}\ndata {}\n{content}", file % 40, content.len()).unwrap();
        };
        (1..=COMMITS).for_each(|mark| write(mark, "main", None, mark % 1000));
        let fork = COMMITS - 1000;
        (1..=20).for_each(|n| write(COMMITS + n, "fixes", (n == 1).then_some(fork), 2000 + n));
        for (tag, mark) in [("v1.1.0-rc.1", COMMITS), ("v1.0.0-rc.1", COMMITS + 20), ("v1.0.0", COMMITS + 20)] {
            writeln!(stream, "tag {tag}\nfrom :{mark}\ntagger A <a@b> 1900000000 +0000\ndata 1\nx").unwrap();
        }
        room.import(&room.app, &stream);
        // As a clone that Git looks after has it.
        assert!(room.git(&room.app).args(["commit-graph", "write", "--reachable"]).status().unwrap().success());
        let mut stream = String::new();
        for (name, version, entry) in [("qa", "1.1.0", "type: qa"), ("prod", "1.0.0", "type: prod\n  from: [qa]")] {
            let file = format!("application: foo-app\nversion: {version}\nenvironments:\n- name: {name}\n  {entry}\n");
            commit(&mut stream, &format!("environment/{name}"), &[("release.yml", &file)]);
        }
        room.import(&room.release, &stream);
        room
    }

    fn empty(root: &Path) -> Room {
        let root = root.canonicalize().unwrap();
        fs::write(root.join("gitconfig"), "[init]\n\tdefaultBranch = main\n[gc]\n\tauto = 0\n").unwrap();
        let room = Room { release: root.join("foo-release"), app: root.join("foo-app"), root, versions: Vec::new() };
        for repo in [&room.release, &room.app] {
            assert!(room.git(&room.root).args(["init", "-q"]).arg(repo).status().unwrap().success());
        }
        room
    }

    /// A branch for each environment, with a commit and a file of its own, as a clone has them: packed.
    fn build_release(&self, case: &Case) {
        let mut stream = String::new();
        for n in 0..case.environments {
            let neighbours: String = (0..3)
                .map(|m| {
                    format!("- name: e{}\n  type: qa\n  from: [e0]\n", (n / 4 * 4 + m + 1) % case.environments.max(4))
                })
                .filter(|entry| !entry.contains(&format!(" e{n}\n")))
                .collect();
            let file = format!(
                "application: foo-app\nversion: {}\nenvironments:\n- name: e{n}\n  type: qa\n  from: [e0]\n  \
                 api: https://api.e{n}.example.com\n  credentials: e{n}-deployer\n  namespace: foo-{n}\n{neighbours}",
                self.versions[n]
            );
            commit(&mut stream, &format!("environment/e{n}"), &[("release.yml", &file)]);
        }
        self.import(&self.release, &stream);
        assert!(self.git(&self.release).args(["pack-refs", "--all"]).status().unwrap().success());
    }

    /// More commits on the first environment; each fifth changes the version, and has the record of a deployment.
    fn build_history(&self, commits: usize) {
        let mut stream = String::new();
        let mut notes =
            String::from("commit refs/notes/relman/deployments\ncommitter A <a@b> 1767900000 +0000\ndata 6\nrecord\n");
        for n in 1..=commits {
            let (at, version) = (1_767_600_000 + n, format!("2.{}.0", n / 5));
            write!(stream, "commit refs/heads/environment/e0\nmark :{n}\ncommitter A <a@b> {at} +0000\ndata 3\nSet\n")
                .unwrap();
            if n == 1 {
                stream.push_str("from refs/heads/environment/e0^0\n");
            }
            let file = format!("application: foo-app\nversion: {version}\nenvironments:\n- name: e0\n  type: qa\n");
            for (path, content) in [("release.yml", &file), ("other.txt", &n.to_string())] {
                writeln!(stream, "M 100644 inline {path}\ndata {}\n{content}", content.len()).unwrap();
            }
            if n % 5 == 0 {
                let line = format!(
                    r#"{{"at":"2026-01-05T08:00:00.000Z","id":"{n}","schema":"relman.record/1","environment":"e0","outcome":"succeeded","version":"{version}","repositories":[],"values":[],"actor":"{}"}}"#,
                    "ci".repeat(500)
                );
                writeln!(notes, "N inline :{n}\ndata {}\n{line}", line.len()).unwrap();
            }
        }
        self.import(&self.release, &format!("{stream}{notes}"));
        assert!(self.git(&self.release).args(["repack", "-adq"]).status().unwrap().success());
    }

    /// The changes of the release file along first parents, with the records.
    fn git_log(&self) {
        let args = ["log", "--first-parent", "-p", "--notes=relman/deployments", "environment/e0", "--", "release.yml"];
        assert!(self.git(&self.release).args(args).status().unwrap().success());
    }

    /// Tags of the versions that are deployed and of many others; every second one annotated.
    fn build_app(&self, case: &Case) {
        let mut stream = String::new();
        commit(&mut stream, "main", &[("app.yml", "repositories: []\npipeline:\n  steps: []\n")]);
        stream.push_str("tag annotated\nfrom refs/heads/main\ntagger A <a@b> 0 +0000\ndata 1\nx\n");
        self.import(&self.app, &stream);
        let (commit, tag) = (self.id("main"), self.id("annotated"));
        let mut names = BTreeSet::new();
        for version in &self.versions {
            names.extend((1..=9).map(|n| format!("v{version}-rc.{n}")));
        }
        for n in 0.. {
            if names.len() >= case.tags {
                break;
            }
            names.insert(format!("v{}.{}.{}-rc.{}", 2 + n / 50_000, n / 500 % 100, n / 10 % 50, n % 10 + 1));
        }
        let mut packed = String::from("# pack-refs with: peeled fully-peeled sorted \n");
        writeln!(packed, "{commit} refs/heads/main").unwrap();
        for (index, name) in names.iter().enumerate() {
            let annotated = index % 2 == 0;
            let target = if annotated { &tag } else { &commit };
            if case.loose {
                fs::write(self.app.join(".git/refs/tags").join(name), format!("{target}\n")).unwrap();
                continue;
            }
            writeln!(packed, "{target} refs/tags/{name}").unwrap();
            if annotated {
                writeln!(packed, "^{commit}").unwrap();
            }
        }
        fs::write(self.app.join(".git/packed-refs"), packed).unwrap();
    }

    fn git(&self, folder: &Path) -> Command {
        let mut command = Command::new("git");
        self.seal(&mut command, folder);
        command
    }

    fn seal(&self, command: &mut Command, folder: &Path) {
        command.env_clear().env("PATH", std::env::var_os("PATH").unwrap_or_default()).env("HOME", &self.root);
        command.env("GIT_CONFIG_NOSYSTEM", "1").env("GIT_CONFIG_GLOBAL", self.root.join("gitconfig"));
        command.current_dir(folder).stdin(Stdio::null()).stdout(Stdio::null());
    }

    fn import(&self, repo: &Path, stream: &str) {
        let mut call = self.git(repo).args(["fast-import", "--quiet"]).stdin(Stdio::piped()).spawn().unwrap();
        call.stdin.take().unwrap().write_all(stream.as_bytes()).unwrap();
        assert!(call.wait().unwrap().success());
    }

    fn id(&self, name: &str) -> String {
        let output = self.git(&self.app).args(["rev-parse", name]).stdout(Stdio::piped()).output().unwrap();
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    /// Runs a script in the release repo, as a person would who has git and a shell.
    fn script(&self, text: &str, argument: &str) {
        let mut shell = Command::new("sh");
        self.seal(&mut shell, &self.release);
        assert!(shell.args(["-c", text, "sh", argument]).status().unwrap().success());
    }

    fn git_status(&self) {
        let format = "--format=%(objectname):release.yml";
        let mut list = self.git(&self.release);
        let list = list.args(["for-each-ref", format, "refs/heads/environment/"]).stdout(Stdio::piped());
        let mut list = list.spawn().unwrap();
        let mut files = self.git(&self.release);
        files.args(["cat-file", "--batch"]).stdin(list.stdout.take().unwrap()).stdout(Stdio::piped());
        let mut files = files.spawn().unwrap();
        let mut text = String::new();
        files.stdout.take().unwrap().read_to_string(&mut text).unwrap();
        assert!(list.wait().unwrap().success() && files.wait().unwrap().success());
        let versions: BTreeSet<&str> = text.lines().filter_map(|line| line.strip_prefix("version: ")).collect();
        assert_eq!(versions.len(), self.versions.len());
        let mut tags = self.git(&self.app);
        tags.args(["for-each-ref", "--format=%(refname) %(objectname) %(*objectname)", "refs/heads/main"]);
        for version in versions {
            tags.arg(format!("refs/tags/v{version}")).arg(format!("refs/tags/v{version}-rc.*"));
            tags.arg(format!("refs/heads/release/{version}"));
        }
        assert!(tags.status().unwrap().success());
    }

    fn git_next_rc(&self, version: &str) {
        let pattern = format!("refs/tags/v{version}-rc.*");
        for (folder, args) in [
            (&self.release, ["cat-file", "blob", "environment/e0:release.yml"]),
            (&self.app, ["cat-file", "blob", "main:app.yml"]),
            (&self.app, ["for-each-ref", "--format=%(refname)", &pattern]),
        ] {
            assert!(self.git(folder).args(args).status().unwrap().success());
        }
    }

    fn relman(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_relman"));
        self.seal(&mut command, &self.release);
        command.args(args).stderr(Stdio::null());
        command
    }

    /// Measures both in turn, so that whatever else the machine does weighs on both, and prints the medians.
    fn report(&self, case: &Case, what: &str, args: &[&str], git: &dyn Fn()) {
        let ours = || assert!(self.relman(args).status().unwrap().success(), "relman {args:?}");
        ours();
        git();
        let (mut relman, mut others, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..case.pairs {
            let (mine, theirs) = (time(&ours), time(git));
            ratios.push(mine.as_secs_f64() / theirs.as_secs_f64());
            relman.push(mine);
            others.push(theirs);
        }
        relman.sort();
        others.sort();
        ratios.sort_by(f64::total_cmp);
        let milliseconds = |times: &[Duration]| format!("{:.2} ms", times[times.len() / 2].as_secs_f64() * 1000.0);
        println!(
            "{:42} {what:11} {:>10} {:>10} {:>7.2} {:>9}",
            case.name,
            milliseconds(&relman),
            milliseconds(&others),
            ratios[ratios.len() / 2],
            self.peak(args).map_or_else(
                || "?".into(),
                |peak| format!("{:.1} MB, {:.1} own", peak.mapped as f64 / 1024.0, peak.own as f64 / 1024.0),
            ),
        );
    }

    /// The most memory that relman has used: all that is mapped, and what of it is its own. The rest is the program and
    /// the files of the repository, which the kernel shares and takes back when it wants to.
    fn peak(&self, args: &[&str]) -> Option<Memory> {
        let mut peak = Memory { mapped: 0, own: 0 };
        for _ in 0..20 {
            let mut call = self.relman(args).spawn().ok()?;
            let status = PathBuf::from(format!("/proc/{}/status", call.id()));
            while call.try_wait().ok()?.is_none() {
                let text = fs::read_to_string(&status).unwrap_or_default();
                // Until it has become relman, the child is a copy of this process.
                if text.starts_with("Name:\trelman") {
                    peak.mapped = peak.mapped.max(kib(&text, "VmHWM:"));
                    peak.own = peak.own.max(kib(&text, "RssAnon:"));
                }
            }
        }
        (peak.mapped > 0).then_some(peak)
    }
}

/// Memory in KiB.
struct Memory {
    mapped: u64,
    own: u64,
}

/// One number of what the kernel tells about a process, 0 where it does not.
fn kib(status: &str, name: &str) -> u64 {
    let line = status.lines().find_map(|line| line.strip_prefix(name));
    line.and_then(|rest| rest.trim().trim_end_matches(" kB").parse().ok()).unwrap_or(0)
}

fn commit(stream: &mut String, branch: &str, files: &[(&str, &str)]) {
    writeln!(stream, "commit refs/heads/{branch}\ncommitter A <a@b> 1767600000 +0000\ndata 3\nSet").unwrap();
    for (path, content) in files {
        writeln!(stream, "M 100644 inline {path}\ndata {}\n{content}", content.len()).unwrap();
    }
}

fn time(run: &dyn Fn()) -> Duration {
    let start = Instant::now();
    run();
    start.elapsed()
}
