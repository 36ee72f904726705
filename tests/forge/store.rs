//! What every fake forge remembers, and the small things that they share.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use relman::forge::capability::connect_with;
use relman::forge::{Clues, Credential, Forge, ForgeKind, Found, Location, locate};
use relman::http::Network;
use relman::http::Patience;
use relman::http::{Login, Token};
use serde_json::Value;

use super::server::{Answers, Asked, Reply, Server};

pub const TOKEN: &str = "tok-5ecret-0123456789";
pub const COMMIT: &str = "131cb13f4aed12e725177bc4b7c28db67839bf9f";

/// A pull request, as a forge keeps it.
#[derive(Clone, Debug)]
pub struct Pull {
    pub number: u64,
    pub head: String,
    pub base: String,
    pub title: String,
    pub body: String,
    pub draft: bool,
    pub open: bool,
    pub merged: bool,
    pub version: u64,
    pub reviewers: Vec<String>,
    pub labels: Vec<String>,
    /// Whether its head is a fork's.
    pub fork: bool,
    /// The commit that it brought to its base.
    pub brought: Option<String>,
    /// Who approved it.
    pub approved_by: Vec<String>,
}

/// The memory of a forge with one repository, `acme/foo-release`.
pub struct Store {
    pub branches: BTreeSet<String>,
    /// Heads that hold nothing new.
    pub empty: BTreeSet<String>,
    pub pulls: Vec<Pull>,
    pub page: usize,
    /// How many lists are to come out empty, as if another run were just faster.
    pub hidden: usize,
    /// How many updates somebody else is to be faster with.
    pub stale: usize,
    /// How many creations are to be answered as if the branch were not there yet.
    pub unseen: usize,
    pub users: BTreeSet<String>,
    pub labels: Vec<String>,
    pub statuses: Vec<Value>,
    pub settings: Value,
    /// Whether branches are protected, where a forge says that of the branch itself.
    pub protected: bool,
    /// What is forbidden on which branches, as the forge lists it; `None` where the token is no administrator's.
    pub restrictions: Option<Vec<Value>>,
    /// The value that `Authorization` must have.
    pub login: String,
    /// Whether programs other than relman are let in.
    pub any_client: bool,
}

impl Store {
    fn new(login: &str) -> Self {
        let set = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        Store {
            branches: set(&["environment/qa", "environment/prod", "environment/dev", "promote/prod/1.0"]),
            empty: BTreeSet::new(),
            pulls: Vec::new(),
            page: 50,
            hidden: 0,
            stale: 0,
            unseen: 0,
            users: set(&["alice", "bob", "{11111111-aaaa}", "{22222222-bbbb}"]),
            labels: vec!["release".into(), "prod".into()],
            statuses: Vec::new(),
            settings: Value::Null,
            protected: true,
            restrictions: None,
            login: login.to_owned(),
            any_client: false,
        }
    }

    pub fn add(&mut self, head: &str, base: &str) -> &mut Pull {
        let number = self.pulls.len() as u64 + 1;
        self.pulls.push(Pull {
            number,
            head: head.into(),
            base: base.into(),
            title: format!("Promote {head}"),
            body: "What ships".into(),
            draft: false,
            open: true,
            merged: false,
            version: 0,
            reviewers: Vec::new(),
            labels: Vec::new(),
            fork: false,
            brought: None,
            approved_by: Vec::new(),
        });
        self.pulls.last_mut().unwrap()
    }

    pub fn find(&mut self, number: &str) -> Option<&mut Pull> {
        self.pulls.iter_mut().find(|pull| pull.number.to_string() == number)
    }

    /// The number of an open one between these branches, which a second one would double.
    pub fn twin(&self, head: &str, base: &str) -> Option<u64> {
        let same = |pull: &&Pull| pull.open && !pull.fork && pull.head == head && pull.base == base;
        self.pulls.iter().find(same).map(|pull| pull.number)
    }

    /// The open ones that pass a filter, newest first, unless lists are to come out empty.
    pub fn list(&mut self, filter: impl Fn(&Pull) -> bool) -> Vec<Pull> {
        if self.hidden > 0 {
            self.hidden -= 1;
            return Vec::new();
        }
        self.pulls.iter().rev().filter(|pull| pull.open && filter(pull)).cloned().collect()
    }

    /// One that was merged by wendy, and brought a commit.
    pub fn add_merged(&mut self, head: &str, base: &str, brought: &str, approved_by: &[&str]) {
        let pull = self.add(head, base);
        (pull.open, pull.merged) = (false, true);
        pull.brought = Some(brought.to_owned());
        pull.approved_by = approved_by.iter().map(|name| (*name).to_owned()).collect();
    }

    /// Those that brought a commit, newest first.
    pub fn bringing(&self, commit: &str) -> Vec<Pull> {
        self.pulls.iter().rev().filter(|pull| pull.brought.as_deref() == Some(commit)).cloned().collect()
    }

    /// Whether this update comes too late.
    pub fn is_stale(&mut self) -> bool {
        let stale = self.stale > 0;
        self.stale = self.stale.saturating_sub(1);
        stale
    }
}

