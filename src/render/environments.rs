//! The graph of environments.

use schemars::JsonSchema;
use serde::Serialize;

use crate::domain::environment::Tagging;
use crate::domain::landscape::Landscape;
use crate::domain::name::EnvironmentName;
use crate::domain::text::safe;

use super::schema::Document;
use super::{Page, document, table};

/// What is said where there are no environments.
pub(super) const NO_ENVIRONMENTS: &str = "There are no environments here: relman fetch brings those of the remote, relman env add NAME --type dev makes one.\n";

/// The environments of a release repo, in order.
#[derive(Serialize, JsonSchema)]
pub(super) struct EnvListJson<'a> {
    schema: Document,
    environments: Vec<EnvironmentJson<'a>>,
}

/// An environment, as its entry describes it.
#[derive(Serialize, JsonSchema)]
struct EnvironmentJson<'a> {
    /// Its name.
    name: &'a str,
    /// Its type, such as `qa`; `null` where it can't be read.
    r#type: Option<&'a str>,
    tagging: Option<Tagging>,
    /// Where promotions to it come from.
    from: Vec<&'a str>,
    /// Its branch, `environment/<name>`.
    branch: String,
    /// Whether the branch exists.
    present: bool,
}

/// The environments that have a branch, in order, and after them the entries that have none.
fn list(landscape: &Landscape) -> Vec<EnvironmentJson<'_>> {
    let with_branch = landscape.in_order().map(|branch| EnvironmentJson {
        name: &branch.text,
        r#type: branch.entry().and_then(|entry| entry.kind.as_ref()).map(|kind| kind.as_str()),
        tagging: branch.tagging(),
        from: sources(landscape, branch.name.as_ref()),
        branch: branch.branch(),
        present: true,
    });
    let without = landscape.entries_without_branch().into_iter().map(|(entry, _)| EnvironmentJson {
        name: entry.name.as_str(),
        r#type: entry.kind.as_ref().map(|kind| kind.as_str()),
        tagging: entry.tagging(),
        from: entry.from.iter().flatten().map(|name| name.as_str()).collect(),
        branch: entry.name.branch().to_string(),
        present: false,
    });
    with_branch.chain(without).collect()
}

fn sources<'l>(landscape: &'l Landscape, name: Option<&EnvironmentName>) -> Vec<&'l str> {
    name.map(|name| landscape.graph.from(name)).into_iter().flatten().map(EnvironmentName::as_str).collect()
}

/// The graph as a document.
pub fn json(landscape: &Landscape) -> String {
    document(&EnvListJson { schema: Document::Env, environments: list(landscape) })
}

/// The graph for people.
pub fn text(landscape: &Landscape, page: Page) -> String {
    let environments = list(landscape);
    if environments.is_empty() {
        return NO_ENVIRONMENTS.into();
    }
    let dim = page.style(console::Style::new().dim());
    let mut rows: Vec<Vec<String>> =
        vec![["ENVIRONMENT", "TYPE", "TAGS", "FROM", ""].iter().map(|head| dim.apply_to(head).to_string()).collect()];
    rows.extend(environments.iter().map(|environment| {
        vec![
            safe(environment.name).into_owned(),
            environment.r#type.unwrap_or("-").to_owned(),
            environment.tagging.map_or("?", Tagging::as_str).to_owned(),
            if environment.from.is_empty() { "-".to_owned() } else { environment.from.join(", ") },
            if environment.present { String::new() } else { "no branch".to_owned() },
        ]
    }));
    table::table(&rows, page.width)
}
