//! A YAML or JSON text as a tree whose nodes know their place.
//!
//! Anchors and aliases are refused (a few lines could unfold into gigabytes), nesting is bounded.

use crate::kernel::{Refusal, RefusalCode};
use saphyr_parser::{Event, Parser, ScalarStyle, ScanError, Span};

/// Deepest nesting; a framework document needs 7.
const MAX_DEPTH: usize = 16;

/// A place in the text, both from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Place {
    pub line: u32,
    pub column: u32,
}

impl From<Span> for Place {
    fn from(span: Span) -> Self {
        let number = |value: usize| u32::try_from(value).unwrap_or(u32::MAX);
        Self { line: number(span.start.line()), column: number(span.start.col() + 1) }
    }
}

/// A value of the document.
#[derive(Debug, Clone)]
pub(super) struct Node {
    pub place: Place,
    pub value: Value,
}

#[derive(Debug, Clone)]
pub(super) enum Value {
    /// A scalar as written; `plain` when it stands without quotes, so that it may be a number or null.
    Scalar {
        text: String,
        plain: bool,
    },
    List(Vec<Node>),
    Map(Vec<(Field, Node)>),
}

#[derive(Debug, Clone)]
pub(super) struct Field {
    pub name: String,
    pub place: Place,
}

impl Node {
    /// What the value is, for messages.
    pub fn describe(&self) -> &'static str {
        match &self.value {
            Value::Scalar { .. } if self.is_null() => "nothing",
            Value::Scalar { .. } => "a single value",
            Value::List(_) => "a list",
            Value::Map(_) => "a mapping",
        }
    }

    /// Whether the value is null (empty, `~` or `null`, without quotes).
    pub fn is_null(&self) -> bool {
        matches!(&self.value, Value::Scalar { text, plain: true } if matches!(text.as_str(), "" | "~" | "null"))
    }
}

/// The root of the text.
pub(super) fn parse(text: &str) -> Result<Node, Refusal> {
    let mut builder = Builder::default();
    let mut parser = Parser::new_from_str(text.strip_prefix('\u{feff}').unwrap_or(text));
    while let Some(next) = parser.next_event() {
        let (event, span) = next.map_err(|error| unreadable(&error))?;
        builder.take(event, span.into())?;
    }
    builder.root.ok_or_else(|| malformed(Place { line: 1, column: 1 }, "The document is empty."))
}

fn malformed(place: Place, message: impl Into<String>) -> Refusal {
    Refusal::new(RefusalCode::Malformed, message).on_line(place.line, place.column)
}

fn unreadable(error: &ScanError) -> Refusal {
    let marker = *error.marker();
    malformed(
        Span::empty(marker).into(),
        format!("The document is not readable YAML or JSON: {}.", error.info()),
    )
}

/// A list or mapping whose end has not come yet.
struct Open {
    place: Place,
    collection: Collection,
}

enum Collection {
    List(Vec<Node>),
    Map { fields: Vec<(Field, Node)>, name: Option<Field> },
}

#[derive(Default)]
struct Builder {
    open: Vec<Open>,
    root: Option<Node>,
    documents: usize,
}

impl Builder {
    fn take(&mut self, event: Event<'_>, place: Place) -> Result<(), Refusal> {
        match event {
            Event::DocumentStart(_) => {
                self.documents += 1;
                if self.documents > 1 {
                    return Err(malformed(place, "One document is expected; a second one begins here."));
                }
            }
            Event::Alias(_) => return Err(malformed(place, "Anchors and aliases are not allowed.")),
            Event::Scalar(text, style, anchor, _) => {
                no_anchor(anchor, place)?;
                let plain = style == ScalarStyle::Plain;
                self.put(Node { place, value: Value::Scalar { text: text.into_owned(), plain } })?;
            }
            Event::SequenceStart(anchor, _) => self.begin(anchor, place, Collection::List(Vec::new()))?,
            Event::MappingStart(anchor, _) => {
                self.begin(anchor, place, Collection::Map { fields: Vec::new(), name: None })?;
            }
            Event::SequenceEnd | Event::MappingEnd => self.end()?,
            Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentEnd => {}
        }
        Ok(())
    }

    fn begin(&mut self, anchor: usize, place: Place, collection: Collection) -> Result<(), Refusal> {
        no_anchor(anchor, place)?;
        if self.open.len() >= MAX_DEPTH {
            return Err(malformed(place, format!("The document is nested more than {MAX_DEPTH} deep.")));
        }
        self.open.push(Open { place, collection });
        Ok(())
    }

    fn end(&mut self) -> Result<(), Refusal> {
        let Some(Open { place, collection }) = self.open.pop() else { return Ok(()) };
        let value = match collection {
            Collection::List(items) => Value::List(items),
            Collection::Map { fields, .. } => Value::Map(fields),
        };
        self.put(Node { place, value })
    }

    fn put(&mut self, node: Node) -> Result<(), Refusal> {
        match self.open.last_mut().map(|open| &mut open.collection) {
            None => self.root = Some(node),
            Some(Collection::List(items)) => items.push(node),
            Some(Collection::Map { fields, name }) => match name.take() {
                Some(field) => fields.push((field, node)),
                None => *name = Some(field_name(node)?),
            },
        }
        Ok(())
    }
}

fn field_name(node: Node) -> Result<Field, Refusal> {
    match node.value {
        Value::Scalar { text, .. } => Ok(Field { name: text, place: node.place }),
        _ => Err(malformed(node.place, "A field's name is a single value.")),
    }
}

fn no_anchor(anchor: usize, place: Place) -> Result<(), Refusal> {
    if anchor == 0 { Ok(()) } else { Err(malformed(place, "Anchors and aliases are not allowed.")) }
}