/// One page of a list by number, and whether there is another.
pub fn paged<T>(asked: &Asked, size_name: &str, cap: usize, all: Vec<T>) -> (Vec<T>, bool) {
    let number = |name: &str| asked.query(name).map(|text| text.parse::<usize>().expect("a number"));
    let size = number(size_name).unwrap_or(20).min(cap);
    let start = (number("page").unwrap_or(1) - 1) * size;
    let more = all.len() > start + size;
    (all.into_iter().skip(start).take(size).collect(), more)
}

/// The value of a string that must be there.
pub fn text<'a>(body: &'a Value, name: &str) -> &'a str {
    body[name].as_str().unwrap_or_else(|| panic!("`{name}` is missing in {body}"))
}

/// The first field of a body that the API does not know.
pub fn unknown_field(body: &Value, known: &[&str]) -> Option<String> {
    body.as_object()?.keys().find(|key| !known.contains(&key.as_str())).cloned()
}

pub fn strings(list: &Value) -> Vec<String> {
    list.as_array().into_iter().flatten().filter_map(|one| one.as_str()).map(str::to_owned).collect()
}

/// How one forge speaks.
pub trait Dialect: Send + 'static {
    fn answer(&self, store: &mut Store, asked: &Asked) -> Reply;
    /// What it says to whoever it does not know.
    fn stranger(&self) -> Reply;
}

struct Speaking<D: Dialect + ?Sized> {
    store: Arc<Mutex<Store>>,
    dialect: Box<D>,
}

impl Answers for Speaking<dyn Dialect> {
    fn answer(&mut self, asked: &Asked) -> Reply {
        let mut store = self.store.lock().unwrap();
        let agent = asked.header("user-agent").unwrap_or_default();
        assert!(store.any_client || agent.starts_with("relman/"), "{agent}");
        assert!(!asked.query.iter().any(|(_, value)| value.contains(TOKEN)), "a token in a URL");
        if asked.header("authorization") != Some(store.login.as_str()) {
            return self.dialect.stranger();
        }
        if !asked.body.is_null() && asked.header("content-type") != Some("application/json") {
            return Reply::json(415, Value::Null);
        }
        self.dialect.answer(&mut store, asked)
    }
}

/// A forge that is running, and the way to it.
pub struct Running {
    pub kind: ForgeKind,
    pub server: Server,
    pub store: Arc<Mutex<Store>>,
}

/// The kinds that have an API.
pub const KINDS: [ForgeKind; 6] = [
    ForgeKind::BitbucketDatacenter,
    ForgeKind::BitbucketCloud,
    ForgeKind::GitHub,
    ForgeKind::GitLab,
    ForgeKind::Gitea,
    ForgeKind::Forgejo,
];

impl Running {
    pub fn start(kind: ForgeKind) -> Self {
        let (dialect, scheme): (Box<dyn Dialect>, _) = match kind {
            ForgeKind::BitbucketDatacenter => (Box::new(super::fake_bitbucket_datacenter::Fake), "Bearer"),
            ForgeKind::BitbucketCloud => (Box::new(super::fake_bitbucket_cloud::Fake), "Bearer"),
            ForgeKind::GitHub => (Box::new(super::fake_github::Fake), "Bearer"),
            ForgeKind::GitLab => (Box::new(super::fake_gitlab::Fake), "Bearer"),
            _ => (Box::new(super::fake_gitea::Fake), "token"),
        };
        let store = Arc::new(Mutex::new(Store::new(&format!("{scheme} {TOKEN}"))));
        let speaking = Arc::new(Mutex::new(Speaking { store: store.clone(), dialect }));
        Running { kind, server: Server::start(speaking), store }
    }

    pub fn location(&self) -> Location {
        location(self.kind, &self.server.url)
    }

    pub fn forge(&self) -> Box<dyn Forge> {
        self.forge_with(Some(TOKEN))
    }

    pub fn forge_with(&self, token: Option<&str>) -> Box<dyn Forge> {
        connect(&self.location(), token.map(|token| Login::Token(Token::new(token).unwrap())))
    }
}

pub fn location(kind: ForgeKind, url: &str) -> Location {
    let flag = format!("{kind}={url}/acme/foo-release");
    match locate(&Clues { flag: Some(&flag), ..Clues::default() }).unwrap() {
        Found::Forge(location) => location,
        Found::Nothing { why, .. } => panic!("{why}"),
    }
}

/// A forge with little patience, so that tests don't wait.
pub fn connect(location: &Location, login: Option<Login>) -> Box<dyn Forge> {
    let patience = Patience {
        connect: std::time::Duration::from_secs(2),
        request: std::time::Duration::from_millis(1_500),
        attempts: 3,
        pause: std::time::Duration::from_millis(20),
        waiting: std::time::Duration::from_secs(4),
    };
    let credential = login.map(|login| Credential { login, source: "a test".into(), warnings: vec![] });
    let transport = Box::new(Network::new(&location.web, &patience));
    connect_with(location, credential.as_ref(), transport, patience).unwrap()
}
