//! What a trigger was understood as, and what became of it.

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use crate::domain::environment::TriggerPolicy;
use crate::domain::error::Exit;
use crate::domain::name::CommitId;
use crate::domain::text::safe;
use crate::domain::trigger::{Ask, Happening, Order, Source};
use crate::domain::word::words;
use crate::workspace::trigger::{Deed, Intent};

use super::deploy::DeployJson;
use super::document;
use super::promotion::PromotionJson;
use super::schema::Document;

/// One order of a trigger, and what became of it.
pub struct Acted<'o> {
    /// The order, where the body held one.
    pub order: Option<&'o Order>,
    /// What became of it.
    pub ending: Ending,
    /// The answer of the command that carried it out, as a document.
    pub action: Option<Value>,
    /// What it comes to here.
    pub intent: Option<Intent>,
}

/// What became of an order.
pub enum Ending {
    /// There was nothing to do, and why.
    Nothing(String),
    /// It was explained and nothing more.
    Explained,
    /// It was explained, and would fail.
    Hindered {
        /// How it would end.
        exit: Exit,
        /// What stands in the way.
        message: String,
        /// What to do about it.
        hints: Vec<String>,
    },
    /// A command carried it out.
    Acted,
    /// It failed; why was said on stderr.
    Failed,
}

impl<'o> Acted<'o> {
    /// There was nothing to do.
    pub fn nothing(order: Option<&'o Order>, reason: String) -> Self {
        Acted { order, ending: Ending::Nothing(reason), action: None, intent: None }
    }

    /// It failed.
    pub fn failed(order: &'o Order) -> Self {
        Acted { order: Some(order), ending: Ending::Failed, action: None, intent: None }
    }

    fn result(&self) -> &str {
        match &self.ending {
            Ending::Nothing(_) => "nothing",
            Ending::Explained | Ending::Hindered { .. } => "explained",
            Ending::Failed => "failed",
            // Whatever the other command says of itself.
            Ending::Acted => self.action.as_ref().and_then(|action| action["result"].as_str()).unwrap_or("nothing"),
        }
    }

    fn reason(&self) -> Option<&str> {
        match (&self.ending, &self.intent) {
            (Ending::Nothing(reason) | Ending::Hindered { message: reason, .. }, _) => Some(reason),
            (Ending::Explained, Some(Intent { deed: Deed::Nothing(reason), .. })) => Some(reason),
            (Ending::Acted, _) => self.action.as_ref().and_then(|action| action["reason"].as_str()),
            _ => None,
        }
    }
}

/// What a request from elsewhere was understood as, and what became of it.
#[derive(Serialize, JsonSchema)]
pub(super) struct TriggerJson<'a> {
    schema: Document,
    #[serde(flatten)]
    first: ActedJson<'a>,
    /// What else one body asked for.
    also: Vec<ActedJson<'a>>,
}

/// What one body asked for, and what became of it.
#[derive(Serialize, JsonSchema)]
struct ActedJson<'a> {
    /// That of `action`; else `nothing`, `explained` or, for one of several, `failed`.
    result: &'a str,
    /// Why there was nothing to do, or why it would fail.
    reason: Option<&'a str>,
    /// `null` where the body is not for relman at all.
    understood: Option<UnderstoodJson<'a>>,
    /// `null` where nothing would be done.
    acts_as: Option<ActsAs>,
    /// The whole document of `set` or `deploy`; `null` where nothing was done.
    #[schemars(with = "Option<Action<'static>>")]
    action: Option<&'a Value>,
}

/// The document of `set` or `deploy`.
// For the schema: what is printed is what the command itself had printed.
#[derive(JsonSchema)]
#[schemars(untagged)]
#[expect(dead_code, reason = "only its shape is used")]
enum Action<'a> {
    Set(&'a PromotionJson<'a>),
    Deploy(&'a DeployJson<'a>),
}

words! {
    /// What is done about a request.
    pub enum ActsAs {
        /// The version is set by a pull request.
        PullRequest = "pull-request",
        /// The version is set by a push to the environment branch.
        Push = "push",
        /// The environment is deployed.
        Deploy = "deploy",
    }
}

/// What a body says.
#[derive(Serialize, JsonSchema)]
struct UnderstoodJson<'a> {
    source: Source,
    /// The application.
    application: Option<&'a str>,
    /// The environment.
    environment: Option<String>,
    /// The version.
    version: Option<String>,
    /// The commit that was pushed.
    commit: Option<CommitId>,
    /// The change request that asked for it.
    change_request: Option<&'a str>,
    /// The item of the configuration that the change request is about.
    config_item: Option<&'a str>,
    /// What the change request says is changed.
    change_description: Option<&'a str>,
    /// Who began it.
    actor: Option<&'a str>,
    /// By this the event is known again.
    trigger_id: &'a str,
}

