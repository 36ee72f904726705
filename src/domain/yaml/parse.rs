//! From the parser's events to the tree.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use granit_parser::{Event, Marker, Parser, ScalarStyle, ScanError, Span, StructureStyle, Tag};

use super::{Document, Key, MAX_DEPTH, MAX_FILE, MAX_NODES, Node, Origin, Scalar, Style, Value};
use super::{YamlError, YamlErrorKind};

/// How much text aliases may repeat, in bytes.
const MAX_COPIED: usize = 4 * MAX_FILE;

/// A map with more entries than this has its keys looked up in a table.
const SMALL_MAP: usize = 16;

/// Reads the one document of a file.
pub fn parse(bytes: &[u8]) -> Result<Document, YamlError> {
    let text = checked_text(bytes)?;
    let options = granit_parser::options! {
        emit_comments: false,
        flow_nesting_limit: MAX_DEPTH,
        block_nesting_limit: MAX_DEPTH,
    };
    let mut builder = Builder {
        stack: Vec::new(),
        root: None,
        // Without an asterisk there is no alias, and nothing to remember for one.
        anchors: text.contains('*').then(HashMap::new),
        aliased: HashSet::new(),
        nodes: 0,
        copied: 0,
        documents: 0,
    };
    for event in Parser::new_from_str_with_options(text, options) {
        let (event, span) = event.map_err(|error| explain(text, &error))?;
        builder.take(event, &span)?;
    }
    let root = builder.root.unwrap_or_else(|| empty_node(text.len()));
    Ok(Document { root, aliased: builder.aliased })
}

/// What a file without any value holds.
fn empty_node(end: usize) -> Node {
    let scalar = Scalar { text: String::new(), style: Style::Plain, tagged_text: false };
    Node { value: Value::Scalar(scalar), span: end..end, line: 1, column: 1, origin: Origin::Here, anchor: 0 }
}

/// Refuses what is too large, no UTF-8 text, or has control characters.
fn checked_text(bytes: &[u8]) -> Result<&str, YamlError> {
    if bytes.len() > MAX_FILE {
        return Err(YamlError { line: 1, column: 1, kind: YamlErrorKind::TooLarge(bytes.len()) });
    }
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let valid = std::str::from_utf8(&bytes[..error.valid_up_to()]).unwrap_or_default();
        at_end_of(valid, YamlErrorKind::Encoding)
    })?;
    // C1 controls are two bytes, C2 and 80 to 9F. Looking at bytes first keeps the common case fast.
    let suspicious = |b: u8| (b < 0x20 && !matches!(b, b'\t' | b'\n' | b'\r')) || b == 0x7f || b == 0xc2;
    if bytes.iter().any(|b| suspicious(*b)) {
        let control = |c: &char| c.is_control() && !matches!(c, '\t' | '\n' | '\r' | '\u{85}');
        if let Some((at, found)) = text.char_indices().find(|(_, c)| control(c)) {
            return Err(at_end_of(&text[..at], YamlErrorKind::Control(found)));
        }
    }
    Ok(text)
}

/// An error at the place that a text ends at.
fn at_end_of(text: &str, kind: YamlErrorKind) -> YamlError {
    let last = text.rsplit('\n').next().unwrap_or_default();
    let column = last.trim_start_matches('\u{feff}').chars().count() + 1;
    YamlError { line: text.matches('\n').count() + 1, column, kind }
}

fn at(marker: Marker, kind: YamlErrorKind) -> YamlError {
    YamlError { line: marker.line(), column: marker.col() + 1, kind }
}

/// An error of the parser; where Git left the marks of a conflict, they are the reason for whatever follows.
fn explain(text: &str, error: &ScanError) -> YamlError {
    match text.lines().position(|line| line.starts_with("<<<<<<< ")) {
        Some(line) => YamlError { line: line + 1, column: 1, kind: YamlErrorKind::Conflict },
        None => at(*error.marker(), error.into()),
    }
}

/// A collection whose end has not been seen.
struct Frame {
    marker: Marker,
    flow: bool,
    anchor: usize,
    /// Where its last value so far ends.
    end: usize,
    content: Content,
}

enum Content {
    List(Vec<Node>),
    Map(Entries),
}

/// What a map holds so far.
#[derive(Default)]
struct Entries {
    entries: Vec<(Key, Node)>,
    /// The key that waits for its value.
    key: Option<Key>,
    /// The line of `<<`, if there is one.
    merge_line: Option<usize>,
    /// The value of `<<`.
    merge: Option<Node>,
    /// The line of each key, once there are many.
    seen: HashMap<String, usize>,
}

/// How large a tree is.
#[derive(Clone, Copy, Default)]
struct Size {
    nodes: usize,
    bytes: usize,
    height: usize,
}

