//! The program `kubectl`: how it is called, and what its complaints mean.

use std::fs::File;
use std::io::{Seek as _, Write as _};
use std::process::{Command, Output, Stdio};

use serde_json::Value as Json;

use crate::pipeline::group::own_group;
use crate::pipeline::{Error, withhold};

/// How long the cluster may take for one answer.
const REQUEST_TIMEOUT: &str = "--request-timeout=30s";

/// `kubectl`, told which cluster and which namespace are meant.
#[derive(Clone, Debug)]
pub(super) struct Kubectl {
    context: Option<String>,
    namespace: Option<String>,
}

impl Kubectl {
    pub(super) fn new(context: Option<&str>, namespace: Option<&str>) -> Self {
        Kubectl { context: context.map(str::to_owned), namespace: namespace.map(str::to_owned) }
    }

    /// The same, in the namespace that the cluster has chosen.
    pub(super) fn within(self, namespace: Option<&str>) -> Self {
        let namespace = namespace.map(str::to_owned).or(self.namespace);
        Kubectl { namespace, ..self }
    }

    /// Has the cluster say whether it would take an object, all its rules included, and makes nothing.
    pub(super) fn try_create(&self, object: &Json) -> Result<(), Error> {
        self.fed(&["create", "--dry-run=server", "--filename=-", "--output=name"], object).map(drop)
    }

    /// Makes an object, and answers with what was made.
    pub(super) fn create(&self, object: &Json) -> Result<Json, Error> {
        document(&self.fed(&["create", "--filename=-", "--output=json"], object)?)
    }

    /// Reads one object; `None` where there is none of that name.
    pub(super) fn get(&self, kind: &str, name: &str) -> Result<Option<Json>, Error> {
        match self.ask(&["get", &format!("{kind}/{name}"), "--ignore-not-found", "--output=json"])? {
            text if text.trim().is_empty() => Ok(None),
            text => document(&text).map(Some),
        }
    }

    /// Reads all objects of a kind that have a label.
    pub(super) fn list(&self, kind: &str, label: &str) -> Result<Json, Error> {
        document(&self.ask(&["get", kind, &format!("--selector={label}"), "--output=json"])?)
    }

    /// Changes an object.
    pub(super) fn patch(&self, kind: &str, name: &str, change: &Json) -> Result<(), Error> {
        let change = format!("--patch={change}");
        self.ask(&["patch", &format!("{kind}/{name}"), "--type=merge", &change, "--output=name"]).map(drop)
    }

    /// The call that prints what a container prints, until it ends.
    pub(super) fn follow(&self, pod: &str, container: &str) -> Command {
        let mut command =
            self.command(&["logs", "--follow", &format!("--container={container}"), &format!("pod/{pod}")]);
        command.stdin(Stdio::null());
        command
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new("kubectl");
        command.args(arguments);
        // As `--name=value`, so that no value is taken for an option.
        command.args(self.context.iter().map(|context| format!("--context={context}")));
        command.args(self.namespace.iter().map(|namespace| format!("--namespace={namespace}")));
        withhold(&mut command);
        // A signal from the terminal is for relman; it then has kubectl cancel the run.
        own_group(&mut command);
        command
    }

    fn ask(&self, arguments: &[&str]) -> Result<String, Error> {
        let mut command = self.command(arguments);
        command.arg(REQUEST_TIMEOUT).stdin(Stdio::null());
        self.answer(arguments, command.output())
    }

    /// A file as the input, since a pipe could fill up on one side while it is written on the other.
    fn fed(&self, arguments: &[&str], object: &Json) -> Result<String, Error> {
        let input = || -> std::io::Result<File> {
            let mut file = tempfile::tempfile()?;
            file.write_all(object.to_string().as_bytes())?;
            file.rewind()?;
            Ok(file)
        };
        let input = input().map_err(Error::io("the PipelineRun can't be written down"))?;
        let mut command = self.command(arguments);
        command.arg(REQUEST_TIMEOUT).stdin(input);
        self.answer(arguments, command.output())
    }

    fn answer(&self, arguments: &[&str], output: std::io::Result<Output>) -> Result<String, Error> {
        let output = match output {
            Ok(output) => output,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Err(missing()),
            Err(cause) => return Err(Error::Io { what: "kubectl can't be started".into(), cause }),
        };
        if output.status.success() {
            return String::from_utf8(output.stdout)
                .map_err(|_| Error::Refused { what: "kubectl answers something that is not UTF-8".into() });
        }
        Err(complaint(arguments[0], &String::from_utf8_lossy(&output.stderr)))
    }
}

fn document(text: &str) -> Result<Json, Error> {
    serde_json::from_str(text)
        .map_err(|error| Error::Refused { what: format!("kubectl answers something that is no JSON: {error}") })
}