/// What was understood and done, as a document. Several orders of one body follow each other in `also`.
pub fn json(acted: &[Acted<'_>]) -> String {
    let mut all = acted.iter().map(|one| ActedJson {
        result: one.result(),
        reason: one.reason(),
        understood: one.order.map(|order| understood(order, one.intent.as_ref())),
        acts_as: one.intent.as_ref().filter(|_| !matches!(one.ending, Ending::Hindered { .. })).and_then(acts_as),
        action: one.action.as_ref(),
    });
    let nothing = ActedJson { result: "nothing", reason: None, understood: None, acts_as: None, action: None };
    let first = all.next().unwrap_or(nothing);
    document(&TriggerJson { schema: Document::Trigger, first, also: all.collect() })
}

fn understood<'a>(order: &'a Order, intent: Option<&Intent>) -> UnderstoodJson<'a> {
    let (environment, version) = meant(order, intent);
    let commit = match &order.ask {
        Ask::Push { commit, .. } => Some(*commit),
        _ => None,
    };
    UnderstoodJson {
        source: order.source,
        application: order.application.as_deref(),
        environment,
        version,
        commit,
        change_request: order.change.request.as_deref(),
        config_item: order.change.item.as_deref(),
        change_description: order.change.description.as_deref(),
        actor: order.actor.as_deref(),
        trigger_id: &order.id,
    }
}

/// Environment and version: as they were found out here, else as the body says them.
fn meant(order: &Order, intent: Option<&Intent>) -> (Option<String>, Option<String>) {
    let found = intent.and_then(|intent| intent.environment.as_ref());
    let version = intent.and_then(|intent| intent.version.as_ref());
    let (said, given) = match &order.ask {
        Ask::Release { environment, version } => (Some(environment), version.text()),
        Ask::Push { environment, .. } => (Some(environment), None),
        // Which of several versions is meant can't be said.
        Ask::Event(event) => (None, event.versions.first().filter(|_| event.versions.len() == 1).cloned()),
    };
    (found.or(said).map(ToString::to_string), version.map_or(given, |version| version.text()))
}

fn acts_as(intent: &Intent) -> Option<ActsAs> {
    match intent.deed {
        Deed::Nothing(_) => None,
        Deed::Set(TriggerPolicy::Push) | Deed::Proposed(_, TriggerPolicy::Push) => Some(ActsAs::Push),
        Deed::Set(TriggerPolicy::PullRequest) | Deed::Proposed(_, TriggerPolicy::PullRequest) => {
            Some(ActsAs::PullRequest)
        }
        Deed::Deploy { .. } => Some(ActsAs::Deploy),
    }
}

/// What a body means, in a sentence.
pub fn sentence(order: &Order, intent: &Intent) -> String {
    let (environment, version) = meant(order, Some(intent));
    let environment = environment.unwrap_or_default();
    let mut text = match (&order.ask, version) {
        (Ask::Push { commit, .. }, _) => format!("{} was pushed to environment/{environment}", commit.short()),
        (_, version) => format!("{} for {environment}", version.unwrap_or_default()),
    };
    if order.source != Source::Relman {
        text.push_str(&format!(", from {}", order.source.title()));
    }
    if let Some(request) = &order.change.request {
        text.push_str(&format!(", by the change request {request}"));
    }
    if let Some(actor) = &order.actor {
        text.push_str(&format!(", begun by {actor}"));
    }
    text
}

/// What became of a trigger, for people. What another command did, it has said itself.
pub fn text(acted: &[Acted<'_>]) -> String {
    let mut text = String::new();
    for one in acted {
        match &one.ending {
            Ending::Nothing(reason) => text.push_str(&format!("nothing: {}\n", safe(reason))),
            Ending::Explained | Ending::Hindered { .. } => text.push_str(&explained(one)),
            Ending::Acted | Ending::Failed => {}
        }
    }
    text
}

fn explained(one: &Acted<'_>) -> String {
    let (Some(order), Some(intent)) = (one.order, &one.intent) else { return String::new() };
    let (environment, version) = meant(order, Some(intent));
    let event = match &order.ask {
        Ask::Release { .. } => None,
        Ask::Push { commit, .. } => Some(format!("a push of {commit}")),
        Ask::Event(event) => Some(match &event.happening {
            Happening::VersionReleased => "a version was released".to_owned(),
            Happening::Status { id, name } => {
                let known: Vec<&str> = name.iter().chain(id).map(String::as_str).collect();
                format!("an issue came to the status {}", known.join(", id "))
            }
        }),
    };
    let (does, hints): (String, &[String]) = match (&one.ending, &intent.deed) {
        (Ending::Hindered { exit, message, hints }, _) => {
            (format!("would end with {}: {message}", exit.status()), hints)
        }
        (_, deed) => (would(deed), &[]),
    };
    let rows = [
        ("from", Some(order.source.title().to_owned())),
        ("event", event),
        ("application", order.application.clone()),
        ("environment", environment),
        ("version", version),
        ("change", order.change.request.clone()),
        ("item", order.change.item.clone()),
        ("description", order.change.description.clone()),
        ("begun by", order.actor.clone()),
        ("trigger", Some(order.id.clone())),
        ("does", Some(does)),
    ];
    let line = |(name, value): (&str, Option<String>)| value.map(|value| format!("{name:<12} {}\n", safe(&value)));
    let hints = hints.iter().map(|hint| ("hint", Some(hint.clone())));
    rows.into_iter().chain(hints).filter_map(line).collect()
}

fn would(deed: &Deed) -> String {
    match deed {
        Deed::Nothing(reason) => format!("nothing: {reason}"),
        Deed::Set(TriggerPolicy::PullRequest) => "would set the version, by a pull request".into(),
        Deed::Set(TriggerPolicy::Push) => "would set the version, by a push to the environment branch".into(),
        Deed::Proposed(head, _) => format!("nothing more, if the pull request from {head} is open"),
        Deed::Deploy { .. } => "would deploy".into(),
    }
}