struct Builder {
    stack: Vec<Frame>,
    root: Option<Node>,
    anchors: Option<HashMap<usize, (Node, Size)>>,
    aliased: HashSet<usize>,
    nodes: usize,
    copied: usize,
    documents: usize,
}

impl Builder {
    fn take(&mut self, event: Event<'_>, span: &Span) -> Result<(), YamlError> {
        match event {
            Event::DocumentStart(..) => {
                self.documents += 1;
                if self.documents > 1 {
                    return Err(at(span.start, YamlErrorKind::Documents));
                }
                Ok(())
            }
            Event::Scalar(text, style, anchor, tag) => {
                let range = bytes_of(span);
                // The parser says `~` where nothing is written.
                let text = if range.is_empty() { String::new() } else { text.into_owned() };
                let scalar = Scalar { text, style: style_of(style), tagged_text: is_text_tag(tag.as_deref()) };
                self.add(new_node(Value::Scalar(scalar), range, span.start, anchor), span.start)
            }
            Event::SequenceStart(style, anchor, _) => self.open(Content::List(Vec::new()), style, anchor, span),
            Event::MappingStart(style, anchor, _) => self.open(Content::Map(Entries::default()), style, anchor, span),
            Event::SequenceEnd | Event::MappingEnd => self.close(span),
            Event::Alias(id) => self.alias(id, span),
            _ => Ok(()),
        }
    }

    fn open(&mut self, content: Content, style: StructureStyle, anchor: usize, span: &Span) -> Result<(), YamlError> {
        if self.stack.len() >= MAX_DEPTH {
            return Err(at(span.start, YamlErrorKind::TooDeep));
        }
        if let Some(Frame { content: Content::Map(map), .. }) = self.stack.last()
            && map.key.is_none()
            && (map.merge_line.is_none() || map.merge.is_some())
        {
            let what = if matches!(content, Content::List(_)) { "a list" } else { "a map" };
            return Err(at(span.start, YamlErrorKind::Key(what)));
        }
        let flow = style == StructureStyle::Flow;
        self.stack.push(Frame { marker: span.start, flow, anchor, end: bytes_of(span).end, content });
        Ok(())
    }

    fn close(&mut self, span: &Span) -> Result<(), YamlError> {
        let Some(frame) = self.stack.pop() else { return Ok(()) };
        let value = match frame.content {
            Content::List(items) => Value::List(items),
            Content::Map(map) => Value::Map(map.finish()?),
        };
        // A block collection has no end of its own: the parser reports the beginning of what follows it.
        let end = if frame.flow { bytes_of(span).end } else { frame.end };
        let start = frame.marker.byte_offset().unwrap_or_default();
        self.add(new_node(value, start..end.max(start), frame.marker, frame.anchor), frame.marker)
    }

    fn alias(&mut self, id: usize, span: &Span) -> Result<(), YamlError> {
        let Some((target, size)) = self.anchors.as_ref().and_then(|anchors| anchors.get(&id)) else {
            return Err(at(span.start, YamlErrorKind::Recursion));
        };
        if self.stack.len() + size.height > MAX_DEPTH {
            return Err(at(span.start, YamlErrorKind::TooDeep));
        }
        spend(&mut self.nodes, &mut self.copied, *size, span.start)?;
        let mut copy = target.clone();
        copy.span = bytes_of(span);
        copy.line = span.start.line();
        copy.column = span.start.col() + 1;
        copy.origin = Origin::Alias;
        copy.anchor = 0;
        self.aliased.insert(id);
        self.add(copy, span.start)
    }

    /// Puts a finished value where it belongs.
    fn add(&mut self, node: Node, marker: Marker) -> Result<(), YamlError> {
        self.nodes += 1;
        if self.nodes > MAX_NODES {
            return Err(at(marker, YamlErrorKind::TooMany));
        }
        if node.anchor != 0
            && let Some(anchors) = &mut self.anchors
        {
            // What is kept for aliases counts too, so that anchors inside anchors can't multiply the work.
            let size = size_of(&node);
            spend(&mut self.nodes, &mut self.copied, size, marker)?;
            anchors.insert(node.anchor, (node.clone(), size));
        }
        let Some(frame) = self.stack.last_mut() else {
            self.root = Some(node);
            return Ok(());
        };
        frame.end = frame.end.max(node.span.end);
        match &mut frame.content {
            Content::List(items) => items.push(node),
            Content::Map(map) => map.add(node)?,
        }
        Ok(())
    }
}