fn missing() -> Error {
    Error::Unusable {
        what: "kubectl is not on the PATH, and the engine tekton needs it".into(),
        hint: "install kubectl where relman runs, or print the PipelineRun for something else to make: --render".into(),
    }
}

/// What a failed call means, from what it has printed: kubectl ends with 1 whatever was wrong.
fn complaint(verb: &str, said: &str) -> Error {
    // Lines of the client's own log stand before what matters.
    let words: Vec<&str> = said.lines().map(str::trim).filter(|line| !line.is_empty() && !is_log(line)).collect();
    let words = if words.is_empty() { vec![said.trim()] } else { words };
    let what = format!("kubectl {verb} failed: {}", words.join("; "));
    let says = |parts: &[&str]| parts.iter().any(|part| said.contains(part));
    if says(&["(Forbidden)", "forbidden:", "(Unauthorized)", "You must be logged in", "credentials"]) {
        return Error::Unauthorised {
            what,
            hint:
                "the account that relman runs as must be allowed to create, get and patch pipelineruns.tekton.dev, and \
                   to list taskruns.tekton.dev, in that namespace"
                    .into(),
        };
    }
    if says(&["no matches for kind", "doesn't have a resource type", "could not find the requested resource"]) {
        return Error::NotFound {
            what,
            hint: "Tekton Pipelines, with its API tekton.dev/v1, must be installed there".into(),
        };
    }
    if says(&["(NotFound)"]) {
        return Error::NotFound {
            what,
            hint: "`pipeline-namespace` of the entry, or `namespace` of app.yml, names it".into(),
        };
    }
    if words.iter().any(|line| line.starts_with("error: context ") || line.contains("no context exists")) {
        return Error::Unusable {
            what,
            hint: "`kube-context` of the environment's entry must be one that `kubectl config get-contexts` shows"
                .into(),
        };
    }
    // Tekton's own rules speak of timeouts as well.
    if says(&["denied the request"]) {
        return Error::Refused { what };
    }
    let unreachable = [
        "Unable to connect",
        "connection refused",
        "connection reset",
        "was refused",
        "no such host",
        "timeout",
        "timed out",
        "deadline exceeded",
        "EOF",
        "(ServiceUnavailable)",
        "(TooManyRequests)",
        "(InternalError)",
        "currently unable",
        "network is unreachable",
        "no route to host",
    ];
    if says(&unreachable) { Error::Unreachable { what } } else { Error::Refused { what } }
}

/// Whether a line is of the log of kubectl's client library, such as `E1122 14:00:25.781726    6210 memcache.go:265] …`.
fn is_log(line: &str) -> bool {
    let mut bytes = line.bytes();
    matches!(bytes.next(), Some(b'E' | b'W' | b'I' | b'F')) && bytes.take(4).filter(u8::is_ascii_digit).count() == 4
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::error::Explain as _;

    #[test]
    fn complaints_are_understood() {
        for (said, status) in [
            (
                r#"Error from server (Forbidden): error when creating "STDIN": pipelineruns.tekton.dev is forbidden: User "x" cannot create resource "pipelineruns" in API group "tekton.dev" in the namespace "ci""#,
                4,
            ),
            ("error: You must be logged in to the server (Unauthorized)", 4),
            (
                "error: You must be logged in to the server (the server has asked for the client to provide credentials)",
                4,
            ),
            ("The connection to the server localhost:8080 was refused - did you specify the right host or port?", 6),
            (r#"Unable to connect to the server: dial tcp: lookup k8s.example.com: no such host"#, 6),
            (
                r#"E1122 14:00:25.781726    6210 memcache.go:265] "Unhandled Error" err="couldn't get current server API group list"
error: unable to recognize "STDIN": Get "http://localhost:8080/api?timeout=32s": dial tcp 127.0.0.1:8080: connect: connection refused"#,
                6,
            ),
            (
                r#"Error from server (InternalError): error when creating "STDIN": Internal error occurred: failed calling webhook "webhook.pipeline.tekton.dev": context deadline exceeded"#,
                6,
            ),
            (r#"error: context "nowhere" does not exist"#, 2),
            (
                r#"error: resource mapping not found for name: "" namespace: "" from "STDIN": no matches for kind "PipelineRun" in version "tekton.dev/v1""#,
                3,
            ),
            (r#"Error from server (NotFound): error when creating "STDIN": namespaces "ci" not found"#, 3),
            (
                r#"Error from server (BadRequest): error when creating "STDIN": admission webhook "validation.webhook.pipeline.tekton.dev" denied the request: validation failed: invalid value: 0s: spec.timeouts.pipeline"#,
                5,
            ),
        ] {
            let error = complaint("create", said);
            assert_eq!(error.exit().status(), status, "{error:?}");
            assert!(!error.to_string().contains("memcache"), "{error}");
        }
    }
}
