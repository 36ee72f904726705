//! Every file of the scaffold, for several blueprints, read back and compared.

use serde_json::Value;

use super::*;
use crate::domain::environment::Tagging;
use crate::domain::name::{BranchName, EnvironmentName, RepositoryName, TagName, TypeName};

fn environment(name: &str, kind: &str, from: &[&str]) -> PlannedEnvironment {
    PlannedEnvironment {
        name: EnvironmentName::parse(name).unwrap(),
        kind: TypeName::parse(kind).unwrap(),
        branch: None,
        from: from.iter().map(|from| EnvironmentName::parse(from).unwrap()).collect(),
        tags: None,
        facts: vec![],
    }
}

fn component(name: &str) -> PlannedComponent {
    repository(name).into()
}

fn repository(name: &str) -> RepositoryName {
    RepositoryName::parse(name).unwrap()
}

fn demo() -> Blueprint {
    let mut dev = environment("dev", "dev", &[]);
    dev.branch = Some(BranchName::parse("main").unwrap());
    Blueprint {
        name: repository("demo"),
        application: repository("demo-app"),
        application_url: None,
        environments: vec![
            dev,
            environment("qa", "qa", &["dev"]),
            environment("prod-eu", "prod", &["qa"]),
            environment("prod-cn", "prod", &["qa"]),
        ],
        components: vec![component("demo-backend"), component("demo-frontend")],
        ci: Ci::None,
        remote_base: None,
    }
}

/// Names that YAML, Helm or a shell could misread.
fn odd() -> Blueprint {
    let mut wild = environment("1.10", "no", &["On", "null"]);
    wild.branch = Some(BranchName::parse("feature/{#x}'\"&ä").unwrap());
    wild.tags = Some(Tagging::Reuse);
    wild.facts =
        vec![("api".into(), "https://api: #x".into()), ("no".into(), "1e3".into()), ("ö \"".into(), "a\nb".into())];
    let pinned = PlannedComponent {
        tag: TagName::parse("1.10").ok(),
        branch: None,
        url: Some("https://git.example.com/a b#c.git".into()),
        ..component("Foo.Bar_baz-")
    };
    Blueprint {
        name: repository("1e3"),
        application: repository("2026-11-22"),
        application_url: None,
        environments: vec![environment("On", "0x10", &[]), environment("null", "a.b_c-d", &["On"]), wild],
        components: vec![component("true"), component("1.0"), pinned],
        ci: Ci::Jenkins,
        remote_base: Some(RemoteBase::parse("git@git.example.com:team").unwrap()),
    }
}

fn bare() -> Blueprint {
    Blueprint { environments: vec![], components: vec![], ..demo() }
}

fn blueprints() -> Vec<Blueprint> {
    let mut all: Vec<_> = Ci::ALL.into_iter().map(|ci| Blueprint { ci, ..demo() }).collect();
    all.extend([odd(), bare()]);
    all
}

fn all_files() -> Vec<ScaffoldFile> {
    blueprints().iter().flat_map(|b| [release_repo(b), app_repo(b)].concat()).collect()
}

fn content(files: &[ScaffoldFile], path: &str) -> String {
    files.iter().find(|file| file.path == path).unwrap_or_else(|| panic!("{path}")).content.clone()
}

