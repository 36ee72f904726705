//! What Jira answers, as far as it is needed.

use serde::Deserialize;

/// An issue.
#[derive(Clone, Debug, Deserialize)]
pub struct Issue {
    /// What was asked for of it.
    pub fields: Fields,
}

/// The fields of an issue.
#[derive(Clone, Debug, Deserialize)]
pub struct Fields {
    /// Its status.
    pub status: Status,
    /// The versions that it is fixed in.
    #[serde(default, rename = "fixVersions", deserialize_with = "or_nothing")]
    pub fix_versions: Vec<Named>,
    /// Its project; an issue that was moved has another one than its old key says.
    pub project: Project,
}

/// A status.
#[derive(Clone, Debug, Deserialize)]
pub struct Status {
    /// Its id.
    #[serde(default)]
    pub id: String,
    /// Its name, perhaps translated.
    #[serde(default)]
    pub name: String,
}

impl Status {
    /// Whether somebody means this one by a name or an id.
    pub fn is(&self, word: &str) -> bool {
        let (name, word) = (self.name.trim(), word.trim());
        self.id == word || name.to_lowercase() == word.to_lowercase()
    }
}

/// Something with a name.
#[derive(Clone, Debug, Deserialize)]
pub struct Named {
    /// The name.
    #[serde(default)]
    pub name: String,
}

/// A project.
#[derive(Clone, Debug, Deserialize)]
pub struct Project {
    /// Its number, as text.
    #[serde(default)]
    pub id: String,
    /// Its key.
    #[serde(default)]
    pub key: String,
}

/// A page of comments.
#[derive(Clone, Debug, Deserialize)]
pub struct Comments {
    /// The comments.
    #[serde(default, deserialize_with = "or_nothing")]
    pub comments: Vec<Comment>,
    /// How many there are in all.
    #[serde(default)]
    pub total: usize,
}

/// A comment.
#[derive(Clone, Debug, Deserialize)]
pub struct Comment {
    /// What it says.
    #[serde(default)]
    pub body: Option<String>,
}

/// What can be done with an issue.
#[derive(Clone, Debug, Deserialize)]
pub struct Transitions {
    /// The transitions.
    #[serde(default, deserialize_with = "or_nothing")]
    pub transitions: Vec<Transition>,
}

/// One thing that can be done with an issue.
#[derive(Clone, Debug, Deserialize)]
pub struct Transition {
    /// Its id.
    pub id: String,
    /// The status that it leads to.
    pub to: Status,
}

/// A version of a project.
#[derive(Clone, Debug, Deserialize)]
pub struct Version {
    /// Its id.
    pub id: String,
    /// Its name.
    #[serde(default)]
    pub name: String,
    /// Whether it is released.
    #[serde(default)]
    pub released: bool,
}

/// A list that a server may leave out, or send as null.
fn or_nothing<'de, D, T>(deserializer: D) -> Result<Vec<T>, D::Error>
where
    D: serde::Deserializer<'de>,
    T: Deserialize<'de>,
{
    Ok(Option::<Vec<T>>::deserialize(deserializer)?.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_status_goes_by_its_name_or_its_id() {
        let status: Status = serde_json::from_value(json!({"id": "10001", "name": "Erledigt "})).expect("a status");
        assert!(status.is("erledigt") && status.is("10001") && !status.is("Done") && !status.is("1000"));
    }

    #[test]
    fn what_is_left_out_is_nothing() {
        let issue: Issue = serde_json::from_value(json!({"key": "A-1", "fields": {"fixVersions": null,
            "status": {"name": "Open", "id": "1", "more": 1}, "project": {"id": "10002", "key": "SHOP"}}}))
        .expect("an issue");
        assert!(issue.fields.fix_versions.is_empty());
        let comments: Comments = serde_json::from_value(json!({"comments": [{"id": "1"}]})).expect("comments");
        assert!(comments.comments[0].body.is_none());
        assert!(serde_json::from_value::<Transitions>(json!({})).expect("none").transitions.is_empty());
        assert!(serde_json::from_value::<Issue>(json!({"fields": {}})).is_err());
    }
}
