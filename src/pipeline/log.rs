//! The log of a pipeline: a file that stays, in which everything stands that was printed, and no secret that relman knows.

use std::fmt;
use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::Error;

/// How much of a line is held back until its end is known, in bytes: a secret may come in two pieces.
const LONGEST_LINE: usize = 1024 * 1024;

/// A file for what a pipeline prints, which stays when relman ends. Only its owner can read it.
pub fn new_log(environment: &str) -> Result<PathBuf, Error> {
    let failed = || Error::io("the log of the pipeline can't be made");
    let file = tempfile::Builder::new()
        .prefix(&format!("relman-{environment}-"))
        .suffix(".log")
        .tempfile()
        .map_err(failed())?;
    file.into_temp_path().keep().map_err(|error| failed()(error.error))
}

/// What takes the secrets that relman knows out of a text; `None` where there is none in it.
#[derive(Clone, Copy)]
pub struct Mask<'a>(pub &'a dyn Fn(&str) -> Option<String>);

impl fmt::Debug for Mask<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Mask")
    }
}

/// An open log. Lines are masked as a whole.
pub(super) struct Log<'a> {
    file: File,
    line: Vec<u8>,
    mask: Mask<'a>,
}

impl<'a> Log<'a> {
    pub(super) fn open(path: &Path, mask: Mask<'a>) -> Result<Self, Error> {
        let opened = OpenOptions::new().append(true).create(true).open(path);
        let file = opened.map_err(Error::io(format!("the log {} can't be written", path.display())))?;
        Ok(Log { file, line: Vec::new(), mask })
    }

    fn write_out(&mut self) -> io::Result<()> {
        let line = std::mem::take(&mut self.line);
        match (self.mask.0)(&String::from_utf8_lossy(&line)) {
            Some(masked) => self.file.write_all(masked.as_bytes()),
            None => self.file.write_all(&line),
        }
    }
}

impl Write for Log<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let (lines, rest) = bytes.split_at(bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1));
        self.line.extend_from_slice(lines);
        if !lines.is_empty() {
            self.write_out()?;
        }
        self.line.extend_from_slice(rest);
        if self.line.len() > LONGEST_LINE {
            self.write_out()?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.write_out()?;
        self.file.flush()
    }
}

impl Drop for Log<'_> {
    fn drop(&mut self) {
        // The end of a last line without a line break; where it can't be written there is no place left to say so.
        let _ = self.flush();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_masked_though_it_comes_in_pieces() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("log");
        let mask = |text: &str| text.contains("s3cret").then(|| text.replace("s3cret", "…"));
        let mut log = Log::open(&path, Mask(&mask)).expect("a log");
        for piece in ["a s3c", "ret b\nplain\nls3cret", " m"] {
            log.write_all(piece.as_bytes()).expect("written");
        }
        log.write_all(b"\xff\n\xfe s3cret").expect("written");
        drop(log);
        let written = std::fs::read(&path).expect("a log");
        assert_eq!(String::from_utf8_lossy(&written), "a … b\nplain\nl… m\u{fffd}\n\u{fffd} …");
    }
}
