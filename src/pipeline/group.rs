//! The processes of a step, held together in a group of their own, so that none of them outlives it.

use std::process::{Child, Command, ExitStatus};

/// A child and everything that it has started.
pub(super) struct Group {
    child: Child,
}

impl Group {
    /// Starts a program as the leader of a new group.
    pub(super) fn start(mut command: Command) -> std::io::Result<Self> {
        own_group(&mut command);
        Ok(Group { child: command.spawn()? })
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
