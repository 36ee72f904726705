//! What is remembered of a trigger that found its version already declared: there was no commit that could carry its id.

use serde::{Deserialize, Serialize};

use crate::domain::name::EnvironmentName;

/// The schema that a line must name to be read.
const SCHEMA: &str = "relman.trigger-memory/1";

/// One line in the note of the commit that was there already. Readers of records pass it over.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct Memory {
    /// When, RFC 3339 in UTC.
    at: String,
    /// The schema of the line.
    schema: String,
    /// The environment.
    environment: String,
    /// What it declared.
    version: String,
    /// By this the event is known again.
    trigger_id: String,
}

impl Memory {
    /// Of an event that came when an environment declared its version already.
    pub fn new(at: String, environment: &EnvironmentName, version: &str, id: &str) -> Self {
        Memory {
            at,
            schema: SCHEMA.to_owned(),
            environment: environment.to_string(),
            version: version.to_owned(),
            trigger_id: id.to_owned(),
        }
    }

    /// The line that is written, without its line break.
    pub fn line(&self) -> String {
        // Texts can't fail to serialise.
        serde_json::to_string(self).unwrap_or_default()
    }

    /// The subject of the commit that writes it.
    pub fn subject(&self, prefix: &str) -> String {
        format!("{prefix}trigger: {} {} already", self.environment, self.version)
    }
}

/// Whether a note remembers an event for an environment.
pub fn remembers(note: &str, environment: &EnvironmentName, id: &str) -> bool {
    let memories = note.lines().filter_map(|line| serde_json::from_str::<Memory>(line).ok());
    memories
        .filter(|memory| memory.schema == SCHEMA)
        .any(|memory| memory.environment == environment.as_str() && memory.trigger_id == id)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::record;

    #[test]
    fn a_note_remembers_one_event_for_one_environment_and_stays_a_note_of_records() {
        let name = |text: &str| EnvironmentName::parse(text).expect("a name");
        let memory = Memory::new("2026-11-22T09:30:04.200Z".into(), &name("qa"), "1.0", "OPS-7 \"again\"");
        let note = format!("{{\"schema\":\"relman.record/1\"}}\n\n{}\n", memory.line());
        assert!(remembers(&note, &name("qa"), "OPS-7 \"again\""));
        assert!(!remembers(&note, &name("prod"), "OPS-7 \"again\"") && !remembers(&note, &name("qa"), "OPS-7"));
        assert!(record::parse(&note).is_empty());
    }
}
