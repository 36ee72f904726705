//! A web server of a few lines, which can be told to misbehave.

use std::collections::VecDeque;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::Value;

/// A request, taken apart.
#[derive(Clone, Debug)]
pub struct Asked {
    pub method: String,
    /// The path as it was sent, still encoded.
    pub raw_path: String,
    /// The segments of the path, decoded.
    pub path: Vec<String>,
    pub query: Vec<(String, String)>,
    pub headers: Vec<(String, String)>,
    pub body: Value,
    /// The fields of a form, decoded.
    pub form: Vec<(String, String)>,
}

impl Asked {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    pub fn query(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// The method and the path, to match on.
    pub fn route(&self) -> (&str, Vec<&str>) {
        (&self.method, self.path.iter().map(String::as_str).collect())
    }
}

/// An answer.
#[derive(Clone, Debug)]
pub struct Reply {
    pub status: u16,
    pub headers: Vec<(&'static str, String)>,
    pub body: String,
}

impl Reply {
    pub fn json(status: u16, body: Value) -> Self {
        let text = if body.is_null() { String::new() } else { body.to_string() };
        Reply { status, headers: vec![("Content-Type", "application/json;charset=UTF-8".into())], body: text }
    }

    pub fn page(status: u16, html: &str) -> Self {
        Reply { status, headers: vec![("Content-Type", "text/html".into())], body: html.into() }
    }

    pub fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }
}

/// What is to go wrong with the next request.
#[derive(Clone, Debug)]
pub enum Fault {
    /// It gets this answer, and nothing else happens.
    Answer(Reply),
    /// The connection is cut before anything happens.
    Cut,
    /// It happens, and then the connection is cut.
    CutAfter,
    /// It happens, and then a server in between gives this answer.
    AnswerAfter(Reply),
    /// The connection is cut in the middle of the answer.
    CutWithin,
    /// Nothing comes for a long time.
    Hang,
    /// It happens, and then nothing comes for a long time.
    HangAfter,
    /// It goes well: for the requests before the one that is meant.
    Well,
}

/// What answers requests.
pub trait Answers: Send {
    fn answer(&mut self, asked: &Asked) -> Reply;

    /// Whether faults are for requests like this one; another one is answered well, and uses none of them up.
    fn may_fail(&self, _asked: &Asked) -> bool {
        true
    }
}

/// A server on this machine.
pub struct Server {
    pub url: String,
    pub log: Arc<Mutex<Vec<Asked>>>,
    pub faults: Arc<Mutex<VecDeque<Fault>>>,
    /// A fault for every request to come.
    pub always: Arc<Mutex<Option<Fault>>>,
}

impl Server {
    pub fn start(answers: Arc<Mutex<impl Answers + 'static>>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let server = Server { url, log: Arc::default(), faults: Arc::default(), always: Arc::default() };
        let (log, faults, always) = (server.log.clone(), server.faults.clone(), server.always.clone());
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (answers, log, faults, always) = (answers.clone(), log.clone(), faults.clone(), always.clone());
                std::thread::spawn(move || {
                    let Some(asked) = read(&stream) else { return };
                    log.lock().unwrap().push(asked.clone());
                    let fault = match answers.lock().unwrap().may_fail(&asked) {
                        true => faults.lock().unwrap().pop_front().or_else(|| always.lock().unwrap().clone()),
                        false => None,
                    };
                    match fault {
                        Some(Fault::Cut) => {}
                        Some(Fault::Hang) => std::thread::sleep(Duration::from_secs(20)),
                        Some(Fault::Answer(reply)) => write(&stream, &reply, 0),
                        Some(Fault::AnswerAfter(reply)) => {
                            drop(answers.lock().unwrap().answer(&asked));
                            write(&stream, &reply, 0);
                        }
                        Some(Fault::CutAfter) => drop(answers.lock().unwrap().answer(&asked)),
                        Some(Fault::HangAfter) => {
                            drop(answers.lock().unwrap().answer(&asked));
                            std::thread::sleep(Duration::from_secs(20));
                        }
                        Some(Fault::CutWithin) => write(&stream, &answers.lock().unwrap().answer(&asked), 5),
                        Some(Fault::Well) | None => {
                            let reply = answers.lock().unwrap().answer(&asked);
                            write(&stream, &reply, 0);
                        }
                    }
                });
            }
        });
        server
    }

    pub fn fault(&self, faults: impl IntoIterator<Item = Fault>) {
        self.faults.lock().unwrap().extend(faults);
    }

    pub fn requests(&self) -> Vec<Asked> {
        self.log.lock().unwrap().clone()
    }

    pub fn count(&self, method: &str) -> usize {
        self.requests().iter().filter(|asked| asked.method == method).count()
    }
}

fn read(stream: &TcpStream) -> Option<Asked> {
    stream.set_read_timeout(Some(Duration::from_secs(10))).ok()?;
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line).ok()?;
    let mut words = line.split_whitespace();
    let (method, target) = (words.next()?.to_owned(), words.next()?.to_owned());
    let mut headers = Vec::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let Some((name, value)) = line.trim_end().split_once(':') else { break };
        headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
    }
    let length = headers.iter().find(|(name, _)| name == "content-length").and_then(|(_, value)| value.parse().ok());
    let mut body = vec![0; length.unwrap_or(0)];
    reader.read_exact(&mut body).ok()?;
    let (raw_path, query) = target.split_once('?').unwrap_or((&target, ""));
    let is_form = headers.iter().any(|(name, value)| name == "content-type" && value.ends_with("form-urlencoded"));
    let form = if is_form { String::from_utf8(body.clone()).unwrap() } else { String::new() };
    Some(Asked {
        method,
        raw_path: raw_path.to_owned(),
        path: raw_path.split('/').skip(1).map(decode).collect(),
        query: pairs(query),
        headers,
        body: serde_json::from_slice(&body).unwrap_or(Value::Null),
        form: pairs(&form),
    })
}

fn pairs(text: &str) -> Vec<(String, String)> {
    let pair = |pair: &str| pair.split_once('=').map_or((decode(pair), String::new()), |(k, v)| (decode(k), decode(v)));
    text.split('&').filter(|pair| !pair.is_empty()).map(pair).collect()
}

fn decode(text: &str) -> String {
    percent_encoding::percent_decode_str(text).decode_utf8().unwrap().into_owned()
}

/// Writes an answer, or leaves out its last bytes.
fn write(mut stream: &TcpStream, reply: &Reply, missing: usize) {
    let mut text =
        format!("HTTP/1.1 {} X\r\nConnection: close\r\nContent-Length: {}\r\n", reply.status, reply.body.len());
    for (name, value) in &reply.headers {
        text.push_str(&format!("{name}: {value}\r\n"));
    }
    text.push_str("\r\n");
    text.push_str(&reply.body);
    let end = text.len() - missing.min(reply.body.len());
    let _ = stream.write_all(&text.as_bytes()[..end]);
}
