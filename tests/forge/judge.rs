//! `steady` (npm `@stdy/cli`), which says whether a request fits a description.

use std::io::{BufRead as _, BufReader};
use std::net::TcpListener;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// The judge, which ends with the test.
pub struct Steady {
    child: Child,
    pub url: String,
}

impl Drop for Steady {
    fn drop(&mut self) {
        // The program may be a wrapper around the judge; all of its group ends.
        let group = rustix::process::Pid::from_child(&self.child);
        let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
        let _ = self.child.wait();
    }
}

/// Starts the judge. Its port may be taken by another test in the moment between; then it ends, and another is tried.
pub fn steady(program: &str, description: &Path) -> Steady {
    (0..5).find_map(|_| started(program, description)).expect("the judge is ready")
}

fn started(program: &str, description: &Path) -> Option<Steady> {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let mut child = Command::new(program)
        .args(["--host", "127.0.0.1", "--port", &port.to_string(), "--log-format", "ci"])
        .arg(description)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .process_group(0)
        .spawn()
        .unwrap();
    let (sender, ready) = std::sync::mpsc::channel();
    let streams: [Box<dyn std::io::Read + Send>; 2] =
        [Box::new(child.stdout.take().unwrap()), Box::new(child.stderr.take().unwrap())];
    for stream in streams {
        let sender = sender.clone();
        std::thread::spawn(move || {
            for line in BufReader::new(stream).lines().map_while(Result::ok) {
                if line.contains("listening") {
                    let _ = sender.send(());
                }
            }
        });
    }
    // Who ends without being ready is not waited for.
    drop(sender);
    let steady = Steady { child, url: format!("http://127.0.0.1:{port}") };
    ready.recv_timeout(std::time::Duration::from_secs(60)).ok().map(|()| steady)
}
