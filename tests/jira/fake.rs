//! A Jira with one project, a workflow and a memory.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use relman::http::{Login, Token};
use relman::jira::{Clues, Jira, Site, locate};
use serde_json::{Value, json};

use super::server::{Answers, Asked, Reply, Server};

pub const TOKEN: &str = "jira-5ecret-0123456789";

/// What leads from where to where: the id of the transition, and the two statuses.
const WORKFLOW: [(&str, &str, &str); 5] = [
    ("11", "Open", "In Progress"),
    ("21", "In Progress", "In Test"),
    ("31", "In Test", "Done"),
    ("41", "In Progress", "Done"),
    ("51", "Done", "In Progress"),
];

const STATUSES: [(&str, &str); 4] = [("1", "Open"), ("3", "In Progress"), ("10001", "In Test"), ("10002", "Done")];

/// An issue, as Jira keeps it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Issue {
    pub status: &'static str,
    pub fix_versions: Vec<String>,
    pub comments: Vec<String>,
    /// Whether its workflow asks for a field that nobody gives.
    pub asks_for_more: bool,
    /// Whether this user may not move it.
    pub fixed: bool,
    /// Whether this user may not see it.
    pub hidden: bool,
    /// Whether there are always more comments.
    pub endless: bool,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Version {
    pub id: u64,
    pub name: String,
    pub released: bool,
    pub day: Option<String>,
}

/// What Jira remembers, of the project SHOP with the number 10000.
pub struct Memory {
    pub issues: BTreeMap<String, Issue>,
    pub versions: Vec<Version>,
    /// The value that `Authorization` must have.
    pub login: String,
    /// Whether this user may make and change versions.
    pub administers: bool,
    /// How many comments come at once, whatever is asked for.
    pub page: usize,
}

impl Answers for Memory {
    fn answer(&mut self, asked: &Asked) -> Reply {
        if asked.header("authorization") != Some(&self.login) {
            return Reply::json(401, json!({"message": "Client must be authenticated to access this resource."}));
        }
        let (method, path) = asked.route();
        let Some(rest) = path.strip_prefix(&["jira", "rest", "api", "2"][..]) else {
            return Reply::page(404, "<html>Oops, you've found a dead link</html>");
        };
        match (method, rest) {
            ("GET" | "PUT", ["issue", key]) | (_, ["issue", key, _]) if !self.issues.contains_key(*key) => {
                refused(404, "Issue Does Not Exist")
            }
            (_, ["issue", key, ..]) if self.issues[*key].hidden => {
                refused(403, "You do not have the permission to see the specified issue.")
            }
            ("GET", ["issue", key]) => self.read(key),
            ("PUT", ["issue", key]) => self.edit(key, &asked.body),
            ("GET", ["issue", key, "comment"]) => {
                let from: usize = asked.query("startAt").and_then(|text| text.parse().ok()).unwrap_or(0);
                if self.issues[*key].endless {
                    let page = json!({"startAt": from, "total": 1_000_000_000_000_u64, "comments": [{"id": "1", "body": "x"}]});
                    return Reply::json(200, page);
                }
                let all = &self.issues[*key].comments;
                let comments: Vec<Value> =
                    all.iter().skip(from).take(self.page).map(|body| json!({"id": "1", "body": body})).collect();
                Reply::json(
                    200,
                    json!({"startAt": from, "maxResults": self.page, "total": all.len(), "comments": comments}),
                )
            }
            ("POST", ["issue", key, "comment"]) => match (only(&asked.body, &["body"]), asked.body["body"].as_str()) {
                (true, Some(body)) if !body.trim().is_empty() => {
                    self.issues.get_mut(*key).unwrap().comments.push(body.to_owned());
                    Reply::json(201, json!({"id": "10100", "body": body}))
                }
                _ => refused(400, "Comment body can not be empty!"),
            },
            ("GET", ["issue", key, "transitions"]) => {
                let found: Vec<Value> = ways(self.issues[*key].status)
                    .map(|(id, to)| json!({"id": id, "name": format!("To {to}"), "to": status(to), "hasScreen": false}))
                    .collect();
                Reply::json(200, json!({"expand": "transitions", "transitions": found}))
            }
            ("POST", ["issue", key, "transitions"]) => self.transition(key, &asked.body),
            ("GET", ["project", "SHOP", "versions"]) => {
                Reply::json(200, self.versions.iter().map(version).collect::<Vec<_>>().into())
            }
            ("GET", ["project", ..]) => refused(404, "No project could be found with key"),
            ("POST" | "PUT", ["version", ..]) if !self.administers => {
                refused(403, "You do not have permission to administer versions in this project.")
            }
            ("POST", ["version"]) => self.create(&asked.body),
            ("PUT", ["version", id]) => self.change(id, &asked.body),
            _ => Reply::json(405, Value::Null),
        }
    }
}

impl Memory {
    fn read(&self, key: &str) -> Reply {
        let issue = &self.issues[key];
        let versions: Vec<Value> = issue.fix_versions.iter().map(|name| json!({"id": "7", "name": name})).collect();
        Reply::json(
            200,
            json!({"id": "10200", "key": key, "fields": {"status": status(issue.status), "fixVersions": versions,
                "project": {"id": "10000", "key": "SHOP", "name": "Shop"}}}),
        )
    }

