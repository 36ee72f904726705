//! JSON Schemas of what relman prints and stores, made from the very types that are printed.

use std::borrow::Cow;

use schemars::generate::SchemaSettings;
use schemars::transform::{RecursiveTransform, Transform as _};
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Serialize, Serializer};

use crate::domain::record::Record;
use crate::ui::Format;

use super::document;

/// The documents: the name, what its schema is made from, and when it is printed.
macro_rules! documents {
    ($($variant:ident = $name:literal: $shape:ty, $about:literal;)+) => {
        /// A document that relman prints or stores. It begins with the name of its schema.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Document {
            $(#[doc = $about] $variant,)+
        }

        impl Document {
            /// All of them.
            pub const ALL: &'static [Document] = &[$(Document::$variant),+];

            /// The name that `relman schema` knows it by.
            pub fn name(self) -> &'static str {
                match self {
                    $(Document::$variant => $name,)+
                }
            }

            /// What it is, in a sentence without a full stop.
            fn about(self) -> &'static str {
                match self {
                    $(Document::$variant => $about,)+
                }
            }

            fn root(self, generator: SchemaGenerator) -> Schema {
                match self {
                    $(Document::$variant => generator.into_root_schema_for::<$shape>(),)+
                }
            }
        }
    };
}

documents! {
    Init = "init": super::init::InitJson<'static>, "What `relman init` makes";
    Demo = "demo": super::plan::PlanJson<'static>, "What `relman demo` makes";
    Env = "env": super::environments::EnvListJson<'static>, "The environments, as `relman env list` shows them";
    EnvAdd = "env-add": super::plan::PlanJson<'static>, "What `relman env add` makes";
    Status = "status": super::status::StatusJson<'static>, "Which version each environment branch holds";
    Resolve = "resolve": super::resolve::ResolveJson<'static>, "What a deployment would use";
    NextRc = "next-rc": super::NextRcJson<'static>, "The next candidate of a version";
    Tag = "tag": super::tags::TagJson<'static>, "The tags that `relman tag` makes in all repositories";
    Branch = "branch": super::tags::BranchJson<'static>, "The branches that `relman branch` makes in all repositories";
    Promote = "promote": super::promotion::PromotionJson<'static>, "A promotion";
    Set = "set": super::promotion::PromotionJson<'static>, "A version that is set in an environment";
    Rollback = "rollback": super::promotion::PromotionJson<'static>, "A return to an earlier version";
    Redeploy = "redeploy": super::promotion::PromotionJson<'static>, "A commit that has an environment deployed again";
    Deploy = "deploy": super::deploy::DeployJson<'static>, "A deployment";
    Log = "log": super::log::LogJson<'static>, "Each change of what environments declare";
    Diff = "diff": super::diff::DiffJson<'static>, "What one environment, version or tag has beyond another";
    Trigger = "trigger": super::trigger::TriggerJson<'static>, "What a request from elsewhere was understood as, and what became of it";
    Trace = "trace": super::trace::TraceJson<'static>, "The whole chain of one deployment";
    Verify = "verify": super::verify::VerifyJson<'static>, "Whether the tags of a version are what they say";
    Where = "where": super::whereabouts::WhereJson<'static>, "Which environments have an issue, a commit or a version";
    Jira = "jira": super::jira::SyncJson<'static>, "What Jira was told";
    Check = "check": super::check::CheckJson<'static>, "What is wrong with files, branches and tags";
    Doctor = "doctor": super::doctor::DoctorJson<'static>, "What is well with this set-up, and what would hurt";
    Fetch = "fetch": super::fetch::FetchJson<'static>, "What came of bringing all clones up to date";
    Schema = "schema": SchemasJson, "The schemas that there are";
    Error = "error": super::ErrorJson<'static>, "Why a command failed, on stderr";
    Record = "record": Record, "A record of a deployment: a line of a note in refs/notes/relman/deployments";
}

impl Document {
    /// Finds a document by its name.
    pub fn parse(name: &str) -> Option<Self> {
        Document::ALL.iter().copied().find(|document| document.name() == name)
    }

    /// What the document itself says in `schema`.
    fn id(self) -> String {
        format!("relman.{}/1", self.name())
    }

    /// The schema: JSON Schema, draft 2020-12.
    pub fn schema(self) -> Schema {
        let generator = SchemaSettings::draft2020_12().for_serialize().into_generator();
        let mut made = self.root(generator);
        RecursiveTransform(plain).transform(&mut made);
        name_shapes(&mut made);
        if let Some(field) = made.pointer_mut("/properties/schema").and_then(serde_json::Value::as_object_mut) {
            field.insert("const".into(), self.id().into());
        }
        made.insert("$id".into(), format!("urn:relman:{}/1", self.name()).into());
        made.insert("title".into(), self.id().into());
        made.insert("description".into(), format!("{}.", self.about()).into());
        made
    }
}

impl Serialize for Document {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.id())
    }
}

/// A text; each schema says which one it is.
impl JsonSchema for Document {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Document".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        schemars::json_schema!({"description": "The name of the shape of this document.", "type": "string"})
    }
}

/// Leaves out how wide the integers of Rust are: no format that JSON Schema knows.
fn plain(schema: &mut Schema) {
    if schema.get("format").and_then(|format| format.as_str()).is_some_and(|format| format.starts_with("uint")) {
        schema.remove("format");
    }
}

/// Names shapes as users of code generators want to see them: `Environment` for `EnvironmentJson`.
fn name_shapes(schema: &mut Schema) {
    let short = |name: &str| name.replace("Json", "");
    RecursiveTransform(|schema: &mut Schema| {
        if let Some(serde_json::Value::String(reference)) = schema.get_mut("$ref") {
            *reference = short(reference);
        }
    })
    .transform(schema);
    if let Some(serde_json::Value::Object(shapes)) = schema.get_mut("$defs") {
        *shapes = std::mem::take(shapes).into_iter().map(|(name, shape)| (short(&name), shape)).collect();
    }
}

/// The schemas that there are.
#[derive(Serialize, JsonSchema)]
struct SchemasJson {
    schema: Document,
    schemas: Vec<SchemaJson>,
}

/// A schema.
#[derive(Serialize, JsonSchema)]
struct SchemaJson {
    /// The name that `relman schema` knows it by.
    name: &'static str,
    /// What a document of this shape says in its `schema`.
    id: String,
    /// What has this shape.
    about: &'static str,
}

/// A schema as it is printed: JSON in any format.
pub fn one(name: Document) -> String {
    document(&name.schema())
}

/// The names of all schemas, one a line, or as a document.
pub fn list(format: Format) -> String {
    match format {
        Format::Text => Document::ALL.iter().map(|one| format!("{}\n", one.name())).collect(),
        Format::Json => {
            let one = |one: &Document| SchemaJson { name: one.name(), id: one.id(), about: one.about() };
            document(&SchemasJson { schema: Document::Schema, schemas: Document::ALL.iter().map(one).collect() })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_shapes_of_a_document_come_to_one_name() {
        let shapes = |schema: &Schema| schema.get("$defs").and_then(|shapes| shapes.as_object()).map_or(0, |s| s.len());
        for document in Document::ALL {
            let raw = document.root(SchemaSettings::draft2020_12().for_serialize().into_generator());
            assert_eq!(shapes(&raw), shapes(&document.schema()), "{}", document.name());
        }
    }
}