fn yaml(text: &str) -> Value {
    serde_yaml::from_str(text).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

#[test]
fn no_placeholder_is_left_over() {
    for file in all_files() {
        assert!(!file.content.contains("@{"), "{}:\n{}", file.path, file.content);
    }
}

#[test]
fn every_file_is_tidy() {
    for ScaffoldFile { path, content, .. } in all_files() {
        assert!(content.ends_with('\n') && !content.ends_with("\n\n"), "{path}: its end\n{content}");
        assert!(!content.contains("\n\n\n"), "{path}: empty lines\n{content}");
        assert!(!content.contains(['\t', '\r']), "{path}: tabs or carriage returns");
        for line in content.lines() {
            assert_eq!(line, line.trim_end(), "{path}: white space at the end of a line");
        }
    }
}

#[test]
fn every_path_stays_in_the_repository_and_occurs_once() {
    for blueprint in blueprints() {
        for files in [release_repo(&blueprint), app_repo(&blueprint)] {
            let mut paths: Vec<_> = files.iter().map(|file| file.path.as_str()).collect();
            for path in &paths {
                assert!(path.split('/').all(|part| !part.is_empty() && part != "." && part != ".."), "{path}");
                assert!(path.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-/".contains(&b)), "{path}");
            }
            let count = paths.len();
            paths.sort_unstable();
            paths.dedup();
            assert_eq!(paths.len(), count);
        }
    }
}

#[test]
fn every_yaml_file_can_be_read() {
    for file in all_files() {
        if !file.path.ends_with(".yml") && !file.path.ends_with(".yaml") || file.path.contains("/templates/") {
            continue;
        }
        for document in file.content.split("\n---\n") {
            assert!(yaml(document).is_object(), "{}", file.path);
        }
    }
}

#[test]
fn a_release_file_has_an_empty_version_and_says_from_everywhere() {
    for blueprint in blueprints() {
        let files = release_repo(&blueprint);
        let text = content(&files, "release.yml");
        assert_eq!(text.lines().filter(|line| *line == "version:").count(), 1);
        let file = yaml(&text);
        assert_eq!(file["version"], Value::Null);
        assert_eq!(file["application"], blueprint.application.as_str());
        let entries = file["environments"].as_array().unwrap();
        assert_eq!(entries.len(), blueprint.environments.len());
        for (entry, planned) in entries.iter().zip(&blueprint.environments) {
            assert_eq!(entry["name"], planned.name.as_str());
            assert_eq!(entry["type"], planned.kind.as_str());
            let from: Vec<_> = entry["from"].as_array().unwrap().iter().map(|name| name.as_str().unwrap()).collect();
            assert_eq!(from, planned.from.iter().map(|name| name.as_str()).collect::<Vec<_>>());
            assert_eq!(entry.get("branch").and_then(Value::as_str), planned.branch.as_ref().map(|name| name.as_str()));
            assert_eq!(entry.get("tags").and_then(Value::as_str), planned.tags.map(Tagging::as_str));
        }
    }
}

#[test]
fn there_is_at_most_one_file_of_glue() {
    for ci in Ci::ALL {
        let files = release_repo(&Blueprint { ci, ..demo() });
        assert_eq!(files.len(), if ci == Ci::None { 2 } else { 3 });
        if let Some(glue) = ci_file(ci) {
            assert!(glue.content.contains("deploy --yes"));
            assert!(!glue.content.contains("demo"), "glue is the same everywhere");
            assert!(content(&files, "README.md").contains(&format!("`{}`", glue.path)));
        }
    }
}

#[test]
fn glue_runs_for_environment_branches_one_job_at_a_time() {
    let glue = |ci| ci_file(ci).unwrap().content;
    let github = yaml(&glue(Ci::Github));
    assert_eq!(github["on"]["push"], serde_json::json!({ "branches": ["environment/*"] }));
    assert!(github["concurrency"]["group"].as_str().unwrap().ends_with("|| github.ref }}"));
    assert_eq!(github["concurrency"]["cancel-in-progress"], false);
    assert_eq!(github["permissions"]["contents"], "write");

    let gitlab = yaml(&glue(Ci::Gitlab));
    let rules = gitlab["workflow"]["rules"].as_array().unwrap();
    assert_eq!(rules.len(), 2);
    assert_eq!(rules[1]["if"], r#"$CI_PIPELINE_SOURCE == "trigger""#);
    assert_eq!(gitlab["deploy"]["rules"][0]["if"], r#"$CI_PIPELINE_SOURCE != "trigger""#);
    assert!(rules[0]["if"].as_str().unwrap().starts_with(r"$CI_COMMIT_BRANCH =~ /^environment\/[^\/]+$/ && "));
    assert_eq!(gitlab["deploy"]["resource_group"], "$CI_COMMIT_BRANCH");
    assert_eq!(gitlab["deploy"]["interruptible"], false);

    let bitbucket = yaml(&glue(Ci::Bitbucket));
    let pipelines = bitbucket["pipelines"].as_object().unwrap();
    assert_eq!(pipelines.keys().collect::<Vec<_>>(), ["branches", "custom"]);
    assert_eq!(pipelines["branches"]["environment/*"][0]["step"]["concurrency-group"], "$BITBUCKET_BRANCH");

    let jenkins = glue(Ci::Jenkins);
    assert!(jenkins.contains("branch pattern: 'environment/*', comparator: 'GLOB'"));
    assert!(jenkins.contains("disableConcurrentBuilds()"));

    let tekton = glue(Ci::Tekton);
    assert_eq!(tekton.matches(".matches('^refs/heads/environment/[^/]+$')").count(), 4);
}

#[test]
fn glue_that_never_needs_changing_asks_for_no_change() {
    for ci in Ci::ALL {
        let Some(glue) = ci_file(ci) else { continue };
        let text =
            glue.content.lines().map(|line| line.trim_start_matches(['#', '/', ' '])).collect::<Vec<_>>().join(" ");
        for word in ["goes into the next line", "write its name", "edit this", "change this"] {
            assert!(!text.to_ascii_lowercase().contains(word), "{}: {word}", glue.path);
        }
    }
    // What the page of Bitbucket does to the line of the image, once and for all.
    let page = include_str!("../../docs/ci/bitbucket.md");
    let (from, to) = page.split_once("'s|^").and_then(|(_, rest)| rest.split_once("|'")?.0.split_once('|')).unwrap();
    let glue = ci_file(Ci::Bitbucket).unwrap().content;
    let from = from.trim_end_matches(".*");
    assert_eq!(glue.lines().filter(|line| line.starts_with(from)).count(), 1);
    let edited = glue.replace("\nimage: rust:1\n", &format!("\n{to}\n"));
    assert_eq!(yaml(&edited)["image"], "${{RELMAN_IMAGE}}");
}

#[test]
fn glue_takes_a_release_that_starts_elsewhere_and_names_nobody() {
    for ci in Ci::ALL.into_iter().filter(|ci| *ci != Ci::None) {
        let glue = ci_file(ci).unwrap().content;
        assert!(glue.contains("trigger --yes"), "{ci:?}");
        assert!(!glue.to_lowercase().contains("jira"), "{ci:?}: without Jira nothing mentions it");
    }
}

#[test]
fn what_is_sent_never_becomes_a_part_of_a_script() {
    let glue = |ci| ci_file(ci).unwrap().content;
    let github = yaml(&glue(Ci::Github));
    for job in github["jobs"].as_object().unwrap().values() {
        for step in job["steps"].as_array().unwrap() {
            assert!(!step["run"].as_str().unwrap_or_default().contains("${{"), "{step}");
        }
    }
    for document in glue(Ci::Tekton).split("---\n").map(yaml).filter(|document| document["kind"] == "Task") {
        let script = document["spec"]["steps"][0]["script"].as_str().unwrap();
        assert!(!script.contains("$(params."), "{script}");
    }
    // In three single quotes Groovy puts no values into a text.
    assert!(!glue(Ci::Jenkins).contains("\"\"\"") && !glue(Ci::Jenkins).contains("sh \""));
}

/// The script that makes JSON of variables, as the shell of two systems sees it.
#[cfg(unix)]
#[test]
fn variables_become_json_whatever_they_hold() {
    let bitbucket = yaml(&ci_file(Ci::Bitbucket).unwrap().content);
    let steps = bitbucket["pipelines"]["custom"]["trigger"][1]["step"]["script"].as_array().unwrap().clone();
    let jenkins = ci_file(Ci::Jenkins).unwrap().content;
    let groovy = jenkins.split("sh \'\'\'").last().unwrap().split("\'\'\'").next().unwrap().replace("\\\\", "\\");
    let scripts = [steps.last().unwrap().as_str().unwrap().to_owned(), groovy];
    // A build that names no request is one by itself, so that the same can be asked for a second time.
    let ids = [("", ["bitbucket-pipelines-7", "jenkins-shop-main-7"]), ("OPS-7 x", ["OPS-7 x"; 2])];
    let cases = ids.iter().flat_map(|(given, expected)| scripts.iter().zip(expected).map(move |case| (given, case)));
    for (given, (script, expected)) in cases {
        let folder = tempfile::tempdir().unwrap();
        // A program in its place shows what it was given.
        let script = format!("relman() {{ for body; do :; done; cat \"$body\"; }}\n{script}");
        let output = std::process::Command::new("sh")
            .args(["-euc", &script])
            .env("TMPDIR", folder.path())
            .env("RELEASE_ENVIRONMENT", "qa")
            .env("RELEASE_VERSION", "1.0\",\"environment\":\"prod")
            .env("RELEASE_CHANGE_ID", r#"\ $(id) `id` & / %s ' "x""#)
            .env("RELEASE_ACTOR", "")
            .env("RELEASE_TRIGGER_ID", given)
            .env("BITBUCKET_BUILD_NUMBER", "7")
            .env("BUILD_TAG", "jenkins-shop-main-7")
            .output()
            .unwrap();
        let read: Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {output:?}"));
        assert_eq!((&read["environment"], &read["version"]), (&"qa".into(), &"1.0\",\"environment\":\"prod".into()));
        assert_eq!(read["changeId"], r#"\ $(id) `id` & / %s ' "x""#);
        assert_eq!(read["triggerId"], *expected);
    }
}

#[test]
fn each_press_of_the_button_at_github_is_a_request_of_its_own() {
    let github = yaml(&ci_file(Ci::Github).unwrap().content);
    let step = github["jobs"]["trigger"]["steps"].as_array().unwrap().last().unwrap().clone();
    let body = step["env"]["BODY"].as_str().unwrap();
    assert!(body.starts_with("${{ github.event.client_payload && toJSON(github.event.client_payload) || format('"));
    let (shape, values) = body.split_once("format('").unwrap().1.split_once("', ").unwrap();
    assert_eq!(
        values,
        "toJSON(inputs.environment), toJSON(inputs.version), toJSON(inputs.changeId), github.run_id) }}"
    );
    // As GitHub fills it in.
    let hostile = "1.0\"}{3} ${{ x }}";
    let json = |text: &str| Value::from(text).to_string();
    let mut filled = shape.replace("{{", "{").replace("}}", "}").replace("{3}", "77");
    for (place, value) in [("{0}", json("qa")), ("{1}", json(hostile)), ("{2}", json(""))] {
        filled = filled.replace(place, &value);
    }
    let read: Value = serde_json::from_str(&filled).unwrap_or_else(|error| panic!("{error}: {filled}"));
    let expected =
        serde_json::json!({ "environment": "qa", "version": hostile, "changeId": "", "triggerId": "github-run-77" });
    assert_eq!(read, expected);
}

/// The checkout may hold the default branch alone, which nothing marks as that of a release repo.
#[test]
fn the_job_for_triggers_names_its_repository() {
    for ci in Ci::ALL.into_iter().filter(|ci| *ci != Ci::None) {
        let glue = ci_file(ci).unwrap().content;
        let calls: Vec<&str> = glue.lines().filter(|line| line.contains("trigger --yes")).collect();
        assert!(calls.len() == 1 && calls[0].contains("relman -C "), "{ci:?}: {calls:?}");
    }
}

#[test]
fn each_type_has_its_values_once() {
    let files = app_repo(&demo());
    let values: Vec<_> = files.iter().map(|file| file.path.as_str()).filter(|path| path.contains("values.")).collect();
    assert_eq!(
        values,
        ["chart/values.yaml", "chart/values.dev.yaml", "chart/values.qa.yaml", "chart/values.prod.yaml"]
    );
    let odd = app_repo(&odd());
    assert_eq!(yaml(&content(&odd, "chart/values.0x10.yaml"))["config"]["ENVIRONMENT_TYPE"], "0x10");
}

#[test]
fn components_are_listed_and_charts_depend_on_them() {
    for blueprint in blueprints() {
        let files = app_repo(&blueprint);
        let app = yaml(&content(&files, "app.yml"));
        let names = |list: &Value| -> Vec<String> {
            list.as_array().unwrap().iter().map(|item| item["name"].as_str().unwrap().to_owned()).collect()
        };
        let wanted: Vec<String> = blueprint.components.iter().map(|component| component.name.to_string()).collect();
        assert_eq!(names(&app["repositories"]), wanted);
        let chart = yaml(&content(&files, "chart/Chart.yaml"));
        assert_eq!(chart["name"], blueprint.application.as_str());
        match chart.get("dependencies") {
            None => assert!(wanted.is_empty()),
            Some(dependencies) => {
                assert_eq!(names(dependencies), wanted);
                assert_eq!(dependencies[0]["repository"], format!("file://../../{}/chart", wanted[0]));
            }
        }
    }
}

#[test]
fn the_release_file_reads_well() {
    insta::assert_snapshot!("release.yml", content(&release_repo(&demo()), "release.yml"));
    insta::assert_snapshot!(
        "release_readme",
        content(&release_repo(&Blueprint { ci: Ci::Github, ..demo() }), "README.md")
    );
}

#[test]
fn the_app_file_reads_well() {
    insta::assert_snapshot!("app.yml", content(&app_repo(&demo()), "app.yml"));
    insta::assert_snapshot!("Chart.yaml", content(&app_repo(&demo()), "chart/Chart.yaml"));
    insta::assert_snapshot!("app_readme", content(&app_repo(&demo()), "README.md"));
}

#[test]
fn an_existing_app_repo_is_told_what_it_lacks() {
    let missing = |paths: &[&str], components: Option<&[&str]>, has_pipeline| {
        let app = ExistingApp {
            paths: paths.iter().map(ToString::to_string).collect(),
            components: components.map(|names| names.iter().map(|name| repository(name)).collect()),
            has_pipeline,
        };
        missing_in_app(&app, &demo()).iter().map(|lack| lack.message.clone()).collect::<Vec<_>>().join("\n")
    };
    let both = ["demo-backend", "demo-frontend"];
    assert_eq!(missing(&["app.yml"], Some(&both), true), "");
    let whole: Vec<String> = app_repo(&demo()).into_iter().map(|file| file.path).collect();
    assert_eq!(missing(&whole.iter().map(String::as_str).collect::<Vec<_>>(), Some(&both), true), "");
    insta::assert_snapshot!(missing(&[], None, false), @"There is no app.yml: it lists the component repositories (demo-backend, demo-frontend) and says what a deployment runs.");
    insta::assert_snapshot!(missing(&["app.yml", "chart/Chart.yaml", "chart/values.qa.yaml"], Some(&["demo-backend"]), false), @r"
    app.yml has no `pipeline`: a deployment would have nothing to run.
    app.yml does not list the component demo-frontend below `repositories`.
    There is no chart/values.dev.yaml: environments of type dev get the common values only.
    There is no chart/values.prod.yaml: environments of type prod get the common values only.
    ");
    insta::assert_snapshot!(missing(&["ods.yml"], Some(&both), false), @"There is no app.yml: relman reads the repositories in ods.yml, but a deployment needs a `pipeline` in app.yml.");
}