    fn edit(&mut self, key: &str, body: &Value) -> Reply {
        let name = body["update"]["fixVersions"][0]["add"]["name"].as_str().unwrap_or_default().to_owned();
        if !only(body, &["update"]) || !self.versions.iter().any(|version| version.name == name) {
            let why = format!("Version name '{name}' is not valid");
            return Reply::json(400, json!({"errorMessages": [], "errors": {"fixVersions": why}}));
        }
        self.issues.get_mut(key).unwrap().fix_versions.push(name);
        Reply::json(204, Value::Null)
    }

    fn transition(&mut self, key: &str, body: &Value) -> Reply {
        let issue = self.issues.get_mut(key).unwrap();
        if issue.fixed {
            return refused(403, "You do not have permission to transition this issue.");
        }
        let id = body["transition"]["id"].as_str().unwrap_or_default();
        let Some((_, to)) = ways(issue.status).find(|(known, _)| *known == id) else {
            return refused(
                400,
                &format!("It seems that you have tried to perform an illegal workflow operation: {id}"),
            );
        };
        if issue.asks_for_more {
            return Reply::json(400, json!({"errorMessages": [], "errors": {"resolution": "Resolution is required."}}));
        }
        issue.status = to;
        Reply::json(204, Value::Null)
    }

    fn create(&mut self, body: &Value) -> Reply {
        let name = body["name"].as_str().unwrap_or_default().to_owned();
        if !only(body, &["name", "projectId"]) || body["projectId"] != 10000 || name.is_empty() {
            return refused(400, "Project must be specified to create a version.");
        }
        if self.versions.iter().any(|version| version.name == name) {
            let why = "A version with this name already exists in this project.";
            return Reply::json(400, json!({"errorMessages": [], "errors": {"name": why}}));
        }
        self.versions.push(Version { id: 100 + self.versions.len() as u64, name, released: false, day: None });
        Reply::json(201, version(self.versions.last().unwrap()))
    }

    fn change(&mut self, id: &str, body: &Value) -> Reply {
        let Some(found) = self.versions.iter_mut().find(|version| version.id.to_string() == id) else {
            return refused(404, "Could not find version for id");
        };
        let day = body["releaseDate"].as_str().unwrap_or_default();
        let is_day = day.len() == 10 && day.bytes().enumerate().all(|(at, b)| b.is_ascii_digit() || at == 4 || at == 7);
        if !only(body, &["released", "releaseDate"]) || !is_day {
            return Reply::json(400, json!({"errors": {"releaseDate": "The date format is yyyy-MM-dd"}}));
        }
        found.released = body["released"] == true;
        found.day = Some(day.to_owned());
        Reply::json(200, version(found))
    }
}

/// Whether an object has these fields and no others.
fn only(body: &Value, fields: &[&str]) -> bool {
    body.as_object().is_some_and(|map| map.keys().all(|key| fields.contains(&key.as_str())))
}

fn refused(status: u16, why: &str) -> Reply {
    Reply::json(status, json!({"errorMessages": [why], "errors": {}}))
}

fn status(name: &str) -> Value {
    let id = STATUSES.iter().find(|(_, known)| *known == name).unwrap().0;
    json!({"id": id, "name": name})
}

fn ways(from: &str) -> impl Iterator<Item = (&'static str, &'static str)> {
    WORKFLOW.into_iter().filter(move |(_, start, _)| *start == from).map(|(id, _, to)| (id, to))
}

fn version(version: &Version) -> Value {
    let mut shown = json!({"id": version.id.to_string(), "name": version.name, "archived": false,
        "released": version.released, "projectId": 10000});
    if let Some(day) = &version.day {
        shown["releaseDate"] = json!(day);
    }
    shown
}

/// A Jira that runs.
pub struct Running {
    pub server: Server,
    pub memory: Arc<Mutex<Memory>>,
}

impl Running {
    /// With issues, all of them in progress.
    pub fn start(issues: &[&str]) -> Self {
        let issue = Issue { status: "In Progress", ..Issue::default() };
        let memory = Arc::new(Mutex::new(Memory {
            issues: issues.iter().map(|key| ((*key).to_owned(), issue.clone())).collect(),
            versions: Vec::new(),
            login: format!("Bearer {TOKEN}"),
            administers: true,
            page: 2,
        }));
        Running { server: Server::start(memory.clone()), memory }
    }

    pub fn memory(&self) -> MutexGuard<'_, Memory> {
        self.memory.lock().unwrap()
    }

    pub fn issue(&self, key: &str) -> Issue {
        self.memory().issues[key].clone()
    }

    pub fn change(&self, key: &str, change: impl FnOnce(&mut Issue)) {
        change(self.memory().issues.get_mut(key).unwrap());
    }

    /// Everything that Jira remembers, to be compared.
    pub fn all(&self) -> (BTreeMap<String, Issue>, Vec<Version>) {
        let memory = self.memory();
        (memory.issues.clone(), memory.versions.clone())
    }

    /// Where it is, below a path as Data Center often is.
    pub fn url(&self) -> String {
        format!("{}/jira", self.server.url)
    }

    pub fn site(&self) -> Site {
        locate(&Clues { variable: Some(&self.url()), ..Clues::default() }).unwrap()
    }

    pub fn jira(&self, limit: Duration) -> Jira {
        Jira::connect(&self.site(), Login::Token(Token::new(TOKEN).unwrap()), limit)
    }

    /// How many requests changed something, or tried to.
    pub fn writes(&self) -> usize {
        self.server.count("POST") + self.server.count("PUT")
    }
}
