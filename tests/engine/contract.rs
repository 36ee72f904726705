//! What each system says of its own API, cut to what relman asks of it: every request, and every answer of a fake, is
//! held to it, whether `steady` is there or not.
//!
//! GitHub, GitLab and Atlassian publish descriptions; where each `*.openapi.json` comes from is said in its `info`.
//! Jenkins publishes none: its file is cut from one that others wrote, and from Jenkins' own pages and source.

use serde_json::{Value, json};

use super::farm::System;
use super::schema::misfits;
use super::server::{Asked, Reply};

/// The description of one system.
pub struct Contract(Value);

impl Contract {
    pub fn of(system: System) -> Self {
        let text = match system {
            System::Github => include_str!("github.openapi.json"),
            System::Gitlab => include_str!("gitlab.openapi.json"),
            System::Bitbucket => include_str!("bitbucket.openapi.json"),
            System::Jenkins => include_str!("jenkins.openapi.json"),
        };
        Contract(serde_json::from_str(text).unwrap())
    }

    /// All operations, each as `METHOD path`.
    pub fn operations(&self) -> Vec<String> {
        let paths = self.0["paths"].as_object().unwrap().iter();
        paths
            .flat_map(|(path, methods)| {
                methods.as_object().unwrap().keys().map(move |method| format!("{} {path}", method.to_uppercase()))
            })
            .collect()
    }

    fn operation(&self, name: &str) -> &Value {
        let (method, path) = name.split_once(' ').unwrap();
        &self.0["paths"][path][method.to_lowercase()]
    }

    /// The operation that a request is, or what is wrong with it.
    pub fn request(&self, asked: &Asked) -> Result<String, Vec<String>> {
        let ours = |name: &String| {
            let (method, path) = name.split_once(' ').unwrap();
            method == asked.method && self.leads(path, asked)
        };
        let found: Vec<String> = self.operations().into_iter().filter(ours).collect();
        let [name] = &found[..] else {
            return Err(vec![format!("{} {} is one of {found:?}", asked.method, asked.raw_path)]);
        };
        let operation = self.operation(name);
        let mut wrong = Vec::new();
        for (key, value) in &asked.query {
            match parameters(operation, "query").find(|parameter| parameter["name"] == key.as_str()) {
                Some(parameter) => {
                    misfits(&self.0, &parameter["schema"], &typed(&parameter["schema"], value), key, &mut wrong);
                }
                None => wrong.push(format!("{key}: no such parameter")),
            }
        }
        for parameter in parameters(operation, "query").filter(|parameter| parameter["required"] == true) {
            if asked.query(parameter["name"].as_str().unwrap()).is_none() {
                wrong.push(format!("{} is missing", parameter["name"]));
            }
        }
        let kinds = &operation["requestBody"]["content"];
        let kind = asked.header("content-type");
        match kind.map(|kind| &kinds[kind]) {
            None if kinds.is_null() && asked.body.is_null() => {}
            Some(kind) if kind.is_object() && asked.form.is_empty() => {
                misfits(&self.0, &kind["schema"], &asked.body, "body", &mut wrong);
            }
            Some(kind) if kind.is_object() => {
                let fields = asked.form.iter().map(|(name, value)| (name.clone(), Value::from(value.as_str())));
                misfits(&self.0, &kind["schema"], &Value::Object(fields.collect()), "form", &mut wrong);
            }
            _ => wrong.push(format!("a body of the kind {kind:?}")),
        }
        if wrong.is_empty() { Ok(name.clone()) } else { Err(wrong) }
    }

    /// Whether the path of a request is this one; what stands for `{…}` is not empty, and fits.
    fn leads(&self, path: &str, asked: &Asked) -> bool {
        let pattern: Vec<&str> = path.split('/').skip(1).collect();
        let operation = &self.0["paths"][path][asked.method.to_lowercase()];
        pattern.len() == asked.path.len()
            && pattern.iter().zip(&asked.path).all(|(pattern, part)| {
                let Some(name) = pattern.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) else {
                    return pattern == part;
                };
                let parameter = parameters(operation, "path").find(|parameter| parameter["name"] == name).unwrap();
                let mut wrong = Vec::new();
                misfits(&self.0, &parameter["schema"], &typed(&parameter["schema"], part), name, &mut wrong);
                !part.is_empty() && wrong.is_empty()
            })
    }

    /// What is wrong with an answer to an operation.
    pub fn answer(&self, name: &str, reply: &Reply) -> Vec<String> {
        let known = &self.operation(name)["responses"][reply.status.to_string()];
        if known.is_null() {
            return vec![format!("the status {}", reply.status)];
        }
        let schema = &known["content"]["application/json"]["schema"];
        if schema.is_null() {
            return Vec::new();
        }
        let mut wrong = Vec::new();
        misfits(&self.0, schema, &serde_json::from_str(&reply.body).unwrap_or(Value::Null), "answer", &mut wrong);
        wrong
    }
}

fn parameters<'o>(operation: &'o Value, place: &'static str) -> impl Iterator<Item = &'o Value> {
    operation["parameters"].as_array().into_iter().flatten().filter(move |parameter| parameter["in"] == place)
}

/// A text of an address as what a schema wants it to be, if it can be that.
fn typed(schema: &Value, text: &str) -> Value {
    let wanted = |kind: &str| {
        schema["type"] == kind || schema["oneOf"].as_array().into_iter().flatten().any(|one| one["type"] == kind)
    };
    let read: Option<Value> = serde_json::from_str(text).ok();
    match read {
        Some(number) if number.is_i64() && wanted("integer") => number,
        Some(word) if word.is_boolean() && wanted("boolean") => word,
        _ => text.into(),
    }
}

#[test]
fn the_descriptions_refuse_what_they_do_not_know() {
    let contract = Contract::of(System::Gitlab);
    let asked = Asked {
        method: "POST".into(),
        raw_path: "/api/v4/projects/acme%2Ffoo-app/pipeline".into(),
        path: ["api", "v4", "projects", "acme/foo-app", "pipeline"].map(str::to_owned).to_vec(),
        query: vec![],
        headers: vec![("content-type".into(), "application/json".into())],
        body: json!({"ref": "v1", "variables": [{"key": "A", "value": "b"}]}),
        form: vec![],
    };
    let create = "POST /api/v4/projects/{id}/pipeline";
    assert_eq!(contract.request(&asked), Ok(create.to_owned()));
    for broken in [
        Asked { method: "GET".into(), ..asked.clone() },
        Asked { path: vec!["api".into()], ..asked.clone() },
        Asked { query: vec![("force".into(), "1".into())], ..asked.clone() },
        Asked { headers: vec![], ..asked.clone() },
        Asked { body: json!({"variables": []}), ..asked.clone() },
        Asked { body: json!({"ref": "v1", "force": true}), ..asked.clone() },
        Asked { body: json!({"ref": "v1", "variables": [{"key": "A"}]}), ..asked.clone() },
    ] {
        assert!(contract.request(&broken).is_err(), "{broken:?}");
    }
    let pipeline = json!({"id": 1, "sha": "a", "ref": "v1", "status": "pending"});
    assert_eq!(contract.answer(create, &Reply::json(201, pipeline.clone())), [""; 0]);
    for (status, key, value) in [(200, "id", json!(1)), (201, "id", json!("1")), (201, "status", json!("odd"))] {
        let mut odd = pipeline.clone();
        odd[key] = value;
        assert!(!contract.answer(create, &Reply::json(status, odd)).is_empty(), "{status} {key}");
    }
}
