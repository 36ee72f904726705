//! What Tekton says about a run and its tasks, as far as somebody who waits wants to know it.

use serde_json::Value as Json;

/// How a run, or a task of it, stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum State {
    /// It has not ended; the word says what it does.
    Unfinished(String),
    /// It ended well.
    Succeeded,
    /// It failed.
    Failed {
        /// Tekton's word for why.
        reason: String,
        /// Tekton's sentence about it.
        message: String,
    },
}

impl State {
    /// Reads the condition `Succeeded` of a run or a task. What has none has not begun.
    pub(super) fn of(object: &Json) -> State {
        let conditions = object["status"]["conditions"].as_array();
        let succeeded = conditions.into_iter().flatten().find(|condition| condition["type"] == "Succeeded");
        let Some(condition) = succeeded else { return State::Unfinished("Pending".to_owned()) };
        let text = |key: &str| condition[key].as_str().unwrap_or_default().to_owned();
        match condition["status"].as_str() {
            Some("True") => State::Succeeded,
            Some("False") => State::Failed { reason: text("reason"), message: text("message") },
            _ => State::Unfinished(text("reason")),
        }
    }

    /// The word for people.
    pub(super) fn word(&self) -> &str {
        match self {
            State::Unfinished(reason) => reason,
            State::Succeeded => "Succeeded",
            State::Failed { reason, .. } => reason,
        }
    }
}

/// A task of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Task {
    /// What the pipeline calls it.
    pub(super) name: String,
    /// What it is called in the cluster.
    pub(super) run: String,
    /// How it stands.
    pub(super) state: State,
    /// The pod that it runs in, once there is one.
    pub(super) pod: Option<String>,
    /// The steps whose containers have been started.
    pub(super) steps: Vec<Step>,
}

/// A step of a task.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Step {
    /// What the task calls it.
    pub(super) name: String,
    /// The container that it runs in.
    pub(super) container: String,
    /// What it ended with, where that is not zero.
    pub(super) failed_with: Option<i64>,
}

/// The tasks in a list of TaskRuns, in the order in which they were made.
pub(super) fn tasks(list: &Json) -> Vec<Task> {
    let mut tasks: Vec<(String, Task)> = list["items"].as_array().into_iter().flatten().filter_map(task).collect();
    tasks.sort_by(|(a, one), (b, other)| (a, &one.run).cmp(&(b, &other.run)));
    tasks.into_iter().map(|(_, task)| task).collect()
}

fn task(run: &Json) -> Option<(String, Task)> {
    let metadata = &run["metadata"];
    let own_name = metadata["name"].as_str()?.to_owned();
    let text = |value: &Json| value.as_str().filter(|text| !text.is_empty()).map(str::to_owned);
    let name = text(&metadata["labels"]["tekton.dev/pipelineTask"]).unwrap_or_else(|| own_name.clone());
    let steps = run["status"]["steps"].as_array().into_iter().flatten().filter_map(step).collect();
    let pod = text(&run["status"]["podName"]);
    let created = metadata["creationTimestamp"].as_str().unwrap_or_default().to_owned();
    Some((created, Task { name, run: own_name, state: State::of(run), pod, steps }))
}

fn step(step: &Json) -> Option<Step> {
    if step["running"].is_null() && step["terminated"].is_null() {
        return None;
    }
    let container = step["container"].as_str()?.to_owned();
    let name = step["name"].as_str().unwrap_or(&container).to_owned();
    let failed_with = step["terminated"]["exitCode"].as_i64().filter(|code| *code != 0);
    Some(Step { name, container, failed_with })
}

/// The task that made a run fail, with the end of the sentence about it. Tasks that were stopped with it come after.
pub(super) fn culprit(tasks: &[Task]) -> Option<(&Task, String)> {
    let failed = |task: &&Task| matches!(&task.state, State::Failed { .. });
    let stopped = |task: &&Task| task.state.word().contains("Cancel");
    let task = tasks.iter().filter(failed).find(|task| !stopped(task)).or_else(|| tasks.iter().find(failed))?;
    let State::Failed { reason, message } = &task.state else { return None };
    let why = match task.steps.iter().find_map(|step| Some((step, step.failed_with?))) {
        Some((step, code)) => format!("failed in the step {}, which ended with status {code}", step.name),
        None if message.is_empty() => format!("failed: {reason}"),
        None => format!("failed ({reason}): {message}"),
    };
    Some((task, why))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn task_run(name: &str, status: &str, reason: &str, steps: Json) -> Json {
        json!({
            "metadata": {"name": format!("run-{name}"), "labels": {"tekton.dev/pipelineTask": name},
                "creationTimestamp": "2026-11-22T09:30:04Z"},
            "status": {"podName": format!("run-{name}-pod"), "steps": steps,
                "conditions": [{"type": "Succeeded", "status": status, "reason": reason, "message": "said"}]}
        })
    }

    #[test]
    fn the_condition_succeeded_says_how_it_stands() {
        let with = |condition: Json| State::of(&json!({"status": {"conditions": [{"type": "Other"}, condition]}}));
        assert_eq!(State::of(&json!({})), State::Unfinished("Pending".into()));
        let running = with(json!({"type": "Succeeded", "status": "Unknown", "reason": "Running"}));
        assert_eq!(running, State::Unfinished("Running".into()));
        assert_eq!(with(json!({"type": "Succeeded", "status": "True", "reason": "Completed"})), State::Succeeded);
        let failed =
            with(json!({"type": "Succeeded", "status": "False", "reason": "PipelineRunTimeout", "message": "m"}));
        assert_eq!(failed, State::Failed { reason: "PipelineRunTimeout".into(), message: "m".into() });
    }

    #[test]
    fn the_task_that_failed_is_named_with_its_step() {
        let steps = json!([
            {"name": "prepare", "container": "step-prepare", "terminated": {"exitCode": 0}},
            {"name": "helm", "container": "step-helm", "terminated": {"exitCode": 3}},
            {"name": "later", "container": "step-later", "waiting": {}},
        ]);
        let list = json!({"items": [
            task_run("smoke", "False", "TaskRunCancelled", json!([])),
            task_run("deploy", "False", "Failed", steps),
            task_run("check", "True", "Succeeded", json!([])),
        ]});
        let tasks = tasks(&list);
        assert_eq!(tasks.iter().map(|task| task.name.as_str()).collect::<Vec<_>>(), ["check", "deploy", "smoke"]);
        let containers: Vec<_> = tasks[1].steps.iter().map(|step| step.container.as_str()).collect();
        assert_eq!(containers, ["step-prepare", "step-helm"], "what has not begun prints nothing");
        let (task, why) = culprit(&tasks).expect("one");
        assert_eq!(
            (task.name.as_str(), why.as_str()),
            ("deploy", "failed in the step helm, which ended with status 3")
        );
        let (task, why) = culprit(&tasks[2..]).expect("one");
        assert_eq!((task.name.as_str(), why.as_str()), ("smoke", "failed (TaskRunCancelled): said"));
        assert_eq!(culprit(&tasks[..1]), None);
    }
}