impl Entries {
    /// Takes a key or the value that belongs to the key before.
    fn add(&mut self, node: Node) -> Result<(), YamlError> {
        if let Some(key) = self.key.take() {
            self.entries.push((key, node));
        } else if self.merge_line.is_some() && self.merge.is_none() {
            self.merge = Some(node);
        } else {
            self.add_key(node)?;
        }
        Ok(())
    }

    fn add_key(&mut self, node: Node) -> Result<(), YamlError> {
        let (line, column) = (node.line, node.column);
        let error = |kind| Err(YamlError { line, column, kind });
        if node.origin != Origin::Here {
            return error(YamlErrorKind::Key("an alias"));
        }
        let Value::Scalar(scalar) = node.value else { return error(YamlErrorKind::Key("a list or a map")) };
        if scalar.is_empty() {
            return error(YamlErrorKind::Key("nothing"));
        }
        if scalar.text == "<<" && !scalar.is_text() {
            if let Some(first) = self.merge_line {
                return error(YamlErrorKind::DuplicateKey { key: scalar.text, first });
            }
            self.merge_line = Some(line);
            return Ok(());
        }
        if let Some(first) = self.line_of(&scalar.text) {
            return error(YamlErrorKind::DuplicateKey { key: scalar.text, first });
        }
        self.key = Some(Key { text: scalar.text, span: node.span, line, column });
        Ok(())
    }

    /// The line of a key that is there already.
    fn line_of(&mut self, text: &str) -> Option<usize> {
        if self.entries.len() < SMALL_MAP {
            return self.entries.iter().find(|(key, _)| key.text == text).map(|(key, _)| key.line);
        }
        for (key, _) in &self.entries[self.seen.len()..] {
            self.seen.insert(key.text.clone(), key.line);
        }
        self.seen.get(text).copied()
    }

    /// The entries, with those that `<<` brings behind the map's own.
    fn finish(self) -> Result<Vec<(Key, Node)>, YamlError> {
        let mut entries = self.entries;
        let Some(merge) = self.merge else { return Ok(entries) };
        let maps = match merge.value {
            Value::Map(_) => vec![merge],
            Value::List(items) => items,
            Value::Scalar(_) => return Err(cannot_merge(&merge)),
        };
        let mut known: HashSet<String> = entries.iter().map(|(key, _)| key.text.clone()).collect();
        for map in maps {
            let Value::Map(brought) = map.value else { return Err(cannot_merge(&map)) };
            for (key, mut node) in brought {
                if known.insert(key.text.clone()) {
                    node.origin = Origin::Merge;
                    entries.push((key, node));
                }
            }
        }
        Ok(entries)
    }
}

fn cannot_merge(node: &Node) -> YamlError {
    YamlError { line: node.line, column: node.column, kind: YamlErrorKind::Merge(node.describe()) }
}

fn new_node(value: Value, span: Range<usize>, marker: Marker, anchor: usize) -> Node {
    Node { value, span, line: marker.line(), column: marker.col() + 1, origin: Origin::Here, anchor }
}

fn bytes_of(span: &Span) -> Range<usize> {
    span.byte_range().unwrap_or_default()
}

fn style_of(style: ScalarStyle) -> Style {
    match style {
        ScalarStyle::Plain => Style::Plain,
        ScalarStyle::SingleQuoted => Style::Single,
        ScalarStyle::DoubleQuoted => Style::Double,
        ScalarStyle::Literal => Style::Literal,
        ScalarStyle::Folded => Style::Folded,
    }
}

/// Whether a tag says that the scalar is a text: `!!str` and `!`.
fn is_text_tag(tag: Option<&Tag>) -> bool {
    tag.is_some_and(|tag| tag.core_suffix() == Some("str") || (tag.suffix().is_empty() && tag.handle() == "!"))
}

/// Takes the size of a copy from what a file may use.
fn spend(nodes: &mut usize, copied: &mut usize, size: Size, marker: Marker) -> Result<(), YamlError> {
    *nodes += size.nodes;
    *copied += size.bytes;
    if *nodes > MAX_NODES || *copied > MAX_COPIED {
        return Err(at(marker, YamlErrorKind::TooMany));
    }
    Ok(())
}

/// Measures a tree; it is at most [`MAX_DEPTH`] high.
fn size_of(node: &Node) -> Size {
    let mut size = Size { nodes: 1, ..Size::default() };
    let mut add = |child: Size, own: usize| {
        size.nodes += child.nodes;
        size.bytes += child.bytes + own;
        size.height = size.height.max(child.height + 1);
    };
    match &node.value {
        Value::Scalar(scalar) => size.bytes = scalar.text.len(),
        Value::List(items) => items.iter().for_each(|item| add(size_of(item), 0)),
        Value::Map(entries) => entries.iter().for_each(|(key, node)| add(size_of(node), key.text.len())),
    }
    size
}
