//! The processes of a step, held together in a group of their own, so that none of them outlives it.

use std::io::{PipeWriter, Write as _};
use std::process::{Child, Command, ExitStatus, Stdio};

/// A child and everything that it has started.
pub(super) struct Group {
    child: Child,
    guardian: Option<Guardian>,
}

/// A process that ends a group where relman can no longer do so itself, since it was killed.
///
/// It reads from a pipe that relman alone holds. The end of that pipe without a word is the death of relman.
struct Guardian {
    child: Child,
    pipe: PipeWriter,
}

/// Waits for a word, or else for the end; `$1` is the group.
const WATCH: &str = "read -r word && exit 0; kill -TERM \"-$1\" || exit 0; sleep 5; kill -KILL \"-$1\"";

impl Guardian {
    /// A guardian of the group; `None` where there can be none: the step runs all the same.
    fn of(group: u32) -> Option<Self> {
        if cfg!(not(unix)) {
            return None;
        }
        let (reader, pipe) = std::io::pipe().ok()?;
        let mut command = Command::new("sh");
        command.args(["-c", WATCH, "sh", &group.to_string()]).stdin(reader).stdout(Stdio::null()).stderr(Stdio::null());
        command.env_clear().envs(std::env::var_os("PATH").map(|path| ("PATH", path)));
        // What kills relman's own group must not kill it as well.
        own_group(&mut command);
        command.spawn().ok().map(|child| Guardian { child, pipe })
    }

    /// Tells it that the group has ended by itself.
    fn dismiss(mut self) {
        // One that is dead already needs no word.
        let _ = self.pipe.write_all(b"ended\n");
        drop(self.pipe);
        let _ = self.child.wait();
    }
}

impl Group {
    /// Starts a program as the leader of a new group.
    pub(super) fn start(mut command: Command) -> std::io::Result<Self> {
        own_group(&mut command);
        let child = command.spawn()?;
        let guardian = Guardian::of(child.id());
        Ok(Group { child, guardian })
    }

    /// Whether the leader has ended. It is not reaped yet, so that its number still means this group.
    pub(super) fn has_ended(&mut self) -> std::io::Result<bool> {
        #[cfg(unix)]
        {
            use rustix::process::{WaitId, WaitIdOptions, waitid};
            let Some(id) = self.id() else { return Ok(true) };
            let options = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
            Ok(waitid(WaitId::Pid(id), options)?.is_some())
        }
        #[cfg(not(unix))]
        Ok(self.child.try_wait()?.is_some())
    }

    /// Sends a signal to every process of the group; elsewhere than on Unix, ends the leader.
    pub(super) fn signal(&mut self, number: i32) {
        #[cfg(unix)]
        if let (Some(id), Some(signal)) = (self.id(), rustix::process::Signal::from_named_raw(number)) {
            // A group whose processes have all gone can't be told anything, which is what was wanted.
            let _ = rustix::process::kill_process_group(id, signal);
        }
        #[cfg(not(unix))]
        {
            let _ = number;
            let _ = self.child.kill();
        }
    }

    /// Ends whatever is left of the group, and says how its leader ended.
    pub(super) fn end(mut self) -> std::io::Result<ExitStatus> {
        self.signal(KILL);
        // Before the leader is asked how it ended, so that its number still means this group.
        if let Some(guardian) = self.guardian.take() {
            guardian.dismiss();
        }
        self.child.wait()
    }

    #[cfg(unix)]
    fn id(&self) -> Option<rustix::process::Pid> {
        i32::try_from(self.child.id()).ok().and_then(rustix::process::Pid::from_raw)
    }
}

/// Has a program start in a group of its own, which a signal from the terminal to relman's group does not reach.
pub(super) fn own_group(command: &mut Command) {
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(command, 0);
    #[cfg(not(unix))]
    let _ = command;
}

/// The number of the signal that asks a process to end.
pub(super) const TERMINATE: i32 = 15;

/// The number of the signal that ends a process.
pub(super) const KILL: i32 = 9;
